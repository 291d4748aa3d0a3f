/** `capacity service CLUSTER/NAME`: the question is filled from what runs, then asked like any other. */
import type { Deps } from '../deps.ts';
import type { CapacityQuestion, ClusterHead, ClusterView, RegionPart, SnapshotHead } from '../engine/index.ts';
import { usageError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { type CapacityAsk, parseCapacity } from './capacity-question.ts';
import type { Call } from './command.ts';
import { parseContext } from './context.ts';
import { accountName, oneCluster, readCluster, readRegion, requireSnapshot } from './estate.ts';
import { clip } from './flags.ts';
import { type Described, describeFamily, describeService } from './service-flags.ts';

export type ServiceAsk = {
  readonly kind: 'service';
  readonly cluster: string;
  /** A service, or the family of tasks that come and go. */
  readonly name: string;
  readonly account: string | null;
  readonly region: string | null;
  /** Flags that were typed: they win over what the snapshot says. */
  readonly args: readonly string[];
};

/** Where a live question came from; kept with the answer. */
export type LiveSource = {
  readonly account: string;
  readonly cluster: string;
  readonly name: string;
  readonly runsOn: string | null;
  readonly notes: readonly string[];
  readonly snapshot: Pick<SnapshotHead, 'id' | 'takenAt' | 'missed'>;
};

/**
 * `service rose/quant-api` plus flags, or null when the words ask for no service. `--account` and `--region` say
 * which cluster of that name is meant.
 */
export function readServiceAsk(args: readonly string[]): ServiceAsk | null {
  const [scope, target, ...rest] = args;
  // "service with 2 vcpu" is plain words; a name alone, or with flags, is a service whose cluster is missing.
  const isName = rest[0] === undefined || rest[0].startsWith('--');
  if (scope !== 'service' || (target !== undefined && !target.includes('/') && !isName)) return null;
  const [cluster, ...names] = (target ?? '').split('/');
  const name = names.join('/');
  if (cluster === undefined || cluster === '' || name === '') {
    throw usageError(
      'usage_missing_value',
      'capacity service needs a cluster and a service',
      'capacity service rose/quant-api',
    );
  }
  const { value: account, rest: withoutAccount } = take(rest, '--account');
  const { value: region } = take(withoutAccount, '--region');
  return { kind: 'service', cluster, name, account, region, args: take(withoutAccount, '--region').rest };
}

/** Takes `--name value` or `--name=value` out of the arguments. */
function take(args: readonly string[], name: string): { value: string | null; rest: readonly string[] } {
  const at = args.findIndex((arg) => arg === name || arg.startsWith(`${name}=`));
  const arg = args[at];
  if (arg === undefined) return { value: null, rest: args };
  const isInline = arg !== name;
  const value = isInline ? arg.slice(name.length + 1) : args[at + 1];
  if (value === undefined || value === '' || value.startsWith('--')) {
    throw usageError(
      'usage_missing_value',
      `${name} needs a value`,
      `${name} ${name === '--region' ? 'eu-west-1' : 'NAME'}`,
    );
  }
  return { value, rest: [...args.slice(0, at), ...args.slice(at + (isInline ? 1 : 2))] };
}

/** The complete question about the live service. Throws usage errors for what does not exist or has no history. */
export async function askService(ask: ServiceAsk, deps: Deps, call: Call): Promise<CapacityAsk> {
  const head = await requireSnapshot(deps);
  const at = oneCluster(head, ask);
  const view = await readCluster(deps, head, at);
  const region = await readRegion(deps, head, at);
  const described = describe(ask, { view, region, head });
  const typed = new Set(ask.args.flatMap((arg) => /^--([a-z-]+)/.exec(arg)?.[1] ?? []));
  const filled = Object.entries(described.flags)
    .filter(([name]) => !typed.has(name))
    .map(([name, value]) => (value === null ? `--${name}` : `--${name}=${value}`));
  const parsed = parseCapacity([...filled, ...ask.args, '--region', at.region], parseContext(deps, call));
  if (!parsed.ok) throw parsed.error;
  const asked = parsed.question;
  const question: CapacityQuestion = { ...asked.question, quotas: headroom(region, described) };
  return { ...asked, question, live: sourceOf(ask, { at, head, described }) };
}

function describe(
  { cluster, name, args }: ServiceAsk,
  {
    view,
    region,
    head,
  }: { readonly view: ClusterView; readonly region: RegionPart | null; readonly head: SnapshotHead },
): Described {
  const service = view.services.find((row) => row.name === name);
  if (service !== undefined) return describeService({ view, region }, service);
  const family = name.replace(/^family:/, '');
  const described = describeFamily({ view, region }, family);
  if (described !== null) return described;
  const isKnown = view.taskDefinitions.some((definition) => definition.family === family);
  if (isKnown || name !== family) {
    const hasHistory = args.some((arg) => arg.startsWith('--run')) && args.some((arg) => arg.startsWith('--per-day'));
    if (hasHistory) return { flags: {}, runsOn: null, notes: ['no run history: as you describe it'], vcpuByQuota: {} };
    throw usageError(
      'usage_no_history',
      `no run history of ${clip(family)}: no stopped task of it was seen`,
      `capacity service ${cluster}/${family} --per-day 500 --run 40s --pull 25s`,
    );
  }
  const names = [...view.services.map((row) => row.name), ...view.samples.map((row) => row.family)];
  const near = nearest(name, names);
  const unread = head.missed.some(({ what }) => what.includes(cluster)) ? ' The scan missed part of that cluster.' : '';
  throw usageError(
    'usage_unknown_service',
    `there is no service "${clip(name)}" in ${cluster}${near === null ? '.' : `. Did you mean ${near}?`}${unread}`,
    `capacity service ${cluster}/${near ?? names[0] ?? 'NAME'}`,
  );
}

/** vCPU quotas whose usage is known, this service's own part taken out. */
function headroom(region: RegionPart | null, { vcpuByQuota }: Described): CapacityQuestion['quotas'] {
  if (region === null) return [];
  return region.quotas.flatMap(({ quotaCode, value, serviceCode }) => {
    if (serviceCode !== 'fargate' && serviceCode !== 'ec2') return [];
    const used = region.quotaUsage.find((row) => row.quotaCode === quotaCode)?.days.at(-1)?.maximum;
    if (used === undefined) return [];
    return [{ code: quotaCode, limit: value, usage: Math.max(0, used - (vcpuByQuota[quotaCode] ?? 0)) }];
  });
}

function sourceOf(
  ask: ServiceAsk,
  found: { readonly at: ClusterHead; readonly head: SnapshotHead; readonly described: Described },
): LiveSource {
  const { at, head, described } = found;
  const { id, takenAt, missed } = head;
  return {
    account: accountName(head, at.account),
    cluster: at.name,
    name: ask.name,
    runsOn: described.runsOn,
    notes: described.notes,
    snapshot: { id, takenAt, missed: missed.filter(({ account }) => account === '' || account === at.account) },
  };
}
