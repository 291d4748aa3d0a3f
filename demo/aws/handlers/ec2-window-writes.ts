/** Everything that changes event windows. */
import {
  AssociateInstanceEventWindow$,
  type AssociateInstanceEventWindowRequest,
  type AssociateInstanceEventWindowResult,
  CreateInstanceEventWindow$,
  type CreateInstanceEventWindowRequest,
  type CreateInstanceEventWindowResult,
  DeleteInstanceEventWindow$,
  type DeleteInstanceEventWindowRequest,
  type DeleteInstanceEventWindowResult,
  DisassociateInstanceEventWindow$,
  type DisassociateInstanceEventWindowRequest,
  type DisassociateInstanceEventWindowResult,
  type InstanceEventWindow,
  ModifyInstanceEventWindow$,
  type ModifyInstanceEventWindowRequest,
  type ModifyInstanceEventWindowResult,
} from '@aws-sdk/client-ec2';
import { ec2Id } from '../world/ids.ts';
import { dryRunSucceeded, invalidValue } from './ec2-query.ts';
import {
  associationOf,
  type Named,
  scheduleIn,
  TARGET_LIMITS,
  tagsIn,
  targetsIn,
  targetsOf,
} from './ec2-window-rules.ts';
import { change, windowsNow } from './ec2-window-states.ts';
import {
  AwsFault,
  type HandlerContext,
  type Operation,
  type OperationSchema,
  operation,
  type ServiceTable,
} from './types.ts';

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/event-windows.html: per account and region. */
const MOST_WINDOWS = 200;

type DryRunnable = { readonly DryRun?: boolean | undefined };

/**
 * A row of the table for an operation that changes something. `check` looks at the request and returns the change. A
 * dry run ends after it; what only the change itself meets (quotas, targets that another window has) a dry run does not
 * see, which AWS leaves open.
 */
function mutation<Input extends DryRunnable, Output>(
  schema: OperationSchema,
  check: (input: Input, context: HandlerContext) => () => Output,
): Operation {
  return operation<Input, Output>(schema, (input, context) => {
    const act = check(input, context);
    if (input.DryRun === true) throw dryRunSucceeded();
    return act();
  });
}

const create = mutation<CreateInstanceEventWindowRequest, CreateInstanceEventWindowResult>(
  CreateInstanceEventWindow$,
  (input, context) => {
    const schedule = scheduleIn(input);
    if (schedule === null)
      throw new AwsFault('MissingParameter', 'An event window needs time ranges or a cron expression.');
    const Tags = tagsIn(input.TagSpecifications);
    return () => {
      if (windowsNow(context).length >= MOST_WINDOWS) {
        const message = `You have reached the maximum of ${MOST_WINDOWS} event windows in this Region.`;
        throw new AwsFault('InstanceEventWindowLimitExceeded', message);
      }
      const window: InstanceEventWindow = {
        InstanceEventWindowId: nextId(context),
        Name: input.Name ?? '',
        ...schedule,
        AssociationTarget: { InstanceIds: [], Tags: [], DedicatedHostIds: [] },
        State: 'creating',
        Tags,
      };
      const made = change(context, (windows) => {
        windows.push(window);
        return window;
      });
      return { InstanceEventWindow: made };
    };
  },
);

/** How many windows each region has had; ids are never used again. */
const counts = new WeakMap<readonly InstanceEventWindow[], number>();

function nextId({ account, region }: HandlerContext): string {
  const windows = region.ec2.eventWindows;
  const number = (counts.get(windows) ?? 0) + 1;
  counts.set(windows, number);
  return ec2Id('iew', `${account.id} ${region.region} made ${number}`);
}

const modify = mutation<ModifyInstanceEventWindowRequest, ModifyInstanceEventWindowResult>(
  ModifyInstanceEventWindow$,
  (input, context) => {
    const schedule = scheduleIn(input);
    if (schedule === null && input.Name === undefined) {
      throw new AwsFault('MissingParameter', 'The request must contain a name, time ranges or a cron expression.');
    }
    const window = changeable(context, input.InstanceEventWindowId);
    return () => {
      const name = input.Name === undefined ? {} : { Name: input.Name };
      const changed = change(context, () => {
        if (schedule !== null) {
          delete window.TimeRanges;
          delete window.CronExpression;
        }
        return Object.assign(window, { ...schedule, ...name, State: 'creating' });
      });
      return { InstanceEventWindow: changed };
    };
  },
);

const remove = mutation<DeleteInstanceEventWindowRequest, DeleteInstanceEventWindowResult>(
  DeleteInstanceEventWindow$,
  (input, context) => {
    const window = changeable(context, input.InstanceEventWindowId);
    const hasTargets = targetsOf(window).some(({ keys }) => keys.length > 0);
    if (hasTargets && input.ForceDelete !== true) {
      const message = 'The event window is associated with targets. Disassociate them, or use ForceDelete.';
      throw new AwsFault('InvalidParameterValue', message);
    }
    return () => {
      const { InstanceEventWindowId, State } = change(context, () => Object.assign(window, { State: 'deleting' }));
      return { InstanceEventWindowState: { InstanceEventWindowId, State } };
    };
  },
);

const associate = mutation<AssociateInstanceEventWindowRequest, AssociateInstanceEventWindowResult>(
  AssociateInstanceEventWindow$,
  (input, context) => {
    const wanted = targetsIn(input.AssociationTarget);
    const window = changeable(context, input.InstanceEventWindowId);
    mustExist(context, wanted);
    return () => {
      const has = targetsOf(window).find(({ keys }) => keys.length > 0);
      if (has !== undefined && has.kind !== wanted.kind) {
        const message = 'An event window can have only one type of target; disassociate the others first.';
        throw new AwsFault('InvalidParameterCombination', message);
      }
      refuseTaken(context, window, wanted);
      const keys = [...new Set([...(has?.keys ?? []), ...wanted.keys])];
      if (keys.length > TARGET_LIMITS[wanted.kind]) {
        const message = `An event window can have at most ${TARGET_LIMITS[wanted.kind]} targets of this type.`;
        throw new AwsFault('InstanceEventWindowTargetLimitExceeded', message);
      }
      const AssociationTarget = associationOf({ kind: wanted.kind, keys });
      return { InstanceEventWindow: targeted(context, window, AssociationTarget) };
    };
  },
);

const disassociate = mutation<DisassociateInstanceEventWindowRequest, DisassociateInstanceEventWindowResult>(
  DisassociateInstanceEventWindow$,
  (input, context) => {
    const gone = targetsIn(input.AssociationTarget);
    const window = changeable(context, input.InstanceEventWindowId);
    const has = targetsOf(window).find(({ kind }) => kind === gone.kind)?.keys ?? [];
    const lacking = gone.keys.filter((key) => !has.includes(key));
    if (lacking.length > 0) throw invalidValue(`The event window is not associated with ${lacking.join(', ')}.`);
    return () => {
      const AssociationTarget = associationOf({ kind: gone.kind, keys: has.filter((key) => !gone.keys.includes(key)) });
      return { InstanceEventWindow: targeted(context, window, AssociationTarget) };
    };
  },
);

function targeted(
  context: HandlerContext,
  window: InstanceEventWindow,
  AssociationTarget: InstanceEventWindow['AssociationTarget'],
): InstanceEventWindow {
  return change(context, () => Object.assign(window, { AssociationTarget, State: 'creating' }));
}

/** The window, which must be there and not on its way out. */
function changeable(context: HandlerContext, id: string | undefined): InstanceEventWindow {
  if (id === undefined || id === '') throw new AwsFault('MissingParameter', 'The request must name an event window.');
  const window = windowsNow(context).find((one) => one.InstanceEventWindowId === id);
  if (window === undefined) {
    const message = `The instance event window ID '${id}' does not exist`;
    throw new AwsFault('InvalidInstanceEventWindowID.NotFound', message);
  }
  if (window.State === 'deleting') throw new AwsFault('IncorrectState', `The event window ${id} is being deleted.`);
  return window;
}

/** Instances and hosts must exist; a tag may match nothing yet. The world has no Dedicated Hosts. */
function mustExist({ region }: HandlerContext, { kind, keys }: Named): void {
  if (kind === 'Tags') return;
  const known = new Set(kind === 'InstanceIds' ? region.ec2.instances.map(({ InstanceId }) => InstanceId) : []);
  const lacking = keys.filter((key) => !known.has(key));
  if (lacking.length === 0) return;
  const [code, noun] = kind === 'InstanceIds' ? ['InvalidInstanceID', 'instance ID'] : ['InvalidHostID', 'host ID'];
  throw new AwsFault(`${code}.NotFound`, `The ${noun} '${lacking.join(', ')}' does not exist`);
}

/** A target can be in one window only. */
function refuseTaken(context: HandlerContext, mine: InstanceEventWindow, { kind, keys }: Named): void {
  for (const other of windowsNow(context)) {
    if (other === mine || other.State === 'deleting') continue;
    const theirs = targetsOf(other).find((one) => one.kind === kind)?.keys ?? [];
    const taken = keys.find((key) => theirs.includes(key));
    if (taken === undefined) continue;
    throw invalidValue(`The target ${taken} is already associated with ${other.InstanceEventWindowId}.`);
  }
}

export const windowWrites: ServiceTable = {
  AssociateInstanceEventWindow: associate,
  CreateInstanceEventWindow: create,
  DeleteInstanceEventWindow: remove,
  DisassociateInstanceEventWindow: disassociate,
  ModifyInstanceEventWindow: modify,
};
