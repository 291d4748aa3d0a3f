import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openLibrary } from '../../src/data.ts';
import { factBook } from '../../src/engine/facts.ts';
import { aimAtCluster, aimAtProvider, aimAtService } from '../../src/engine/windows/aim.ts';
import { briefChange, titleOf, type WindowWorld } from '../../src/engine/windows/briefing.ts';
import { NEW_WINDOW, windowsAfter } from '../../src/engine/windows/change.ts';
import { proposeWindow, type WindowWish } from '../../src/engine/windows/propose.ts';
import { scheduleSpans, scheduleText, spanWords } from '../../src/engine/windows/show.ts';
import { hoursOf, timeRanges } from '../../src/engine/windows/week.ts';
import { readWords } from '../../src/engine/windows/words.ts';
import { UTC, type Zone } from '../../src/engine/windows/zone.ts';
import { aCluster, aContainerInstance, anInstance, aService, aTask, aWindow } from '../support/windows.ts';

const NOW = '2026-11-24T09:00:00.000Z';
const PLACE = { account: '111111111111', region: 'eu-west-1' };
const LONDON: Zone = {
  name: 'Europe/London',
  offsets: [
    { fromUtc: NOW, minutes: 0 },
    { fromUtc: '2027-03-28T01:00:00.000Z', minutes: 60 },
    { fromUtc: '2027-10-31T01:00:00.000Z', minutes: 0 },
  ],
};
const FACTS = openLibrary().facts;
const book = () => factBook(FACTS, NOW.slice(0, 10));

const ROSE = aCluster({
  services: [
    aService('web'),
    aService('auth-proxy', { desiredCount: 1, deployment: { ...aService('x').deployment, maximumPercent: 100 } }),
  ],
  tasks: [aTask('service:web'), aTask('service:auth-proxy')],
});

function world(changes: Partial<WindowWorld> = {}): WindowWorld {
  return {
    now: NOW,
    freezes: [],
    quietHours: [],
    windows: [],
    region: { instances: [anInstance()], settings: {} },
    clusters: [ROSE],
    shards: [],
    ...changes,
  };
}

function wish(changes: Partial<WindowWish> = {}): WindowWish {
  const found = aimAtCluster(ROSE, false);
  if (found.kind !== 'aim') throw new Error(found.because);
  return {
    aim: found.aim,
    place: PLACE,
    words: 'sundays 10 to 2pm',
    zone: LONDON,
    name: null,
    window: null,
    ...changes,
  };
}

function answered(asked: WindowWish, around: WindowWorld) {
  const answer = proposeWindow(asked, around, book());
  if (answer.kind === 'which-window' || answer.kind === 'unreadable') throw new Error(answer.kind);
  return answer;
}

describe('what a window can be for', () => {
  const fargate = { kind: 'fargate', name: 'FARGATE', arn: 'arn:f', status: 'ACTIVE', tags: {} } as const;
  const group = {
    kind: 'asg',
    name: 'asg-rose',
    arn: 'arn:a',
    status: 'ACTIVE',
    tags: {},
    autoScalingGroup: 'g',
    managedScaling: null,
    managedTerminationProtection: false,
    managedDraining: true,
  } as const;

  test('a cluster stands for its managed instances by name, and for its Fargate tasks by ARN', () => {
    const both = aCluster({ providers: [...aCluster().providers, fargate] });
    expect(aimAtCluster(both, false)).toMatchObject({ aim: { tag: { key: 'aws:ecs:clusterName', value: 'rose' } } });
    expect(aimAtCluster(both, true)).toMatchObject({ aim: { tag: { key: 'aws:ecs:clusterArn', value: both.arn } } });
    expect(aimAtCluster(aCluster({ providers: [fargate] }), false)).toMatchObject({ aim: { runsOn: 'fargate' } });
  });

  test('instances of your own are refused: AWS does not patch them', () => {
    const own = aCluster({ providers: [group] });
    expect(aimAtCluster(own, false)).toMatchObject({ kind: 'none', instead: null });
    expect(aimAtProvider(own, group)).toMatchObject({ kind: 'none' });
  });

  test('a provider of managed instances has a tag of its own; Fargate has none', () => {
    const [managed] = aCluster().providers;
    if (managed === undefined) throw new Error('no provider');
    expect(aimAtProvider(aCluster(), managed)).toMatchObject({
      aim: { tag: { key: 'aws:ecs:capacityProviderName', value: 'mi-rose' } },
    });
    expect(aimAtProvider(aCluster(), fargate)).toMatchObject({ kind: 'none', instead: 'rose' });
  });

  test('a service on Fargate is its ARN; one on managed instances is sent to its provider', () => {
    const onFargate = aService('api', { launchType: 'FARGATE' });
    expect(aimAtService(aCluster(), onFargate)).toMatchObject({
      aim: { tag: { key: 'aws:ecs:serviceArn', value: onFargate.arn } },
    });
    const strategy = [{ capacityProvider: 'mi-rose', weight: 1, base: 0 }];
    expect(aimAtService(aCluster(), aService('web', { strategy }))).toMatchObject({ instead: 'rose/mi-rose' });
    // Without a strategy of its own the cluster's counts.
    expect(aimAtService(aCluster({ defaultStrategy: strategy }), aService('web'))).toMatchObject({
      instead: 'rose/mi-rose',
    });
  });
});

describe('proposing a window', () => {
  test('without one it makes a window; with one it changes that one and keeps its name and targets', () => {
    const made = answered(wish(), world());
    expect([made.kind, made.change.before, made.change.after.name]).toEqual(['change', null, 'rose']);
    expect(made.briefing.title).toBe('New window for cluster rose: Sun 10:00-14:00 UTC');

    const also = { key: 'aws:ecs:capacityProviderName', value: 'mi-tulip' };
    const before = aWindow({
      name: 'nights',
      timeRanges: [{ startWeekDay: 'saturday', startHour: 2, endWeekDay: 'saturday', endHour: 6 }],
      instanceTags: [also, { key: 'aws:ecs:clusterName', value: 'rose' }],
    });
    const changed = answered(wish(), world({ windows: [before] }));
    expect(changed.change.before).toEqual(before);
    expect(changed.change.after).toMatchObject({ name: 'nights', targets: { instanceTags: before.instanceTags } });
    expect(changed.briefing.title).toBe(
      'Set window nights (iew-0rose) of provider mi-tulip and 1 more to Sun 10:00-14:00 UTC',
    );
  });

  test('the same hours again are no change, whatever the words', () => {
    const before = aWindow();
    expect(answered(wish({ zone: UTC, words: 'sun 10:00-14:00' }), world({ windows: [before] })).kind).toBe('same');
    expect(answered(wish({ zone: UTC, words: '* 10-14 * * 0' }), world({ windows: [before] })).kind).toBe('same');
    expect(answered(wish({ zone: UTC, words: 'sun 10:00-15:00' }), world({ windows: [before] })).kind).toBe('change');
  });

  test('keeps the form that the window has, where it can say the hours', () => {
    const cron = aWindow({ cron: '* 2-6 * * 6', timeRanges: [] });
    const on = (words: string) => answered(wish({ zone: UTC, words }), world({ windows: [cron] }));
    expect(on('sun 10:00-14:00').change.after.schedule).toEqual({ kind: 'cron', cron: '* 10-14 * * 0' });
    expect(on('sun 10:00-14:00').briefing.clashes).toEqual([]);
    // Over midnight there is no cron for it.
    expect(on('sun 22:00 - mon 02:00').change.after.schedule.kind).toBe('ranges');
    expect(on('sun 22:00 - mon 02:00').briefing.clashes.join()).toContain('the dry run before the change tells');
    const ranges = answered(wish({ words: '* 10-15 * * 0' }), world({ windows: [aWindow()] }));
    expect(ranges.change.after.schedule.kind).toBe('ranges');
  });

  test('says who is hit and when the last of today is gone', () => {
    const { briefing } = answered(wish(), world());
    expect(briefing.affected).toEqual([
      'For cluster rose: today 1 managed instance with 2 tasks of 2 services (rose/auth-proxy, rose/web).',
      'No second task may start beside auth-proxy: those tasks stay until the last day and are then cut off.',
    ]);
    // Launched on 1 November, gone 21 days later.
    expect(briefing.takesHold[0]).toBe(
      'It reaches only instances launched after the change. The one that runs now keeps the window it was launched under; it is gone by 2026-11-22.',
    );
  });

  test('a rule with an error refuses it: too short, or no room for another window', () => {
    const short = answered(wish({ words: 'sundays 10 to 1pm' }), world());
    expect([short.kind, short.lint[0]?.rule]).toEqual(['refused', 'total-minimum']);
    const full = Array.from({ length: 200 }, (_, at) =>
      aWindow({ id: `iew-${at}`, name: `w${at}`, instanceTags: [{ key: 'app', value: `a${at}` }] }),
    );
    // 200 are there; one more is 201.
    const more = answered(wish(), world({ windows: full }));
    expect([more.kind, more.lint[0]?.rule]).toEqual(['refused', 'region-limit']);
    expect(more.lint[0]?.text).toContain('201 windows; a region takes 200');
  });

  test('words that say no hours are unreadable', () => {
    expect(proposeWindow(wish({ words: 'whenever' }), world(), book()).kind).toBe('unreadable');
  });

  test('a window that is named must be there, free for tags, and the only one with the target', () => {
    const mine = aWindow();
    const hosts = aWindow({ id: 'iew-0host', instanceTags: [], dedicatedHostIds: ['h-1'] });
    const empty = aWindow({ id: 'iew-0free', instanceTags: [] });
    const because = (asked: Partial<WindowWish>, windows: WindowWorld['windows']): string => {
      const answer = proposeWindow(wish(asked), world({ windows }), book());
      if (answer.kind !== 'which-window') throw new Error(answer.kind);
      return answer.because;
    };
    expect(because({ window: 'iew-0gone' }, [mine])).toContain('no window iew-0gone');
    expect(because({ window: 'iew-0free' }, [mine, empty])).toContain('the target is in iew-0rose');
    expect(because({ window: 'iew-0host' }, [hosts])).toContain('one kind of target');
    expect(because({ name: 'mornings' }, [mine])).toContain('keeps its name');
    expect(because({}, [mine, aWindow({ id: 'iew-0two' })])).toContain('2 windows have the tag');
    const taken = answered(wish({ window: 'iew-0free' }), world({ windows: [empty] }));
    expect(taken.change.after.targets.instanceTags).toEqual([{ key: 'aws:ecs:clusterName', value: 'rose' }]);
  });

  test('a Fargate window without the account setting says the command that turns it on', () => {
    const found = aimAtCluster(aCluster({ providers: [] }), true);
    if (found.kind !== 'aim') throw new Error('no aim');
    const off = answered(wish({ aim: found.aim }), world());
    expect(off.briefing.takesHold.join(' ')).toContain('--region eu-west-1 --name fargateEventWindows --value enabled');
    expect(off.lint.map(({ rule }) => rule)).toContain('fargate-setting');
    const on = answered(
      wish({ aim: found.aim }),
      world({ region: { instances: [], settings: { fargateEventWindows: 'enabled' } } }),
    );
    expect(on.briefing.takesHold.join(' ')).not.toContain('put-account-setting');
  });

  test('names freezes and quiet hours with their first opening', () => {
    const { briefing } = answered(
      wish({ zone: UTC }),
      world({
        // Sundays 20 and 27 December 2026 lie inside.
        freezes: [{ name: 'Christmas', from: '2026-12-19T00:00:00Z', to: '2027-01-02T00:00:00Z' }],
        // Sunday 13:00 to 15:00: one hour of every Sunday; five Sundays in 35 days from Tuesday 24 November.
        quietHours: [{ name: 'reports', spans: [{ start: 13 * 60, minutes: 120 }], zone: UTC }],
      }),
    );
    expect(briefing.clashes).toEqual([
      'Freeze "Christmas": 2 openings reach into it, the first on 2026-12-20 10:00 UTC. A freeze stops us, not AWS.',
      'Quiet hours "reports": 5 openings reach into them in the next five weeks, the first on 2026-11-29 13:00 UTC.',
    ]);
  });

  test('a deployment under way is said', () => {
    const busy = { ...aService('web').deployment, inProgress: true };
    const cluster = aCluster({ services: [aService('web', { deployment: busy })], tasks: [aTask('service:web')] });
    expect(answered(wish(), world({ clusters: [cluster] })).briefing.clashes).toEqual([
      'Being deployed right now: web.',
    ]);
  });
});

describe('shards of one head node', () => {
  const shard = (name: string, provider: string | null) => ({ server: 'daisy', cluster: 'rose', name, provider });

  test('on one provider they cannot be told apart, and no windows are offered', () => {
    const { briefing, shards } = answered(wish(), world({ shards: [shard('a', 'mi-rose'), shard('b', 'mi-rose')] }));
    expect(shards[0]?.windows).toEqual([]);
    expect(briefing.clashes.join(' ')).toContain('they share mi-rose, and a window cannot tell them apart');
  });

  test('on providers of their own they are planned on days apart', () => {
    const { shards } = answered(wish({ zone: UTC }), world({ shards: [shard('a', 'mi-a'), shard('b', 'mi-b')] }));
    // Two groups over seven days: the second one floor(7 / 2) = 3 days after Sunday.
    expect(shards[0]?.windows).toEqual([
      { cluster: 'rose', provider: 'mi-a', utc: 'Sun 10:00-14:00 UTC', words: 'sunday 10:00-14:00' },
      { cluster: 'rose', provider: 'mi-b', utc: 'Wed 10:00-14:00 UTC', words: 'wednesday 10:00-14:00' },
    ]);
  });

  test('one shard alone is nobody’s trouble while the others have other hours', () => {
    const [provider] = ROSE.providers;
    if (provider === undefined) throw new Error('no provider');
    const found = aimAtProvider(ROSE, provider);
    if (found.kind !== 'aim') throw new Error('no aim');
    const other = (hour: number) =>
      aWindow({
        id: 'iew-0b',
        timeRanges: [{ startWeekDay: 'sunday', startHour: hour, endWeekDay: 'sunday', endHour: hour + 4 }],
        instanceTags: [{ key: 'aws:ecs:capacityProviderName', value: 'mi-b' }],
      });
    const shards = [shard('a', 'mi-rose'), shard('b', 'mi-b')];
    const advice = (hour: number) =>
      answered(wish({ aim: found.aim, zone: UTC }), world({ shards, windows: [other(hour)] })).shards;
    expect(advice(15)).toEqual([]);
    expect(advice(12)).toHaveLength(1);
    // Without any window of its own the other one may go at any hour.
    expect(answered(wish({ aim: found.aim, zone: UTC }), world({ shards })).shards).toHaveLength(1);
  });
});

describe('moving and deleting', () => {
  const from = aWindow();
  const to = aWindow({ id: 'iew-0to', name: 'mornings', instanceTags: [] });
  const targets = { instanceIds: [], instanceTags: from.instanceTags, dedicatedHostIds: [] };

  test('a move takes the target out of one window and into the other', () => {
    const change = { kind: 'window.move', place: PLACE, targets, from, to } as const;
    const { changed } = windowsAfter([from, to], change);
    expect(changed.map(({ id, instanceTags }) => [id, instanceTags.length])).toEqual([
      ['iew-0rose', 0],
      ['iew-0to', 1],
    ]);
    const { briefing } = briefChange(change, world({ windows: [from, to] }), { facts: book() });
    expect(briefing.title).toBe('Move cluster rose from window rose (iew-0rose) to mornings (iew-0to)');
    expect(briefing.takesHold[0]).toContain('the targets are in no window');
  });

  test('a deletion says that AWS chooses afterwards', () => {
    const change = { kind: 'window.delete', place: PLACE, before: from } as const;
    expect(windowsAfter([from, to], change).windows).toEqual([to]);
    const { briefing, lint } = briefChange(change, world({ windows: [from] }), { facts: book() });
    expect(lint).toEqual([]);
    expect(briefing.takesHold.at(-1)).toContain('has no window');
  });
});

describe('hours in words', () => {
  const spans = fc
    .array(fc.record({ start: fc.integer({ min: 0, max: 167 }), hours: fc.integer({ min: 2, max: 40 }) }), {
      minLength: 1,
      maxLength: 4,
    })
    .map((all) => all.filter(({ hours }) => hours < 168));

  test('what is shown for the next command reads back as the same hours', () => {
    fc.assert(
      fc.property(spans, (wanted) => {
        const back = readWords(spanWords(wanted)).spans.map(({ start, minutes }) => ({
          start: start / 60,
          hours: minutes / 60,
        }));
        expect([...hoursOf(back)].sort()).toEqual([...hoursOf(wanted)].sort());
      }),
    );
  });

  test('a proposal from such words asks for exactly these hours, and proposing it twice changes nothing', () => {
    fc.assert(
      fc.property(spans, (wanted) => {
        const asked = wish({ zone: UTC, words: spanWords(wanted) });
        const first = answered(asked, world());
        fc.pre(first.kind === 'change');
        const hours = scheduleSpans({ cron: null, timeRanges: timeRanges(wanted) });
        const { windows, changed } = windowsAfter([], first.change);
        expect(changed[0]?.id).toBe(NEW_WINDOW);
        expect([...hoursOf(scheduleSpans(changed[0] ?? aWindow()))].sort()).toEqual([...hoursOf(hours)].sort());
        expect(answered(asked, world({ windows })).kind).toBe('same');
      }),
    );
  });

  test('both halves of the year are shown, and UTC alone where the clock never moves', () => {
    expect(scheduleText(aWindow(), LONDON, NOW)).toEqual({
      utc: 'Sun 10:00-14:00',
      local: [
        { until: '2027-03-28', text: 'Sun 10:00-14:00' },
        { until: null, text: 'Sun 11:00-15:00' },
      ],
    });
    expect(scheduleText(aWindow(), UTC, NOW).local).toEqual([]);
    expect(scheduleText(aWindow({ timeRanges: [] }), UTC, NOW).utc).toBe('never');
  });

  test('hostile names stay text in titles', () => {
    const before = aWindow({ name: '<!here> *bold*', instanceTags: [{ key: 'note', value: '<@U1>' }] });
    expect(titleOf({ kind: 'window.delete', place: PLACE, before })).toBe(
      'Delete window <!here> *bold* (iew-0rose) of note=<@U1>',
    );
  });
});

test('tasks are counted once, by the instance they run on', () => {
  const elsewhere = aTask('service:web', { arn: 'arn:t2', containerInstance: 'arn:other' });
  const cluster = aCluster({
    services: [aService('web')],
    containerInstances: [aContainerInstance(), aContainerInstance({ arn: 'arn:other', ec2InstanceId: 'i-0bbb' })],
    tasks: [aTask('service:web'), elsewhere],
  });
  const instances = [anInstance(), anInstance({ id: 'i-0bbb', tags: {} })];
  const { affected } = answered(wish(), world({ clusters: [cluster], region: { instances, settings: {} } }));
  expect([affected.instances.map(({ id }) => id), affected.tasks]).toEqual([['i-0aaa'], 1]);
});
