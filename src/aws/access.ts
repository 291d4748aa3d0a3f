import { GetEnrollmentStatusCommand } from '@aws-sdk/client-compute-optimizer';
import { ListCostAllocationTagsCommand } from '@aws-sdk/client-cost-explorer';
import { ListClustersCommand } from '@aws-sdk/client-ecs';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import type { AccessRow, AwsAccount } from '../deps.ts';
import { AdviseError } from '../errors.ts';
import { type Caller, listIn } from './call.ts';
import { together } from './concurrency.ts';
import { missOf } from './errors.ts';
import { type Action, PAYER_ACTIONS, READER_ACTIONS } from './operations.ts';
import { PROBES, type ProbeContext } from './probes.ts';

/** What the bot may do in each account, found out by trying. */

type AccessRequest = {
  readonly accounts: readonly AwsAccount[];
  readonly callIn: (account: AwsAccount, region: string) => Caller;
  readonly now: Date;
  readonly beforePaidRequest: () => Promise<void>;
};

/**
 * One row for the way into each account, for each action that the bot uses there, for the other regions, and for the
 * opt-ins that answers depend on. Throws only what `beforePaidRequest` throws; what AWS refuses is a row.
 */
export async function readAccess(request: AccessRequest): Promise<readonly AccessRow[]> {
  const rows = await together(request.accounts.map((account) => accessTo(account, request)));
  return rows.flat();
}

async function accessTo(account: AwsAccount, request: AccessRequest): Promise<readonly AccessRow[]> {
  const [region, ...others] = account.regions;
  if (region === undefined) return [];
  const call = request.callIn(account, region);
  const entry = await wayIn(account, call);
  if (entry.state !== 'ok') return [entry];
  const context: ProbeContext = { cluster: await someCluster(call), now: request.now };
  const rows: AccessRow[] = [entry];
  const actions = account.payer ? [...READER_ACTIONS, ...PAYER_ACTIONS] : READER_ACTIONS;
  for (const action of actions) rows.push(await tryAction(account, region, { action, call, context, request }));
  for (const other of others) rows.push(await tryRegion(account, other, request.callIn(account, other)));
  rows.push(...(await optIns(account, call)));
  if (account.payer) rows.push(...(await costTags(account, call, request.beforePaidRequest)));
  return rows;
}

/** Assumes the role, or looks whose credentials these are. */
async function wayIn(account: AwsAccount, call: Caller): Promise<AccessRow> {
  const isRole = account.readerRoleArn !== null;
  const what = isRole ? 'sts:AssumeRole' : 'credentials';
  const row = { account: account.id, region: null, what };
  const answer = await attempt(() =>
    call('sts:GetCallerIdentity', ({ sts }, options) => sts.send(new GetCallerIdentityCommand({}), options)),
  );
  if ('error' in answer) return { ...row, ...refused(answer.error) };
  const seen = answer.value.Account ?? '';
  if (seen === account.id) return { ...row, state: 'ok', detail: answer.value.Arn ?? '', fix: null };
  return {
    ...row,
    state: 'failed',
    detail: `these open account ${seen}, not ${account.id}`,
    fix: isRole ? 'correct readerRole in ecs-advise.yaml' : 'correct id in ecs-advise.yaml, or give a readerRole there',
  };
}

/** Conditions on clusters may be in the policy: a real one is the better question. */
async function someCluster(call: Caller): Promise<string> {
  const answer = await attempt(() =>
    call('ecs:ListClusters', ({ ecs }, options) => ecs.send(new ListClustersCommand({ maxResults: 1 }), options)),
  );
  return ('error' in answer ? undefined : answer.value.clusterArns?.[0]) ?? 'ecs-advise-doctor';
}

async function tryAction(
  account: AwsAccount,
  region: string,
  probe: {
    readonly action: Action;
    readonly call: Caller;
    readonly context: ProbeContext;
    readonly request: AccessRequest;
  },
): Promise<AccessRow> {
  const { action, call, context, request } = probe;
  const row = { account: account.id, region, what: action };
  const send = PROBES[action as keyof typeof PROBES];
  const isPaid = action.startsWith('ce:');
  const answer = await attempt(() =>
    call(action, (clients, options) => send(clients, options, context), isPaid ? request.beforePaidRequest : undefined),
  );
  // Compute Optimizer's own opt-in has a row of its own.
  const isOptIn = 'error' in answer && action.startsWith('compute-optimizer:') && isOptInRequired(answer.error);
  if (!('error' in answer) || isOptIn) return { ...row, state: 'ok', detail: 'allowed', fix: null };
  return { ...row, ...refused(answer.error) };
}

function isOptInRequired(error: AdviseError): boolean {
  return missOf(error)?.code === 'opt-in-required';
}

/** The role is the same everywhere, but a region can be off or out of reach. */
async function tryRegion(account: AwsAccount, region: string, call: Caller): Promise<AccessRow> {
  const row = { account: account.id, region, what: 'region' };
  const answer = await attempt(() =>
    call('ecs:ListClusters', ({ ecs }, options) => ecs.send(new ListClustersCommand({ maxResults: 1 }), options)),
  );
  if ('error' in answer) return { ...row, ...refused(answer.error) };
  return { ...row, state: 'ok', detail: 'answers', fix: null };
}

async function optIns(account: AwsAccount, call: Caller): Promise<readonly AccessRow[]> {
  const row = { account: account.id, region: null, what: 'Compute Optimizer' };
  const answer = await attempt(() =>
    call('compute-optimizer:GetEnrollmentStatus', ({ computeOptimizer }, options) =>
      computeOptimizer.send(new GetEnrollmentStatusCommand({}), options),
    ),
  );
  // The row of the action says it already.
  if ('error' in answer) return [];
  if (answer.value.status === 'Active') return [{ ...row, state: 'ok', detail: 'on', fix: null }];
  return [
    {
      ...row,
      state: 'off',
      detail: 'off: its findings are not part of rightsize',
      fix: 'turn it on in the Compute Optimizer console of that account (free), or do without',
    },
  ];
}

/** Costs can be told by cluster and service only once the payer has activated these. */
const COST_TAGS = ['aws:ecs:clusterName', 'aws:ecs:serviceName'];

async function costTags(
  account: AwsAccount,
  call: Caller,
  beforePaidRequest: () => Promise<void>,
): Promise<readonly AccessRow[]> {
  const answer = await attempt(() =>
    call(
      'ce:ListCostAllocationTags',
      ({ costExplorer }, options) =>
        costExplorer.send(new ListCostAllocationTagsCommand({ TagKeys: COST_TAGS }), options),
      beforePaidRequest,
    ),
  );
  if ('error' in answer) return [];
  const active = new Set(
    listIn(answer.value.CostAllocationTags, 'CostAllocationTags').flatMap(({ TagKey, Status }) =>
      Status === 'Active' ? [TagKey] : [],
    ),
  );
  return COST_TAGS.map((key) => {
    const row = { account: account.id, region: null, what: `cost allocation tag ${key}` };
    if (active.has(key)) return { ...row, state: 'ok', detail: 'active', fix: null };
    return {
      ...row,
      state: 'off',
      detail: 'not active: the bill cannot be told by it',
      fix: 'activate it under Billing > Cost allocation tags in this account; it counts from then on',
    };
  });
}

/** An answer that names or arguments do not fit is an answer: permission came before. */
const ALLOWED = new Set(['not-found', 'refused']);

async function attempt<T>(ask: () => Promise<T>): Promise<{ readonly value: T } | { readonly error: AdviseError }> {
  try {
    return { value: await ask() };
  } catch (error) {
    if (error instanceof AdviseError && missOf(error) !== null) return { error };
    throw error;
  }
}

function refused(error: AdviseError): Pick<AccessRow, 'state' | 'detail' | 'fix'> {
  const code = missOf(error)?.code ?? '';
  if (ALLOWED.has(code)) return { state: 'ok', detail: 'allowed', fix: null };
  return { state: code === 'access-denied' ? 'denied' : 'failed', detail: error.message, fix: error.hint ?? null };
}
