/** What AWS billed, from Cost Explorer: every day's question is paid for once, counted, and never above the cap. */
import { setTimeout as wait } from 'node:timers/promises';
import type { AwsReader, CommitmentDay, CostQuestion, CostRow, Deps } from '../deps.ts';
import { type ClusterHead, canonicalJson, type Json, nanoUsd, usdString } from '../engine/index.ts';
import { AdviseError, toAdviseError } from '../errors.ts';

export type Period = { readonly from: string; readonly toExclusive: string };

export type Billed = {
  /** Summed over the days. By `LINKED_ACCOUNT` and `USAGE_TYPE`, all ECS and EC2 services; null when it could not be asked. */
  readonly byUsageType: readonly CostRow[] | null;
  /** By `TAG:aws:ecs:serviceName` and `USAGE_TYPE` within one cluster; a cluster that was not asked is missing. */
  readonly byService: readonly {
    readonly account: string;
    readonly region: string;
    readonly cluster: string;
    readonly rows: readonly CostRow[];
  }[];
  /** Use of Savings Plans by day; null when it could not be asked. */
  readonly commitments: readonly CommitmentDay[] | null;
  /** Some day of the period may still change. */
  readonly estimated: boolean;
  readonly requests: number;
  /** Paid requests of this calendar month, those of this question included. */
  readonly monthToDate: number;
  /** Why something is missing, in words; each once. */
  readonly notAsked: readonly string[];
};

/** Cost Explorer's names of the services that tasks are billed under. */
const SERVICES = ['Amazon Elastic Container Service', 'Amazon Elastic Compute Cloud - Compute', 'EC2 - Other'] as const;
const LEASE_PAUSE_MS = 200;

type Asking = {
  readonly deps: Pick<Deps, 'store' | 'settings' | 'log'>;
  readonly aws: AwsReader;
  readonly now: Date;
  /** Counts the requests of this question. */
  readonly count: { requests: number };
};

/** The bill of a period for the clusters in scope. What Cost Explorer or the cap refuses is in `notAsked`. */
export async function readBilled(
  deps: Pick<Deps, 'store' | 'settings' | 'aws' | 'log'>,
  asked: { readonly period: Period; readonly clusters: readonly ClusterHead[]; readonly now: Date },
): Promise<Billed> {
  const { aws, store } = deps;
  const { period, clusters, now } = asked;
  const month = now.toISOString().slice(0, 7);
  if (aws === null || !aws.accounts.some(({ payer }) => payer)) {
    const notAsked = ['no account is marked "payer: true" in the configuration, so nobody can be asked for the bill'];
    const monthToDate = await store.paidRequests(month);
    return {
      byUsageType: null,
      byService: [],
      commitments: null,
      estimated: false,
      requests: 0,
      monthToDate,
      notAsked,
    };
  }
  const asking: Asking = { deps, aws, now, count: { requests: 0 } };
  const notAsked = new Set<string>();
  const tried = async <T>(ask: () => Promise<T>): Promise<T | null> => {
    try {
      return await ask();
    } catch (thrown) {
      const error = toAdviseError(thrown);
      if (error.kind !== 'upstream') throw thrown;
      notAsked.add(error.message);
      return null;
    }
  };
  const byUsageType = await tried(() => costDays(asking, period, USAGE_TYPES));
  const byService = [];
  for (const cluster of clusters) {
    const isAmbiguous = clusters.filter(({ name }) => name === cluster.name).length > 1;
    const rows = await tried(() => costDays(asking, period, servicesOf(cluster, isAmbiguous)));
    if (rows !== null)
      byService.push({ account: cluster.account, region: cluster.region, cluster: cluster.name, rows });
  }
  const commitments = await tried(() => commitmentDays(asking, period));
  return {
    byUsageType,
    byService,
    commitments,
    estimated: [byUsageType ?? [], ...byService.map(({ rows }) => rows)].flat().some(({ estimated }) => estimated),
    requests: asking.count.requests,
    monthToDate: await store.paidRequests(month),
    notAsked: [...notAsked],
  };
}

type Shape = Pick<CostQuestion, 'groupBy' | 'filter'>;
const USAGE_TYPES: Shape = { groupBy: ['LINKED_ACCOUNT', 'USAGE_TYPE'], filter: { services: SERVICES } };

function servicesOf({ name, account }: ClusterHead, isAmbiguous: boolean): Shape {
  return {
    groupBy: ['TAG:aws:ecs:serviceName', 'USAGE_TYPE'],
    filter: {
      services: SERVICES,
      tag: { key: 'aws:ecs:clusterName', value: name },
      ...(isAmbiguous ? { account } : {}),
    },
  };
}

/**
 * Rows of the whole period, summed over its days. A day is kept as columns: in an estate of 50,000 services it has a
 * hundred thousand rows, most of them the same names as the day before.
 */
async function costDays(asking: Asking, period: Period, shape: Shape): Promise<readonly CostRow[]> {
  const days = await daily<PackedDay>(asking, period, {
    key: `cost ${canonicalJson(shape as unknown as Json)}`,
    isFinal: ({ estimated }) => !estimated,
    ask: async (range, before) => {
      const rows = await asking.aws.costAndUsage({ ...range, ...shape }, before);
      return packDays(rows, daysOf(range));
    },
  });
  return sumDays(days, period.from);
}

/** One day of the bill: the distinct names of each key, and per row the places of its names and its nano-USD. */
type PackedDay = {
  readonly names: readonly (readonly string[])[];
  readonly rows: readonly (readonly [...places: number[], nano: string])[];
  readonly estimated: boolean;
};

function packDays(rows: readonly CostRow[], days: readonly string[]): ReadonlyMap<string, PackedDay> {
  const byDay = new Map<string, CostRow[]>(days.map((day) => [day, []]));
  for (const row of rows) byDay.get(row.day)?.push(row);
  return new Map([...byDay].map(([day, found]) => [day, packDay(found)]));
}

function packDay(rows: readonly CostRow[]): PackedDay {
  const keys = rows[0]?.keys.length ?? 0;
  const places = Array.from({ length: keys }, () => new Map<string, number>());
  const packed = rows.map((row): [...number[], string] => {
    const found = row.keys.map((name, key) => {
      const known = places[key];
      const place = known?.get(name) ?? known?.size ?? 0;
      known?.set(name, place);
      return place;
    });
    return [...found, nanoUsd(row.usd).toString()];
  });
  return {
    names: places.map((known) => [...known.keys()]),
    rows: packed,
    estimated: rows.some(({ estimated }) => estimated),
  };
}

function sumDays(days: readonly PackedDay[], from: string): readonly CostRow[] {
  const sums = new Map<string, { readonly keys: readonly string[]; nano: bigint; estimated: boolean }>();
  for (const { names, rows, estimated } of days) {
    for (const row of rows) {
      const keys = names.map((known, key) => known[Number(row[key])] ?? '');
      const id = keys.join('\n');
      const sum = sums.get(id) ?? { keys, nano: 0n, estimated: false };
      sum.nano += BigInt(row[names.length] ?? 0);
      sum.estimated ||= estimated;
      sums.set(id, sum);
    }
  }
  return [...sums.values()].map(({ keys, nano, estimated }) => ({
    day: from,
    keys,
    usd: usdString(nano),
    quantity: '0',
    estimated,
  }));
}

async function commitmentDays(asking: Asking, period: Period): Promise<readonly CommitmentDay[]> {
  const days = await daily<readonly CommitmentDay[]>(asking, period, {
    key: 'savings-plans-utilisation',
    isFinal: () => true,
    ask: async (range, before) => {
      const rows = await asking.aws.savingsPlansUtilisation(range, before);
      return new Map(daysOf(range).map((day) => [day, rows.filter((row) => row.day === day)]));
    },
  });
  return days.flat();
}

type Daily<T> = {
  readonly key: string;
  /** Days that AWS may still change are asked again on another day. */
  readonly isFinal: (day: T) => boolean;
  /** Every day of the range, those without rows too. */
  readonly ask: (range: Period, beforeRequest: () => Promise<void>) => Promise<ReadonlyMap<string, T>>;
};

/** Every day of the period in order, from the store where it is known, each gap asked for once. */
async function daily<T>(asking: Asking, period: Period, what: Daily<T>): Promise<readonly T[]> {
  const { store } = asking.deps;
  for (;;) {
    const { known, gaps } = await look(asking, period, what);
    if (gaps.length === 0) return known;
    const lease = `${what.key} ${gaps.map(({ from, toExclusive }) => `${from}-${toExclusive}`).join(' ')}`;
    if (!(await store.leasePaid(lease, asking.now.toISOString()))) {
      // Somebody else asks for the same days: the answer will be in the store.
      await wait(LEASE_PAUSE_MS);
      continue;
    }
    try {
      for (const gap of gaps) await askGap(asking, gap, what);
    } finally {
      await store.releasePaid(lease);
    }
  }
}

async function look<T>(
  asking: Asking,
  period: Period,
  what: Daily<T>,
): Promise<{ known: readonly T[]; gaps: Period[] }> {
  const today = asking.now.toISOString().slice(0, 10);
  const known: T[] = [];
  const gaps: { from: string; toExclusive: string }[] = [];
  for (const day of daysOf(period)) {
    const saved = await asking.deps.store.paidAnswer(`${what.key} ${day}`);
    const body = saved === null ? null : (saved.body as unknown as T);
    if (saved !== null && body !== null && (what.isFinal(body) || saved.at.slice(0, 10) === today)) {
      known.push(body);
      continue;
    }
    const last = gaps.at(-1);
    if (last !== undefined && last.toExclusive === day) last.toExclusive = nextDay(day);
    else gaps.push({ from: day, toExclusive: nextDay(day) });
  }
  return { known, gaps };
}

async function askGap<T>({ deps, now, count }: Asking, gap: Period, what: Daily<T>): Promise<void> {
  const { store, settings } = deps;
  const month = now.toISOString().slice(0, 7);
  const days = await what.ask(gap, async () => {
    if (!(await store.countPaidRequest(month, settings.costExplorerCap))) throw capReached(settings.costExplorerCap);
    count.requests += 1;
  });
  for (const [day, body] of days)
    await store.savePaidAnswer(`${what.key} ${day}`, body as unknown as Json, now.toISOString());
}

function capReached(cap: number): AdviseError {
  return new AdviseError({
    kind: 'upstream',
    code: 'cost_explorer_cap',
    message: `this month's ${cap} paid Cost Explorer requests are used up`,
    hint: 'raise costExplorer.requestsPerMonth in ecs-advise.yaml (USD 0.01 a request), or wait for the next month',
  });
}

/** Every UTC day of the period, in order. */
function daysOf({ from, toExclusive }: Period): readonly string[] {
  const days: string[] = [];
  for (let day = from; day < toExclusive; day = nextDay(day)) days.push(day);
  return days;
}

/** The UTC day `count` days after (negative: before) a day. */
export function addDays(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * 86_400_000).toISOString().slice(0, 10);
}

function nextDay(day: string): string {
  return addDays(day, 1);
}
