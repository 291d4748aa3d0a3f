/** One call that the bot made, and what it got. `service` is the IAM prefix: `${service}:${operation}` is the action. */
export type JournalEntry = {
  /** The world's clock. */
  readonly at: Date;
  /** The caller's account; null when nobody could be told from the request. */
  readonly account: string | null;
  readonly region: string | null;
  readonly service: string;
  readonly operation: string;
  readonly input: unknown;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** AWS's error code, null when it went well. */
  readonly code: string | null;
  /** Whether it was meant to change something; a dry run is not. */
  readonly isMutating: boolean;
};

export type Journal = {
  /** Every call in order; stays empty when only counts are kept. */
  readonly entries: readonly JournalEntry[];
  /** Calls by IAM action (`ecs:ListServices`), whatever their answer. */
  readonly counts: ReadonlyMap<string, number>;
  readonly write: (entry: Omit<JournalEntry, 'isMutating'>) => void;
};

/** `counts` keeps no entries: a scan of 50,000 services would fill the memory with them. */
export function createJournal(keep: 'full' | 'counts'): Journal {
  const entries: JournalEntry[] = [];
  const counts = new Map<string, number>();
  return {
    entries,
    counts,
    write: (entry) => {
      const action = `${entry.service}:${entry.operation}`;
      counts.set(action, (counts.get(action) ?? 0) + 1);
      if (keep === 'full') entries.push({ ...entry, isMutating: isMutating(entry.operation) && !isDryRun(entry) });
    },
  };
}

function isDryRun({ input }: Pick<JournalEntry, 'input'>): boolean {
  const { DryRun: dryRun }: { readonly DryRun?: unknown } = Object(input);
  return dryRun === true;
}

/** Operations that change nothing though their names do not begin like reads. */
const READS = new Set(['AssumeRole', 'StartQuotaUtilizationReport']);

/** Whether an operation changes something in AWS; an operation that we do not know counts as changing. */
export function isMutating(operation: string): boolean {
  return !(/^(Describe|List|Get|BatchGet|Search)[A-Z]/.test(operation) || READS.has(operation));
}
