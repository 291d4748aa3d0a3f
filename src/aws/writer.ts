import {
  AssociateInstanceEventWindowCommand,
  CreateInstanceEventWindowCommand,
  DeleteInstanceEventWindowCommand,
  DisassociateInstanceEventWindowCommand,
  type InstanceEventWindowTimeRangeRequest,
  ModifyInstanceEventWindowCommand,
} from '@aws-sdk/client-ec2';
import type { CallOutcome, Place, WindowCall, WindowSchedule, WindowTargets } from '../approvals/model.ts';
import type { AwsAccount, AwsWriter } from '../deps.ts';
import { AdviseError } from '../errors.ts';
import { present, type SendOptions, type SingleTry } from './call.ts';
import type { Clients } from './clients.ts';
import type { WriterAction } from './operations.ts';
import { openPlaces, type PlacesOptions } from './places.ts';
import { countedRun } from './scan.ts';
import { type Ending, endingOf, notSent } from './write-endings.ts';

type WriterOptions = PlacesOptions & { readonly accounts: readonly AwsAccount[] };

/**
 * The one way to change something in AWS. Nothing is asked, and no role assumed, before the first `write`; a session of
 * a writer role lives for a quarter of an hour at most.
 */
export function openWriter(options: WriterOptions): AwsWriter {
  const { accounts, clock, log } = options;
  const places = openPlaces(options);
  return {
    write: async (place, call, { dryRun, window }) => {
      const at = clock.now().toISOString();
      const target = targetOf(call, window);
      const account = accountFor(accounts, place);
      const ending =
        account instanceof AdviseError
          ? notSent(account)
          : await attempt(places.writer(account, place.region, countedRun().run), place, { call, dryRun, target });
      const outcome: CallOutcome = { op: call.op, dryRun, at, ...ending, window: ending.window ?? target };
      const { error, ...fields } = outcome;
      log.info({ ...place, ...fields, code: error?.code ?? null }, 'AWS write');
      return outcome;
    },
    close: places.close,
  };
}

/** The window that the call is about; null for one that is yet to be made. */
function targetOf(call: WindowCall, made: string | null): string | null {
  if (call.op === 'CreateInstanceEventWindow') return null;
  const window = call.window ?? made;
  if (window === null) throw new Error(`invariant: ${call.op} is about no window`);
  return window;
}

/** The account with its writer role, or why nothing can be written there. */
function accountFor(accounts: readonly AwsAccount[], { account: id, region }: Place): AwsAccount | AdviseError {
  const account = accounts.find((one) => one.id === id);
  if (account === undefined || !account.regions.includes(region)) {
    return new AdviseError({
      kind: 'upstream',
      code: 'aws_unknown_account',
      message: `The account ${id} with ${region} is not in the configuration (any more): nothing was sent to AWS.`,
      hint: 'put it back into ecs-advise.yaml',
    });
  }
  if (account.writerRoleArn !== null) return account;
  return new AdviseError({
    kind: 'upstream',
    code: 'aws_no_writer_role',
    message: `The account ${account.name} (${id}) has no writer role, so nothing can be changed there.`,
    hint: 'make one (deploy/iam/writer.json) and name it as writerRole in ecs-advise.yaml; docs/aws.md shows how',
  });
}

type Write = { readonly call: WindowCall; readonly dryRun: boolean; readonly target: string | null };

async function attempt(single: SingleTry, place: Place, { call, dryRun, target }: Write): Promise<Ending> {
  const action: WriterAction = `ec2:${call.op}`;
  try {
    await single.ready(action);
  } catch (error) {
    // No key, no call: whatever it was, AWS was not asked to change anything.
    if (error instanceof AdviseError) return notSent(error);
    throw error;
  }
  try {
    const { requestId, window } = await single.send(action, ({ ec2 }, options) =>
      send(ec2, options, { call, dryRun, target }),
    );
    if (dryRun) return endingOf(new DryRunIgnored(), { ...place, action });
    return { outcome: 'done', requestId, window, error: null };
  } catch (error) {
    return endingOf(error, { ...place, action });
  }
}

/** A dry run never ends well at AWS: an endpoint that says so may have done it. */
class DryRunIgnored extends Error {
  override readonly name = 'NotAnAnswer';
}

type Sent = { readonly requestId: string | null; readonly window: string };

async function send(ec2: Clients['ec2'], options: SendOptions, { call, dryRun, target }: Write): Promise<Sent> {
  const about = { DryRun: dryRun, InstanceEventWindowId: target ?? '' };
  switch (call.op) {
    case 'CreateInstanceEventWindow': {
      const Tags = Object.entries(call.tags).map(([Key, Value]) => ({ Key, Value }));
      const input = {
        DryRun: dryRun,
        Name: call.name,
        ...scheduleOf(call.schedule),
        ...(Tags.length === 0 ? {} : { TagSpecifications: [{ ResourceType: 'instance-event-window' as const, Tags }] }),
      };
      return windowIn(await ec2.send(new CreateInstanceEventWindowCommand(input), options));
    }
    case 'ModifyInstanceEventWindow': {
      const input = { ...about, ...scheduleOf(call.schedule) };
      return windowIn(await ec2.send(new ModifyInstanceEventWindowCommand(input), options));
    }
    case 'AssociateInstanceEventWindow': {
      const input = { ...about, AssociationTarget: targetsOf(call.targets) };
      return windowIn(await ec2.send(new AssociateInstanceEventWindowCommand(input), options));
    }
    case 'DisassociateInstanceEventWindow': {
      const input = { ...about, AssociationTarget: targetsOf(call.targets) };
      return windowIn(await ec2.send(new DisassociateInstanceEventWindowCommand(input), options));
    }
    case 'DeleteInstanceEventWindow': {
      // Whoever deletes a window has seen its targets in the proposal: they go with it.
      const input = { ...about, ForceDelete: true };
      const { InstanceEventWindowState: state, $metadata } = await ec2.send(
        new DeleteInstanceEventWindowCommand(input),
        options,
      );
      return windowIn({ InstanceEventWindow: state, $metadata });
    }
  }
}

type WindowAnswer = {
  readonly InstanceEventWindow?: { readonly InstanceEventWindowId?: string | undefined } | undefined;
  readonly $metadata: { readonly requestId?: string | undefined };
};

function windowIn({ InstanceEventWindow: window, $metadata }: WindowAnswer): Sent {
  const id = present(window?.InstanceEventWindowId, 'InstanceEventWindowId');
  return { requestId: $metadata.requestId ?? null, window: id };
}

function scheduleOf(
  schedule: WindowSchedule,
): { CronExpression: string } | { TimeRanges: InstanceEventWindowTimeRangeRequest[] } {
  if (schedule.kind === 'cron') return { CronExpression: schedule.cron };
  return {
    TimeRanges: schedule.timeRanges.map((range) => ({
      // AWS's own names for the days; what is not one of them is refused there.
      StartWeekDay: range.startWeekDay as InstanceEventWindowTimeRangeRequest['StartWeekDay'],
      StartHour: range.startHour,
      EndWeekDay: range.endWeekDay as InstanceEventWindowTimeRangeRequest['EndWeekDay'],
      EndHour: range.endHour,
    })),
  };
}

type Association = {
  InstanceIds?: string[];
  InstanceTags?: { Key: string; Value: string }[];
  DedicatedHostIds?: string[];
};

/** Only the kind that has members: one call carries one kind. */
function targetsOf({ instanceIds, instanceTags, dedicatedHostIds }: WindowTargets): Association {
  return {
    ...(instanceIds.length === 0 ? {} : { InstanceIds: [...instanceIds] }),
    ...(instanceTags.length === 0
      ? {}
      : { InstanceTags: instanceTags.map(({ key, value }) => ({ Key: key, Value: value })) }),
    ...(dedicatedHostIds.length === 0 ? {} : { DedicatedHostIds: [...dedicatedHostIds] }),
  };
}
