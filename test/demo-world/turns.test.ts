import { describe, expect, test } from 'vitest';
import { windowWrites } from '../../demo/aws/handlers/ec2-window-writes.ts';
import type { HandlerContext } from '../../demo/aws/handlers/types.ts';
import type { AwsWorld, RegionState } from '../../demo/aws/state.ts';
import { createWorld } from '../../demo/aws/world/index.ts';
import { turnAt } from '../../demo/aws/world/turns.ts';

/** Managed Instances are drained from day 14 inside their window and replaced; what a launch has read, it keeps. */

const at = (iso: string): number => Date.parse(iso);
const SATURDAYS = {
  TimeRanges: [{ StartWeekDay: 'saturday', StartHour: 2, EndWeekDay: 'saturday', EndHour: 10 }],
} as const;
const saturdays = { TimeRanges: SATURDAYS.TimeRanges.map((range) => ({ ...range })) };

describe('an instance', () => {
  // Launched on Tuesday the 10th of November at 12:00; day 14 is Tuesday the 24th at 12:00, day 21 the 1st of December.
  const launchedAt = at('2026-11-10T12:00:00Z');

  test('without a window is drained on day 14 and replaced within the hour', () => {
    const life = { launchedAt, isHeldUp: false, windowAt: () => null };
    expect(turnAt(life, at('2026-11-24T11:59:59Z'))).toEqual({ number: 0, launchedAt, isDraining: false });
    expect(turnAt(life, at('2026-11-24T12:00:00Z'))).toEqual({ number: 0, launchedAt, isDraining: true });
    expect(turnAt(life, at('2026-11-24T13:00:00Z'))).toEqual({
      number: 1,
      launchedAt: at('2026-11-24T12:50:00Z'),
      isDraining: false,
    });
  });

  test('waits for its window, which opens before day 21', () => {
    const life = { launchedAt, isHeldUp: false, windowAt: () => saturdays };
    // The first Saturday after the 24th is the 28th.
    expect(turnAt(life, at('2026-11-28T01:59:59Z')).isDraining).toBe(false);
    expect(turnAt(life, at('2026-11-28T02:00:00Z'))).toEqual({ number: 0, launchedAt, isDraining: true });
    expect(turnAt(life, at('2026-11-28T03:00:00Z')).number).toBe(1);
  });

  test('begins at once when day 14 falls into its window', () => {
    const life = { launchedAt: at('2026-11-14T05:30:00Z'), isHeldUp: false, windowAt: () => saturdays };
    expect(turnAt(life, at('2026-11-28T05:29:59Z')).isDraining).toBe(false);
    expect(turnAt(life, at('2026-11-28T05:30:00Z')).isDraining).toBe(true);
  });

  test('that is held up stays until day 21 and not a moment longer', () => {
    const life = { launchedAt, isHeldUp: true, windowAt: () => null };
    expect(turnAt(life, at('2026-12-01T11:59:59Z'))).toEqual({ number: 0, launchedAt, isDraining: true });
    expect(turnAt(life, at('2026-12-01T12:00:00Z')).number).toBe(1);
  });
});

type Moving = { readonly world: AwsWorld; readonly set: (iso: string) => void; readonly qcu2: RegionState };

function movingWorld(): Moving {
  let now = new Date('2026-11-24T14:00:00Z');
  const world = createWorld({ now: () => now });
  const qcu2 = world.accounts.find(({ name }) => name === 'qcu-2')?.regions.get('eu-west-1');
  if (qcu2 === undefined) throw new Error('no qcu-2');
  return {
    world,
    qcu2,
    set: (iso) => {
      now = new Date(iso);
    },
  };
}

const launches = ({ ec2 }: RegionState, provider: string): readonly string[] =>
  ec2.instances
    .filter(({ Tags = [] }) => Tags.some(({ Value }) => Value === provider))
    .map(({ LaunchTime }) => LaunchTime?.toISOString() ?? '')
    .toSorted();

const draining = ({ ecs }: RegionState): number =>
  [...ecs.containerInstances.values()].flat().filter(({ status }) => status === 'DRAINING').length;

describe('the world', () => {
  test('replaces the instances of daisy on Saturday nights, all other things as they were', () => {
    const { qcu2, set } = movingWorld();
    const before = launches(qcu2, 'mi-daisy');
    const running = [...qcu2.ecs.tasks.values()].flat().map(({ taskArn }) => taskArn);
    // The oldest of mi-daisy was launched 314 h before the 24th, on the 10th at 22:00: day 14 is the 24th at 22:00.
    set('2026-11-28T01:59:00Z');
    expect(launches(qcu2, 'mi-daisy')).toEqual(before);
    set('2026-11-28T02:30:00Z');
    expect(draining(qcu2)).toBeGreaterThan(1);
    set('2026-11-28T10:30:00Z');
    // 290 h and 314 h: those that have reached day 14 by that Saturday are gone, the others wait for the next one.
    const due = before.filter((launched) => at(launched) + 14 * 86_400_000 < at('2026-11-28T10:00:00Z'));
    expect(due.length).toBeGreaterThan(0);
    const after = launches(qcu2, 'mi-daisy');
    expect(after).toHaveLength(before.length);
    expect(after.filter((launched) => before.includes(launched))).toEqual(before.filter((one) => !due.includes(one)));
    for (const launched of after.filter((one) => !before.includes(one))) {
      expect(launched.slice(0, 10)).toBe('2026-11-28');
      expect(Number(launched.slice(11, 13))).toBeGreaterThanOrEqual(2);
      expect(Number(launched.slice(11, 13))).toBeLessThan(10);
    }
    expect([...qcu2.ecs.tasks.values()].flat().map(({ taskArn }) => taskArn)).toEqual(running);
  });

  test('lets a changed window reach only what is launched after it', () => {
    const { world, qcu2, set } = movingWorld();
    const account = world.accounts.find(({ name }) => name === 'qcu-2');
    const nights = qcu2.ec2.eventWindows.find(({ Name }) => Name === 'daisy-nights');
    if (account === undefined) throw new Error('no qcu-2');
    const context: HandlerContext = {
      world,
      account,
      region: qcu2,
      now: world.now(),
      caller: { arn: 'x', userId: 'x', accountId: account.id },
      issueSession: () => {
        throw new Error('nobody asks for a session here');
      },
    };
    // From Saturday nights to Wednesday nights, on the 24th.
    windowWrites.ModifyInstanceEventWindow?.handle(
      { InstanceEventWindowId: nights?.InstanceEventWindowId, CronExpression: '* 2-10 * * WED' },
      context,
    );
    const before = launches(qcu2, 'mi-daisy');
    set('2026-11-28T10:30:00Z');
    const onSaturday = launches(qcu2, 'mi-daisy').filter((launched) => !before.includes(launched));
    expect(onSaturday.every((launched) => launched.startsWith('2026-11-28'))).toBe(true);
    // Launched on the 28th, day 14 is the 12th of December, a Saturday; the first Wednesday after it is the 16th.
    set('2026-12-15T00:00:00Z');
    expect(launches(qcu2, 'mi-daisy').filter((launched) => onSaturday.includes(launched))).toEqual(onSaturday);
    set('2026-12-16T10:30:00Z');
    const onWednesday = launches(qcu2, 'mi-daisy').filter((launched) => launched.startsWith('2026-12-16'));
    expect(onWednesday).toHaveLength(onSaturday.length);
  });

  test('is possible at every hour of a month, and the same whether time jumps or walks', () => {
    const walked = movingWorld();
    for (let hour = 0; hour <= 30 * 24; hour += 13) {
      const iso = new Date(at('2026-11-24T14:00:00Z') + hour * 3_600_000).toISOString();
      walked.set(iso);
      const jumped = movingWorld();
      jumped.set(iso);
      expect(launches(jumped.qcu2, 'mi-daisy')).toEqual(launches(walked.qcu2, 'mi-daisy'));
      expect(Math.min(...launches(walked.qcu2, 'mi-daisy').map(at))).toBeGreaterThan(at(iso) - 21 * 86_400_000);
    }
  }, 60_000);
});
