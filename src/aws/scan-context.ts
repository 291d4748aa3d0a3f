import type { AwsAccount, ScanSink } from '../deps.ts';
import type { Buckets } from './buckets.ts';
import type { Caller } from './call.ts';

/** What every step of one scan is given. */
export type ScanContext = {
  /** A failing sink stops the whole scan. */
  readonly sink: ScanSink;
  /** When the scan began; "today" and ages count from here. */
  readonly now: Date;
  readonly progress: Progress;
};

export type Progress = {
  readonly found: (clusters: number) => void;
  readonly finished: () => void;
  /** Says where the scan is. */
  readonly at: (place: ProgressPlace) => void;
};

export type ProgressPlace = {
  readonly account: string;
  readonly region: string | null;
  readonly cluster: string | null;
};

/** One region of one account within the scan. */
export type RegionContext = ScanContext & {
  readonly account: AwsAccount;
  readonly region: string;
  readonly call: Caller;
  readonly buckets: Buckets;
};
