/** Products of the simulated Price List, one per usage type. */
import { createHash } from 'node:crypto';
import { openLibrary } from '../../../src/data.ts';
import {
  factBook,
  feeFraction,
  type InstanceType,
  nanoUsd,
  type PriceBook,
  usdString,
} from '../../../src/engine/index.ts';

export type Product = {
  readonly sku: string;
  readonly service: 'AmazonECS' | 'AmazonEC2';
  readonly family: string;
  readonly attributes: { readonly [name: string]: string };
  readonly unit: string;
  readonly usd: string;
  /** `YYYY-MM-DD`. */
  readonly since: string;
};

/** What usage types of a region begin with. EC2 leaves it out in us-east-1. */
const PREFIX: { readonly [region: string]: string } = {
  'us-east-1': 'USE1',
  'us-east-2': 'USE2',
  'us-west-2': 'USW2',
  'eu-west-1': 'EU',
  'eu-central-1': 'EUC1',
  'eu-north-1': 'EUN1',
  'ap-northeast-1': 'APN1',
  'ap-southeast-1': 'APS1',
};

const library = openLibrary();
const made = new Map<string, readonly Product[]>();

export function regionsWithPrices(): readonly string[] {
  return Object.keys(PREFIX).filter((region) => library.regions.includes(region));
}

/** All products of one service in one region, made when first asked for. */
export function productsOf(service: Product['service'], region: string): readonly Product[] {
  const key = `${service} ${region}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const book = library.prices(region);
  const products =
    service === 'AmazonECS'
      ? [...fargateProducts(book), ...feeProducts(book)]
      : [...instanceProducts(book), volumeProduct(book)];
  made.set(key, products);
  return products;
}

function fargateProducts(book: PriceBook): readonly Product[] {
  const prefix = PREFIX[book.region];
  const row = (usage: string, unit: string, usd: string): Product =>
    product({
      service: 'AmazonECS',
      family: 'Compute',
      attributes: { regionCode: book.region, usagetype: `${prefix}-${usage}`, operation: '', tenancy: 'Shared' },
      unit,
      usd,
      since: book.asOf.fargate,
    });
  const { x86_64, arm64 } = book.fargate;
  return [
    // Metering of tasks on EC2 instances costs nothing, and comes first for whoever searches by "vCPU-Hours".
    row('ECS-EC2-vCPU-Hours', 'vCPU-Hours', '0'),
    row('ECS-EC2-GB-Hours', 'GB-Hours', '0'),
    row('Fargate-vCPU-Hours:perCPU', 'hours', x86_64.vcpuUsdPerHour),
    row('Fargate-GB-Hours', 'hours', x86_64.gibUsdPerHour),
    row('Fargate-ARM-vCPU-Hours:perCPU', 'hours', arm64.vcpuUsdPerHour),
    row('Fargate-ARM-GB-Hours', 'hours', arm64.gibUsdPerHour),
    row('Fargate-EphemeralStorage-GB-Hours', 'GB-Hours', book.ephemeralGibUsdPerHour),
  ];
}

/** When the fees of accelerators fell, which is after the day of the packaged prices. */
const FEES_SINCE = '2026-07-01';

/** The fee of ECS Managed Instances for every type that they may launch, rounded to five decimals as AWS does. */
function feeProducts(book: PriceBook): readonly Product[] {
  const fraction = feeFraction(factBook(library.facts, FEES_SINCE));
  return book.types.flatMap((type) => {
    const price = book.onDemand[type.name];
    if (!type.managedInstances || price === undefined || price.kind === 'estimated') return [];
    const { n, d } = fraction(type);
    const fee = ((nanoUsd(price.usdPerHour) * n) / d + 5_000n) / 10_000n;
    return [
      product({
        service: 'AmazonECS',
        family: 'Compute',
        attributes: {
          regionCode: book.region,
          instanceType: type.name,
          usagetype: `${PREFIX[book.region]}-ECS-Managed-Instances:${type.name}-management-hours`,
          operation: 'ECSManagedInstancesUsage',
        },
        unit: 'Hrs',
        usd: usdString(fee * 10_000n),
        since: FEES_SINCE,
      }),
    ];
  });
}

function volumeProduct(book: PriceBook): Product {
  const prefix = book.region === 'us-east-1' ? '' : `${PREFIX[book.region]}-`;
  return product({
    service: 'AmazonEC2',
    family: 'Storage',
    attributes: {
      regionCode: book.region,
      usagetype: `${prefix}EBS:VolumeUsage.gp3`,
      volumeApiName: 'gp3',
      operation: '',
    },
    unit: 'GB-Mo',
    usd: book.gp3.gibUsdPerMonth,
    since: book.asOf.ebs,
  });
}

/** Per type one row with its price and one at nothing: an instance inside a reservation that is paid already. */
function instanceProducts(book: PriceBook): readonly Product[] {
  const prefix = book.region === 'us-east-1' ? '' : `${PREFIX[book.region]}-`;
  return book.types.flatMap((type) => {
    const price = book.onDemand[type.name];
    // Prices that the project estimated are not AWS's.
    if (price === undefined || price.kind === 'estimated') return [];
    const row = (usage: string, capacitystatus: string, usd: string): Product =>
      product({
        service: 'AmazonEC2',
        family: type.bareMetal ? 'Compute Instance (bare metal)' : 'Compute Instance',
        attributes: {
          ...typeAttributes(type, book.region),
          usagetype: `${prefix}${usage}:${type.name}`,
          capacitystatus,
        },
        unit: 'Hrs',
        usd,
        since: book.asOf.onDemand,
      });
    return [row('Reservation', 'AllocatedCapacityReservation', '0'), row('BoxUsage', 'Used', price.usdPerHour)];
  });
}

function typeAttributes(type: InstanceType, regionCode: string): { readonly [name: string]: string } {
  return {
    regionCode,
    instanceType: type.name,
    operatingSystem: 'Linux',
    tenancy: 'Shared',
    preInstalledSw: 'NA',
    licenseModel: 'No License required',
    marketoption: 'OnDemand',
    operation: 'RunInstances',
    currentGeneration: type.currentGeneration ? 'Yes' : 'No',
    vcpu: String(type.vcpu),
    memory: `${type.memoryMiB / 1024} GiB`,
  };
}

function product(row: Omit<Product, 'sku'>): Product {
  const { service, attributes } = row;
  const hash = createHash('sha256').update(JSON.stringify([service, attributes.regionCode, attributes.usagetype]));
  const sku = hash.digest('hex').slice(0, 16).toUpperCase();
  return { ...row, sku, attributes: { servicecode: service, ...attributes } };
}

/** AWS's codes for "on demand" and for "per hour". */
const OFFER = 'JRTCKXETXF';
const RATE = '6YS6EN2CT7';

/** One entry of `PriceList`: JSON in a string, with the nesting that AWS gives it. */
export function toPriceListItem({ sku, service, family, attributes, unit, usd, since }: Product): string {
  const term = `${sku}.${OFFER}`;
  const rateCode = `${term}.${RATE}`;
  const effectiveDate = `${since}T00:00:00Z`;
  const dimension = {
    unit,
    beginRange: '0',
    endRange: 'Inf',
    description: `$${usd} per ${unit} of ${attributes.usagetype}`,
    appliesTo: [],
    rateCode,
    pricePerUnit: { USD: usd },
  };
  return JSON.stringify({
    product: { productFamily: family, attributes, sku },
    serviceCode: service,
    terms: {
      OnDemand: {
        [term]: {
          priceDimensions: { [rateCode]: dimension },
          sku,
          effectiveDate,
          offerTermCode: OFFER,
          termAttributes: {},
        },
      },
    },
    version: since.replaceAll('-', ''),
    publicationDate: effectiveDate,
  });
}
