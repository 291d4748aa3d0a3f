import { GetProductsCommand } from '@aws-sdk/client-pricing';
import type { ListedPrice, PriceAnswer, PriceName, PriceQuestion } from '../deps.ts';
import { AdviseError } from '../errors.ts';
import { type Caller, listIn, pagesOf, present } from './call.ts';
import { missOf } from './errors.ts';

/**
 * The Price List: what AWS asks of everybody. It is free, and the same from every account. A region has about a
 * thousand instance types, each with a long list of reserved terms: products are read one by one, and only the price
 * is kept.
 */

/** As many as a page may have. */
const PAGE = 100;
/** Nothing that another account would hear differently. */
const SAME_FOR_ALL = new Set(['timeout', 'unreachable', 'endpoint-failed']);

/**
 * Reads one region after the other. An account that is refused is not asked again while another is left. Throws what
 * `answered` throws; what AWS refuses is an answer.
 */
export async function readPriceLists(
  callers: readonly Caller[],
  questions: readonly PriceQuestion[],
  answered: (answer: PriceAnswer) => Promise<void>,
): Promise<void> {
  let left = callers;
  for (const question of questions) {
    const { answer, refused } = await askInTurn(left, question);
    // When all are refused, the next region hears it from the same accounts: the reason may have gone by then.
    if (refused.length < left.length) left = left.filter((call) => !refused.includes(call));
    await answered(answer);
  }
}

async function askInTurn(
  callers: readonly Caller[],
  question: PriceQuestion,
): Promise<{ readonly answer: PriceAnswer; readonly refused: readonly Caller[] }> {
  const { region } = question;
  const refused: Caller[] = [];
  let first: PriceAnswer = { kind: 'failed', region, code: 'no-account', message: 'No account is configured.' };
  for (const call of callers) {
    try {
      return { answer: await readRegion(call, question), refused };
    } catch (error) {
      const miss = missOf(error);
      if (miss === null || !(error instanceof AdviseError)) throw error;
      if (refused.length === 0) first = { kind: 'failed', region, code: miss.code, message: error.message };
      if (SAME_FOR_ALL.has(miss.code)) break;
      refused.push(call);
    }
  }
  return { answer: first, refused };
}

/** Fargate and the fees of Managed Instances, then gp3, then EC2. Throws `aws_…`. */
async function readRegion(call: Caller, { region, types }: PriceQuestion): Promise<PriceAnswer> {
  const prices = new Map<PriceName, ListedPrice>();
  const fees = new Map<string, ListedPrice>();
  const otherTypes = new Set<string>();
  for await (const { usage, price } of products(call, 'AmazonECS', { regionCode: region })) {
    const name = FARGATE.get(usage);
    if (name !== undefined) keep(prices, name, price);
    const feeOf = /^ECS-Managed-Instances:(.+)-management-hours$/.exec(usage)?.[1];
    if (feeOf !== undefined && types.has(feeOf)) keep(fees, feeOf, price);
  }
  const gp3 = { regionCode: region, productFamily: 'Storage', volumeApiName: 'gp3' };
  for await (const { usage, price } of products(call, 'AmazonEC2', gp3)) {
    if (usage === 'EBS:VolumeUsage.gp3') keep(prices, 'gp3', price);
  }
  for await (const { usage, price, type } of products(call, 'AmazonEC2', { regionCode: region, ...LINUX })) {
    // In some old rows the usage type does not name the type; where it does, it must be the same.
    if (type === '' || (usage !== 'BoxUsage' && usage !== `BoxUsage:${type}`)) continue;
    if (types.has(type)) keep(prices, `ec2.${type}`, price);
    else otherTypes.add(type);
  }
  return { kind: 'read', region, prices, fees, otherTypes: [...otherTypes].sort() };
}

/**
 * Usage types without the prefix of the region. Exact, because `ECS-EC2-vCPU-Hours` and `ECS-EC2-GB-Hours`, which meter
 * tasks on instances, look alike and cost nothing.
 */
const FARGATE: ReadonlyMap<string, PriceName> = new Map([
  ['Fargate-vCPU-Hours:perCPU', 'fargate.x86_64.vcpu'],
  ['Fargate-GB-Hours', 'fargate.x86_64.gib'],
  ['Fargate-ARM-vCPU-Hours:perCPU', 'fargate.arm64.vcpu'],
  ['Fargate-ARM-GB-Hours', 'fargate.arm64.gib'],
  ['Fargate-EphemeralStorage-GB-Hours', 'fargate.ephemeral'],
]);

/** On-demand Linux on shared hardware, nothing installed. `Used`: an instance inside a reservation is listed at zero. */
const LINUX = {
  operatingSystem: 'Linux',
  tenancy: 'Shared',
  preInstalledSw: 'NA',
  licenseModel: 'No License required',
  capacitystatus: 'Used',
  marketoption: 'OnDemand',
} as const;

/** What a region puts before its usage types; us-east-1 leaves it out here and there. `ECS-` is no such prefix. */
const PREFIX = /^(?!ECS-)[A-Z]+[0-9]*-/;

type Row = { readonly usage: string; readonly type: string; readonly price: ListedPrice };

/** The products that all `fields` fit, in the region itself: local zones and Outposts have prices of their own. */
async function* products(
  call: Caller,
  service: 'AmazonECS' | 'AmazonEC2',
  fields: { readonly [field: string]: string },
): AsyncGenerator<Row> {
  const filters = Object.entries(fields).map(([Field, Value]) => ({ Type: 'TERM_MATCH' as const, Field, Value }));
  const pages = pagesOf(
    (token) =>
      call('pricing:GetProducts', ({ pricing }, options) =>
        pricing.send(
          new GetProductsCommand({
            ServiceCode: service,
            Filters: filters,
            FormatVersion: 'aws_v1',
            MaxResults: PAGE,
            NextToken: token,
          }),
          options,
        ),
      ),
    ({ NextToken }) => NextToken,
  );
  for await (const page of pages) {
    for (const text of listIn<unknown>(page.PriceList, 'PriceList')) {
      const product = parsed(String(text));
      const { usagetype, instanceType, locationType, ...attributes } = product.product?.attributes ?? {};
      if (usagetype === undefined || (locationType !== undefined && locationType !== 'AWS Region')) continue;
      if (Object.entries(fields).some(([field, value]) => (attributes[field] ?? value) !== value)) continue;
      yield { usage: usagetype.replace(PREFIX, ''), type: instanceType ?? '', price: priceOf(product) };
    }
  }
}

/** The members that are looked at; AWS promises no schema. */
type Product = {
  readonly product?: { readonly attributes?: { readonly [name: string]: string } };
  readonly terms?: {
    readonly OnDemand?: {
      readonly [term: string]: {
        readonly priceDimensions?: {
          readonly [rate: string]: { readonly pricePerUnit?: { readonly [currency: string]: string } };
        };
      };
    };
  };
};

function parsed(text: string): Product {
  try {
    return JSON.parse(text) as Product;
  } catch (error) {
    if (error instanceof SyntaxError) return present<Product>(undefined, 'a product that can be read');
    throw error;
  }
}

/** The one on-demand price of a product. With tiers or several terms none of them is the price. */
function priceOf({ terms }: Product): ListedPrice {
  const amounts = Object.values(terms?.OnDemand ?? {}).flatMap(({ priceDimensions }) =>
    Object.values(priceDimensions ?? {}).map(({ pricePerUnit }) => pricePerUnit?.USD),
  );
  const [first] = amounts;
  if (amounts.some((amount) => amount !== first)) return { kind: 'unusable', because: 'ambiguous' };
  if (amounts.length === 0) return { kind: 'unusable', because: 'no-number' };
  if (first === undefined) return { kind: 'unusable', because: 'not-usd' };
  if (!/^\d{1,9}(\.\d+)?$/.test(first)) return { kind: 'unusable', because: 'no-number' };
  const usd = first.includes('.') ? first.replace(/\.?0+$/, '') : first;
  return /^0*$/.test(usd) ? { kind: 'unusable', because: 'zero' } : { kind: 'usd', usd };
}

/** Two products of one name must agree. */
function keep<N extends string>(kept: Map<N, ListedPrice>, name: N, price: ListedPrice): void {
  const known = kept.get(name);
  const isSame = known === undefined || JSON.stringify(known) === JSON.stringify(price);
  kept.set(name, isSame ? price : { kind: 'unusable', because: 'ambiguous' });
}
