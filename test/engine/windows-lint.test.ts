import { describe, expect, test } from 'vitest';
import { openLibrary } from '../../src/data.ts';
import type { Ec2Instance, EventWindow } from '../../src/engine/index.ts';
import { factBook } from '../../src/engine/index.ts';
import { lintRegion, regionRows } from '../../src/engine/windows/lint.ts';
import { WINDOW_RULES } from '../../src/engine/windows/rules.ts';
import { anInstance, aWindow } from '../support/windows.ts';

const { facts } = openLibrary();
const book = () => factBook(facts, '2026-11-24');

const SERVICE = 'arn:aws:ecs:eu-west-1:111111111111:service/rose/web';
const CLUSTER = 'arn:aws:ecs:eu-west-1:111111111111:cluster/rose';

/** Rules that speak about the first window of a region, in the order shown. */
function rules(
  windows: readonly EventWindow[],
  instances: readonly Ec2Instance[] = [anInstance()],
  settings: Readonly<Record<string, string>> = {},
  hosts: Readonly<Record<string, string>> = {},
): readonly string[] {
  const { windows: linted } = lintRegion({ eventWindows: windows, instances, settings, hosts }, book());
  return linted.find(({ window }) => window === windows[0])?.lint.map(({ rule }) => rule) ?? [];
}

const tagged = (...tags: readonly (readonly [string, string])[]): Partial<EventWindow> => ({
  instanceTags: tags.map(([key, value]) => ({ key, value })),
});

describe('rules', () => {
  test('every rule rests on a fact that is known today', () => {
    const known = book();
    expect(WINDOW_RULES.filter(({ fact }) => !known.has(fact)).map(({ id, fact }) => `${id}: ${fact}`)).toEqual([]);
    expect(new Set(WINDOW_RULES.map(({ id }) => id)).size).toBe(WINDOW_RULES.length);
  });

  test('a window in order has nothing to say', () => {
    expect(rules([aWindow()])).toEqual([]);
  });

  test('time ranges and cron exclude each other, and one of them must be there', () => {
    expect(rules([aWindow({ cron: '* 0-4 * * 1' })])).toEqual(['one-schedule']);
    expect(rules([aWindow({ timeRanges: [] })])).toEqual(['no-schedule']);
    expect(rules([aWindow({ timeRanges: [], cron: '* 0-4 * * 1' })])).toEqual([]);
  });

  test('a window that is open more than half the week steers little: 84 hours pass, 96 do not', () => {
    const days = (endWeekDay: string, endHour: number) =>
      aWindow({ timeRanges: [{ startWeekDay: 'sunday', startHour: 0, endWeekDay, endHour }] });

    expect(rules([days('wednesday', 12)])).toEqual([]); // 3.5 x 24
    expect(rules([days('thursday', 0)])).toEqual(['always-open']); // 4 x 24
  });

  test('an inactive window counts for nothing', () => {
    expect(rules([aWindow({ state: 'creating' })])).toEqual(['not-active']);
  });
});

describe('targets', () => {
  test('one kind only, and not too many of it', () => {
    const ids = (count: number) => Array.from({ length: count }, (_, at) => `i-${at}`);
    const asg = ids(101).map((id) => anInstance({ id, operator: null, tags: {} }));
    const none = { instanceTags: [] };

    expect(rules([aWindow({ ...none })])).toEqual(['no-target']);
    expect(rules([aWindow({ instanceIds: ['i-1'] })], [anInstance(), ...asg])).toEqual(['one-target-kind']);
    expect(rules([aWindow({ ...none, instanceIds: ids(100) })], asg)).toEqual([]);
    expect(rules([aWindow({ ...none, instanceIds: ids(101) })], asg)).toEqual(['target-limit']);
    const tags = ids(51).map((id): readonly [string, string] => ['n', id]);
    const named = anInstance({ tags: { n: 'i-0' } });
    expect(rules([aWindow(tagged(...tags.slice(0, 50)))], [named])).toEqual(['matches-nothing']);
    expect(rules([aWindow(tagged(...tags))], [named])).toEqual(['target-limit', 'matches-nothing']);
    const hosts = ids(51).map((id) => id.replace('i', 'h'));
    expect(rules([aWindow({ ...none, dedicatedHostIds: hosts.slice(0, 50) })])).toEqual([]);
    expect(rules([aWindow({ ...none, dedicatedHostIds: hosts })])).toEqual(['target-limit']);
  });

  test('Managed Instances are refused by id, others are taken', () => {
    const byId = { instanceTags: [], instanceIds: ['i-0aaa'] };

    expect(rules([aWindow(byId)])).toEqual(['mi-instance-id']);
    const byTag = anInstance({ operator: null, tags: { 'aws:ec2:managed-launch': 'ecs-managed-instances' } });
    expect(rules([aWindow(byId)], [byTag])).toEqual(['mi-instance-id']);
    expect(rules([aWindow(byId)], [anInstance({ operator: null })])).toEqual([]);
  });

  test('tags of Managed Instances hold names, tags of Fargate hold ARNs', () => {
    const on = { fargateEventWindows: 'enabled' };
    const long = { timeRanges: [{ startWeekDay: 'sunday', startHour: 8, endWeekDay: 'sunday', endHour: 16 }] };
    const lint = (...tags: readonly (readonly [string, string])[]) =>
      rules([aWindow({ ...long, ...tagged(...tags) })], [anInstance()], on);

    expect(lint(['aws:ecs:clusterName', 'rose'])).toEqual([]);
    expect(lint(['aws:ecs:clusterName', CLUSTER])).toEqual(['mi-tag-value', 'matches-nothing']);
    expect(lint(['aws:ecs:capacityProviderName', 'mi-rose'])).toEqual([]);
    expect(lint(['aws:ecs:serviceArn', SERVICE])).toEqual([]);
    expect(lint(['aws:ecs:serviceArn', 'web'])).toEqual(['fargate-tag-value']);
    expect(lint(['aws:ecs:serviceArn', CLUSTER])).toEqual(['fargate-tag-value']);
    expect(lint(['aws:ecs:clusterArn', CLUSTER])).toEqual([]);
    expect(lint(['aws:ecs:clusterArn', 'rose'])).toEqual(['fargate-tag-value']);
    expect(lint(['aws:ecs:fargateTask', 'true'])).toEqual([]);
    expect(lint(['aws:ecs:fargateTask', 'yes'])).toEqual(['fargate-tag-value']);
    expect(lint(['aws:ecs:clustername', 'rose'])).toEqual(['unknown-aws-tag', 'matches-nothing']);
    expect(lint(['team', 'quant'])).toEqual(['matches-nothing']);
  });

  test('instances on a Dedicated Host go by the host', () => {
    const window = aWindow({ instanceTags: [], instanceIds: ['i-0aaa'] });
    expect(rules([window], [anInstance({ operator: null })], {}, { 'i-0aaa': 'h-1' })).toEqual(['dedicated-host']);
  });

  test('an instance that has ended is no target', () => {
    const window = aWindow({ instanceTags: [], instanceIds: ['i-0gone', 'i-0old'] });
    const ended = anInstance({ id: 'i-0old', operator: null, endedAt: '2026-11-20T00:00:00Z' });

    expect(rules([window], [ended])).toEqual(['matches-nothing']);
  });
});

describe('Fargate', () => {
  const forAll = (ranges: EventWindow['timeRanges'] = aWindow().timeRanges) =>
    aWindow({ ...tagged(['aws:ecs:fargateTask', 'true']), timeRanges: ranges });
  const on = { fargateEventWindows: 'enabled' };
  const range = (startWeekDay: string, startHour: number, endHour: number) => ({
    startWeekDay,
    startHour,
    endWeekDay: startWeekDay,
    endHour,
  });

  test('wants eight hours, or a range at least every three days', () => {
    expect(rules([forAll()], [], on)).toEqual(['fargate-advice']); // 4 hours, a week apart
    expect(rules([forAll([range('sunday', 8, 16)])], [], on)).toEqual([]); // 8 hours
    expect(rules([forAll([range('sunday', 9, 16)])], [], on)).toEqual(['fargate-advice']); // 7 hours
    // Sun 10-12, Wed 10-12, Sat 10-12: gaps of 70, 70 and 22 hours.
    const thirds = ['sunday', 'wednesday', 'saturday'].map((day) => range(day, 10, 12));
    expect(rules([forAll(thirds)], [], on)).toEqual([]);
    // Sun and Wed only: from Wed 12:00 to Sun 10:00 are 94 hours.
    expect(rules([forAll(thirds.slice(0, 2))], [], on)).toEqual(['fargate-advice']);
  });

  test('looks at windows only where the account opted in', () => {
    const long = [range('sunday', 8, 16)];
    expect(rules([forAll(long)], [], {})).toEqual(['fargate-setting']);
    expect(rules([forAll(long)], [], { fargateEventWindows: 'disabled' })).toEqual(['fargate-setting']);
  });
});

describe('windows beside each other', () => {
  test('a target sits in one window only', () => {
    expect(rules([aWindow(), aWindow({ id: 'iew-0two', name: 'two' })])).toEqual(['target-once']);
  });

  test('two tags on one instance: nobody says which window counts', () => {
    const byProvider = aWindow({
      id: 'iew-0two',
      name: 'two',
      ...tagged(['aws:ecs:capacityProviderName', 'mi-rose']),
    });

    expect(rules([aWindow(), byProvider])).toEqual(['targets-overlap']);
    expect(rules([aWindow(), { ...byProvider, state: 'deleted' }])).toEqual([]);
  });

  test('the same name twice is no mistake, and easily one', () => {
    const other = aWindow({ id: 'iew-0two', ...tagged(['aws:ecs:clusterName', 'tulip']) });
    expect(rules([aWindow(), other])).toEqual(['same-name']);
  });

  test('a region takes 200 windows, and says so from 180 on', () => {
    const said = (count: number) => regionRows(count, book()).map(({ rule, text }) => `${rule}: ${text}`);

    expect(said(179)).toEqual([]);
    expect(said(180)).toEqual(['region-nearly-full: 180 of 200 windows of the region are in use: room for 20 more.']);
    expect(said(200)).toEqual([
      'region-nearly-full: 200 of 200 windows of the region are in use: no other can be made.',
    ]);
    expect(said(201)).toEqual(['region-limit: 201 windows; a region takes 200.']);
  });

  test('hostile names come through as they are, for the renderer to escape', () => {
    const bad = '<!here> *bold* `code`';
    const window = aWindow({ ...tagged(['aws:ecs:clusterName', bad]) });
    const { windows } = lintRegion({ eventWindows: [window], instances: [], settings: {} }, book());

    expect(windows[0]?.lint[0]?.text).toContain(bad);
  });
});
