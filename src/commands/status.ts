/** `status`: what this process works with, and how much of the estate it sees. */
import { setTimeout as wait } from 'node:timers/promises';
import type { AwsReader, Deps } from '../deps.ts';
import { ENGINE_VERSION, type Json, type SnapshotHead } from '../engine/index.ts';
import { toAdviseError } from '../errors.ts';
import { type Status, statusReport } from '../report/status.ts';
import type { Call, Command } from './command.ts';
import { plainEnvelope } from './envelope.ts';
import { snapshotJson } from './estate.ts';
import { parseFlags, parsing, refuseWords } from './flags.ts';

/** The region every question falls back to (design 3.2). */
const FALLBACK_REGION = 'us-east-1';

export const statusCommand: Command<Record<string, never>> = {
  name: 'status',
  summary: 'what I see: accounts, clusters, age of the scan, what was missed; facts, price dates, defaults',
  usage: 'status',
  examples: ['status'],
  flags: [],
  surfaces: ['slack', 'terminal'],
  parse: (args) =>
    parsing(() => {
      refuseWords(parseFlags(args, {}).words, 'status');
      return { ok: true, question: {}, echo: '', guesses: [] };
    }),
  run: async (_question, deps, call) => {
    const { records, latestAt } = await deps.store.counts();
    const region = deps.settings.defaultRegion ?? { region: FALLBACK_REGION, from: 'guess' as const };
    const status: Status = {
      surface: call.surface,
      engineVersion: ENGINE_VERSION,
      records,
      latestAt,
      facts: deps.library.facts.length,
      regions: deps.library.regions.length,
      region,
      // AWS_REGION may name a region that the price book does not cover: worth saying, no reason to fail.
      priceDates: deps.library.regions.includes(region.region) ? deps.library.prices(region.region).asOf : null,
      minimumSaving: deps.settings.minimumSaving,
      readOnly: deps.settings.readOnly,
      estate: await readEstate(deps, call),
    };
    return {
      report: statusReport(status),
      json: statusJson(status, call),
      exitCode: 0,
      summary: { records },
    };
  },
};

/** An answer to "who am I" that takes longer is not worth waiting for. */
const IDENTITY_MS = 5_000;
/** Each Cost Explorer request, https://aws.amazon.com/aws-cost-management/aws-cost-explorer/pricing/ (docs/aws.md). */
const CENTS_PER_REQUEST = 1;

async function readEstate({ aws, store, settings }: Deps, call: Call): Promise<Status['estate']> {
  const head = await store.latestSnapshot();
  if (aws === null && head === null) return null;
  const requests = await store.paidRequests(call.now.toISOString().slice(0, 7));
  return {
    identity: aws === null ? { kind: 'failed', because: 'no account is configured any more' } : await identity(aws),
    configured: settings.accounts.map(({ id, name, regions, payer }) => ({ id, name, regions, payer })),
    head,
    ageSeconds: head === null ? null : Math.max(0, Math.round((call.now.getTime() - Date.parse(head.takenAt)) / 1000)),
    scan: await store.scanUnderWay(call.now.toISOString()),
    costExplorer: { requests, cap: settings.costExplorerCap, usd: (requests * CENTS_PER_REQUEST) / 100 },
  };
}

type Identity = NonNullable<Status['estate']>['identity'];

async function identity(aws: AwsReader): Promise<Identity> {
  const asked = aws.identity().then(
    ({ account, arn }): Identity => ({ kind: 'known', account, arn }),
    (thrown: unknown): Identity => ({ kind: 'failed', because: toAdviseError(thrown).message }),
  );
  const late = wait(IDENTITY_MS, undefined, { ref: false }).then(
    (): Identity => ({ kind: 'failed', because: 'AWS did not answer in time' }),
  );
  return Promise.race([asked, late]);
}

/** The snapshot stands beside the result, as in every live answer; its parts are for machines that have the database. */
function statusJson(status: Status, call: Call): Json {
  const { estate, ...rest } = status;
  const head: SnapshotHead | null = estate?.head ?? null;
  const seen =
    estate === null
      ? null
      : {
          identity: estate.identity,
          configured: estate.configured,
          accounts: head?.accounts ?? [],
          clusters: head?.clusters ?? [],
          ageSeconds: estate.ageSeconds,
          scan: estate.scan,
          costExplorer: estate.costExplorer,
        };
  const envelope = plainEnvelope('status', call, {}, { ...rest, estate: seen } as unknown as Json);
  return { ...(envelope as { readonly [key: string]: Json }), snapshot: head === null ? null : snapshotJson(head) };
}
