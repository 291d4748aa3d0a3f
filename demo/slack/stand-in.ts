import type { StandIn, StandInOptions } from './protocol.ts';

export type * from './protocol.ts';

/** Starts the stand-in on 127.0.0.1. */
export async function startStandIn(options: StandInOptions): Promise<StandIn> {
  throw new Error(`not yet: ${options.users.length}`);
}
