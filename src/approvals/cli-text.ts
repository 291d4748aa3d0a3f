/** A change as commands of the AWS CLI, for people who would rather press the keys themselves. Pure. */

import type { Change, WindowCall, WindowSchedule, WindowTargets } from './model.ts';
import { callsOf } from './plan.ts';

/**
 * One command per line, to be run in order in a POSIX shell. The id of a new window goes from line to line in
 * `$WINDOW`. With `dryRun` AWS only says whether it would allow them; a call on a window that is not there yet cannot
 * be asked about and is left out.
 */
export function cliOf(change: Change, proposal: string, options: { readonly dryRun: boolean }): readonly string[] {
  const { region } = change.place;
  const calls = callsOf(change, proposal);
  if (options.dryRun)
    return calls.filter((call) => !needsNewWindow(call)).map((call) => `${command(call, region)} --dry-run`);
  const keepsId = calls.some(needsNewWindow);
  return calls.map((call) => {
    const line = command(call, region);
    if (call.op !== 'CreateInstanceEventWindow' || !keepsId) return line;
    return `WINDOW=$(${line} --query InstanceEventWindow.InstanceEventWindowId --output text)`;
  });
}

/** One call as a command; the new window is `$WINDOW`. */
function command(call: WindowCall, region: string): string {
  const words = [`aws ec2 ${verb(call.op)} --region ${quoted(region)}`];
  switch (call.op) {
    case 'CreateInstanceEventWindow': {
      const tags = Object.entries(call.tags).map(([Key, Value]) => ({ Key, Value }));
      words.push(
        // `=` lets a name begin with a dash.
        `--name=${quoted(call.name)}`,
        ...when(call.schedule),
        `--tag-specifications ${json([{ ResourceType: 'instance-event-window', Tags: tags }])}`,
      );
      break;
    }
    case 'ModifyInstanceEventWindow':
      words.push(id(call.window), ...when(call.schedule));
      break;
    case 'AssociateInstanceEventWindow':
    case 'DisassociateInstanceEventWindow':
      words.push(id(call.window), `--association-target ${json(association(call.targets))}`);
      break;
    case 'DeleteInstanceEventWindow':
      words.push(id(call.window), '--force-delete');
      break;
  }
  return words.join(' ');
}

function needsNewWindow(call: WindowCall): boolean {
  return call.op === 'AssociateInstanceEventWindow' && call.window === null;
}

function verb(op: WindowCall['op']): string {
  return op.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}

function id(window: string | null): string {
  return `--instance-event-window-id ${window === null ? '"$WINDOW"' : quoted(window)}`;
}

function when(schedule: WindowSchedule): readonly string[] {
  if (schedule.kind === 'cron') return [`--cron-expression ${quoted(schedule.cron)}`];
  const ranges = schedule.timeRanges.map(
    (range) =>
      `StartWeekDay=${range.startWeekDay},StartHour=${range.startHour},EndWeekDay=${range.endWeekDay},EndHour=${range.endHour}`,
  );
  return [`--time-range ${ranges.map(quoted).join(' ')}`];
}

function association({
  instanceIds,
  instanceTags,
  dedicatedHostIds,
}: WindowTargets): Readonly<Record<string, unknown>> {
  return {
    ...(instanceIds.length === 0 ? {} : { InstanceIds: instanceIds }),
    ...(instanceTags.length === 0
      ? {}
      : { InstanceTags: instanceTags.map(({ key, value }) => ({ Key: key, Value: value })) }),
    ...(dedicatedHostIds.length === 0 ? {} : { DedicatedHostIds: dedicatedHostIds }),
  };
}

/** JSON, not the CLI's own shorthand: a value may hold commas and braces. */
function json(value: unknown): string {
  return quoted(JSON.stringify(value));
}

/** A word for a POSIX shell, quoted only where it must be. */
function quoted(word: string): string {
  if (/^[\w./:=,@-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
