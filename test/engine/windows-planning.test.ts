import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openLibrary } from '../../src/data.ts';
import { factBook } from '../../src/engine/index.ts';
import { clashesOf, windowClashes } from '../../src/engine/windows/clashes.ts';
import { type QuietQuestion, quietestWindow } from '../../src/engine/windows/quiet-week.ts';
import { retirementPeriod, retirementRule } from '../../src/engine/windows/retirement.ts';
import { planShards, reconnectStorms, type Shard } from '../../src/engine/windows/shards.ts';
import { hoursOf, showSpans } from '../../src/engine/windows/week.ts';
import { UTC, type Zone } from '../../src/engine/windows/zone.ts';
import { aWindow } from '../support/windows.ts';

const { facts } = openLibrary();
const book = () => factBook(facts, '2026-11-24');

describe('Fargate retirement', () => {
  const CLUSTER = 'arn:aws:ecs:eu-west-1:111111111111:cluster/rose';
  const SERVICE = 'arn:aws:ecs:eu-west-1:111111111111:service/rose/web';
  const window = (id: string, key: string, value: string, startHour = 8) =>
    aWindow({
      id,
      instanceTags: [{ key: `aws:ecs:${key}`, value }],
      timeRanges: [{ startWeekDay: 'sunday', startHour, endWeekDay: 'sunday', endHour: startHour + 8 }],
    });
  const all = window('iew-0all', 'fargateTask', 'true', 0);
  const cluster = window('iew-0cluster', 'clusterArn', CLUSTER, 8);
  const service = window('iew-0service', 'serviceArn', SERVICE, 16);
  const on = { fargateEventWindows: 'enabled' };
  const rule = (
    windows: readonly ReturnType<typeof aWindow>[],
    settings: Readonly<Record<string, string>> = on,
    serviceArn: string | null = SERVICE,
  ) => retirementRule({ target: { serviceArn, clusterArn: CLUSTER }, settings, windows }, book());

  test('the most specific window wins: service, then cluster, then all', () => {
    expect(rule([all, cluster, service])).toMatchObject({ level: 'service', windows: ['iew-0service'] });
    expect(rule([all, cluster])).toMatchObject({ level: 'cluster', windows: ['iew-0cluster'] });
    expect(rule([all])).toMatchObject({ level: 'all', windows: ['iew-0all'] });
  });

  test('a standalone task has no service to be matched by', () => {
    expect(rule([cluster, service], on, null)).toMatchObject({ level: 'cluster' });
    expect(rule([service], on, null)).toMatchObject({ kind: 'wait', because: 'no-window' });
  });

  test.each([
    [{}, 7, 'setting-off'],
    [{ fargateEventWindows: 'disabled', fargateTaskRetirementWaitPeriod: '14' }, 14, 'setting-off'],
    [{ fargateTaskRetirementWaitPeriod: '0' }, 0, 'setting-off'],
    [{ fargateTaskRetirementWaitPeriod: '5' }, 7, 'setting-off'], // only 0, 7 and 14 exist
    [{ fargateTaskRetirementWaitPeriod: '' }, 7, 'setting-off'],
  ])('with the settings %j a task waits %d days', (settings, days, because) => {
    expect(rule([all], settings)).toEqual({ kind: 'wait', days, because });
  });

  test('a window that is not active is no window', () => {
    expect(rule([{ ...service, state: 'deleting' }])).toMatchObject({ kind: 'wait', because: 'no-window' });
  });

  test('in a window: the first opening that lies three days after the notice', () => {
    const at = (notice: string) => retirementPeriod(rule([cluster]), notice);

    // Notice on Tuesday 24 November: not before Friday, so Sunday 29 November 08:00-16:00.
    expect(at('2026-11-24T09:00:00Z')).toEqual({ from: '2026-11-29T08:00:00.000Z', to: '2026-11-29T16:00:00.000Z' });
    // Notice on Thursday 26 November 12:00: not before Sunday 12:00, in the middle of the opening.
    expect(at('2026-11-26T12:00:00Z')).toEqual({ from: '2026-11-29T12:00:00.000Z', to: '2026-11-29T16:00:00.000Z' });
    // Notice on Friday: Sunday is too soon, the next one it is.
    expect(at('2026-11-27T00:00:00Z').from).toBe('2026-12-06T08:00:00.000Z');
  });

  test('by the wait period: so many days after the notice', () => {
    expect(retirementPeriod(rule([], {}), '2026-11-24T09:00:00Z').from).toBe('2026-12-01T09:00:00.000Z');
  });
});

describe('shards of one head node', () => {
  const wanted = [{ start: 10, hours: 4 }];
  const daisies = (count: number, spans = wanted): readonly Shard[] =>
    Array.from({ length: count }, (_, at) => ({
      name: `daisy-${String.fromCharCode(97 + at)}`,
      provider: `mi-daisy-${at}`,
      spans,
    }));
  const plan = (shards: readonly Shard[], mayBeMissing = 1) =>
    planShards({ server: 'daisy', shards, wanted, mayBeMissing });
  const days = (shards: readonly Shard[], mayBeMissing = 1) =>
    plan(shards, mayBeMissing).windows?.map(({ spans }) => showSpans(spans));

  test('five shards on one Sunday are moved apart, at the hours that were asked for', () => {
    // Days floor(i x 7 / 5) after Sunday: 0, 1, 2, 4, 5.
    expect(days(daisies(5))).toEqual([
      'Sun 10:00-14:00',
      'Mon 10:00-14:00',
      'Tue 10:00-14:00',
      'Thu 10:00-14:00',
      'Fri 10:00-14:00',
    ]);
    expect(plan(daisies(5))).toMatchObject({ isKept: true });
    expect(plan(daisies(5)).conflicts).toHaveLength(10); // 5 x 4 / 2 pairs share today's Sunday
    expect(plan(daisies(5)).promised[0]).toContain('4 of 5 shards');
    expect(plan(daisies(5)).notPromised.join(' ')).toContain('21 days');
  });

  test('two may be missing: groups of two share a window', () => {
    // ceil(5 / 2) = 3 groups, on days floor(i x 7 / 3): 0, 2, 4.
    expect(days(daisies(5), 2)).toEqual([
      'Sun 10:00-14:00',
      'Sun 10:00-14:00',
      'Tue 10:00-14:00',
      'Tue 10:00-14:00',
      'Thu 10:00-14:00',
    ]);
  });

  test('more shards than days: the hours move too', () => {
    const found = plan(daisies(9));

    expect(found.isKept).toBe(true);
    expect(found.windows?.slice(7).map(({ spans }) => showSpans(spans))).toEqual([
      'Sun 14:00-18:00',
      'Mon 14:00-18:00',
    ]);
  });

  test('42 windows of four hours fill the week, 43 do not fit', () => {
    expect(plan(daisies(42)).windows).toHaveLength(42); // 168 / 4
    expect(plan(daisies(43))).toMatchObject({ windows: null, isKept: false, promised: [] });
  });

  test('shards on one provider cannot be told apart by a window', () => {
    const shared = daisies(3).map((shard) => ({ ...shard, provider: 'mi-daisy' }));
    const found = plan(shared);

    expect(found.isKept).toBe(false);
    expect(found.conflicts.at(-1)).toEqual({
      kind: 'same-provider',
      provider: 'mi-daisy',
      shards: ['daisy-a', 'daisy-b', 'daisy-c'],
    });
    expect(found.notPromised.join(' ')).toContain('provider of its own');
  });

  test('a shard without a window may go at any time, with every other one', () => {
    const [first, second] = daisies(2);
    if (first === undefined || second === undefined) throw new Error('no shards');
    const conflict = planShards({
      server: 'daisy',
      shards: [{ ...first, spans: [] }, second],
      wanted,
      mayBeMissing: 1,
    });

    expect(conflict.conflicts).toEqual([{ kind: 'same-hours', shards: ['daisy-a', 'daisy-b'], spans: wanted }]);
  });

  test('whatever is asked, no hour has more shards in it than may be missing', () => {
    const hours = fc.integer({ min: 2, max: 24 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 4 }), hours, (count, missing, length) => {
        const found = planShards({
          server: 'daisy',
          shards: daisies(count),
          wanted: [{ start: 10, hours: length }],
          mayBeMissing: missing,
        });
        const counts = new Map<number, number>();
        for (const { spans } of found.windows ?? [])
          for (const hour of hoursOf(spans)) counts.set(hour, (counts.get(hour) ?? 0) + 1);
        expect(Math.max(0, ...counts.values())).toBeLessThanOrEqual(missing);
        expect(found.isKept).toBe(found.windows !== null);
      }),
    );
  });

  test('more drains in one opening than clients can reconnect from are a storm', () => {
    const rows = ['i-3', 'i-1', 'i-2'].map((instance) => ({
      instance,
      expected: { from: '2026-11-15T10:00:00.000Z' },
    }));

    expect(reconnectStorms(rows, 2)).toEqual([{ from: '2026-11-15T10:00:00.000Z', instances: ['i-1', 'i-2', 'i-3'] }]);
    expect(reconnectStorms(rows, 3)).toEqual([]);
  });
});

describe('clashes', () => {
  const sundays = [{ start: 10, hours: 4 }];

  test('of a window over weeks to come', () => {
    const freezes = [{ name: 'new year', from: '2026-12-20T12:00:00Z', to: '2027-01-04T00:00:00Z' }];
    const found = windowClashes(
      sundays,
      { from: '2026-11-24T00:00:00Z', to: '2027-01-19T00:00:00Z' },
      { freezes, quietHours: [] },
    );

    // Sundays 20 and 27 December and 3 January; the first from noon.
    expect(found.map(({ from, to }) => [from.slice(5, 16), to.slice(5, 16)])).toEqual([
      ['12-20T12:00', '12-20T14:00'],
      ['12-27T10:00', '12-27T14:00'],
      ['01-03T10:00', '01-03T14:00'],
    ]);
  });

  test('quiet hours keep to the local clock when it changes', () => {
    // Berlin: UTC+2 until 25 October 2026 01:00 UTC, then UTC+1. Sunday 12:00-13:00 there is 10-11 UTC, then 11-12.
    const berlin: Zone = {
      name: 'Europe/Berlin',
      offsets: [
        { fromUtc: '2026-03-29T01:00:00Z', minutes: 120 },
        { fromUtc: '2026-10-25T01:00:00Z', minutes: 60 },
      ],
    };
    const quietHours = [{ name: 'mass', spans: [{ start: 720, minutes: 60 }], zone: berlin }];
    const found = windowClashes(
      sundays,
      { from: '2026-10-18T00:00:00Z', to: '2026-10-26T00:00:00Z' },
      { freezes: [], quietHours },
    );

    expect(found.map(({ from }) => from)).toEqual(['2026-10-18T10:00:00.000Z', '2026-10-25T11:00:00.000Z']);
  });

  test('nothing to do with each other is no clash', () => {
    const freezes = [{ name: 'over', from: '2026-11-01T00:00:00Z', to: '2026-11-15T10:00:00Z' }];
    const opening = { from: '2026-11-15T10:00:00Z', to: '2026-11-15T14:00:00Z' };
    const quietHours = [{ name: 'evenings', spans: [{ start: 18 * 60, minutes: 240 }], zone: UTC }];

    expect(clashesOf(opening, { freezes, quietHours })).toEqual([]);
  });
});

describe('the quietest hours of the week', () => {
  const MINIMA = { range: 2, total: 4 };
  /** Load by hour: 50 everywhere but where said. */
  const load = (at: Readonly<Record<number, number>> = {}, weeks = 8) =>
    Array.from({ length: 168 }, (_, hour) => ({ hour, percent: at[hour] ?? 50, weeks }));
  const ask = (changes: Partial<QuietQuestion>) =>
    quietestWindow({ load: load(), hours: 4, ranges: 1, avoid: [], minima: MINIMA, ...changes });

  test('are the four with the lowest peak, not the lowest mean', () => {
    // Sun 02-06: 10, 10, 10, 30 (peak 30, mean 15). Wed 02-06: 20 four times (peak 20, mean 20).
    const busy = { 2: 10, 3: 10, 4: 10, 5: 30, 74: 20, 75: 20, 76: 20, 77: 20 };
    const found = ask({ load: load(busy) });

    expect(found).toMatchObject({
      kind: 'proposal',
      spans: [{ start: 74, hours: 4 }],
      inside: { highest: 20, mean: 20 },
      week: { highest: 50 },
      weeks: 8,
    });
  });

  test('stay clear of hours that must be closed, and run over the edge of the week', () => {
    const night = { 166: 5, 167: 5, 0: 5, 1: 5, 30: 9, 31: 9, 32: 9, 33: 9 };

    expect(ask({ load: load(night) })).toMatchObject({ spans: [{ start: 166, hours: 4 }] });
    expect(ask({ load: load(night), avoid: [{ start: 0, hours: 1 }] })).toMatchObject({
      spans: [{ start: 30, hours: 4 }],
    });
  });

  test('several ranges are a day apart at least', () => {
    const found = ask({ hours: 2, ranges: 3 });

    expect(found).toMatchObject({ kind: 'proposal', spans: [{ start: 0 }, { start: 24 }, { start: 48 }] });
  });

  test('too little data, or no room, is an answer too', () => {
    expect(ask({ load: load({}, 1) })).toEqual({ kind: 'not-enough-data', hoursKnown: 0, weeks: 1 });
    expect(ask({ load: load().slice(0, 83) })).toMatchObject({ kind: 'not-enough-data', hoursKnown: 83 });
    expect(ask({ avoid: [{ start: 0, hours: 168 }] })).toEqual({ kind: 'no-room' });
    expect(ask({ hours: 2 })).toEqual({ kind: 'no-room' }); // two hours a week are less than AWS takes
  });
});
