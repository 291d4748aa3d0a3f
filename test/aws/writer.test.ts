import { describe, expect, test } from 'vitest';
import type { WindowCall } from '../../src/approvals/model.ts';
import { PROPOSAL_TAG } from '../../src/approvals/model.ts';
import { create, DRY, ec2Calls, NO_TARGETS, openWriterBench, REAL, tagged } from './writer-bench.ts';

/** Every change of event windows, against the simulated AWS with the real SDK. */

const MINE = { [PROPOSAL_TAG]: '2026-11-24-0007' };

describe('a window', () => {
  test('is created with its tag and no target, and can be read back', async () => {
    const { writer, reader, place, aws } = await openWriterBench();
    const outcome = await writer.write(place, create('daisy-sundays', MINE), REAL);
    expect(outcome).toEqual({
      op: 'CreateInstanceEventWindow',
      dryRun: false,
      at: '2026-11-24T10:00:00.000Z',
      outcome: 'done',
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      window: expect.stringMatching(/^iew-[0-9a-f]{17}$/),
      error: null,
    });
    const windows = await reader.eventWindows(place);
    expect(windows.find(({ id }) => id === outcome.window)).toEqual({
      ...NO_TARGETS,
      id: outcome.window,
      name: 'daisy-sundays',
      state: 'creating',
      cron: null,
      timeRanges: [{ startWeekDay: 'sunday', startHour: 10, endWeekDay: 'sunday', endHour: 14 }],
      tags: MINE,
    });
    expect(aws.violations).toEqual([]);
  });

  test('becomes active a moment later', async () => {
    const { writer, reader, place, pass } = await openWriterBench();
    const { window } = await writer.write(place, create('daisy-sundays'), REAL);
    pass(60);
    const found = (await reader.eventWindows(place)).find(({ id }) => id === window);
    expect(found?.state).toBe('active');
  });

  test('gets targets by the id that its creation returned', async () => {
    const { writer, reader, place, aws } = await openWriterBench();
    const { window } = await writer.write(place, create('shard-a'), REAL);
    const targets = tagged('aws:ecs:capacityProviderName', 'mi-daisy');
    const associate: WindowCall = { op: 'AssociateInstanceEventWindow', window: null, targets };
    expect(await writer.write(place, associate, { dryRun: false, window })).toMatchObject({ outcome: 'done', window });
    const found = (await reader.eventWindows(place)).find(({ id }) => id === window);
    expect(found?.instanceTags).toEqual([{ key: 'aws:ecs:capacityProviderName', value: 'mi-daisy' }]);
    expect(aws.violations).toEqual([]);
  });

  test('changes from ranges to cron and keeps name, targets and tags', async () => {
    const { writer, reader, place, aws } = await openWriterBench();
    const before = await daisyNights(reader, place);
    const cron: WindowCall = {
      op: 'ModifyInstanceEventWindow',
      window: before.id,
      schedule: { kind: 'cron', cron: '* 0-4,20-23 * * 1,5' },
    };
    expect(await writer.write(place, cron, REAL)).toMatchObject({ outcome: 'done', window: before.id });
    const after = await daisyNights(reader, place);
    expect(after).toEqual({ ...before, cron: '* 0-4,20-23 * * 1,5', timeRanges: [], state: 'creating' });
    expect(aws.violations).toEqual([]);
  });

  test('loses targets, and goes with those it still has', async () => {
    const { writer, reader, place, pass } = await openWriterBench();
    const { id, instanceTags } = await daisyNights(reader, place);
    const targets = { ...NO_TARGETS, instanceTags };
    const part: WindowCall = { op: 'DisassociateInstanceEventWindow', window: id, targets };
    expect(await writer.write(place, part, REAL)).toMatchObject({ outcome: 'done', window: id });
    expect((await daisyNights(reader, place)).instanceTags).toEqual([]);
    await writer.write(place, { op: 'AssociateInstanceEventWindow', window: id, targets }, REAL);
    const gone: WindowCall = { op: 'DeleteInstanceEventWindow', window: id };
    expect(await writer.write(place, gone, REAL)).toMatchObject({ outcome: 'done', window: id });
    expect((await daisyNights(reader, place)).state).toBe('deleting');
    pass(60);
    expect((await reader.eventWindows(place)).filter((window) => window.id === id)).toEqual([]);
  });

  test('takes instances and the other forms of times', async () => {
    const { writer, reader, place, aws, world } = await openWriterBench();
    const timeRanges = [
      { startWeekDay: 'saturday', startHour: 22, endWeekDay: 'sunday', endHour: 4 },
      { startWeekDay: 'wednesday', startHour: 1, endWeekDay: 'wednesday', endHour: 3 },
    ];
    const call: WindowCall = {
      op: 'CreateInstanceEventWindow',
      name: '300 📛 <!here> *bold*',
      schedule: { kind: 'ranges', timeRanges },
      tags: {},
    };
    const { window } = await writer.write(place, call, REAL);
    const instances = world.accounts.find(({ id }) => id === place.account)?.regions.get('eu-west-1')?.ec2.instances;
    const instanceIds = (instances ?? []).map(({ InstanceId }) => InstanceId ?? '').toSorted();
    const targets = { ...NO_TARGETS, instanceIds };
    await writer.write(place, { op: 'AssociateInstanceEventWindow', window, targets }, REAL);
    const found = (await reader.eventWindows(place)).find(({ id }) => id === window);
    // Ranges are read in the order of the week, Sunday first.
    expect(found).toMatchObject({ name: call.name, instanceIds, timeRanges: timeRanges.toReversed() });
    expect(aws.violations).toEqual([]);
  });
});

describe('a dry run', () => {
  test('is allowed for every call, and changes nothing', async () => {
    const { writer, reader, place, aws } = await openWriterBench();
    const before = await reader.eventWindows(place);
    const { id, instanceTags } = await daisyNights(reader, place);
    const targets = { ...NO_TARGETS, instanceTags };
    const calls: readonly WindowCall[] = [
      create('dry', MINE),
      { op: 'ModifyInstanceEventWindow', window: id, schedule: { kind: 'cron', cron: '* 1-5 * * SUN' } },
      { op: 'AssociateInstanceEventWindow', window: id, targets },
      { op: 'DisassociateInstanceEventWindow', window: id, targets },
      { op: 'DeleteInstanceEventWindow', window: id },
    ];
    for (const call of calls) {
      const outcome = await writer.write(place, call, DRY);
      expect(outcome).toMatchObject({ op: call.op, dryRun: true, outcome: 'allowed', error: null });
      expect(outcome.requestId).not.toBeNull();
    }
    expect(await reader.eventWindows(place)).toEqual(before);
    expect(aws.journal.filter(({ isMutating }) => isMutating)).toEqual([]);
    expect(aws.violations).toEqual([]);
  });

  test('that AWS would not allow is refused with the permission it lacks', async () => {
    const { writer, place, aws } = await openWriterBench();
    aws.addFault({ match: { operation: 'CreateInstanceEventWindow' }, answer: { kind: 'access-denied' } });
    const { outcome, error } = await writer.write(place, create('dry'), DRY);
    expect(outcome).toBe('refused');
    expect(error).toEqual({
      code: 'aws_access_denied',
      message: `AWS does not allow ec2:CreateInstanceEventWindow (account ${place.account}, eu-west-1). Allow it in the writer role (deploy/iam/writer.json), then run "ecs-advise doctor".`,
    });
  });

  test('that is answered as if it had been carried out has an unknown end', async () => {
    const { writer, place, aws } = await openWriterBench();
    const body =
      '<?xml version="1.0"?><CreateInstanceEventWindowResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId><instanceEventWindow><instanceEventWindowId>iew-1</instanceEventWindowId></instanceEventWindow></CreateInstanceEventWindowResponse>';
    aws.addFault({ match: { service: 'ec2' }, answer: { kind: 'status', status: 200, body, contentType: 'text/xml' } });
    expect(await writer.write(place, create('dry'), DRY)).toMatchObject({
      outcome: 'unknown',
      error: { code: 'aws_endpoint_failed' },
    });
  });
});

describe('the writer role', () => {
  test('is assumed inside the first write and not before, by its own name, for a quarter of an hour', async () => {
    const { writer, reader, place, aws, world } = await openWriterBench();
    await reader.eventWindows(place);
    const assumed = (): readonly unknown[] =>
      aws.journal.filter(({ operation }) => operation === 'AssumeRole').map(({ input }) => input);
    expect(assumed()).toHaveLength(1);
    await writer.write(place, create('one'), REAL);
    const account = world.accounts.find(({ id }) => id === place.account);
    expect(assumed()).toEqual([
      expect.objectContaining({ RoleArn: account?.readerRoleArn, RoleSessionName: 'ecs-advise' }),
      {
        RoleArn: account?.writerRoleArn,
        RoleSessionName: 'ecs-advise-apply',
        DurationSeconds: 900,
        ExternalId: account?.externalId,
      },
    ]);
  });

  test('serves the calls of one apply, and is assumed anew when its session is nearly over', async () => {
    // Ahead of the machine's clock, by which the simulated STS never lets a session end in the past.
    const { writer, place, aws, pass } = await openWriterBench({ start: '2036-11-24T10:00:00.000Z' });
    const assumed = (): number => aws.journal.filter(({ operation }) => operation === 'AssumeRole').length;
    await writer.write(place, create('one'), REAL);
    await writer.write(place, create('two'), REAL);
    expect(assumed()).toBe(1);
    pass(14 * 60);
    expect(await writer.write(place, create('three'), REAL)).toMatchObject({ outcome: 'done' });
    expect(assumed()).toBe(2);
  });

  test('whose session has ended is refused once, and assumed anew by the next write', async () => {
    const { writer, place, aws, pass } = await openWriterBench();
    await writer.write(place, create('one'), REAL);
    pass(16 * 60);
    expect(await writer.write(place, create('two'), REAL)).toMatchObject({
      outcome: 'refused',
      error: { code: 'aws_expired_token' },
    });
    expect(await writer.write(place, create('two'), REAL)).toMatchObject({ outcome: 'done' });
    expect(aws.journal.filter(({ operation }) => operation === 'AssumeRole')).toHaveLength(2);
  });

  test('that is not configured refuses every write in words, and asks AWS nothing', async () => {
    const { writer, place, aws } = await openWriterBench({
      accounts: (all) => all.map((account) => ({ ...account, writerRoleArn: null })),
    });
    expect(await writer.write(place, create('one'), DRY)).toEqual({
      op: 'CreateInstanceEventWindow',
      dryRun: true,
      at: '2026-11-24T10:00:00.000Z',
      outcome: 'refused',
      requestId: null,
      window: null,
      error: {
        code: 'aws_no_writer_role',
        message: `The account qcu-2 (${place.account}) has no writer role, so nothing can be changed there. Make one (deploy/iam/writer.json) and name it as writerRole in ecs-advise.yaml; docs/aws.md shows how.`,
      },
    });
    expect(aws.journal).toEqual([]);
  });

  test('of an account or region that is not configured is never looked for', async () => {
    const { writer, place, aws } = await openWriterBench();
    for (const other of [
      { ...place, account: '999999999999' },
      { ...place, region: 'us-west-2' },
    ]) {
      const outcome = await writer.write(other, create('one'), REAL);
      expect(outcome).toMatchObject({ outcome: 'refused', error: { code: 'aws_unknown_account' } });
    }
    expect(aws.journal).toEqual([]);
  });

  test('that does not trust the bot refuses the write before it is sent', async () => {
    const { writer, place, aws } = await openWriterBench({
      accounts: (all) => all.map((account) => ({ ...account, externalId: 'another' })),
    });
    const outcome = await writer.write(place, create('one'), REAL);
    expect(outcome).toMatchObject({ outcome: 'refused', requestId: null, error: { code: 'aws_access_denied' } });
    expect(outcome.error?.message).toContain('sts:AssumeRole');
    expect(ec2Calls(aws)).toEqual([]);
  });
});

test('what is written is logged without what people typed', async () => {
  const lines: Record<string, unknown>[] = [];
  const info = (fields: Record<string, unknown>): void => {
    lines.push(fields);
  };
  const none = (): void => {};
  const { writer, place } = await openWriterBench({ log: { info, warn: none, error: none, debug: none } });
  const { window, requestId, at } = await writer.write(place, create('secret name'), REAL);
  expect(lines).toEqual([
    {
      ...place,
      op: 'CreateInstanceEventWindow',
      dryRun: false,
      at,
      outcome: 'done',
      requestId,
      window,
      code: null,
    },
  ]);
});

async function daisyNights(
  reader: Awaited<ReturnType<typeof openWriterBench>>['reader'],
  place: Parameters<typeof reader.eventWindows>[0],
): Promise<Awaited<ReturnType<typeof reader.eventWindows>>[number]> {
  const window = (await reader.eventWindows(place)).find(({ name }) => name === 'daisy-nights');
  if (window === undefined) throw new Error('the world has lost daisy-nights');
  return window;
}
