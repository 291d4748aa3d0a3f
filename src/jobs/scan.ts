/** The scan: one at a time, taken over where a killed one stopped, and readable only when it is whole. */
import type { Deps, ScanCalls, ScanProgress, ScanSink } from '../deps.ts';
import type { AccountHead, PartRef, Scope, SnapshotHead } from '../engine/index.ts';
import { AdviseError } from '../errors.ts';

/** Well within the life of a heartbeat. */
const HEARTBEAT_MS = 3_000;

export type ScanOutcome = {
  readonly head: SnapshotHead;
  readonly calls: ScanCalls;
  /** Rows that were new in the database: few when little has changed. */
  readonly rowsWritten: number;
  /** Scopes taken over from a scan that was killed. */
  readonly resumed: number;
  readonly ms: number;
};

type Job = Pick<Deps, 'clock' | 'log' | 'store' | 'aws'>;

/**
 * Reads every configured account into a new snapshot; `onProgress` hears of each step. Throws `config_no_accounts`
 * when none is configured, `scan_under_way` (upstream) when another process scans, and what the database throws;
 * what AWS refuses is in the snapshot's `missed`.
 */
export async function runScan(job: Job, onProgress: (progress: ScanProgress) => void): Promise<ScanOutcome> {
  const { clock, log, store, aws } = job;
  if (aws === null) throw noAccounts();
  const startedAt = clock.now();
  const begun = await store.beginScan(startedAt.toISOString());
  if (begun === null) throw underWay();
  let latest: ScanProgress | null = null;
  let failed: unknown = null;
  // The heartbeat tells other processes that this one lives; without it they would take the scan over.
  const beat = setInterval(() => {
    store.saveProgress(begun.id, latest, clock.now().toISOString()).catch((error: unknown) => {
      failed = error;
    });
  }, HEARTBEAT_MS);
  try {
    const sink = await sinkOf(job, begun, (progress) => {
      latest = progress;
      onProgress(progress);
    });
    const calls = await aws.scan(sink);
    if (failed !== null) throw failed;
    const accounts: readonly AccountHead[] = aws.accounts.map(({ id, name, regions, payer }) => ({
      id,
      name,
      regions,
      payer,
    }));
    const { head, rowsWritten } = await store.finishScan(begun.id, { accounts, at: clock.now().toISOString() });
    const ms = clock.now().getTime() - startedAt.getTime();
    const outcome = { head, calls, rowsWritten, resumed: begun.resumed.length, ms };
    log.info(summaryOf(outcome), 'scan');
    return outcome;
  } finally {
    clearInterval(beat);
  }
}

/** The one summary line of a scan. */
function summaryOf({ head, calls, rowsWritten, resumed, ms }: ScanOutcome): Record<string, unknown> {
  return {
    unit: 'job',
    name: 'scan',
    snapshot: head.id,
    clusters: head.clusters.length,
    missed: head.missed.length,
    awsCalls: calls.total,
    throttled: calls.throttled,
    rowsWritten,
    resumed,
    ms,
  };
}

type Begun = { readonly id: string; readonly resumed: readonly Scope[] };

async function sinkOf(
  { store, clock }: Job,
  begun: Begun,
  progress: (progress: ScanProgress) => void,
): Promise<ScanSink> {
  const done = new Set(begun.resumed.map(scopeKey));
  const before = await store.latestSnapshot();
  const parts = new Map(before?.parts.map((part) => [partKey(part), part.sha256]));
  return {
    isDone: (scope) => done.has(scopeKey(scope)),
    previous: async (ref) => {
      const sha256 = parts.get(partKey(ref));
      return sha256 === undefined ? null : store.part(sha256);
    },
    previousTakenAt: before?.takenAt ?? null,
    save: (result) => store.saveScope(begun.id, result, clock.now().toISOString()),
    knownTaskDefinitions: store.knownTaskDefinitions,
    saveTaskDefinitions: store.saveTaskDefinitions,
    progress,
  };
}

function scopeKey({ account, region, cluster }: Scope): string {
  return [account, region ?? '', cluster ?? ''].join(' ');
}

function partKey(ref: Omit<PartRef, 'sha256'>): string {
  return [scopeKey(ref), ref.kind, ref.shard].join(' ');
}

export function noAccounts(): AdviseError {
  return new AdviseError({
    kind: 'config',
    code: 'config_no_accounts',
    message: 'No AWS account is configured, so there is nothing to look at.',
    hint: 'list one under "accounts" in ecs-advise.yaml (docs/aws.md), then run "ecs-advise scan"',
  });
}

function underWay(): AdviseError {
  return new AdviseError({
    kind: 'upstream',
    code: 'scan_under_way',
    message: 'Another scan is under way.',
    hint: '"ecs-advise status" shows how far it is; a scan whose process died can be taken over after 15 s',
  });
}
