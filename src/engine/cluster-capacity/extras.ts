/** Two what-ifs beside the plan: every task on an instance of its own, and tag values kept apart by providers. */
import { ceilDiv, type NanoUsd, usdString } from '../units.ts';
import { type Buyable, slotsOf } from './buyable.ts';
import type { Group } from './groups.ts';
import { type Placed, type Prepared, placed } from './plan.ts';
import type { ClusterResult, SplitAdvice } from './types.ts';

/** Most capacity providers that one cluster can have. */
const MOST_PROVIDERS = 20;

/** The cheapest managed instance for each task alone; null when some task fits none. */
export function oneTaskPerInstance({ groups, types }: Prepared): ClusterResult['cluster']['oneTaskPerInstance'] {
  let nano = 0n;
  let instances = 0;
  for (const group of groups) {
    const [kind] = (['mi-on-demand', 'asg-on-demand'] as const).filter((name) => group.against[name] === null);
    const fitting = kind === undefined ? [] : types[kind].filter((buyable) => slotsOf(group, buyable) > 0);
    const cheapest = fitting.reduce<Buyable | null>(
      (best, one) => (best === null || one.nano < best.nano ? one : best),
      null,
    );
    if (cheapest === null) return null;
    nano += BigInt(group.tasks) * cheapest.nano;
    instances += group.tasks;
  }
  return { usdPerMonth: usdString(nano), instances };
}

/** A provider of its own for each value of the tag, each pinned to its cheapest type. Untagged services share one. */
export function splitByTag(prepared: Prepared, tag: string): SplitAdvice {
  const values = new Map<string, Group[]>();
  for (const group of prepared.groups) {
    const value = group.like.apart ?? '';
    values.set(value, [...(values.get(value) ?? []), group]);
  }
  const rows = [...values]
    .map(([value, groups]) => ({ value, groups, own: cheapestProvider(prepared, groups) }))
    .sort((a, b) => (a.value < b.value ? -1 : 1));
  const lacking = rows.filter(({ own }) => own === null).map(({ value }) => nameOf(value));
  const nano = rows.reduce((sum, { own }) => sum + (own?.nano ?? 0n), 0n);
  return {
    tag,
    groups: rows.flatMap(({ value, groups, own }) =>
      own === null
        ? []
        : [
            {
              value: nameOf(value),
              services: groups.reduce((sum, { services }) => sum + services.length, 0),
              instanceType: own.placed.buyable.type.name,
              count: own.placed.count,
              usdPerMonth: usdString(own.nano),
            },
          ],
    ),
    usdPerMonth: usdString(nano),
    possible: rows.length <= MOST_PROVIDERS && lacking.length === 0,
    because: becauseOf(tag, rows.length, lacking),
  };
}

const nameOf = (value: string): string => (value === '' ? '(no tag)' : value);

function becauseOf(tag: string, values: number, lacking: readonly string[]): string {
  if (lacking.length > 0) return `No one type holds every task of ${lacking.slice(0, 3).join(', ')}.`;
  if (values > MOST_PROVIDERS) {
    const clusters = ceilDiv(values, MOST_PROVIDERS);
    return `${values} values of ${tag} need as many providers, and a cluster has at most ${MOST_PROVIDERS}: share providers, keep small ones on Fargate (no two tasks share a machine there), or use ${clusters} clusters.`;
  }
  return `${values === 1 ? 'One value' : `${values} values`} of ${tag}, one provider each; a cluster has at most ${MOST_PROVIDERS}.`;
}

function cheapestProvider(
  prepared: Prepared,
  groups: readonly Group[],
): { readonly placed: Placed; readonly nano: NanoUsd } | null {
  let best: { readonly placed: Placed; readonly nano: NanoUsd } | null = null;
  const kind = (['mi-on-demand', 'asg-on-demand'] as const).find((name) =>
    groups.every(({ against }) => against[name] === null),
  );
  if (kind === undefined) return null;
  const tasks = groups.reduce((sum, group) => sum + group.tasks, 0);
  for (const buyable of prepared.types[kind]) {
    if (groups.some((group) => slotsOf(group, buyable) === 0)) continue;
    const least = BigInt(Math.min(buyable.atLeast, tasks)) * buyable.nano;
    if (best !== null && least >= best.nano) continue;
    const made = placed(prepared.question, buyable, groups);
    const nano = BigInt(made.count) * buyable.nano;
    if (best === null || nano < best.nano) best = { placed: made, nano };
  }
  return best;
}
