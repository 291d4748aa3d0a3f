import {
  DescribeCapacityReservationsCommand,
  DescribeInstanceEventWindowsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSpotPriceHistoryCommand,
  DescribeSubnetsCommand,
} from '@aws-sdk/client-ec2';
import type { CapacityReservation, EventWindow, RegionPart } from '../engine/index.ts';
import { listIn, pagesOf } from './call.ts';
import type { Misses } from './missed.ts';
import type { RegionContext } from './scan-context.ts';
import { toCapacityReservation, toEventWindow, toSpotPrice, toSubnet } from './shapes-ec2.ts';
import { sortedBy } from './shapes-members.ts';

/** What a region's EC2 has apart from instances. Lists are sorted, so that an unchanged region gives equal bytes. */

const AT_ONCE = 100;
/** Interfaces are many (one a task) and only counted. */
const INTERFACES_AT_ONCE = 250;

/** The event windows of the region. One that cannot be understood is among the misses. */
export async function readEventWindows(
  at: Pick<RegionContext, 'call'>,
  misses: Pick<Misses, 'add'>,
): Promise<readonly EventWindow[]> {
  const pages = pagesOf(
    (token) =>
      at.call('ec2:DescribeInstanceEventWindows', ({ ec2 }, options) =>
        ec2.send(new DescribeInstanceEventWindowsCommand({ MaxResults: AT_ONCE, NextToken: token }), options),
      ),
    ({ NextToken }) => NextToken,
  );
  const windows: EventWindow[] = [];
  for await (const page of pages) {
    for (const window of listIn(page.InstanceEventWindows, 'InstanceEventWindows')) {
      const converted = toEventWindow(window);
      if (converted === null) misses.add(`event window ${window.InstanceEventWindowId ?? ''}`, 'unreadable');
      else windows.push(converted);
    }
  }
  return sortedBy(windows, ({ id }) => id);
}

export async function readCapacityReservations(
  at: RegionContext,
  misses: Misses,
): Promise<readonly CapacityReservation[]> {
  const pages = pagesOf(
    (token) =>
      at.call('ec2:DescribeCapacityReservations', ({ ec2 }, options) =>
        ec2.send(new DescribeCapacityReservationsCommand({ MaxResults: AT_ONCE, NextToken: token }), options),
      ),
    ({ NextToken }) => NextToken,
  );
  const reservations: CapacityReservation[] = [];
  for await (const page of pages) {
    for (const reservation of listIn(page.CapacityReservations, 'CapacityReservations')) {
      const converted = toCapacityReservation(reservation);
      const id = reservation.CapacityReservationId ?? '';
      if (converted === null) misses.add(`capacity reservation ${id}`, 'unreadable');
      else reservations.push(converted);
    }
  }
  return sortedBy(reservations, ({ id }) => id);
}

export async function readSubnets(at: RegionContext): Promise<RegionPart['subnets']> {
  const pages = pagesOf(
    (token) =>
      at.call('ec2:DescribeSubnets', ({ ec2 }, options) =>
        ec2.send(new DescribeSubnetsCommand({ MaxResults: AT_ONCE, NextToken: token }), options),
      ),
    ({ NextToken }) => NextToken,
  );
  const subnets: RegionPart['subnets'][number][] = [];
  for await (const page of pages)
    subnets.push(...listIn(page.Subnets, 'Subnets').flatMap((one) => toSubnet(one) ?? []));
  return sortedBy(subnets, ({ id }) => id);
}

/** Every interface counts against the quota, whatever it is attached to. */
export async function countNetworkInterfaces(at: RegionContext): Promise<RegionPart['networkInterfaces']> {
  const pages = pagesOf(
    (token) =>
      at.call('ec2:DescribeNetworkInterfaces', ({ ec2 }, options) =>
        ec2.send(
          new DescribeNetworkInterfacesCommand({
            IncludeManagedResources: true,
            MaxResults: INTERFACES_AT_ONCE,
            NextToken: token,
          }),
          options,
        ),
      ),
    ({ NextToken }) => NextToken,
  );
  const counts = new Map<string, number>();
  for await (const page of pages) {
    for (const { AvailabilityZone } of listIn(page.NetworkInterfaces, 'NetworkInterfaces')) {
      const az = AvailabilityZone ?? '';
      counts.set(az, (counts.get(az) ?? 0) + 1);
    }
  }
  return Object.fromEntries(sortedBy([...counts], ([az]) => az));
}

/** The newest price of each of the types in each zone. Linux, which is all that is priced here. */
export async function readSpotPrices(at: RegionContext, types: readonly string[]): Promise<RegionPart['spotPrices']> {
  if (types.length === 0) return [];
  const pages = pagesOf(
    (token) =>
      at.call('ec2:DescribeSpotPriceHistory', ({ ec2 }, options) =>
        ec2.send(
          new DescribeSpotPriceHistoryCommand({
            // AWS takes any text as a type; the SDK's list is only as new as the SDK.
            InstanceTypes: types as DescribeSpotPriceHistoryTypes,
            ProductDescriptions: ['Linux/UNIX'],
            // From now on means: what holds now.
            StartTime: at.now,
            NextToken: token,
          }),
          options,
        ),
      ),
    ({ NextToken }) => NextToken,
  );
  const newest = new Map<string, RegionPart['spotPrices'][number]>();
  for await (const page of pages) {
    for (const one of listIn(page.SpotPriceHistory, 'SpotPriceHistory')) {
      const price = toSpotPrice(one);
      if (price === null) continue;
      const key = `${price.type} ${price.az}`;
      const known = newest.get(key);
      if (known === undefined || known.at < price.at) newest.set(key, price);
    }
  }
  return sortedBy([...newest.values()], ({ type, az }) => `${type} ${az}`);
}

type DescribeSpotPriceHistoryTypes = NonNullable<
  ConstructorParameters<typeof DescribeSpotPriceHistoryCommand>[0]
>['InstanceTypes'];
