import { onTestFinished, vi } from 'vitest';
import { type AwsStandIn, startAwsStandIn } from '../../demo/aws/server.ts';
import type { AwsWorld } from '../../demo/aws/state.ts';
import { createWorld } from '../../demo/aws/world/index.ts';
import type { Place, WindowCall, WindowTargets } from '../../src/approvals/model.ts';
import { openAws } from '../../src/aws/index.ts';
import { openWriter } from '../../src/aws/writer.ts';
import type { AwsAccount, AwsReader, AwsWriter, Log } from '../../src/deps.ts';

/** The real writer and reader, with the real SDK, in front of the simulated AWS. */

const silent: Log = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

export type WriterBench = {
  readonly aws: AwsStandIn;
  readonly world: AwsWorld;
  readonly writer: AwsWriter;
  readonly reader: AwsReader;
  readonly accounts: readonly AwsAccount[];
  /** qcu-2, where daisy is. */
  readonly place: Place;
  /** Moves the clock of all of them. */
  readonly pass: (seconds: number) => void;
};

type Options = {
  readonly accounts?: (all: readonly AwsAccount[]) => readonly AwsAccount[];
  readonly callTimeoutMs?: number;
  /** The clock's first time. */
  readonly start?: string;
  readonly log?: Log;
};

export async function openWriterBench(options: Options = {}): Promise<WriterBench> {
  let nowMs = Date.parse(options.start ?? '2026-11-24T10:00:00.000Z');
  const now = (): Date => new Date(nowMs);
  const world = createWorld({ now });
  const aws = await startAwsStandIn({ world });
  onTestFinished(() => aws.close());
  vi.stubEnv('AWS_ENDPOINT_URL', aws.url);
  vi.stubEnv('AWS_ACCESS_KEY_ID', world.hub.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', world.hub.secretAccessKey);
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  const all = world.accounts.map(({ id, name, readerRoleArn, writerRoleArn, externalId, regions }) => ({
    id,
    name,
    readerRoleArn,
    writerRoleArn,
    externalId,
    regions: [...regions.keys()],
    payer: id === world.payer,
  }));
  const accounts = options.accounts?.(all) ?? all;
  const parts = {
    accounts,
    log: options.log ?? silent,
    clock: { now },
    speed: 1000,
    callTimeoutMs: options.callTimeoutMs ?? 20_000,
  };
  const writer = openWriter(parts);
  const reader = openAws(parts);
  onTestFinished(() => {
    writer.close();
    reader.close();
  });
  const account = world.accounts.find(({ name }) => name === 'qcu-2')?.id ?? '';
  return {
    aws,
    world,
    writer,
    reader,
    accounts,
    place: { account, region: 'eu-west-1' },
    pass: (seconds) => {
      nowMs += seconds * 1000;
    },
  };
}

export const REAL = { dryRun: false, window: null } as const;
export const DRY = { dryRun: true, window: null } as const;

export const NO_TARGETS: WindowTargets = { instanceIds: [], instanceTags: [], dedicatedHostIds: [] };

export function tagged(key: string, value: string): WindowTargets {
  return { ...NO_TARGETS, instanceTags: [{ key, value }] };
}

export function create(name: string, tags: { readonly [key: string]: string } = {}): WindowCall {
  const timeRanges = [{ startWeekDay: 'sunday', startHour: 10, endWeekDay: 'sunday', endHour: 14 }];
  return { op: 'CreateInstanceEventWindow', name, schedule: { kind: 'ranges', timeRanges }, tags };
}

/** Operations of EC2 in the order they came, dry runs marked. */
export function ec2Calls({ journal }: AwsStandIn): readonly string[] {
  return journal
    .filter(({ service }) => service === 'ec2')
    .map(({ operation, input }) => {
      const { DryRun: dryRun }: { readonly DryRun?: unknown } = Object(input);
      return dryRun === true ? `${operation} (dry)` : operation;
    });
}
