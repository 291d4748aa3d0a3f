import type {
  AssociateInstanceEventWindowResult,
  CreateInstanceEventWindowResult,
  DeleteInstanceEventWindowResult,
  DescribeInstanceEventWindowsResult,
  InstanceEventWindowTimeRangeRequest,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { openHours } from '../../demo/aws/handlers/ec2-window-rules.ts';
import { windowOperations } from '../../demo/aws/handlers/ec2-windows.ts';
import { type caller, caller as callerOf, codeOf, contextOf, NOW, tinyWorld } from './tiny-world.ts';

/** Event windows as EC2 documents them: times, targets, states, dry runs. */

type Ec2 = ReturnType<typeof caller<typeof windowOperations>>;

/** A region of its own, with two instances, and a clock that goes on. */
function openRegion(): { readonly ec2: Ec2; readonly pass: (seconds: number) => void } {
  let nowMs = NOW.getTime();
  const world = tinyWorld({ world: { now: () => new Date(nowMs) } });
  const region = contextOf(world).region;
  region.ec2.instances.push({ InstanceId: 'i-1' }, { InstanceId: 'i-2' });
  const ec2 = (<Output>(name: string, input: object): Output =>
    callerOf(windowOperations, contextOf(world))<Output>(name, input)) as Ec2;
  return {
    ec2,
    pass: (seconds) => {
      nowMs += seconds * 1000;
    },
  };
}

const CRON = '* 2-10 * * SUN';

function makeWindow(ec2: Ec2, name = 'mine'): string {
  const made = ec2<CreateInstanceEventWindowResult>('CreateInstanceEventWindow', { Name: name, CronExpression: CRON });
  return made.InstanceEventWindow?.InstanceEventWindowId ?? '';
}

function windowsOf(ec2: Ec2, input: object = {}) {
  return ec2<DescribeInstanceEventWindowsResult>('DescribeInstanceEventWindows', input).InstanceEventWindows ?? [];
}

const range = (from: string, to: string): InstanceEventWindowTimeRangeRequest => {
  const [StartWeekDay = '', start = ''] = from.split(' ');
  const [EndWeekDay = '', end = ''] = to.split(' ');
  return {
    StartWeekDay: StartWeekDay as InstanceEventWindowTimeRangeRequest['StartWeekDay'],
    StartHour: Number(start),
    EndWeekDay: EndWeekDay as InstanceEventWindowTimeRangeRequest['EndWeekDay'],
    EndHour: Number(end),
  };
};

describe('times', () => {
  test.each<[string, readonly InstanceEventWindowTimeRangeRequest[], number | string]>([
    ['four hours', [range('sunday 10', 'sunday 14')], 4],
    ['twice two hours', [range('sunday 10', 'sunday 12'), range('wednesday 10', 'wednesday 12')], 4],
    ['over midnight', [range('friday 22', 'saturday 2')], 4],
    // From Saturday 22:00 = hour 166 to Sunday 02:00 = hour 2: (2 - 166 + 168) mod 168 = 4.
    ['over the end of the week', [range('saturday 22', 'sunday 2')], 4],
    ['two days and more', [range('monday 2', 'wednesday 8')], 54],
    ['three hours', [range('sunday 10', 'sunday 13')], 'InvalidParameterValue'],
    ['one hour beside four', [range('sunday 10', 'sunday 14'), range('monday 1', 'monday 2')], 'InvalidParameterValue'],
    ['no length at all', [range('sunday 10', 'sunday 10')], 'InvalidParameterValue'],
    ['an hour that no day has', [range('sunday 20', 'sunday 24')], 'InvalidParameterValue'],
    ['half an hour', [range('sunday 10.5', 'sunday 16')], 'InvalidParameterValue'],
    ['a range without an end', [{ StartWeekDay: 'sunday', StartHour: 2, EndHour: 9 }], 'MissingParameter'],
  ])('as ranges: %s', (_what, TimeRanges, expected) => {
    const { ec2 } = openRegion();
    const input = { TimeRanges };
    if (typeof expected === 'string') {
      expect(codeOf(() => ec2('CreateInstanceEventWindow', input))).toBe(expected);
      expect(windowsOf(ec2)).toEqual([]);
      return;
    }
    ec2('CreateInstanceEventWindow', input);
    expect(openHours(windowsOf(ec2)[0] ?? {}).size).toBe(expected);
  });

  test.each<[string, number | string]>([
    ['* 21-23 * * 2,3', 4],
    ['* 0-4,20-23 * * 1,5', 14],
    ['* 1-5 * * MON-FRI', 20],
    ['* 1-5 * * *', 28],
    ['* 2-10 * * sun', 8],
    ['* 21-23 * * 2', 'InvalidParameterValue'],
    ['* 2-3 * * 1,2,3,4,5', 'InvalidParameterValue'],
    ['* 20-4 * * 1', 'InvalidParameterValue'],
    ['* 2 * * 1', 'InvalidParameterValue'],
    ['* * * * 1', 'InvalidParameterValue'],
    ['* 20-24 * * 1', 'InvalidParameterValue'],
    ['0 2-10 * * 1', 'InvalidParameterValue'],
    ['* 2-10 1 * 1', 'InvalidParameterValue'],
    ['* 2-10 * 6 1', 'InvalidParameterValue'],
    ['* 2-10 * * 7', 'InvalidParameterValue'],
    ['* 2-10 * * FRI-MON', 'InvalidParameterValue'],
    ['* 2-10 * * 1-2-3', 'InvalidParameterValue'],
    ['* 2-10 * * 1 *', 'InvalidParameterValue'],
    ['* 2-10 * *', 'InvalidParameterValue'],
    ['', 'InvalidParameterValue'],
  ])('as cron: "%s"', (CronExpression, expected) => {
    const { ec2 } = openRegion();
    if (typeof expected === 'string') {
      expect(codeOf(() => ec2('CreateInstanceEventWindow', { CronExpression }))).toBe(expected);
      return;
    }
    ec2('CreateInstanceEventWindow', { CronExpression });
    expect(openHours(windowsOf(ec2)[0] ?? {}).size).toBe(expected);
  });

  test('come in one form, which a change replaces whole', () => {
    const { ec2 } = openRegion();
    const TimeRanges = [range('sunday 10', 'sunday 14')];
    expect(codeOf(() => ec2('CreateInstanceEventWindow', { TimeRanges, CronExpression: CRON }))).toBe(
      'InvalidParameterCombination',
    );
    expect(codeOf(() => ec2('CreateInstanceEventWindow', { Name: 'no times' }))).toBe('MissingParameter');
    const InstanceEventWindowId = makeWindow(ec2);
    ec2('ModifyInstanceEventWindow', { InstanceEventWindowId, TimeRanges });
    expect(windowsOf(ec2)[0]).toMatchObject({ Name: 'mine', TimeRanges });
    expect(windowsOf(ec2)[0]?.CronExpression).toBeUndefined();
    ec2('ModifyInstanceEventWindow', { InstanceEventWindowId, Name: 'renamed' });
    expect(windowsOf(ec2)[0]).toMatchObject({ Name: 'renamed', TimeRanges });
    expect(codeOf(() => ec2('ModifyInstanceEventWindow', { InstanceEventWindowId }))).toBe('MissingParameter');
  });
});

describe('states', () => {
  test('go from creating to active, and from deleting to nothing, as time passes', () => {
    const { ec2, pass } = openRegion();
    const InstanceEventWindowId = makeWindow(ec2);
    expect(windowsOf(ec2)[0]?.State).toBe('creating');
    pass(10);
    expect(windowsOf(ec2)[0]?.State).toBe('active');
    const { InstanceEventWindowState: state } = ec2<DeleteInstanceEventWindowResult>('DeleteInstanceEventWindow', {
      InstanceEventWindowId,
    });
    expect(state).toEqual({ InstanceEventWindowId, State: 'deleting' });
    expect(windowsOf(ec2)[0]?.State).toBe('deleting');
    for (const name of ['DeleteInstanceEventWindow', 'ModifyInstanceEventWindow']) {
      const input = { InstanceEventWindowId, Name: 'x' };
      expect(codeOf(() => ec2(name, input))).toBe('IncorrectState');
    }
    pass(10);
    expect(windowsOf(ec2)).toEqual([]);
    expect(codeOf(() => windowsOf(ec2, { InstanceEventWindowIds: [InstanceEventWindowId] }))).toBe(
      'InvalidInstanceEventWindowID.NotFound',
    );
  });

  test('never bring an id back', () => {
    const { ec2, pass } = openRegion();
    const ids = Array.from({ length: 5 }, () => {
      const InstanceEventWindowId = makeWindow(ec2);
      ec2('DeleteInstanceEventWindow', { InstanceEventWindowId });
      pass(10);
      return InstanceEventWindowId;
    });
    expect(new Set(ids).size).toBe(5);
    for (const id of ids) expect(id).toMatch(/^iew-[0-9a-f]{17}$/);
  });

  test('may have names in common', () => {
    const { ec2 } = openRegion();
    makeWindow(ec2, 'same');
    makeWindow(ec2, 'same');
    expect(windowsOf(ec2, { Filters: [{ Name: 'event-window-name', Values: ['same'] }] })).toHaveLength(2);
  });
});

describe('targets', () => {
  const tag = (Key: string, Value: string) => ({ InstanceTags: [{ Key, Value }] });

  test('are named Tags in answers, and come back by every filter', () => {
    const { ec2 } = openRegion();
    const InstanceEventWindowId = makeWindow(ec2);
    const { InstanceEventWindow: window } = ec2<AssociateInstanceEventWindowResult>('AssociateInstanceEventWindow', {
      InstanceEventWindowId,
      AssociationTarget: tag('aws:ecs:clusterName', 'rose'),
    });
    expect(window?.AssociationTarget).toEqual({
      InstanceIds: [],
      Tags: [{ Key: 'aws:ecs:clusterName', Value: 'rose' }],
      DedicatedHostIds: [],
    });
    for (const [Name, value] of [
      ['instance-tag', 'aws:ecs:clusterName=rose'],
      ['instance-tag-key', 'aws:ecs:clusterName'],
      ['instance-tag-value', 'rose'],
    ]) {
      expect(windowsOf(ec2, { Filters: [{ Name, Values: [value] }] })).toHaveLength(1);
      expect(windowsOf(ec2, { Filters: [{ Name, Values: ['other'] }] })).toHaveLength(0);
    }
  });

  test('are added to, without doubles, and taken away one by one', () => {
    const { ec2 } = openRegion();
    const InstanceEventWindowId = makeWindow(ec2);
    const ids = (): readonly string[] | undefined => windowsOf(ec2)[0]?.AssociationTarget?.InstanceIds;
    const say = (name: string, ...InstanceIds: readonly string[]): void => {
      ec2(name, { InstanceEventWindowId, AssociationTarget: { InstanceIds } });
    };
    say('AssociateInstanceEventWindow', 'i-1');
    say('AssociateInstanceEventWindow', 'i-1', 'i-2');
    expect(ids()).toEqual(['i-1', 'i-2']);
    say('DisassociateInstanceEventWindow', 'i-1');
    expect(ids()).toEqual(['i-2']);
    expect(codeOf(() => say('DisassociateInstanceEventWindow', 'i-1'))).toBe('InvalidParameterValue');
    say('DisassociateInstanceEventWindow', 'i-2');
    ec2('AssociateInstanceEventWindow', { InstanceEventWindowId, AssociationTarget: tag('team', 'head') });
    expect(ids()).toEqual([]);
  });

  test('are of one kind in a call, and of one kind in a window', () => {
    const { ec2 } = openRegion();
    const InstanceEventWindowId = makeWindow(ec2);
    const put = (AssociationTarget: object): string =>
      codeOf(() => ec2('AssociateInstanceEventWindow', { InstanceEventWindowId, AssociationTarget }));
    expect(put({ InstanceIds: ['i-1'], ...tag('team', 'head') })).toBe('InvalidParameterCombination');
    expect(put({})).toBe('MissingParameter');
    expect(put({ InstanceIds: [] })).toBe('MissingParameter');
    expect(put(tag('team', 'head'))).toBe('none');
    expect(put({ InstanceIds: ['i-1'] })).toBe('InvalidParameterCombination');
  });

  test('are in one window only', () => {
    const { ec2, pass } = openRegion();
    const [first, second] = [makeWindow(ec2, 'first'), makeWindow(ec2, 'second')];
    const put = (InstanceEventWindowId: string): string =>
      codeOf(() => ec2('AssociateInstanceEventWindow', { InstanceEventWindowId, AssociationTarget: tag('a', 'b') }));
    expect(put(first)).toBe('none');
    expect(put(second)).toBe('InvalidParameterValue');
    ec2('DeleteInstanceEventWindow', { InstanceEventWindowId: first, ForceDelete: true });
    pass(10);
    expect(put(second)).toBe('none');
  });

  test('keep a window from being deleted, unless by force', () => {
    const { ec2 } = openRegion();
    const InstanceEventWindowId = makeWindow(ec2);
    ec2('AssociateInstanceEventWindow', { InstanceEventWindowId, AssociationTarget: tag('a', 'b') });
    expect(codeOf(() => ec2('DeleteInstanceEventWindow', { InstanceEventWindowId }))).toBe('InvalidParameterValue');
    expect(codeOf(() => ec2('DeleteInstanceEventWindow', { InstanceEventWindowId, ForceDelete: true }))).toBe('none');
  });

  test('have limits: 50 tags', () => {
    const { ec2 } = openRegion();
    const InstanceEventWindowId = makeWindow(ec2);
    const InstanceTags = Array.from({ length: 50 }, (_, number) => ({ Key: 'k', Value: String(number) }));
    ec2('AssociateInstanceEventWindow', { InstanceEventWindowId, AssociationTarget: { InstanceTags } });
    const one = { InstanceEventWindowId, AssociationTarget: tag('k', 'one more') };
    expect(codeOf(() => ec2('AssociateInstanceEventWindow', one))).toBe('InstanceEventWindowTargetLimitExceeded');
  });

  test('must be there, tags apart', () => {
    const { ec2 } = openRegion();
    const InstanceEventWindowId = makeWindow(ec2);
    const put = (AssociationTarget: object): string =>
      codeOf(() => ec2('AssociateInstanceEventWindow', { InstanceEventWindowId, AssociationTarget }));
    expect(put({ InstanceIds: ['i-1', 'i-9'] })).toBe('InvalidInstanceID.NotFound');
    expect(put({ DedicatedHostIds: ['h-1'] })).toBe('InvalidHostID.NotFound');
    expect(put(tag('nobody', 'has this'))).toBe('none');
  });
});

describe('tags of the window itself', () => {
  const make = (Tags: readonly object[], ResourceType = 'instance-event-window'): string =>
    codeOf(() =>
      openRegion().ec2('CreateInstanceEventWindow', {
        CronExpression: CRON,
        TagSpecifications: [{ ResourceType, Tags }],
      }),
    );

  test('are kept, unless they are AWS own, doubled, too long or for something else', () => {
    expect(make([{ Key: 'owner', Value: 'sre <&> 🌷' }])).toBe('none');
    expect(make([{ Key: 'aws:mine', Value: 'x' }])).toBe('InvalidParameterValue');
    expect(make([{ Key: 'a' }, { Key: 'a' }])).toBe('InvalidParameterValue');
    expect(make([{ Key: 'k'.repeat(129) }])).toBe('InvalidParameterValue');
    expect(make([{ Key: 'k', Value: 'v'.repeat(257) }])).toBe('InvalidParameterValue');
    expect(make([{ Key: 'k' }], 'instance')).toBe('InvalidParameterValue');
    expect(make(Array.from({ length: 51 }, (_, number) => ({ Key: `k${number}` })))).toBe('TagLimitExceeded');
  });
});

describe('a dry run', () => {
  test('looks at the request and changes nothing', () => {
    const { ec2 } = openRegion();
    const InstanceEventWindowId = makeWindow(ec2);
    const before = windowsOf(ec2).map((window) => ({ ...window }));
    const dry = (name: string, input: object): string => codeOf(() => ec2(name, { DryRun: true, ...input }));
    expect(dry('CreateInstanceEventWindow', { CronExpression: CRON })).toBe('DryRunOperation');
    expect(dry('CreateInstanceEventWindow', { CronExpression: '* 2 * * 1' })).toBe('InvalidParameterValue');
    expect(dry('ModifyInstanceEventWindow', { InstanceEventWindowId, Name: 'x' })).toBe('DryRunOperation');
    expect(dry('DeleteInstanceEventWindow', { InstanceEventWindowId })).toBe('DryRunOperation');
    expect(dry('DeleteInstanceEventWindow', { InstanceEventWindowId: 'iew-1' })).toBe(
      'InvalidInstanceEventWindowID.NotFound',
    );
    expect(windowsOf(ec2)).toEqual(before);
  });
});
