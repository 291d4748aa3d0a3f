import type { Settings, StoredRecord } from '../deps.ts';
import { usageError } from '../errors.ts';
import type { Call, Command } from './command.ts';

/** Kinds of records that show what a cluster costs. */
const ABOUT_MONEY = ['cost', 'consolidate', 'capacity-cluster'];

/** Refuses who may not ask this. Whoever has a terminal with the database and the AWS role sees all of it anyway. */
export function checkAccess(settings: Settings, call: Call, row: Pick<Command, 'name' | 'access'>): void {
  if (row.access === 'readers' && !isReader(settings, call)) throw refused(row.name);
}

/** The same for what was answered before: a record may be seen by who might have asked. */
export function checkRecord(settings: Settings, call: Call, record: Pick<StoredRecord, 'kind'>): void {
  if (ABOUT_MONEY.includes(record.kind) && !isReader(settings, call)) throw refused(record.kind);
}

function isReader({ readers }: Settings, { surface, actor }: Call): boolean {
  return surface === 'terminal' || readers === null || readers.includes(actor);
}

function refused(what: string): Error {
  return usageError(
    'usage_not_a_reader',
    `only the readers named in the configuration may see ${what}`,
    'ask whoever runs ecs-advise to add you to "readers", or let a reader share the answer in the channel',
  );
}
