/**
 * Problem: whose is the bill? Cost Explorer names services only where tags were activated, and never on instances.
 * Method: rows tagged with a cluster first; what is left of each account's usage types goes to the instances that the
 * scan saw, in proportion to the model; the rest is said to be unattributed. Nothing is lost: shares plus unattributed
 * are the ECS rows of the accounts, to the nano-USD.
 */
import { type NanoUsd, nanoUsd } from '../units.ts';
import { isManagedKind, type Sharer, sharersOf, sharesLine, splitLine, weightOn } from './bill-shares.ts';
import {
  type Bill,
  type BilledRow,
  type BilledShare,
  type BillQuestion,
  type CostKind,
  type CostModel,
  ENDED_INSTANCES,
  emptyReservation,
  STANDALONE_TASKS,
  type Unattributed,
  type UnattributedReason,
} from './types.ts';
import { classifyUsageType, regionOfPrefix, type UsageClass, type UsageKind } from './usage-types.ts';

type Owner = Pick<BilledShare, 'account' | 'cluster' | 'service' | 'capacityKind'>;

/** Adds up shares by owner, and what has none by reason. */
type Ledger = {
  readonly give: (owner: Owner, nano: NanoUsd) => void;
  readonly leave: (account: string, capacityKind: CostKind | null, rest: Rest) => void;
  readonly close: () => Pick<Bill, 'rows' | 'unattributed'>;
};
type Rest = { readonly reason: UnattributedReason; readonly nano: NanoUsd };

/**
 * Turns rows of Cost Explorer into cost by account, cluster, service and kind of capacity. Rows that are no cost of ECS
 * are left out: network, load balancers, instances of types that no cluster uses. Amounts are summed over the days.
 */
export function attributeBilled(question: BillQuestion): Bill {
  const book = ledger();
  for (const account of [...new Set(question.accounts)].sort()) attributeAccount(question, account, book);
  const rows = [...(question.byUsageType ?? []), ...question.byService.flatMap((answer) => answer.rows)];
  return { ...book.close(), estimated: rows.some(({ estimated }) => estimated) };
}

type Account = {
  readonly id: string;
  readonly models: readonly CostModel[];
  readonly sharers: readonly Sharer[];
  readonly region: (line: UsageClass) => string | null;
  /** `cluster usage-type`, where tagged rows of instances exist. */
  readonly tagged: Set<string>;
  readonly book: Ledger;
};

function attributeAccount(question: BillQuestion, id: string, book: Ledger): void {
  const models = question.models.filter(({ account }) => account === id);
  const account: Account = {
    id,
    models,
    sharers: sharersOf(models),
    region: ({ prefix }) => regionOfPrefix(question.facts, prefix),
    tagged: new Set(),
    book,
  };
  const left = sumBy(
    (question.byUsageType ?? []).filter(({ keys }) => keys[0] === id),
    ({ keys }) => keys[1] ?? '',
  );
  for (const { cluster, rows } of question.byService.filter((answer) => answer.account === id)) {
    const sums = sumBy(rows, ({ keys }) => `${keys[0] ?? ''}\n${keys[1] ?? ''}`);
    for (const [key, nano] of sums) {
      const [service = '', usageType = ''] = key.split('\n');
      const line = classifyUsageType(null, usageType);
      giveTagged(account, cluster, { service, usageType, line, nano });
      if (question.byUsageType !== null) left.set(usageType, (left.get(usageType) ?? 0n) - nano);
    }
  }
  for (const [usageType, nano] of left) giveRest(account, usageType, nano);
  if (account.tagged.size > 0 || models.some(({ usage }) => usage.length > 0)) {
    question.facts.cite('cost.bill-by-model');
  }
}

type TaggedLine = {
  /** The service tag; '' = none. */
  readonly service: string;
  readonly usageType: string;
  readonly line: UsageClass;
  readonly nano: NanoUsd;
};

const ONE_CENT: NanoUsd = 10_000_000n;
const FARGATE: ReadonlySet<UsageKind> = new Set(['fargate', 'fargate-spot', 'fargate-storage']);
const ON_INSTANCES: ReadonlySet<UsageKind> = new Set(['ec2-on-demand', 'ec2-spot', 'mi-fee', 'ebs-volume']);

/** A row that is tagged with a cluster: to its service, or over the instances of the cluster. */
function giveTagged(account: Account, cluster: string, { service, usageType, line, nano }: TaggedLine): void {
  const { id, book } = account;
  if (FARGATE.has(line.kind)) {
    const name = service === '' ? standaloneOwner(account, cluster) : service;
    book.give(
      { account: id, cluster, service: name, capacityKind: fargateKind(account, { cluster, name, line }) },
      nano,
    );
    return;
  }
  if (!ON_INSTANCES.has(line.kind)) return;
  if (nano !== 0n) account.tagged.add(`${cluster} ${usageType}`);
  const region = account.region(line);
  const own = account.sharers.filter(({ owner }) => owner !== null && owner.cluster === cluster);
  const all = own.filter((sharer) => sharesLine(sharer, line, region));
  const managed = all.filter(({ owner }) => owner !== null && isManagedKind(owner.capacityKind));
  const candidates = managed.length > 0 ? managed : all;
  if (service !== '') {
    const known = candidates.find(({ owner }) => owner?.service === service)?.owner?.capacityKind;
    book.give({ account: id, cluster, service, capacityKind: known ?? guessedKind(line) }, nano);
    return;
  }
  const parts = splitLine(nano, candidates, line);
  // Managed Instances are the ones that ECS tags; of a type that no scan saw, they are gone.
  if (parts === null) {
    book.give({ account: id, cluster, service: ENDED_INSTANCES, capacityKind: guessedKind(line) }, nano);
    return;
  }
  for (const { owner, nano: part } of parts) if (owner !== null) book.give(owner, part);
}

function guessedKind({ kind }: UsageClass): CostKind {
  return kind === 'ec2-spot' ? 'mi-spot' : 'mi-on-demand';
}

/** The bill does not name families: one family gets it all, several share a row. */
function standaloneOwner({ models }: Account, cluster: string): string {
  const families = new Set(models.filter((model) => model.cluster === cluster).flatMap((model) => model.families));
  const [only] = families;
  return families.size === 1 && only !== undefined ? only : STANDALONE_TASKS;
}

/** Storage is billed alike for both kinds: it is Spot's only where the service runs on nothing but Spot. */
function fargateKind(
  { models }: Account,
  { cluster, name, line }: { readonly cluster: string; readonly name: string; readonly line: UsageClass },
): 'fargate' | 'fargate-spot' {
  if (line.kind !== 'fargate-storage') return line.kind === 'fargate-spot' ? 'fargate-spot' : 'fargate';
  const kinds = models
    .filter((model) => model.cluster === cluster)
    .flatMap(({ rows }) => rows.filter(({ service }) => service === name).map(({ capacityKind }) => capacityKind));
  return kinds.includes('fargate-spot') && !kinds.includes('fargate') ? 'fargate-spot' : 'fargate';
}

/** What the tagged rows left of an account's usage type. */
function giveRest(account: Account, usageType: string, nano: NanoUsd): void {
  const { id, book } = account;
  const line = classifyUsageType(null, usageType);
  if (nano === 0n || line.kind === 'other' || line.kind === 'metering') return;
  if (nano < 0n) {
    book.leave(id, null, { reason: nano > -ONE_CENT ? 'rounding' : 'tags-exceed-account', nano });
    return;
  }
  if (FARGATE.has(line.kind)) {
    const kind = line.kind === 'fargate-spot' ? 'fargate-spot' : 'fargate';
    book.leave(id, kind, { reason: 'untagged', nano });
    return;
  }
  if (line.kind === 'ec2-unused-reservation') {
    giveUnused(account, line, nano);
    return;
  }
  const region = account.region(line);
  const sharers = account.sharers.filter(
    (sharer) => sharesLine(sharer, line, region) && !isTagged(account, sharer, usageType),
  );
  if (line.kind === 'ebs-volume') {
    giveVolumes(account, sharers, { line, nano });
    return;
  }
  const isUsed = sharers.some(({ owner }) => owner !== null);
  const parts = isUsed ? splitLine(nano, sharers, line) : null;
  if (parts === null) {
    // Instances of a type that no cluster uses are none of ECS's; its own fees always are.
    if (line.kind === 'mi-fee') book.leave(id, 'mi-on-demand', { reason: 'unseen', nano });
    if (line.kind === 'ecs-anywhere') book.leave(id, 'external', { reason: 'unseen', nano });
    return;
  }
  for (const { owner, nano: part } of parts) {
    if (owner !== null) book.give(owner, part);
    else book.leave(id, null, { reason: 'other-instances', nano: part });
  }
}

/** True when the sharer's part of the usage type was tagged and is given already. */
function isTagged(account: Account, { owner }: Sharer, usageType: string): boolean {
  return owner !== null && isManagedKind(owner.capacityKind) && account.tagged.has(`${owner.cluster} ${usageType}`);
}

/** Volumes without a tag: the disks of the scanned instances, up to what the bill holds; other volumes are not ECS's. */
function giveVolumes(
  { book }: Account,
  sharers: readonly Sharer[],
  { line, nano }: { readonly line: UsageClass; readonly nano: NanoUsd },
): void {
  const known = sharers.reduce((sum, sharer) => sum + weightOn(sharer, line), 0n);
  const parts = splitLine(known < nano ? known : nano, sharers, line);
  for (const { owner, nano: part } of parts ?? []) if (owner !== null) book.give(owner, part);
}

/** An unused reservation is ECS's where a scan saw one of the type empty. */
function giveUnused(account: Account, line: UsageClass, nano: NanoUsd): void {
  const region = account.region(line);
  const service = emptyReservation(line.instanceType ?? '');
  const model = account.models.find(
    (candidate) =>
      candidate.cluster === null &&
      (region === null || candidate.region === region) &&
      candidate.rows.some((row) => row.service === service),
  );
  if (model === undefined) return;
  account.book.give({ account: account.id, cluster: null, service, capacityKind: 'mi-reserved' }, nano);
}

function sumBy(rows: readonly BilledRow[], keyOf: (row: BilledRow) => string): Map<string, NanoUsd> {
  const sums = new Map<string, NanoUsd>();
  for (const row of rows) {
    const key = keyOf(row);
    sums.set(key, (sums.get(key) ?? 0n) + nanoUsd(row.usd));
  }
  return sums;
}

function ledger(): Ledger {
  const shares = new Map<string, { owner: Owner; nano: NanoUsd }>();
  const rest = new Map<string, Unattributed>();
  return {
    give: (owner, nano) => {
      if (nano === 0n) return;
      const key = `${owner.account}\u0000${owner.cluster ?? ''}\u0000${owner.service ?? ''}\u0000${owner.capacityKind}`;
      const held = shares.get(key);
      if (held === undefined) shares.set(key, { owner, nano });
      else held.nano += nano;
    },
    leave: (account, capacityKind, { reason, nano }) => {
      if (nano === 0n) return;
      const key = `${account} ${capacityKind ?? ''} ${reason}`;
      rest.set(key, { account, capacityKind, reason, nano: (rest.get(key)?.nano ?? 0n) + nano });
    },
    close: () => ({
      rows: sorted(shares).map(({ owner, nano }) => ({
        account: owner.account,
        cluster: owner.cluster,
        service: owner.service,
        capacityKind: owner.capacityKind,
        nano,
      })),
      unattributed: sorted(rest),
    }),
  };
}

function sorted<T>(map: ReadonlyMap<string, T>): readonly T[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, value]) => value);
}
