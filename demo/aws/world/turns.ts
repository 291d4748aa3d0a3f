/**
 * What time does to Managed Instances: drained from day 14 on inside their event window, replaced by day 21. Pure: who
 * is there at a moment follows from when the first one was launched and what the windows were at each launch.
 */
import type { InstanceEventWindow } from '@aws-sdk/client-ec2';
import { openHours } from '../handlers/ec2-window-rules.ts';
import { DAY_MS, HOUR_MS } from './ids.ts';
import type { HostSpec } from './specs.ts';

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-instances-patching.html */
const DRAIN_FROM_MS = 14 * DAY_MS;
const GONE_BY_MS = 21 * DAY_MS;
/** Made up: how long a drain takes when nothing holds it up, and how much earlier the replacement is launched. */
const DRAIN_TAKES_MS = HOUR_MS;
const AHEAD_MS = 600_000;

/** One instance of a place in the fleet: the `number`th one there. */
type Turn = { readonly number: number; readonly launchedAt: number; readonly isDraining: boolean };

export type Life = {
  /** Of the first one. */
  readonly launchedAt: number;
  /** Something holds up the drain of the first one until the hard deadline. */
  readonly isHeldUp: boolean;
  /** The event window that an instance launched at a moment reads; it keeps to it for life. */
  readonly windowAt: (number: number, launchedAt: number) => InstanceEventWindow | null;
};

/** Who is in the place at `now`. */
export function turnAt(life: Life, now: number): Turn {
  let { launchedAt } = life;
  for (let number = 0; ; number++) {
    const drainsFrom = drainStart(launchedAt, life.windowAt(number, launchedAt));
    const isHeldUp = number === 0 && life.isHeldUp;
    const goneAt = isHeldUp ? launchedAt + GONE_BY_MS : drainsFrom + DRAIN_TAKES_MS;
    if (now < goneAt) return { number, launchedAt, isDraining: isHeldUp || now >= drainsFrom };
    launchedAt = goneAt - AHEAD_MS;
  }
}

/** The first open hour of the window from day 14 on, or day 14 itself without a window that opens in time. */
function drainStart(launchedAt: number, window: InstanceEventWindow | null): number {
  const from = launchedAt + DRAIN_FROM_MS;
  const open = window === null ? new Set<number>() : openHours(window);
  for (let at = from; at < launchedAt + GONE_BY_MS; at = (Math.floor(at / HOUR_MS) + 1) * HOUR_MS) {
    if (open.has(hourOfWeek(at))) return at;
  }
  return from;
}

/** 0 = Sunday 00:00 UTC. The first of January 1970 was a Thursday. */
function hourOfWeek(ms: number): number {
  return (Math.floor(ms / HOUR_MS) + 4 * 24) % (7 * 24);
}

/** The host as it is after `turn`; the first one is as the world describes it. `anchor`: ages count back from here. */
export function hostIn(spec: HostSpec, turn: Turn, anchor: number): HostSpec {
  if (turn.number === 0) return turn.isDraining ? { ...spec, draining: true } : spec;
  const { draining: _, ...rest } = spec;
  const ageHours = (anchor - turn.launchedAt) / HOUR_MS;
  return { ...rest, ageHours, ...(turn.isDraining ? { draining: true } : {}) };
}

/** The window that is for an instance with these tags. Of several AWS does not say which counts: the first id here. */
export function windowFor(
  windows: readonly InstanceEventWindow[],
  instance: { readonly id: string; readonly tags: ReadonlyMap<string, string> },
): InstanceEventWindow | null {
  const matching = windows.filter(
    ({ AssociationTarget: target, State: state }) =>
      state !== 'deleting' &&
      ((target?.InstanceIds ?? []).includes(instance.id) ||
        (target?.Tags ?? []).some(({ Key = '', Value = '' }) => instance.tags.get(Key) === Value)),
  );
  const [first = null] = matching.sort((a, b) =>
    (a.InstanceEventWindowId ?? '') < (b.InstanceEventWindowId ?? '') ? -1 : 1,
  );
  return first;
}
