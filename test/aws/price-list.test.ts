import type { GetProductsCommandInput, GetProductsCommandOutput } from '@aws-sdk/client-pricing';
import { describe, expect, test } from 'vitest';
import type { Caller } from '../../src/aws/call.ts';
import type { Clients } from '../../src/aws/clients.ts';
import { awsError, type FailureCode } from '../../src/aws/errors.ts';
import { readPriceLists } from '../../src/aws/price-list.ts';
import type { PriceAnswer } from '../../src/deps.ts';

type Row = { readonly [attribute: string]: string };
type Terms = object;

const REGION = 'eu-west-1';
const usd = (amount: string): Terms => ({
  OnDemand: { t: { priceDimensions: { r: { unit: 'Hrs', pricePerUnit: { USD: amount } } } } },
});
const fargate = (usagetype: string): Row => ({ regionCode: REGION, usagetype });
const linux = (instanceType: string, changes: Row = {}): Row => ({
  regionCode: REGION,
  usagetype: `EU-BoxUsage:${instanceType}`,
  instanceType,
  operatingSystem: 'Linux',
  tenancy: 'Shared',
  preInstalledSw: 'NA',
  licenseModel: 'No License required',
  capacitystatus: 'Used',
  marketoption: 'OnDemand',
  locationType: 'AWS Region',
  ...changes,
});
const product = (attributes: Row, terms: Terms): string => JSON.stringify({ product: { attributes }, terms });

type Asked = Pick<GetProductsCommandInput, 'ServiceCode' | 'Filters' | 'NextToken'>;

/** What the SDK's client would answer, page by page; the same pages for every question about the service. */
function callerOf(pages: { readonly [service: string]: readonly (readonly string[])[] }, asked: Asked[] = []): Caller {
  const send = async ({ input }: { readonly input: GetProductsCommandInput }) => {
    asked.push(input);
    const mine = pages[input.ServiceCode ?? ''] ?? [[]];
    const at = Number(input.NextToken ?? 0);
    const next = at + 1 < mine.length ? String(at + 1) : undefined;
    return { PriceList: mine[at], NextToken: next } as unknown as GetProductsCommandOutput;
  };
  const clients = { pricing: { send } } as unknown as Clients;
  return (_action, ask) => ask(clients, { abortSignal: new AbortController().signal });
}

function refusing(code: FailureCode, account: string, counted: string[] = []): Caller {
  return async (action) => {
    counted.push(account);
    throw awsError({ code, remedy: 'none' }, { account, region: 'us-east-1', action }, null);
  };
}

async function read(callers: readonly Caller[], types: readonly string[] = [], regions: readonly string[] = [REGION]) {
  const answers: PriceAnswer[] = [];
  await readPriceLists(
    callers,
    regions.map((region) => ({ region, types: new Set(types) })),
    async (answer) => void answers.push(answer),
  );
  return answers;
}

/** Prices and fees of the one region, amounts as text. */
async function pricesOf(rows: { readonly ecs?: readonly string[]; readonly ec2?: readonly string[] }, types: string[]) {
  const [answer] = await read([callerOf({ AmazonECS: [rows.ecs ?? []], AmazonEC2: [rows.ec2 ?? []] })], types);
  if (answer?.kind !== 'read') throw new Error(JSON.stringify(answer));
  const plain = (prices: (typeof answer)['prices'] | (typeof answer)['fees']) =>
    Object.fromEntries([...prices].map(([name, price]) => [name, price.kind === 'usd' ? price.usd : price.because]));
  return { prices: plain(answer.prices), fees: plain(answer.fees), otherTypes: answer.otherTypes };
}

describe('usage types', () => {
  test('of Fargate are told exactly from those that look alike', async () => {
    const ecs = [
      product(fargate('EU-ECS-EC2-vCPU-Hours'), usd('0')),
      product(fargate('EU-ECS-EC2-GB-Hours'), usd('0')),
      product(fargate('EU-Fargate-vCPU-Hours:perCPU'), usd('0.0404800000')),
      product(fargate('EU-Fargate-GB-Hours'), usd('0.004445')),
      product(fargate('EU-Fargate-ARM-vCPU-Hours:perCPU'), usd('0.03238')),
      product(fargate('EU-Fargate-ARM-GB-Hours'), usd('0.00356')),
      product(fargate('EU-Fargate-EphemeralStorage-GB-Hours'), usd('0.000122')),
      product(fargate('EU-Fargate-Windows-vCPU-Hours:perCPU'), usd('0.046552')),
      product(fargate('EU-Fargate-Windows-GB-Hours'), usd('0.00511175')),
      product(fargate('EU-SpotUsage-Fargate-vCPU-Hours:perCPU'), usd('0.012')),
    ];
    expect((await pricesOf({ ecs }, [])).prices).toEqual({
      'fargate.x86_64.vcpu': '0.04048',
      'fargate.x86_64.gib': '0.004445',
      'fargate.arm64.vcpu': '0.03238',
      'fargate.arm64.gib': '0.00356',
      'fargate.ephemeral': '0.000122',
    });
  });

  test.each(['', 'USE1-', 'EU-', 'APS10-'])('may begin with "%s"', async (prefix) => {
    const rows = {
      ecs: [
        product(fargate(`${prefix}ECS-EC2-vCPU-Hours`), usd('0')),
        product(fargate(`${prefix}Fargate-GB-Hours`), usd('0.004')),
        product(fargate(`${prefix}ECS-Managed-Instances:m7i.large-management-hours`), usd('0.0135')),
      ],
      ec2: [
        product(linux('m7i.large', { usagetype: `${prefix}BoxUsage:m7i.large` }), usd('0.112')),
        product({ regionCode: REGION, volumeApiName: 'gp3', usagetype: `${prefix}EBS:VolumeUsage.gp3` }, usd('0.088')),
      ],
    };
    expect(await pricesOf(rows, ['m7i.large'])).toEqual({
      prices: { 'fargate.x86_64.gib': '0.004', gp3: '0.088', 'ec2.m7i.large': '0.112' },
      fees: { 'm7i.large': '0.0135' },
      otherTypes: [],
    });
  });

  test('of instances name the type, but for the oldest', async () => {
    const ec2 = [
      product(linux('m1.small', { usagetype: 'BoxUsage' }), usd('0.044')),
      product(linux('m7i.large', { usagetype: 'EU-UnusedBoxUsage:m7i.large' }), usd('0.1')),
      product(linux('m7i.large', { usagetype: 'EU-BoxUsage:m7i.xlarge' }), usd('0.2')),
      product(linux('z9.large'), usd('3')),
    ];
    expect(await pricesOf({ ec2 }, ['m1.small', 'm7i.large'])).toEqual({
      prices: { 'ec2.m1.small': '0.044' },
      fees: {},
      otherTypes: ['z9.large'],
    });
  });
});

describe('products', () => {
  test('of other places, systems and ways to pay are passed over, whatever the filters let through', async () => {
    const others: readonly Row[] = [
      { locationType: 'AWS Local Zone', usagetype: 'BOS1-BoxUsage:m7i.large' },
      { locationType: 'AWS Outposts' },
      { regionCode: 'us-east-1' },
      { operatingSystem: 'Windows' },
      { tenancy: 'Dedicated' },
      { preInstalledSw: 'SQL Web' },
      { licenseModel: 'Bring your own license' },
      { capacitystatus: 'AllocatedCapacityReservation' },
      { marketoption: 'CapacityBlock' },
    ];
    const ec2 = others.map((changes) => product(linux('m7i.large', changes), usd('9')));
    expect((await pricesOf({ ec2 }, ['m7i.large'])).prices).toEqual({});
    const real = product(linux('m7i.large'), usd('0.1'));
    expect((await pricesOf({ ec2: [...ec2, real] }, ['m7i.large'])).prices).toEqual({ 'ec2.m7i.large': '0.1' });
  });

  test.each<[string, Terms, string]>([
    ['zero', usd('0.0000000000'), 'zero'],
    ['zero without decimals', usd('0'), 'zero'],
    ['another currency', { OnDemand: { t: { priceDimensions: { r: { pricePerUnit: { CNY: '1' } } } } } }, 'not-usd'],
    ['tiers', { OnDemand: { t: { priceDimensions: { a: usdPart('1'), b: usdPart('2') } } } }, 'ambiguous'],
    ['several terms', { OnDemand: { a: rate('1'), b: rate('2') } }, 'ambiguous'],
    ['two terms that agree', { OnDemand: { a: rate('1'), b: rate('1') } }, '1'],
    ['reserved terms only', { Reserved: { a: rate('1') } }, 'no-number'],
    ['no term', {}, 'no-number'],
    ['a word', usd('free'), 'no-number'],
    ['a negative amount', usd('-1'), 'no-number'],
    ['whole dollars', usd('110'), '110'],
    ['whole dollars with zeros behind', usd('10.00'), '10'],
  ])('with %s are what they are', async (_, terms, seen) => {
    const ec2 = [product(linux('m7i.large'), terms)];
    expect((await pricesOf({ ec2 }, ['m7i.large'])).prices).toEqual({ 'ec2.m7i.large': seen });
  });

  test('that disagree about one price give none', async () => {
    const twice = (second: string) => [
      product(linux('m7i.large'), usd('0.1')),
      product(linux('m7i.large'), usd(second)),
    ];
    expect((await pricesOf({ ec2: twice('0.1') }, ['m7i.large'])).prices).toEqual({ 'ec2.m7i.large': '0.1' });
    expect((await pricesOf({ ec2: twice('0.2') }, ['m7i.large'])).prices).toEqual({ 'ec2.m7i.large': 'ambiguous' });
  });
});

function rate(amount: string) {
  return { priceDimensions: { r: usdPart(amount) } };
}
function usdPart(amount: string) {
  return { pricePerUnit: { USD: amount } };
}

describe('the questions', () => {
  test('name the region and everything else exactly, and go on to the last page', async () => {
    const asked: Asked[] = [];
    const ec2 = [[product(linux('a1.large'), usd('1'))], [], [product(linux('m7i.large'), usd('0.1'))]];
    const [answer] = await read([callerOf({ AmazonECS: [[]], AmazonEC2: ec2 }, asked)], ['a1.large', 'm7i.large']);

    expect(answer?.kind === 'read' ? [...answer.prices.keys()] : null).toEqual(['ec2.a1.large', 'ec2.m7i.large']);
    const fields = ({ ServiceCode, Filters = [] }: Asked) =>
      `${ServiceCode} ${Filters.map(({ Type, Field, Value }) => `${Type} ${Field}=${Value}`).join(', ')}`;
    expect([...new Set(asked.map(fields))]).toEqual([
      'AmazonECS TERM_MATCH regionCode=eu-west-1',
      'AmazonEC2 TERM_MATCH regionCode=eu-west-1, TERM_MATCH productFamily=Storage, TERM_MATCH volumeApiName=gp3',
      'AmazonEC2 TERM_MATCH regionCode=eu-west-1, TERM_MATCH operatingSystem=Linux, TERM_MATCH tenancy=Shared, TERM_MATCH preInstalledSw=NA, TERM_MATCH licenseModel=No License required, TERM_MATCH capacitystatus=Used, TERM_MATCH marketoption=OnDemand',
    ]);
    expect(asked).toHaveLength(1 + 3 + 3);
  });

  test.each<[string, readonly (readonly string[])[]]>([
    ['no JSON', [['<html>']]],
    ['no list at all', [undefined as unknown as readonly string[]]],
  ])('that are answered with %s fail, and are never "no price"', async (_, pages) => {
    expect(await read([callerOf({ AmazonECS: pages })])).toMatchObject([{ kind: 'failed', code: 'endpoint-failed' }]);
  });
});

describe('accounts', () => {
  const working = callerOf({});

  test('that are refused leave the question to the next, and are not asked again', async () => {
    const counted: string[] = [];
    const answers = await read([refusing('access-denied', '1', counted), working], [], [REGION, 'us-east-1']);

    expect(answers.map(({ kind, region }) => [kind, region])).toEqual([
      ['read', REGION],
      ['read', 'us-east-1'],
    ]);
    expect(counted).toEqual(['1']);
  });

  test('that are all refused fail every region, with the first one’s reason', async () => {
    const both = [refusing('access-denied', '111122223333'), refusing('expired-token', '444455556666')];
    const failed = { kind: 'failed', code: 'access-denied', message: expect.stringContaining('111122223333') };
    expect(await read(both, [], [REGION, 'us-east-1'])).toMatchObject([failed, failed]);
  });

  test('are not asked in vain when nobody answers', async () => {
    const counted: string[] = [];
    const answers = await read([refusing('unreachable', '1', counted), refusing('unreachable', '2', counted)]);

    expect(answers).toMatchObject([{ kind: 'failed', code: 'unreachable' }]);
    expect(counted).toEqual(['1']);
  });

  test('a mistake of ours is none of AWS’s', async () => {
    const broken: Caller = async () => {
      throw new TypeError('ours');
    };
    await expect(read([broken, working])).rejects.toThrow('ours');
  });
});
