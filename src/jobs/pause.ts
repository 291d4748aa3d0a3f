import { setTimeout as wait } from 'node:timers/promises';

/** Resolves after `ms`, or at once when the signal comes; whoever waits looks at the signal then. Keeps no process alive. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, { signal, ref: false });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
