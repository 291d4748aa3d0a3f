import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { onTestFinished, vi } from 'vitest';
import { type AwsStandIn, type AwsStandInOptions, startAwsStandIn } from '../../demo/aws/server.ts';
import type { AwsWorld } from '../../demo/aws/state.ts';
import { createWorld } from '../../demo/aws/world/index.ts';
import { type Deciders, writeConfig } from '../../demo/aws-account.ts';
import { openAws } from '../../src/aws/index.ts';
import { openWriter } from '../../src/aws/writer.ts';
import { loadConfig } from '../../src/config.ts';
import { openLibrary } from '../../src/data.ts';
import type { AwsWriter, Deps, Settings } from '../../src/deps.ts';
import { runScan, type ScanOutcome } from '../../src/jobs/scan.ts';
import { openLog } from '../../src/log.ts';
import { openStore } from '../../src/store/index.ts';
import { temporaryFolder } from '../store/temporary.ts';

/** The recorded world at nine on the day of the stories. */
export const NOW = new Date('2026-11-24T09:00:00.000Z');

export type Estate = {
  readonly aws: AwsStandIn;
  readonly world: AwsWorld;
  readonly deps: Deps;
  readonly writer: AwsWriter;
  readonly databaseUrl: string;
  readonly configPath: string;
  readonly scan: () => Promise<ScanOutcome>;
};

type Options = Partial<Pick<AwsStandInOptions, 'throttle' | 'speed'>> & {
  readonly world?: AwsWorld;
  /** The one clock of world, store and reader; it stands still unless a test moves it. */
  readonly now?: () => Date;
  readonly settings?: Partial<Settings>;
  readonly callTimeoutMs?: number;
  /** People who may approve changes; without them the estate is read-only and no call may have changed anything. */
  readonly deciders?: Deciders;
  /** What the database holds at the beginning; nothing by default. */
  readonly database?: Buffer;
  /** The reader's own pace; fast by default, since the endpoint's buckets are off by default. */
  readonly readerSpeed?: number;
};

/**
 * The recorded world behind the simulated AWS, and the real reader, store and settings in front of it. When the test
 * ends, no call may have departed from AWS's own model, and none may have changed anything.
 */
export async function anEstate(options: Options = {}): Promise<Estate> {
  const now = options.now ?? (() => NOW);
  const world = options.world ?? createWorld({ now });
  const { throttle = false, speed } = options;
  const aws = await startAwsStandIn({ world, throttle, ...(speed === undefined ? {} : { speed }) });
  const folder = temporaryFolder();
  pointAt(aws, world);
  const configPath = writeConfig(folder, world, options.deciders ?? null);
  const file = join(folder, 'estate.db');
  const databaseUrl = `sqlite:${file}`;
  if (options.database !== undefined) writeFileSync(file, options.database);
  const config = loadConfig({ slack: 'optional', env: { ECS_ADVISE_CONFIG: configPath } });
  const settings = { ...config.settings, ...options.settings };
  const clock = { now };
  const log = openLog({ level: 'error', secrets: [], write: () => undefined });
  const store = await openStore({ databaseUrl, clock });
  const reader = openAws({
    accounts: settings.accounts,
    log,
    clock,
    speed: options.readerSpeed ?? 50,
    ...(options.callTimeoutMs === undefined ? {} : { callTimeoutMs: options.callTimeoutMs }),
  });
  onTestFinished(async () => {
    reader.close();
    writer.close();
    await store.close();
    await aws.close();
    const mutating = aws.journal.filter(({ isMutating }) => isMutating);
    if (options.deciders === undefined && mutating.length > 0)
      throw new Error(`calls that change something: ${JSON.stringify(mutating)}`);
    if (aws.violations.length > 0) throw new Error(`calls AWS would not know:\n${aws.violations.join('\n')}`);
  });
  const writer = openWriter({ accounts: settings.accounts, log, clock, speed: options.readerSpeed ?? 50 });
  const deps: Deps = { clock, log, store, library: openLibrary(), settings, aws: reader };
  return { aws, world, deps, writer, databaseUrl, configPath, scan: () => runScan(deps, () => undefined) };
}

let scanned: Buffer | null = null;

/**
 * An estate whose last scan is of now. The first one scans; all others begin with a copy of what it saved, because they
 * would read the same world at the same hour.
 */
export async function aScannedEstate(options: Pick<Options, 'settings'> = {}): Promise<Estate> {
  if (scanned !== null) return anEstate({ ...options, database: scanned });
  const estate = await anEstate(options);
  await estate.scan();
  const raw = new Sqlite(estate.databaseUrl.slice('sqlite:'.length), { readonly: true });
  scanned = raw.serialize();
  raw.close();
  return estate;
}

/** The environment in which the SDK finds the simulated AWS and nothing else. */
function pointAt(aws: AwsStandIn, { hub }: AwsWorld): void {
  for (const name of Object.keys(process.env)) if (/^AWS_/.test(name)) vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_ENDPOINT_URL', aws.url);
  vi.stubEnv('AWS_ACCESS_KEY_ID', hub.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', hub.secretAccessKey);
  vi.stubEnv('AWS_REGION', 'eu-west-1');
}
