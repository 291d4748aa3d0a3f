/** The states an event window passes through: creating, active, deleting, gone. */
import type { InstanceEventWindow } from '@aws-sdk/client-ec2';
import type { HandlerContext } from './types.ts';

/** How long AWS is busy with a change; made up, long enough to be met by whoever looks at once. */
const BUSY_MS = 3_000;

/** When each window was last changed; those of the recorded world have been at rest since before it. */
const changedAt = new WeakMap<InstanceEventWindow, number>();

/** Changes the window and returns what AWS answers: the window as it is at that moment. */
export function change(window: InstanceEventWindow, to: Partial<InstanceEventWindow>, now: Date): InstanceEventWindow {
  Object.assign(window, to);
  changedAt.set(window, now.getTime());
  return { ...window };
}

/** The windows of the region as they are now: those that time has made active are, those it has deleted are gone. */
export function windowsNow({ region, now }: Pick<HandlerContext, 'region' | 'now'>): readonly InstanceEventWindow[] {
  const windows = region.ec2.eventWindows;
  for (let index = windows.length - 1; index >= 0; index--) {
    const window = windows[index];
    if (window === undefined || now.getTime() - (changedAt.get(window) ?? Number.NEGATIVE_INFINITY) < BUSY_MS) continue;
    if (window.State === 'creating') window.State = 'active';
    else if (window.State === 'deleting') windows.splice(index, 1);
  }
  return windows;
}
