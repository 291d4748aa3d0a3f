/** Groups of billed and modelled cost that add up: to the totals, to the difference, to the last nano-USD. */
import type { SavingsPlan, Tags } from '../model.ts';
import {
  add,
  divide,
  multiply,
  type NanoUsd,
  nanoUsd,
  type Rational,
  rational,
  toNanoUsd,
  usdString,
  whole,
} from '../units.ts';
import { instantOf } from '../windows/instant.ts';
import { type Bill, type CostKind, IDLE, type ModelledRow } from './types.ts';

export type CostDimension = 'account' | 'cluster' | 'service' | 'capacityKind' | 'role';

/** All five members always; null where it was not asked by, or has no value. */
export type CostKey = {
  readonly account: string | null;
  readonly cluster: string | null;
  readonly service: string | null;
  readonly capacityKind: CostKind | null;
  readonly role: string | null;
};

export type CostGroup = {
  readonly key: CostKey;
  /** Null when the bill was not read. */
  readonly billedUsd: string | null;
  readonly modelledUsd: string;
  /** Of `modelledUsd`, capacity that no task uses. */
  readonly idleUsd: string;
};

export type CostSummary = {
  /** Largest first, by the larger of billed and modelled. */
  readonly groups: readonly CostGroup[];
  readonly totalBilledUsd: string | null;
  readonly totalModelledUsd: string;
  /** Billed minus modelled. */
  readonly differenceUsd: string | null;
  readonly idleUsd: string;
  /** The part of the bill that is in no group. */
  readonly unattributedUsd: string | null;
  /** AWS may still change the bill of some days. */
  readonly estimated: boolean;
};

/** What a role is chosen by. `service` null = idle or no service. */
export type RoleSubject = {
  readonly account: string;
  readonly cluster: string | null;
  readonly service: string | null;
  readonly tags: Tags;
};

/** The role of what no rule names. */
const NO_ROLE = '(no role)';

type Entry = RoleSubject & {
  readonly capacityKind: CostKind;
  billed: NanoUsd;
  modelled: NanoUsd;
  idle: NanoUsd;
};

/**
 * Groups modelled rows and the bill. A service is told apart by its cluster, a cluster by its account, so asking by
 * service fills those members too. Idle is inside its cluster; by service it is a group of its own, `(idle)`.
 * What the bill could not place at a service still counts in groups that do not ask for one.
 */
export function summarise(
  rows: readonly ModelledRow[],
  bill: Bill | null,
  by: readonly CostDimension[],
  roleOf: (subject: RoleSubject) => string | null,
): CostSummary {
  const asked = new Set(by);
  if (asked.has('service')) asked.add('cluster');
  if (asked.has('cluster')) asked.add('account');
  const groups = new Map<string, { key: CostKey; billed: NanoUsd; modelled: NanoUsd; idle: NanoUsd }>();
  const put = (key: CostKey, part: Pick<Entry, 'billed' | 'modelled' | 'idle'>): void => {
    const text = keyText(key.account, key.cluster, key.service, `${key.capacityKind ?? ''}\u0000${key.role ?? ''}`);
    const group = groups.get(text) ?? { key, billed: 0n, modelled: 0n, idle: 0n };
    group.billed += part.billed;
    group.modelled += part.modelled;
    group.idle += part.idle;
    groups.set(text, group);
  };
  const entries = merge(rows, bill);
  for (const entry of entries) put(keyOf(entry, asked, roleOf), entry);
  let unattributed = 0n;
  for (const { account, capacityKind, reason, nano } of bill?.unattributed ?? []) {
    const isPlaced =
      reason !== 'other-instances' &&
      !asked.has('cluster') &&
      !asked.has('role') &&
      (!asked.has('capacityKind') || capacityKind !== null);
    if (isPlaced) {
      const key = {
        account: asked.has('account') ? account : null,
        cluster: null,
        service: null,
        capacityKind: asked.has('capacityKind') ? capacityKind : null,
        role: null,
      };
      put(key, { billed: nano, modelled: 0n, idle: 0n });
    } else unattributed += nano;
  }
  const sum = (of: (entry: Entry) => NanoUsd): NanoUsd => entries.reduce((total, entry) => total + of(entry), 0n);
  const modelled = sum((entry) => entry.modelled);
  const billed = [...groups.values()].reduce((total, group) => total + group.billed, 0n) + unattributed;
  return {
    groups: [...groups].sort(bySize).map(([, group]) => ({
      key: group.key,
      billedUsd: bill === null ? null : usdString(group.billed),
      modelledUsd: usdString(group.modelled),
      idleUsd: usdString(group.idle),
    })),
    totalBilledUsd: bill === null ? null : usdString(billed),
    totalModelledUsd: usdString(modelled),
    differenceUsd: bill === null ? null : usdString(billed - modelled),
    idleUsd: usdString(sum((entry) => entry.idle)),
    unattributedUsd: bill === null ? null : usdString(unattributed),
    estimated: bill?.estimated ?? false,
  };
}

/** Names of AWS hold no control characters, so these tell every combination apart, null from '' included. */
function keyText(account: string | null, cluster: string | null, service: string | null, more: string): string {
  return `${account ?? '\u0001'}\u0000${cluster ?? '\u0001'}\u0000${service ?? '\u0001'}\u0000${more}`;
}

/** One entry for each account, cluster, service and kind, with both figures. */
function merge(rows: readonly ModelledRow[], bill: Bill | null): readonly Entry[] {
  const entries = new Map<string, Entry>();
  const at = (row: Pick<ModelledRow, 'account' | 'cluster' | 'service' | 'capacityKind'>, tags: () => Tags): Entry => {
    const { account, cluster, service, capacityKind } = row;
    const key = keyText(account, cluster, service, capacityKind);
    const found = entries.get(key);
    if (found !== undefined) return found;
    const entry = { account, cluster, service, capacityKind, tags: tags(), billed: 0n, modelled: 0n, idle: 0n };
    entries.set(key, entry);
    return entry;
  };
  for (const row of rows) {
    const entry = at(row, () => row.tags);
    entry.modelled += row.nano;
    if (row.isIdle) entry.idle += row.nano;
  }
  if (bill === null) return [...entries.values()];
  // A service that moved to other capacity keeps its tags, and so its role.
  const tags = new Map<string, Tags>();
  for (const row of rows) tags.set(keyText(row.account, row.cluster, row.service, ''), row.tags);
  for (const row of bill.rows) {
    const known = (): Tags => tags.get(keyText(row.account, row.cluster, row.service, '')) ?? {};
    at(row, known).billed += row.nano;
  }
  return [...entries.values()];
}

function keyOf(
  entry: Entry,
  asked: ReadonlySet<CostDimension>,
  roleOf: (subject: RoleSubject) => string | null,
): CostKey {
  const { account, cluster, service, capacityKind } = entry;
  return {
    account: asked.has('account') ? account : null,
    cluster: asked.has('cluster') ? cluster : null,
    service: asked.has('service') ? (service ?? IDLE) : null,
    capacityKind: asked.has('capacityKind') ? capacityKind : null,
    role: asked.has('role') ? (roleOf(entry) ?? NO_ROLE) : null,
  };
}

type Sized = readonly [string, { readonly billed: NanoUsd; readonly modelled: NanoUsd }];

function bySize([a, left]: Sized, [b, right]: Sized): number {
  const size = ({ billed, modelled }: Sized[1]): NanoUsd => (billed > modelled ? billed : modelled);
  if (size(left) !== size(right)) return size(left) > size(right) ? -1 : 1;
  return a < b ? -1 : 1;
}

/** Use of Savings Plans on one day, decimal USD. */
export type PlanDay = { readonly committedUsd: string; readonly usedUsd: string; readonly unusedUsd: string };

export type CommitmentUse = {
  /** Of the plans that are active now; of the days read where no plan was. */
  readonly committedUsdPerHour: string;
  /** Over the hours of the days read; null without any. */
  readonly usedUsdPerHour: string | null;
  /** Paid for and not used in these days; null without any. */
  readonly unusedUsd: string | null;
};

/** What is committed, and how much of it was used. Plans of other services (`other`) are left out of the first figure. */
export function commitmentUse(plans: readonly SavingsPlan[], days: readonly PlanDay[], now: string): CommitmentUse {
  const at = instantOf(now);
  const active = plans.filter(
    ({ type, start, end }) => type !== 'other' && instantOf(start) <= at && at < instantOf(end),
  );
  const total = (of: (day: PlanDay) => string): Rational =>
    days.reduce((sum, day) => add(sum, rational(of(day))), whole(0));
  const perHour = (usd: Rational): Rational => divide(usd, multiply(whole(24), whole(days.length)));
  const planned = active.reduce((sum, plan) => add(sum, rational(plan.commitmentUsdPerHour)), whole(0));
  const committed = active.length > 0 || days.length === 0 ? planned : perHour(total((day) => day.committedUsd));
  return {
    committedUsdPerHour: usdString(toNanoUsd(committed)),
    usedUsdPerHour: days.length === 0 ? null : usdString(toNanoUsd(perHour(total((day) => day.usedUsd)))),
    unusedUsd: days.length === 0 ? null : usdString(days.reduce((sum, day) => sum + nanoUsd(day.unusedUsd), 0n)),
  };
}
