/** What moved lately, read from the snapshots of the cool-down: no advice undoes it. */
import type { Deps } from '../deps.ts';
import {
  type ClusterHead,
  type ClusterView,
  departuresOf,
  type Lately,
  latelyOf,
  type Ran,
  type Sighting,
  type SnapshotHead,
  sightingOf,
} from '../engine/index.ts';
import { readAs } from './estate.ts';

/** How moves of the cool-down are found out. */
export type Earlier = {
  /** Changes whenever `of` may say something else. */
  readonly key: string;
  readonly of: (at: ClusterHead, view: ClusterView) => Promise<Lately>;
};

const HOUR_MS = 3_600_000;
/** Snapshots compared; of more, some in between are left out: what has gone between two others is seen all the same. */
const MOST_COMPARED = 24;

/** Compares the snapshots of the cool-down, and the last one before it, with `head`. */
export async function movesUntil(deps: Deps, head: SnapshotHead, now: string): Promise<Earlier> {
  const { coolDownHours } = deps.settings.guardrails;
  const since = sinceOf(now, coolDownHours);
  const known = coolDownHours === 0 ? [] : await deps.store.snapshotsSince(since);
  const before = thinned(known.filter(({ takenAt }) => takenAt < head.takenAt));
  const heads = new Map<string, Promise<SnapshotHead | null>>();
  const headOf = (id: string): Promise<SnapshotHead | null> => {
    const found = heads.get(id) ?? deps.store.snapshot(id);
    heads.set(id, found);
    return found;
  };
  return {
    key: before.map(({ id }) => id).join(' '),
    of: async (at, view) => {
      const seen: { readonly head: SnapshotHead; readonly sighting: Sighting }[] = [];
      for (const { id } of before) {
        const then = await headOf(id);
        const sighting = then === null ? null : await sightingIn(deps, then, at);
        if (then !== null && sighting !== null) seen.push({ head: then, sighting });
      }
      const sightings = [...seen.map(({ sighting }) => sighting), sightingOf(head, view)];
      const departures = [];
      for (const departure of departuresOf(sightings)) {
        const then = seen.find(({ sighting }) => sighting.startedAt === departure.lastSeen)?.head ?? head;
        departures.push({ ...departure, then });
      }
      const ran = await tasksOf(deps, at, hasGroups(view) ? departures : []);
      return latelyOf({
        view,
        now,
        coolDownHours,
        sightings,
        departures: departures.map((row) => ({ ...row, ran: ran.get(row.arn) ?? [] })),
      });
    },
  };
}

/** What a record says was known then, by cluster. */
export function movesAsKnown(lately: { readonly [cluster: string]: Lately }): Earlier {
  return {
    key: 'as known then',
    of: async (at) => {
      const known = lately[placeKey(at)];
      if (known === undefined) throw new Error(`invariant: the record does not say what moved in ${at.name}`);
      return known;
    },
  };
}

/** Tells clusters of one name apart. */
export function placeKey({ account, region, name }: Pick<ClusterHead, 'account' | 'region' | 'name'>): string {
  return `${account} ${region} ${name}`;
}

/** What of the cool-down no snapshot shows, in words. */
export function unknownMoves(
  lately: { readonly [cluster: string]: Lately },
  { now, hours }: { readonly now: string; readonly hours: number },
): readonly string[] {
  if (hours === 0) return [];
  const since = sinceOf(now, hours);
  const bySince = new Map<string, string[]>();
  for (const [place, { knownSince }] of Object.entries(lately)) {
    if (knownSince !== null && knownSince <= since) continue;
    const names = bySince.get(knownSince ?? '') ?? [];
    bySince.set(knownSince ?? '', [...names, place.split(' ').slice(2).join(' ')]);
  }
  return [...bySince].map(([first, names]) => {
    const when = first === '' ? `in the last ${hours} h` : `before ${first.slice(0, 10)} ${first.slice(11, 16)} UTC`;
    return `moves in ${names.join(', ')} ${when}: there is no earlier snapshot`;
  });
}

function sinceOf(now: string, hours: number): string {
  return new Date(Date.parse(now) - hours * HOUR_MS).toISOString();
}

/** The first, the last, and as many in between as may be looked at. */
function thinned<T>(rows: readonly T[]): readonly T[] {
  if (rows.length <= MOST_COMPARED) return rows;
  const step = (rows.length - 1) / (MOST_COMPARED - 1);
  return Array.from({ length: MOST_COMPARED }, (_, at) => Math.round(at * step)).flatMap((at) => rows[at] ?? []);
}

/** The cluster in an earlier snapshot; null when that scan did not read all of its instances, which then look gone. */
async function sightingIn(deps: Deps, head: SnapshotHead, at: ClusterHead): Promise<Sighting | null> {
  const holes = ['container instance', 'capacity provider', 'task'].map((what) => `cluster ${at.name} ${what}`);
  const isMissed = head.missed.some(
    ({ account, region, what }) =>
      account === at.account && region === at.region && holes.some((hole) => what.startsWith(hole)),
  );
  const ref = head.parts.find(
    ({ kind, account, region, cluster }) =>
      kind === 'cluster' && account === at.account && region === at.region && cluster === at.name,
  );
  return isMissed || ref === undefined ? null : sightingOf(head, await readAs(deps, ref, 'cluster'));
}

/** Elsewhere AWS moves tasks as it sees fit, and no advice of ours drains anything. */
function hasGroups({ providers }: ClusterView): boolean {
  return providers.some(({ kind }) => kind === 'asg');
}

/** What ran on the departed instances when they were last seen, by container instance. Each snapshot is read once. */
async function tasksOf(
  deps: Deps,
  at: ClusterHead,
  departures: readonly { readonly arn: string; readonly then: SnapshotHead }[],
): Promise<ReadonlyMap<string, readonly Ran[]>> {
  const ran = new Map<string, Ran[]>();
  for (const head of new Set(departures.map(({ then }) => then))) {
    const gone = new Set(departures.filter(({ then }) => then === head).map(({ arn }) => arn));
    for (const ref of head.parts) {
      if (ref.kind !== 'services' || ref.cluster !== at.name) continue;
      if (ref.account !== at.account || ref.region !== at.region) continue;
      for (const { group, taskDefinition, containerInstance } of (await readAs(deps, ref, 'services')).tasks) {
        const arn = containerInstance ?? '';
        const service = group.startsWith('service:') ? group.slice('service:'.length) : null;
        if (service === null || !gone.has(arn)) continue;
        const known = ran.get(arn) ?? [];
        const isKnown = known.some((row) => row.service === service && row.taskDefinition === taskDefinition);
        if (!isKnown) ran.set(arn, [...known, { service, taskDefinition }]);
      }
    }
  }
  return ran;
}
