/**
 * What EC2 says of the times and targets of an event window.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/event-windows.html
 */
import type {
  InstanceEventWindow,
  InstanceEventWindowAssociationTarget,
  InstanceEventWindowTimeRangeRequest,
  TagSpecification,
} from '@aws-sdk/client-ec2';
import { invalidValue } from './ec2-query.ts';
import { AwsFault } from './types.ts';

export type Times = {
  readonly TimeRanges?: readonly InstanceEventWindowTimeRangeRequest[] | undefined;
  readonly CronExpression?: string | undefined;
};

/** The two forms of a window's times, as a window holds them: one of them and never both. */
export type Schedule = Pick<InstanceEventWindow, 'TimeRanges' | 'CronExpression'>;

const DAYS: readonly string[] = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const WEEK_HOURS = 168;
const LEAST_RANGE = 2;
const LEAST_WEEK = 4;

/** The times of a request; null when it gives none. Throws for times that AWS does not take. */
export function scheduleIn({ TimeRanges: ranges, CronExpression: cron }: Times): Schedule | null {
  const hasRanges = ranges !== undefined && ranges.length > 0;
  if (hasRanges && cron !== undefined) {
    throw new AwsFault(
      'InvalidParameterCombination',
      'You cannot specify both a time range and a cron expression for an event window.',
    );
  }
  if (hasRanges) return { TimeRanges: ranges.map((range) => ({ ...range })), ...checked(ranges.map(hoursOfRange)) };
  if (cron !== undefined) return { CronExpression: cron, ...checked(hoursOfCron(cron)) };
  return null;
}

/** Both minima, over the stretches of one week. */
function checked(hours: readonly number[]): Record<string, never> {
  if (hours.some((length) => length < LEAST_RANGE)) {
    throw invalidValue(`Each time range of an event window must be at least ${LEAST_RANGE} hours long.`);
  }
  if (hours.reduce((sum, length) => sum + length, 0) < LEAST_WEEK) {
    throw invalidValue(`An event window must cover at least ${LEAST_WEEK} hours per week.`);
  }
  return {};
}

function hoursOfRange(range: InstanceEventWindowTimeRangeRequest): number {
  const length = edge(range.EndWeekDay, range.EndHour) - edge(range.StartWeekDay, range.StartHour);
  return (length + WEEK_HOURS) % WEEK_HOURS;
}

/** An edge of a time range in hours since Sunday 00:00 UTC. */
function edge(day: string | undefined, hour: number | undefined): number {
  const index = DAYS.indexOf(day ?? '');
  if (index === -1 || hour === undefined) throw new AwsFault('MissingParameter', 'A time range is not complete.');
  if (!Number.isInteger(hour) || hour < 0 || hour > 23) {
    throw invalidValue(`Value ( ${hour} ) for the hour of a time range is invalid. Hours are whole and from 0 to 23.`);
  }
  return index * 24 + hour;
}

/** The hours of the week in which a window is open; 0 = Sunday 00:00 UTC. */
export function openHours({ TimeRanges: ranges, CronExpression: cron }: Schedule): ReadonlySet<number> {
  const stretches = (ranges ?? []).map((range) => ({
    start: edge(range.StartWeekDay, range.StartHour),
    length: hoursOfRange(range),
  }));
  if (cron !== undefined) {
    const { days, hours } = cronParts(cron);
    for (const day of days) {
      for (const [from, to] of hours) stretches.push({ start: day * 24 + from, length: to - from });
    }
  }
  return new Set(
    stretches.flatMap(({ start, length }) => Array.from({ length }, (_, step) => (start + step) % WEEK_HOURS)),
  );
}

const DAY_NAMES: readonly string[] = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** One length for each hour range on each day. */
function hoursOfCron(cron: string): readonly number[] {
  const { days, hours } = cronParts(cron);
  return [...days].flatMap(() => hours.map(([from, to]) => to - from));
}

type CronParts = { readonly days: ReadonlySet<number>; readonly hours: readonly (readonly [number, number])[] };

/** Five fields, of which only hour and day of the week carry values. */
function cronParts(cron: string): CronParts {
  const fields = cron.trim().split(/\s+/);
  const [minute, hours = '', dayOfMonth, month, days = ''] = fields;
  if (fields.length !== 5) throw badCron(cron, 'it must have five fields');
  if (minute !== '*' || dayOfMonth !== '*' || month !== '*') {
    throw badCron(cron, 'minute, day of month and month must be *');
  }
  const ranges = hours.split(',').map((part) => {
    const [, from, to] = /^(\d{1,2})-(\d{1,2})$/.exec(part) ?? [];
    if (from === undefined || to === undefined) throw badCron(cron, 'hours must be ranges such as 0-4');
    if (Number(to) > 23 || Number(from) >= Number(to)) throw badCron(cron, `the hour range ${part} does not exist`);
    return [Number(from), Number(to)] as const;
  });
  return { days: daysIn(cron, days), hours: ranges };
}

function daysIn(cron: string, field: string): ReadonlySet<number> {
  if (field === '*') return new Set(DAY_NAMES.keys());
  const dayOf = (text: string): number => {
    const index = /^[0-6]$/.test(text) ? Number(text) : DAY_NAMES.indexOf(text.toUpperCase());
    if (index === -1) throw badCron(cron, 'days of the week are 0-6 or SUN-SAT');
    return index;
  };
  return new Set(
    field.split(',').flatMap((part) => {
      const [from = '', to, ...more] = part.split('-');
      if (more.length > 0) throw badCron(cron, `${part} is no range of days`);
      const first = dayOf(from);
      const last = to === undefined ? first : dayOf(to);
      if (last < first) throw badCron(cron, `the range of days ${part} runs backwards`);
      return Array.from({ length: last - first + 1 }, (_, step) => first + step);
    }),
  );
}

function badCron(cron: string, why: string): AwsFault {
  return invalidValue(`The cron expression '${cron}' is not valid for an event window: ${why}.`);
}

/** Tags for a window that is about to be created. Throws for another resource type and for AWS's own keys. */
export function tagsIn(specifications: readonly TagSpecification[] | undefined): { Key: string; Value: string }[] {
  const tags = (specifications ?? []).flatMap(({ ResourceType: type, Tags = [] }) => {
    if (type !== 'instance-event-window') throw invalidValue(`'${type}' is not a valid taggable resource type here.`);
    return Tags.map(({ Key = '', Value = '' }) => ({ Key, Value }));
  });
  for (const { Key, Value } of tags) {
    if (/^aws:/i.test(Key)) throw invalidValue(`Tag keys starting with 'aws:' are reserved for internal use: ${Key}`);
    if (Key === '' || Key.length > 128) throw invalidValue('Tag keys have 1 to 128 characters.');
    if (Value.length > 256) throw invalidValue('Tag values have at most 256 characters.');
  }
  if (tags.length > 50) throw new AwsFault('TagLimitExceeded', 'A resource can have at most 50 tags.');
  if (new Set(tags.map(({ Key }) => Key)).size < tags.length) throw invalidValue('A tag key is given twice.');
  return tags;
}

/** The targets of a window, each kind by name. */
export type Targets = {
  readonly InstanceIds?: readonly string[] | undefined;
  readonly InstanceTags?: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[];
  readonly DedicatedHostIds?: readonly string[] | undefined;
};

export type TargetKind = 'InstanceIds' | 'Tags' | 'DedicatedHostIds';
export const TARGET_LIMITS: { readonly [K in TargetKind]: number } = {
  InstanceIds: 100,
  Tags: 50,
  DedicatedHostIds: 50,
};

/** A target as one text, so that equal targets are equal. */
export type Named = { readonly kind: TargetKind; readonly keys: readonly string[] };

/** The one kind of target that a request carries. Throws when it carries none, or several. */
export function targetsIn(target: Targets | undefined): Named {
  const kinds: readonly Named[] = [
    { kind: 'InstanceIds', keys: target?.InstanceIds ?? [] },
    { kind: 'Tags', keys: (target?.InstanceTags ?? []).map(tagKey) },
    { kind: 'DedicatedHostIds', keys: target?.DedicatedHostIds ?? [] },
  ];
  const given = kinds.filter(({ keys }) => keys.length > 0);
  const [only] = given;
  if (only === undefined) throw new AwsFault('MissingParameter', 'The request must contain an association target.');
  if (given.length > 1) {
    const message = 'You can specify only one type of target: instance IDs, instance tags or Dedicated Hosts.';
    throw new AwsFault('InvalidParameterCombination', message);
  }
  return { kind: only.kind, keys: [...new Set(only.keys)] };
}

/** All targets that a window has. */
export function targetsOf({ AssociationTarget: target }: InstanceEventWindow): readonly Named[] {
  return [
    { kind: 'InstanceIds', keys: target?.InstanceIds ?? [] },
    { kind: 'Tags', keys: (target?.Tags ?? []).map(tagKey) },
    { kind: 'DedicatedHostIds', keys: target?.DedicatedHostIds ?? [] },
  ];
}

const EMPTY: InstanceEventWindowAssociationTarget = { InstanceIds: [], Tags: [], DedicatedHostIds: [] };

/** The association of a window that has exactly these targets. */
export function associationOf({ kind, keys }: Named): InstanceEventWindowAssociationTarget {
  if (kind !== 'Tags') return { ...EMPTY, [kind]: [...keys] };
  return {
    ...EMPTY,
    Tags: keys.map((key) => {
      const [Key = '', Value = ''] = JSON.parse(key) as readonly string[];
      return { Key, Value };
    }),
  };
}

function tagKey({ Key = '', Value = '' }: { readonly Key?: string | undefined; readonly Value?: string | undefined }) {
  return JSON.stringify([Key, Value]);
}
