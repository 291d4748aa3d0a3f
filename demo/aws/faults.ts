/** Which calls a fault is for; what is absent matches anything. `service` is the IAM prefix, as in the journal. */
export type FaultMatch = {
  readonly account?: string;
  readonly region?: string;
  readonly service?: string;
  readonly operation?: string;
};

export type FaultAnswer =
  | { readonly kind: 'throttle' }
  /** Any HTTP answer, such as a proxy's HTML page. */
  | { readonly kind: 'status'; readonly status: number; readonly body?: string; readonly contentType?: string }
  /** The connection is closed without an answer. */
  | { readonly kind: 'hang-up' }
  /** The call is carried out, but the connection is closed before the answer. */
  | { readonly kind: 'hang-up-after' }
  /** Never answers, so that the caller's own time limit has to end it. */
  | { readonly kind: 'silence' }
  /** Answers rightly, but late. */
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'expired-token' }
  | { readonly kind: 'access-denied' }
  | { readonly kind: 'error'; readonly code: string; readonly message: string; readonly status?: number };

export type Fault = {
  readonly match: FaultMatch;
  readonly answer: FaultAnswer;
  /** How many calls get it; 1 when absent, Infinity for every one. */
  readonly times?: number;
  /** How many matching calls pass before. */
  readonly after?: number;
};

export type Faults = {
  readonly add: (fault: Fault) => void;
  readonly clear: () => void;
  /** The fault that this call gets, used up by one. */
  readonly take: (call: Required<FaultMatch>) => FaultAnswer | undefined;
};

/** Faults on demand. Of several that match a call, the one added first is used. */
export function createFaults(): Faults {
  let waiting: { readonly fault: Fault; skip: number; left: number }[] = [];
  return {
    add: (fault) => {
      waiting.push({ fault, skip: fault.after ?? 0, left: fault.times ?? 1 });
    },
    clear: () => {
      waiting = [];
    },
    take: (call) => {
      for (const entry of waiting) {
        if (entry.left <= 0 || !matches(entry.fault.match, call)) continue;
        if (entry.skip > 0) {
          entry.skip -= 1;
          continue;
        }
        entry.left -= 1;
        return entry.fault.answer;
      }
      return undefined;
    },
  };
}

function matches(match: FaultMatch, call: Required<FaultMatch>): boolean {
  return (
    (match.account ?? call.account) === call.account &&
    (match.region ?? call.region) === call.region &&
    (match.service ?? call.service) === call.service &&
    (match.operation ?? call.operation) === call.operation
  );
}
