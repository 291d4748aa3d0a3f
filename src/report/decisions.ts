/** Reports about the log of decisions: the list, one record, a replay, the check of the chain. */
import type { ChainCheck, StoredRecord } from '../deps.ts';
import type { CapacityAnswer, Json } from '../engine/index.ts';
import { KIND_LABELS } from './capacity-live.ts';
import { grouped, usdPerMonth } from './money.ts';
import type { Action, Part, Report } from './report.ts';

export type Difference = { readonly what: string; readonly was: string; readonly is: string };

export type Replay = {
  readonly recordId: string;
  readonly same: boolean;
  readonly sha256Then: string;
  /** Null when today's engine cannot answer the old question. */
  readonly sha256Now: string | null;
  readonly engineVersionThen: string;
  readonly engineVersionNow: string;
  /** Today's checker accepts the saved answer. */
  readonly verified: boolean;
  readonly failedChecks: readonly { readonly name: string; readonly detail: string }[];
  readonly differences: readonly Difference[];
  /** Why there is no answer now. */
  readonly failure: string | null;
};

type ListOptions = {
  readonly total: number;
  /** The line that shows older records, when there may be any. */
  readonly olderCommand: string | null;
  readonly onlyMine: boolean;
};

/** Newest first, one row per record. */
export function decisionsList(records: readonly StoredRecord[], options: ListOptions): Report {
  const newest = records[0];
  if (newest === undefined) {
    const text = options.onlyMine ? 'You have no saved answers here.' : 'Nothing is saved yet.';
    return { parts: [{ kind: 'lead', text: `${text} Each answer to capacity becomes a record.` }], actions: [] };
  }
  const rows = records.map((record) => [record.id, minute(record.at), record.actor, ...describe(record)]);
  const columns = ['Record', 'When (UTC)', 'Who', 'Asked', 'Advice'] as const;
  const shown = options.onlyMine ? 'yours, newest first' : `of ${grouped(options.total)}, newest first`;
  return {
    parts: [
      { kind: 'lead', text: `${records.length} ${records.length === 1 ? 'record' : 'records'} ${shown}.` },
      {
        kind: 'table',
        columns: columns.map((title) => ({ title, align: 'left' })),
        rows,
        ...(options.olderCommand === null ? {} : { more: 'There are older ones.' }),
      },
    ],
    actions: [
      { kind: 'run', command: `decisions show ${newest.id}`, label: 'See the newest' },
      ...(options.olderCommand === null
        ? []
        : [{ kind: 'run' as const, command: options.olderCommand, label: 'See older ones' }]),
    ],
    csv: [
      ['id', 'at', 'actor', 'asked', 'advice'],
      ...records.map((record) => [record.id, record.at, record.actor, ...describe(record)]),
    ],
  };
}

/** One record: its answer as it was shown (null = a record without one), then the record's own data. */
export function decisionsShow(record: StoredRecord, answer: Report | null): Report {
  const pins = Object.entries(field(record.body, 'pins') ?? {}).map(
    ([name, hash]) => `${name} ${String(hash).slice(0, 12)}`,
  );
  const engineVersion = field(record.body, 'engineVersion');
  const fields = [
    { label: 'Record', value: `${record.id} (number ${record.seq})` },
    { label: 'Saved', value: `${record.at} by ${record.actor}` },
    ...(typeof engineVersion === 'string' ? [{ label: 'Engine', value: engineVersion }] : []),
    ...(pins.length === 0 ? [] : [{ label: 'Inputs kept', value: pins.join(', ') }]),
    { label: 'Hash', value: record.hash },
    { label: 'Hash before', value: record.prevHash },
  ];
  const head: readonly Part[] =
    answer?.parts ??
    ([
      { kind: 'lead', text: `Record ${record.id}: ${record.kind}` },
      { kind: 'preformatted', text: JSON.stringify(record.body, null, 2) },
    ] as const);
  return {
    parts: [...head, { kind: 'heading', text: 'Record' }, { kind: 'fields', fields }],
    actions: [...(answer?.actions ?? []), ...replayAction(record)],
    ...(answer?.csv === undefined ? {} : { csv: answer.csv }),
  };
}

/** What a replay found. */
export function replayReport(found: Replay): Report {
  const parts: Part[] = [{ kind: 'lead', text: replayLead(found) }];
  if (found.failure !== null) parts.push({ kind: 'paragraph', text: `Today's engine stopped at: ${found.failure}` });
  if (found.differences.length > 0) {
    parts.push({
      kind: 'table',
      columns: [
        { title: 'What', align: 'left' },
        { title: 'Then', align: 'right' },
        { title: 'Now', align: 'right' },
      ],
      rows: found.differences.map(({ what, was, is }) => [what, was, is]),
    });
  }
  const accepted = found.verified
    ? { text: "Accepted: today's checker finds the saved answer correct for its inputs.", tone: 'good' as const }
    : { text: "Not accepted: today's checker finds fault with the saved answer.", tone: 'no' as const };
  const faults = found.failedChecks.map(({ name, detail }) => ({ text: `${name}: ${detail}`, tone: 'no' as const }));
  parts.push({ kind: 'list', items: [accepted, ...faults] });
  const now = found.sha256Now === null ? 'no answer' : found.sha256Now;
  parts.push({
    kind: 'fields',
    fields: [
      { label: 'Then', value: `engine ${found.engineVersionThen}, SHA-256 ${found.sha256Then}` },
      { label: 'Now', value: `engine ${found.engineVersionNow}, ${found.sha256Now === null ? now : `SHA-256 ${now}`}` },
    ],
  });
  return { parts, actions: [] };
}

/** Whether the chain holds, or the first record that breaks it. */
export function verifyReport(check: ChainCheck): Report {
  if (check.firstBad !== null) {
    const { id, seq, because } = check.firstBad;
    const name = id === `record ${seq}` ? `record number ${seq}` : `${id} (record number ${seq})`;
    return {
      parts: [
        { kind: 'lead', text: [{ text: `Not intact: ${name}`, style: 'strong' }, { text: ` – ${because}.` }] },
        {
          kind: 'list',
          items: [
            { text: 'The database was changed by something other than ecs-advise.', tone: 'no' },
            { text: `Records before number ${seq} are sound; later ones were not judged.`, tone: 'caution' },
            { text: 'Keep a copy of the file as it is, then compare with a backup.' },
          ],
        },
      ],
      actions: [],
    };
  }
  if (check.records === 0) return { parts: [{ kind: 'lead', text: 'Intact: no records yet.' }], actions: [] };
  const records =
    check.records === 1 ? 'the 1 record has its hash' : `all ${grouped(check.records)} records follow one another`;
  return {
    parts: [
      { kind: 'lead', text: `Intact: ${records}, and every input they name is unchanged.` },
      { kind: 'fields', fields: [{ label: 'Newest hash', value: check.head.hash }] },
      { kind: 'context', texts: ['Note the newest hash elsewhere: it also shows if the whole file is ever replaced.'] },
    ],
    actions: [],
  };
}

function replayLead(found: Replay): string {
  const { recordId, engineVersionThen: then, engineVersionNow: now } = found;
  if (found.same) {
    const engine = then === now ? `engine ${now}` : `engine ${now}, the answer was made by ${then}`;
    return `Same answer, byte for byte: ${recordId} (${engine}).`;
  }
  if (then === now) {
    return `Different answer from the same engine and inputs: ${recordId}. This is a bug; please report it with the two hashes.`;
  }
  if (found.failure !== null) return `Engine ${now} cannot answer ${recordId} again; it was made by engine ${then}.`;
  return `Engine ${now} answers ${recordId} differently from engine ${then}.`;
}

/** The question in short and the advice with its price, for any kind of record. */
function describe(record: StoredRecord): readonly [string, string] {
  const step = stepWords(record);
  if (step !== null) return [clip(step), ''];
  const echo = field(field(record.body, 'ask'), 'echo');
  // What was billed is not for everybody: the list names the question alone.
  if (record.kind !== 'capacity') return [clip(typeof echo === 'string' ? echo : record.kind), ''];
  const answer = field(record.body, 'answer') as Partial<CapacityAnswer> | undefined;
  const recommended = answer?.result?.recommended ?? null;
  if (recommended === null) return [clip(`capacity ${echo ?? ''}`), 'nothing fits'];
  const price = answer?.result?.options.find((option) => option.kind === recommended)?.usdPerMonth;
  return [
    clip(`capacity ${echo ?? ''}`),
    `${KIND_LABELS[recommended]}${price == null ? '' : ` ${usdPerMonth(price)}`}`,
  ];
}

/** A step of a proposal in words, or null for any other record. */
function stepWords({ id, kind, body }: StoredRecord): string | null {
  const [title, about] = [field(field(body, 'briefing'), 'title'), field(body, 'proposal')];
  if (typeof title === 'string') return `proposal: ${title}`;
  if (typeof about !== 'string' || about === id) return null;
  const [verdict, refused] = [field(body, 'verdict'), field(body, 'refused')];
  if (typeof verdict !== 'string') return `${kind} of ${about}`;
  return `${verdict} ${about}${typeof refused === 'string' ? `: refused (${refused.replaceAll('_', ' ')})` : ''}`;
}

function field(value: unknown, key: string): Json | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as { readonly [key: string]: Json })[key];
}

function clip(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}

function minute(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 16)}`;
}

/** Kinds of records that keep all that their answer was made from. */
const REPLAYABLE = ['capacity', 'capacity-cluster', 'consolidate'];

function replayAction(record: StoredRecord): readonly Action[] {
  if (!REPLAYABLE.includes(record.kind)) return [];
  return [{ kind: 'run', command: `decisions replay ${record.id}`, label: 'Answer it again' }];
}
