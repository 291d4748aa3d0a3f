/** Which instance a task goes to: spread over zones, then over instances, then where most room is. */
import { type Demand, fits, type Host, take } from './hosts.ts';

export type Wish = {
  readonly name: string;
  readonly demand: Demand;
  /** Null = any instance of the cluster. */
  readonly provider: string | null;
  /** Prefix of the instance type. */
  readonly typePrefix?: string;
  /** Once on each instance, the idle ones too. */
  readonly daemon?: boolean;
};

/** Finds room for one more task of a service whose others are on `taken`, and books it. Throws when there is none. */
export function findRoom(hosts: readonly Host[], wish: Wish, taken: readonly Host[]): Host {
  let best: Host | null = null;
  let bestRank: readonly number[] = [];
  for (const host of hosts) {
    if (!mayRun(host, wish, taken) || !fits(host, wish.demand)) continue;
    const rank = [
      taken.filter(({ az }) => az === host.az).length,
      taken.filter((one) => one === host).length,
      host.free.tasks,
      -host.free.cpu,
    ];
    if (best !== null && !isLess(rank, bestRank)) continue;
    best = host;
    bestRank = rank;
  }
  if (best === null) throw new Error(`no room for ${wish.name}`);
  take(best, wish.demand);
  return best;
}

function mayRun(host: Host, wish: Wish, taken: readonly Host[]): boolean {
  if (wish.provider !== null && host.provider.name !== wish.provider) return false;
  if (wish.typePrefix !== undefined && !host.type.name.startsWith(wish.typePrefix)) return false;
  return wish.daemon === true ? !taken.includes(host) : host.spec.idle !== true;
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  for (const [index, value] of a.entries()) {
    const other = b[index] ?? 0;
    if (value !== other) return value < other;
  }
  return false;
}
