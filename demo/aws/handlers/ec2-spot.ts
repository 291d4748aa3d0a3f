import {
  DescribeSpotPriceHistory$,
  type DescribeSpotPriceHistoryRequest,
  type DescribeSpotPriceHistoryResult,
  type SpotPrice,
} from '@aws-sdk/client-ec2';
import { ec2Operation, ec2Page, type FilterFields, filtered } from './ec2-query.ts';
import { AwsFault, type Handler, type ServiceTable } from './types.ts';

const SPOT_FIELDS: FilterFields<SpotPrice> = {
  'availability-zone': ({ AvailabilityZone }) => AvailabilityZone,
  'availability-zone-id': ({ AvailabilityZoneId }) => AvailabilityZoneId,
  'instance-type': ({ InstanceType }) => InstanceType,
  'product-description': ({ ProductDescription }) => ProductDescription,
  'spot-price': ({ SpotPrice: price }) => price,
};

/** Newest first. The last page has an empty token, not none: SDK pagers stop at it, hand-written loops may not. */
const describeSpotPriceHistory: Handler<DescribeSpotPriceHistoryRequest, DescribeSpotPriceHistoryResult> = (
  input,
  context,
) => {
  if (input.AvailabilityZone !== undefined && input.AvailabilityZoneId !== undefined) {
    throw new AwsFault('InvalidParameterCombination', 'AvailabilityZone and AvailabilityZoneId exclude each other');
  }
  const asked = filtered(context.region.ec2.spotPrices, input.Filters, SPOT_FIELDS).filter(
    (price) =>
      isOneOf(input.InstanceTypes, price.InstanceType) &&
      isOneOf(input.ProductDescriptions, price.ProductDescription) &&
      (input.AvailabilityZone ?? price.AvailabilityZone) === price.AvailabilityZone &&
      (input.AvailabilityZoneId ?? price.AvailabilityZoneId) === price.AvailabilityZoneId,
  );
  const page = ec2Page(inForce(asked, input.StartTime, input.EndTime ?? context.now), input, {
    operation: 'DescribeSpotPriceHistory',
    context,
    key: (price) => `${seriesOf(price)} ${timeOf(price)}`,
    least: 1,
    most: 1000,
    standard: 1000,
  });
  return { SpotPriceHistory: page.items, NextToken: page.nextToken ?? '' };
};

/** The changes inside the range, and of each series the one change before it: the price at its beginning. */
function inForce(prices: readonly SpotPrice[], start: Date | undefined, end: Date): readonly SpotPrice[] {
  const from = start?.getTime() ?? 0;
  const newestFirst = prices
    .filter((price) => timeOf(price) <= end.getTime())
    .sort((a, b) => timeOf(b) - timeOf(a) || (seriesOf(a) < seriesOf(b) ? -1 : 1));
  const begun = new Set<string>();
  return newestFirst.filter((price) => {
    if (timeOf(price) > from) return true;
    const series = seriesOf(price);
    if (begun.has(series)) return false;
    begun.add(series);
    return true;
  });
}

function seriesOf({ InstanceType, AvailabilityZone, ProductDescription }: SpotPrice): string {
  return `${InstanceType} ${AvailabilityZone} ${ProductDescription}`;
}

function timeOf({ Timestamp }: SpotPrice): number {
  return Timestamp?.getTime() ?? 0;
}

function isOneOf(wanted: readonly string[] | undefined, value: string | undefined): boolean {
  return wanted === undefined || wanted.length === 0 || (value !== undefined && wanted.includes(value));
}

export const spotOperations: ServiceTable = {
  DescribeSpotPriceHistory: ec2Operation(DescribeSpotPriceHistory$, describeSpotPriceHistory),
};
