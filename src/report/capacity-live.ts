/** What a live account adds to a capacity answer: where the thing runs, and which quota stands in the way. */
import type { CapacityAnswer, CapacityKind } from '../engine/index.ts';
import { grouped } from './money.ts';
import type { Part } from './report.ts';
import { utc } from './time.ts';

export const KIND_LABELS: { readonly [K in CapacityKind]: string } = {
  fargate: 'Fargate',
  'fargate-spot': 'Fargate Spot',
  'mi-on-demand': 'Managed Instances',
  'mi-spot': 'Managed Instances Spot',
  'mi-reserved': 'Managed Instances reserved',
  'asg-on-demand': 'Auto Scaling group',
  'asg-spot': 'Auto Scaling group Spot',
};

/** Where a question was filled from. */
export type LiveSource = {
  readonly account: string;
  readonly cluster: string;
  readonly name: string;
  readonly runsOn: string | null;
  readonly notes: readonly string[];
  readonly snapshot: { readonly takenAt: string; readonly missed: readonly unknown[] };
};

/** Where a live question was filled from, in one paragraph. */
export function liveText(live: LiveSource | null): readonly Part[] {
  if (live === null) return [];
  const { account, cluster, name, runsOn, notes, snapshot } = live;
  const place = runsOn === null ? '' : `, today on ${runsOn}`;
  const missed = snapshot.missed.length === 0 ? '' : ` The scan missed ${snapshot.missed.length} things: see status.`;
  const rest =
    notes.length === 0 ? '' : ` ${notes.map((note) => `${note.charAt(0).toUpperCase()}${note.slice(1)}.`).join(' ')}`;
  const text = `${cluster}/${name} in ${account}${place}, as scanned ${utc(snapshot.takenAt)}.${rest}${missed}`;
  return [{ kind: 'paragraph', text }];
}

/** Options that a quota stands against: possible, priced, and not today. */
export function blocked({ result }: CapacityAnswer): readonly string[] {
  return result.options.flatMap(({ kind, blockedBy }) =>
    blockedBy.map(
      ({ quota, limit, usage, need }) =>
        `${KIND_LABELS[kind]} is blocked today: it needs ${grouped(need)} vCPU, and quota ${quota} grants ${grouped(limit)} with ${grouped(usage)} in use.`,
    ),
  );
}
