import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callsOf, cliOf, permissionsOf, undoWords } from '../../src/approvals/index.ts';
import type { Change } from '../../src/approvals/model.ts';
import { aWindow, SATURDAY, SUNDAY } from './fake-aws.ts';
import { NEW_WINDOW, PLACE, tagged } from './fixtures.ts';

const OLD = aWindow('iew-0old', { instanceTags: tagged('prod').instanceTags });
const CRON: Change = {
  kind: 'window.set',
  place: PLACE,
  before: OLD,
  after: { name: OLD.name, schedule: { kind: 'cron', cron: '* 0-4,20-23 * * 1,5' }, targets: tagged('prod') },
};
const MOVE: Change = { kind: 'window.move', place: PLACE, targets: tagged('prod'), from: OLD, to: aWindow('iew-0new') };
const DELETE: Change = { kind: 'window.delete', place: PLACE, before: OLD };

/** The words that a shell would hand to the program. */
function wordsOf(command: string): readonly string[] {
  const script = `set -f; WINDOW=iew-made; aws() { printf '%s\\0' "$@"; }; ${command}`;
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

describe('the commands of the AWS CLI', () => {
  test('make a window, keep its id and associate it', () => {
    expect(cliOf(NEW_WINDOW, '2026-11-24-0001', { dryRun: false })).toEqual([
      `WINDOW=$(aws ec2 create-instance-event-window --region eu-west-1 --name=prod --time-range StartWeekDay=sunday,StartHour=10,EndWeekDay=sunday,EndHour=14 --tag-specifications '[{"ResourceType":"instance-event-window","Tags":[{"Key":"ecs-advise:proposal","Value":"2026-11-24-0001"}]}]' --query InstanceEventWindow.InstanceEventWindowId --output text)`,
      `aws ec2 associate-instance-event-window --region eu-west-1 --instance-event-window-id "$WINDOW" --association-target '{"InstanceTags":[{"Key":"aws:ecs:clusterName","Value":"prod"}]}'`,
    ]);
  });

  test('modify, move and delete', () => {
    expect(cliOf(CRON, 'x', { dryRun: false })).toEqual([
      "aws ec2 modify-instance-event-window --region eu-west-1 --instance-event-window-id iew-0old --cron-expression '* 0-4,20-23 * * 1,5'",
    ]);
    expect(cliOf(MOVE, 'x', { dryRun: false }).map((line) => line.split(' ').slice(2, 7).join(' '))).toEqual([
      'disassociate-instance-event-window --region eu-west-1 --instance-event-window-id iew-0old',
      'associate-instance-event-window --region eu-west-1 --instance-event-window-id iew-0new',
    ]);
    expect(cliOf(DELETE, 'x', { dryRun: false })).toEqual([
      'aws ec2 delete-instance-event-window --region eu-west-1 --instance-event-window-id iew-0old --force-delete',
    ]);
  });

  test('can be asked about first, but for a window that is not there yet', () => {
    const dry = cliOf(NEW_WINDOW, 'x', { dryRun: true });
    expect(dry).toHaveLength(1);
    expect(dry[0]).toMatch(/^aws ec2 create-instance-event-window .* --dry-run$/);
    expect(cliOf(MOVE, 'x', { dryRun: true })).toHaveLength(2);
  });

  test('hand any name and any tag to the CLI unchanged', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((value) => !value.includes('\0'));
    const hostile = fc.oneof(
      text,
      fc.constantFrom("'; rm -rf ~ #", '$(id)', '`id`', '--dry-run', '<!here>', 'a\nb', '"$WINDOW"'),
    );
    fc.assert(
      fc.property(hostile, hostile, hostile, (name, key, value) => {
        const schedule = { kind: 'ranges', timeRanges: SUNDAY } as const;
        const after = { name, schedule, targets: tagged(value, key) };
        const change: Change = { kind: 'window.set', place: PLACE, before: null, after };
        const [create] = cliOf(change, 'x', { dryRun: true });
        expect(wordsOf(create ?? '')).toContain(`--name=${name}`);
        const associate = cliOf(change, 'x', { dryRun: false })[1] ?? '';
        expect(wordsOf(associate)).toEqual([
          'ec2',
          'associate-instance-event-window',
          '--region',
          'eu-west-1',
          '--instance-event-window-id',
          'iew-made',
          '--association-target',
          JSON.stringify({ InstanceTags: [{ Key: key, Value: value }] }),
        ]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a change', () => {
  test('names the calls in order and the permissions that they need', () => {
    expect(permissionsOf(NEW_WINDOW)).toEqual([
      'ec2:AssociateInstanceEventWindow',
      'ec2:CreateInstanceEventWindow',
      'ec2:CreateTags',
    ]);
    expect(permissionsOf(CRON)).toEqual(['ec2:ModifyInstanceEventWindow']);
    expect(permissionsOf(DELETE)).toEqual(['ec2:DeleteInstanceEventWindow']);
  });

  test('of nothing but the order of ranges is no change', () => {
    const before = aWindow('iew-1', { timeRanges: [...SUNDAY, ...SATURDAY] });
    const schedule = { kind: 'ranges', timeRanges: [...SATURDAY, ...SUNDAY] } as const;
    const after = { name: before.name, schedule, targets: { instanceIds: [], instanceTags: [], dedicatedHostIds: [] } };
    expect(callsOf({ kind: 'window.set', place: PLACE, before, after }, 'x')).toEqual([]);
  });

  test('says how it is taken back', () => {
    expect([NEW_WINDOW, CRON, MOVE, DELETE].map(undoWords)).toEqual([
      'Undo deletes the new window.',
      'Undo gives window iew-0old its old schedule and targets back.',
      'Undo moves the targets back to window iew-0old.',
      'Undo makes a new window with the same name, hours and targets. It has a new id.',
    ]);
  });
});
