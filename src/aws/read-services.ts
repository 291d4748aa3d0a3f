import { DescribeServicesCommand, type Service as EcsService, ListServicesCommand } from '@aws-sdk/client-ecs';
import type { Service } from '../engine/index.ts';
import { readBatches } from './batches.ts';
import { listIn, pagesOf } from './call.ts';
import type { Misses } from './missed.ts';
import type { RegionContext } from './scan-context.ts';
import { lastOfArn } from './shapes-members.ts';
import { toService } from './shapes-service.ts';

/** The services of one cluster. */

type ServicesRequest = {
  readonly cluster: string;
  readonly misses: Misses;
  /** Limits and policies by `service/<cluster>/<name>`. */
  readonly autoscaling: ReadonlyMap<string, Service['autoscaling']>;
  /** Called with each handful as it arrives, so that other reads can go on side by side. */
  readonly onRead: (services: readonly Service[]) => void;
};

export type ServicesRead = {
  readonly services: readonly Service[];
  /** How many were listed; null when the list is not whole. */
  readonly listed: number | null;
};

/** Batches under way: enough to keep the bucket empty at usual answer times. An answer can be hundreds of kB. */
const WIDTH = 6;
/** Fixed by AWS: 10 services a call, and 100 names a page (the default page has 10). */
const DESCRIBED_AT_ONCE = 10;
const LISTED_AT_ONCE = 100;

/** Lists and describes; what cannot be read is among the misses. */
export async function readServices(at: RegionContext, request: ServicesRequest): Promise<ServicesRead> {
  const { cluster, misses, autoscaling, onRead } = request;
  const whole = `cluster ${cluster} services`;
  const arns: string[] = [];
  const listed = await misses.attempt(whole, async () => {
    const pages = pagesOf(
      (nextToken) =>
        at.call('ecs:ListServices', ({ ecs }, options) =>
          ecs.send(new ListServicesCommand({ cluster, maxResults: LISTED_AT_ONCE, nextToken }), options),
        ),
      ({ nextToken }) => nextToken,
    );
    for await (const page of pages) arns.push(...listIn(page.serviceArns, 'serviceArns'));
    return arns.length;
  });
  const services: Service[] = [];
  await readBatches({
    ids: arns,
    size: DESCRIBED_AT_ONCE,
    width: WIDTH,
    misses,
    whole,
    nameOf: (arn) => `cluster ${cluster} service ${lastOfArn(arn)}`,
    read: async (batch) => {
      const answer = await at.call('ecs:DescribeServices', ({ ecs }, options) =>
        ecs.send(new DescribeServicesCommand({ cluster, services: [...batch], include: ['TAGS'] }), options),
      );
      const read = listIn(answer.services, 'services').flatMap((service) =>
        readable(service, autoscaling.get(`service/${cluster}/${service.serviceName ?? ''}`) ?? null, request),
      );
      services.push(...read);
      onRead(read);
      return answer.failures ?? [];
    },
  });
  return { services, listed };
}

function readable(service: EcsService, scaling: Service['autoscaling'], request: ServicesRequest): readonly Service[] {
  // Just deleted, and kept by AWS for a while as INACTIVE: as gone as one that is MISSING.
  const name = lastOfArn(service.serviceArn ?? '');
  if (service.status === 'INACTIVE') {
    request.misses.add(`cluster ${request.cluster} service ${name}`, 'vanished');
    return [];
  }
  const converted = toService(service, scaling);
  if (converted !== null) return [converted];
  request.misses.add(`cluster ${request.cluster} service ${name}`, 'unreadable');
  return [];
}
