/** The states an event window passes through: creating, active, deleting, gone. */
import type { InstanceEventWindow } from '@aws-sdk/client-ec2';
import type { HandlerContext } from './types.ts';

/** How long AWS is busy with a change; made up, long enough to be met by whoever looks at once. */
const BUSY_MS = 3_000;

/** When each window was last changed; those of the recorded world have been at rest since before it. */
const changedAt = new WeakMap<InstanceEventWindow, number>();

type Where = Pick<HandlerContext, 'region' | 'now'>;
type Version = { readonly from: number; readonly windows: readonly InstanceEventWindow[] };

/** What each region's windows were, oldest first: an instance keeps to the one that it read at its launch. */
const history = new WeakMap<readonly InstanceEventWindow[], Version[]>();

/**
 * Carries out a change of one window, which `act` returns, and returns what AWS answers: the window as it is at that
 * moment.
 */
export function change(
  { region, now }: Where,
  act: (windows: InstanceEventWindow[]) => InstanceEventWindow,
): InstanceEventWindow {
  const { eventWindows: windows } = region.ec2;
  const versions = history.get(windows) ?? [{ from: Number.NEGATIVE_INFINITY, windows: windows.map(copy) }];
  const window = act(windows);
  changedAt.set(window, now.getTime());
  versions.push({ from: now.getTime(), windows: windows.map(copy) });
  history.set(windows, versions);
  return { ...window };
}

const copy = (window: InstanceEventWindow): InstanceEventWindow => ({ ...window });

/** The windows of a region as they were at a moment. */
export function windowsAt(windows: readonly InstanceEventWindow[], ms: number): readonly InstanceEventWindow[] {
  return history.get(windows)?.findLast(({ from }) => from <= ms)?.windows ?? windows;
}

/** The windows of the region as they are now: those that time has made active are, those it has deleted are gone. */
export function windowsNow({ region, now }: Where): readonly InstanceEventWindow[] {
  const windows = region.ec2.eventWindows;
  for (let index = windows.length - 1; index >= 0; index--) {
    const window = windows[index];
    if (window === undefined || now.getTime() - (changedAt.get(window) ?? Number.NEGATIVE_INFINITY) < BUSY_MS) continue;
    if (window.State === 'creating') window.State = 'active';
    else if (window.State === 'deleting') windows.splice(index, 1);
  }
  return windows;
}
