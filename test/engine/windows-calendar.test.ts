import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openLibrary } from '../../src/data.ts';
import { type Ec2Instance, factBook } from '../../src/engine/index.ts';
import { type CalendarInput, drainCalendar, drainsOutside, type WindowEra } from '../../src/engine/windows/calendar.ts';
import { UTC } from '../../src/engine/windows/zone.ts';
import { aCluster, aContainerInstance, anInstance, aService, aTask, aWindow } from '../support/windows.ts';

const { facts } = openLibrary();
const book = () => factBook(facts, '2026-11-24');
const DAY = 86_400_000;

/** Sundays 10:00-14:00 for cluster rose, seen unchanged since September. */
const SUNDAYS: WindowEra = { window: aWindow(), from: '2026-09-01T00:00:00Z', to: null };

function calendar(changes: Partial<CalendarInput> = {}) {
  const input: CalendarInput = {
    now: '2026-11-05T00:00:00Z',
    cluster: aCluster(),
    instances: [anInstance()],
    windows: [SUNDAYS],
    freezes: [],
    quietHours: [],
    ...changes,
  };
  return drainCalendar(input, book());
}

const period = (from: string, to: string) => ({ from: `2026-${from}:00.000Z`, to: `2026-${to}:00.000Z` });

describe('days', () => {
  test('launched on the 1st: drained from the 15th, gone by the 22nd, expected when its window opens', () => {
    // 1 November 2026 is a Sunday; 10:00 + 14 days = Sunday 15 November 10:00, the moment the window opens.
    expect(calendar()).toMatchObject([
      {
        instance: 'i-0aaa',
        cluster: 'rose',
        provider: 'mi-rose',
        launchedAt: '2026-11-01T10:00:00.000Z',
        drainFrom: '2026-11-15T10:00:00.000Z',
        hardDeadline: '2026-11-22T10:00:00.000Z',
        phase: 'running',
        window: { id: 'iew-0rose', isCertain: true },
        expected: period('11-15T10:00', '11-15T14:00'),
        // AWS may take it a week early, to hit a window.
        earlier: period('11-08T10:00', '11-08T14:00'),
        clashes: [],
        consequences: [],
      },
    ]);
  });

  test('draining may begin in the middle of an opening', () => {
    const [row] = calendar({ instances: [anInstance({ launchedAt: '2026-11-01T12:30:00.000Z' })] });

    expect(row?.expected).toEqual(period('11-15T12:30', '11-15T14:00'));
  });

  test('the opening that day 14 missed is the early one, a week before the next', () => {
    // Launched Sunday 15:00: day 14 is Sunday 15 November 15:00, an hour after the window closed.
    const [row] = calendar({ instances: [anInstance({ launchedAt: '2026-11-01T15:00:00.000Z' })] });

    expect(row?.expected).toEqual(period('11-22T10:00', '11-22T14:00'));
    expect(row?.earlier).toEqual(period('11-15T10:00', '11-15T14:00'));
  });

  test('when no opening is left, any moment to the deadline is', () => {
    // Monday 16 November: the next Sunday opening begins with the deadline itself.
    const [row] = calendar({ now: '2026-11-16T00:00:00Z' });

    expect([row?.phase, row?.expected]).toEqual(['due', period('11-16T00:00', '11-22T10:00')]);
    expect(row?.earlier).toBeNull();
  });

  test('without a window the whole week from day 14 on is', () => {
    const [row] = calendar({ windows: [] });

    expect([row?.window, row?.expected]).toEqual([null, period('11-15T10:00', '11-22T10:00')]);
  });

  test.each([
    ['2026-11-15T09:59:00Z', 'ACTIVE', 'running'],
    ['2026-11-15T10:00:00Z', 'ACTIVE', 'due'],
    ['2026-11-12T00:00:00Z', 'DRAINING', 'draining'],
    ['2026-11-22T10:00:00Z', 'DRAINING', 'overdue'],
  ])('at %s an instance that is %s is %s', (now, status, phase) => {
    const cluster = aCluster({ containerInstances: [aContainerInstance({ status })] });
    expect(calendar({ now, cluster })[0]?.phase).toBe(phase);
  });

  test('whatever the launch and the window: never before day 14, never after day 21', () => {
    const launch = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) });
    fc.assert(
      fc.property(launch, fc.integer({ min: 0, max: 30 * DAY }), fc.integer({ min: 0, max: 6 }), (at, age, day) => {
        const ranges = [{ startWeekDay: DAYS[day] ?? '', startHour: 2, endWeekDay: DAYS[day] ?? '', endHour: 6 }];
        const [row] = calendar({
          now: new Date(at + age).toISOString(),
          instances: [anInstance({ launchedAt: new Date(at).toISOString() })],
          windows: [{ window: aWindow({ timeRanges: ranges }), from: '2025-01-01T00:00:00Z', to: null }],
        });
        const [from, to] = [Date.parse(row?.expected.from ?? ''), Date.parse(row?.expected.to ?? '')];
        expect(from).toBeGreaterThanOrEqual(at + 14 * DAY);
        expect(to).toBeLessThanOrEqual(at + 21 * DAY);
        expect(from).toBeLessThanOrEqual(to);
        // An opening longer than the time left is cut; one that was found lies in the window.
        if (age <= 14 * DAY) expect(new Date(from).getUTCDay()).toBe(day);
      }),
    );
  });
});

const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

describe('the window an instance was launched under', () => {
  test('is the one that held at its launch, not the one that holds now', () => {
    const saturdays = aWindow({
      id: 'iew-0sat',
      timeRanges: [{ startWeekDay: 'saturday', startHour: 2, endWeekDay: 'saturday', endHour: 6 }],
    });
    const [row] = calendar({
      windows: [
        { window: saturdays, from: '2026-09-01T00:00:00Z', to: '2026-11-03T09:00:00Z' },
        { window: aWindow(), from: '2026-11-03T09:00:00Z', to: null },
      ],
    });

    // 14-21 November 2026 holds Saturday the 21st only: the 14th lies before day 14 (15 November 10:00).
    expect(row).toMatchObject({
      window: { id: 'iew-0sat', isCertain: true },
      laterWindows: ['iew-0rose'],
      expected: period('11-21T02:00', '11-21T06:00'),
      earlier: period('11-14T02:00', '11-14T06:00'),
    });
  });

  test('a window made after the launch does not reach the instance', () => {
    const [row] = calendar({ windows: [{ ...SUNDAYS, from: '2026-11-02T00:00:00Z' }] });

    expect([row?.window, row?.laterWindows]).toEqual([null, ['iew-0rose']]);
  });

  test('a window that nobody saw being made is taken, and called uncertain', () => {
    expect(calendar({ windows: [{ ...SUNDAYS, from: null }] })[0]?.window).toMatchObject({ isCertain: false });
  });

  test('targets of instances by id and windows of other clusters do not count', () => {
    const byId = { ...SUNDAYS, window: aWindow({ instanceTags: [], instanceIds: ['i-0aaa'] }) };
    const other = { ...SUNDAYS, window: aWindow({ instanceTags: [{ key: 'aws:ecs:clusterName', value: 'tulip' }] }) };

    expect(calendar({ windows: [byId] })[0]?.window).toBeNull();
    expect(calendar({ windows: [other] })[0]?.window).toBeNull();
  });
});

describe('instances', () => {
  test('that EC2 hides are counted from their registration, and say so', () => {
    const [row] = calendar({ instances: [] });

    expect(row).toMatchObject({
      launchedAt: '2026-11-01T10:02:00.000Z',
      isLaunchEstimated: true,
      window: { id: 'iew-0rose' },
    });
  });

  test('that have not registered yet, or belong to an Auto Scaling group or another cluster', () => {
    const ids = (instances: readonly Ec2Instance[]) => calendar({ instances }).map(({ instance }) => instance);
    const starting = anInstance({ id: 'i-0new', launchedAt: '2026-11-04T00:00:00.000Z' });
    const asg = anInstance({ id: 'i-0asg', operator: null, tags: {} });
    const tulip = anInstance({ id: 'i-0tulip', tags: { 'aws:ecs:clusterName': 'tulip' } });

    expect(ids([anInstance(), starting, asg, tulip])).toEqual(['i-0aaa', 'i-0new']);
  });

  test('come in the order in which AWS will take them', () => {
    const late = anInstance({ id: 'i-0late', launchedAt: '2026-11-04T00:00:00.000Z' });
    expect(calendar({ instances: [late, anInstance()] }).map(({ instance }) => instance)).toEqual([
      'i-0aaa',
      'i-0late',
    ]);
  });

  test('bring the events that EC2 has scheduled for them', () => {
    const event = { id: 'e-1', code: 'instance-retirement', notBefore: null, notAfter: null, description: 'degraded' };
    expect(calendar({ instances: [anInstance({ events: [event] })] })[0]?.events).toEqual([event]);
  });
});

describe('what a drain hits', () => {
  const deployment = (minimumHealthyPercent: number, maximumPercent: number) => ({
    ...aService('x').deployment,
    minimumHealthyPercent,
    maximumPercent,
  });
  const consequences = (desiredCount: number, min: number, max: number, changes = {}) =>
    calendar({
      cluster: aCluster({
        services: [aService('web', { desiredCount, deployment: deployment(min, max), ...changes })],
        tasks: [aTask('service:web')],
      }),
    })[0]?.consequences;

  test.each([
    // desired, min %, max %: most = floor(desired x max), fewest = ceil(desired x min)
    [1, 100, 200, []], // may run 2: the new one first
    [1, 100, 100, [{ kind: 'stuck', service: 'web', desired: 1 }]], // may run 1, must keep 1
    [1, 0, 100, [{ kind: 'stops-first', service: 'web', desired: 1 }]], // an outage
    [1, 100, 150, [{ kind: 'stuck', service: 'web', desired: 1 }]], // floor(1.5) = 1
    [2, 100, 150, []], // may run 3
    [2, 50, 100, [{ kind: 'stops-first', service: 'web', desired: 2 }]], // must keep 1
    [3, 90, 100, [{ kind: 'stuck', service: 'web', desired: 3 }]], // ceil(2.7) = 3
  ])('%d tasks at %d/%d per cent', (desired, min, max, rows) => {
    expect(consequences(desired, min, max)).toEqual(rows);
  });

  test('daemons end with their instance', () => {
    expect(consequences(1, 0, 100, { schedulingStrategy: 'DAEMON' })).toEqual([]);
  });

  test('standalone tasks are killed at the deadline, protected ones hold it up', () => {
    const tasks = [aTask('family:batch'), aTask('service:web', { protectedUntil: '2026-11-30T00:00:00Z' })];
    const [row] = calendar({ cluster: aCluster({ services: [aService('web')], tasks }) });

    expect(row?.consequences.map(({ kind }) => kind)).toEqual(['standalone-killed', 'protected']);
    const elsewhere = aTask('family:batch', { containerInstance: 'arn:other' });
    expect(calendar({ cluster: aCluster({ tasks: [elsewhere] }) })[0]?.consequences).toEqual([]);
  });

  test('freezes, quiet hours and deployments under way are clashes', () => {
    const web = aService('web', { deployment: { ...deployment(100, 200), inProgress: true } });
    const [row] = calendar({
      cluster: aCluster({ services: [web], tasks: [aTask('service:web')] }),
      freezes: [
        { name: 'quarter end', from: '2026-11-15T12:00:00Z', to: '2026-11-18T00:00:00Z' },
        { name: 'new year', from: '2026-12-20T00:00:00Z', to: '2027-01-04T00:00:00Z' },
      ],
      quietHours: [{ name: 'lunch', spans: [{ start: 12 * 60, minutes: 90 }], zone: UTC }],
    });

    expect(row?.clashes).toEqual([
      { kind: 'quiet-hours', name: 'lunch', ...period('11-15T12:00', '11-15T13:30') },
      { kind: 'freeze', name: 'quarter end', ...period('11-15T12:00', '11-15T14:00') },
      { kind: 'deployment', name: 'web', ...period('11-15T10:00', '11-15T14:00') },
    ]);
  });
});

test('a drain outside its window is reported, one inside is not', () => {
  const seen = ['2026-11-15T13:59:59Z', '2026-11-15T14:00:00Z', '2026-11-17T10:30:00Z'].map((at, index) => ({
    instance: `i-${index}`,
    at,
    window: aWindow(),
  }));

  expect(drainsOutside([...seen, { instance: 'i-9', at: '2026-11-17T10:30:00Z', window: null }], book())).toEqual([
    { instance: 'i-1', at: '2026-11-15T14:00:00Z', window: 'iew-0rose' },
    { instance: 'i-2', at: '2026-11-17T10:30:00Z', window: 'iew-0rose' },
  ]);
});
