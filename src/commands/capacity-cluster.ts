/** `capacity cluster NAME`: a plan for everything that runs in a cluster all month, with a proof for every provider. */
import type { Deps } from '../deps.ts';
import {
  type AnsweredCluster,
  type CapacityQuestion,
  type ClusterAnswer,
  type ClusterProof,
  type ClusterQuestion,
  type ClusterWorld,
  canonicalJson,
  chooseClusterCapacity,
  ENGINE_VERSION,
  type Json,
  packAnswerJson,
  packAnswerSha256,
  packQuestionJson,
  parsePack,
  type RegionPart,
  type SavingsPlan,
  type SnapshotHead,
  verifyPack,
  workloadOf,
} from '../engine/index.ts';
import { usageError } from '../errors.ts';
import { clusterReport } from '../report/capacity-cluster.ts';
import { checkAccess } from './access.ts';
import { capacityFlags } from './capacity-flags.ts';
import { DEFAULT_ROOT_GIB } from './capacity-show.ts';
import type { Answered, Call, ParseContext, Parsed } from './command.ts';
import { accountName, oneCluster, readAs, readCluster, readRegion, requireSnapshot, snapshotJson } from './estate.ts';
import { clip, type Flag, parseFlags, parsing, refuseWords } from './flags.ts';
import { offlineOf, sha256 } from './pack.ts';
import { pinOf } from './pins.ts';
import type { SavedProof } from './proof.ts';
import { count } from './values.ts';

/** What `capacity cluster` was asked; the rest of the question comes from the snapshot. */
export type ClusterAsk = {
  readonly kind: 'cluster';
  readonly cluster: string;
  readonly account: string | null;
  readonly region: string | null;
  readonly asked: Pick<
    ClusterQuestion,
    | 'asOf'
    | 'providers'
    | 'minInstances'
    | 'types'
    | 'burstable'
    | 'rootGiB'
    | 'apart'
    | 'interruptible'
    | 'commitments'
    | 'minimumSaving'
  > & { readonly targetCapacityPercent: number | null };
  /** Folder for the files of the proof; null = none are written. */
  readonly proof: string | null;
  /** The line that asks it again. */
  readonly echo: string;
};

/** Body of a `capacity-cluster` record: what a replay and every view need. */
export type ClusterBody = {
  readonly question: ClusterQuestion;
  readonly ask: {
    readonly echo: string;
    readonly account: string;
    readonly snapshot: Pick<SnapshotHead, 'id' | 'takenAt' | 'missed'>;
  };
  readonly answer: ClusterAnswer;
  /** Hashes of the inputs. */
  readonly pins: { readonly facts: string; readonly prices: string; readonly workload: string };
  readonly proofs: readonly SavedProof[];
  readonly engineVersion: string;
};

const DEFAULT_PROVIDERS = 3;
/** Capacity providers that one cluster can have. */
const MOST_PROVIDERS = 20;
export const CLUSTER_EXAMPLE = 'capacity cluster tulip';

/** The flags of `capacity cluster`; those it shares with `capacity` mean the same. */
export function clusterFlags(context: ParseContext) {
  const shared = capacityFlags(context);
  const apart: Flag<string> = {
    value: 'TAG',
    text: 'cluster: what providers of their own for each value of this tag cost',
    read: (text, flag) => {
      if (text.trim() !== '' && text.length <= 128) return text.trim();
      throw usageError('usage_bad_value', `--${flag}: is not the key of a tag`, `type --${flag} team`);
    },
  };
  const spotServices: Flag<readonly string[]> = {
    value: 'LIST',
    text: "cluster: services that may be interrupted: 'batch-*,worker'; --interruptible means all",
    read: readGlobs,
    repeated: true,
  };
  const account: Flag<string> = { value: 'NAME', text: 'cluster: which account is meant', read: (text) => text };
  return {
    providers: {
      value: 'K',
      text: `cluster: most pinned providers in the plan, 1 to ${MOST_PROVIDERS} (${DEFAULT_PROVIDERS})`,
      read: count({ min: 1, max: MOST_PROVIDERS, example: '3' }),
    },
    apart,
    proof: {
      value: 'FOLDER',
      text: 'cluster: write the packings there, for verify; terminal only',
      read: (text: string) => text,
    },
    account,
    'spot-services': spotServices,
    interruptible: shared.interruptible,
    reserved: shared.reserved,
    'savings-plan-usd-per-hour': shared['savings-plan-usd-per-hour'],
    'savings-plan-term': shared['savings-plan-term'],
    region: shared.region,
    types: shared.types,
    burstable: shared.burstable,
    'min-instances': shared['min-instances'],
    'target-capacity': shared['target-capacity'],
    'root-gib': shared['root-gib'],
    'as-of': shared['as-of'],
    'min-saving-percent': shared['min-saving-percent'],
    'min-saving-usd': shared['min-saving-usd'],
  };
}

function readGlobs(text: string, flag: string): readonly string[] {
  const globs = text.split(',').map((item) => item.trim());
  const wrong = globs.find((glob) => !/^[\w*-]{1,255}$/.test(glob));
  if (wrong === undefined) return globs;
  throw usageError(
    'usage_bad_value',
    `--${flag} ${clip(wrong)}: is not the name of a service`,
    `type --${flag} 'batch-*,worker'`,
  );
}

/** Reads `cluster NAME` and its flags; null when the words do not begin so. Pure. */
export function parseCluster(args: readonly string[], context: ParseContext): Parsed<ClusterAsk> | null {
  if (args[0] !== 'cluster') return null;
  return parsing(() => {
    const { values, words } = parseFlags(args.slice(1), clusterFlags(context));
    const [cluster, ...rest] = words;
    if (cluster === undefined)
      throw usageError('usage_missing_value', 'capacity cluster needs the name of a cluster', CLUSTER_EXAMPLE);
    if (cluster.includes('/')) {
      throw usageError('usage_unexpected_word', `"${clip(cluster)}" is a service`, `capacity service ${clip(cluster)}`);
    }
    refuseWords(rest, CLUSTER_EXAMPLE);
    const plan = values['savings-plan-usd-per-hour'] ?? null;
    if (values['savings-plan-term'] !== undefined && plan === null) {
      throw usageError(
        'usage_incomplete',
        '--savings-plan-term needs --savings-plan-usd-per-hour',
        'add --savings-plan-usd-per-hour 1.50',
      );
    }
    const echo = ['cluster', ...args.slice(1).filter((arg) => arg !== '--json' && arg !== '--csv')].join(' ');
    const question: ClusterAsk = {
      kind: 'cluster',
      cluster,
      account: values.account ?? null,
      region: values.region ?? null,
      asked: {
        asOf: values['as-of'] ?? context.today,
        providers: values.providers ?? DEFAULT_PROVIDERS,
        minInstances: values['min-instances'] ?? null,
        types: values.types ?? null,
        burstable: values.burstable ?? false,
        rootGiB: values['root-gib'] ?? DEFAULT_ROOT_GIB,
        apart: values.apart ?? null,
        interruptible: values.interruptible === true ? ['*'] : (values['spot-services'] ?? []),
        commitments: {
          savingsPlanUsdPerHour: plan,
          savingsPlanTerm: values['savings-plan-term'] ?? '1y',
          reserved: values.reserved ?? null,
        },
        targetCapacityPercent: values['target-capacity'] ?? null,
        minimumSaving: {
          percent: values['min-saving-percent'] ?? context.minimumSaving.percent,
          usdPerMonth: values['min-saving-usd'] ?? context.minimumSaving.usdPerMonth,
        },
      },
      proof: values.proof ?? null,
      echo: `capacity ${echo}`,
    };
    return { ok: true, question, echo, guesses: [] };
  });
}

/** Answers, checks every packing before it is shown, and saves the answer with all it was made from. */
export async function runCluster(ask: ClusterAsk, deps: Deps, call: Call): Promise<Answered> {
  if (ask.proof !== null && call.surface === 'slack') {
    throw usageError(
      'usage_terminal_only',
      '--proof writes files, so it works in a terminal only',
      'press Show proof under the answer instead',
    );
  }
  // Unlike a described task, a cluster's answer says what the cluster costs today.
  checkAccess(deps.settings, call, { name: 'the cost of a cluster', access: 'readers' });
  const head = await requireSnapshot(deps);
  const at = oneCluster(head, ask);
  const view = await readCluster(deps, head, at);
  const region = await readRegion(deps, head, at);
  const prices = deps.library.prices(at.region);
  const { facts } = deps.library;
  const plans = { savingsPlans: await savingsPlansOf(deps, head, at.account), at: head.takenAt };
  const workload = workloadOf({ view, region, facts, prices, ...ask.asked, ...plans });
  const question: ClusterQuestion = {
    ...ask.asked,
    cluster: at.name,
    region: at.region,
    targetCapacityPercent: ask.asked.targetCapacityPercent ?? workload.targetCapacityPercent ?? 100,
    quotas: quotasOf(region),
  };
  const answered = await answerCluster({ facts, prices, workload }, question, deps);
  const proofs = await saveProofs(answered.proofs, { ask, deps });
  const missed = head.missed.filter(({ account }) => account === '' || account === at.account);
  const snapshot = { id: head.id, takenAt: head.takenAt, missed };
  await deps.store.pinSnapshot(head.id);
  const body: ClusterBody = {
    question,
    ask: { echo: ask.echo, account: accountName(head, at.account), snapshot },
    answer: answered.answer,
    pins: {
      facts: await pinOf(deps.store, facts),
      prices: await pinOf(deps.store, prices),
      workload: await deps.store.savePin(canonicalJson(workload as unknown as Json)),
    },
    proofs,
    engineVersion: ENGINE_VERSION,
  };
  const record = await deps.store.appendRecord({
    at: call.now.toISOString(),
    kind: 'capacity-cluster',
    actor: call.actor,
    body: body as unknown as Json,
  });
  const { answer } = answered;
  return {
    report: clusterReport({ recordId: record.id, question, ...body.ask, answer }, 'answer'),
    json: {
      format: 'ecs-advise.capacity/1',
      now: call.now.toISOString(),
      asOf: question.asOf,
      engineVersion: ENGINE_VERSION,
      question: question as unknown as Json,
      snapshot: snapshotJson({ ...head, missed: snapshot.missed }),
      record: record.id,
      ...(answer as unknown as { readonly [key: string]: Json }),
    },
    exitCode: answer.verdict.kind === 'infeasible' && workload.services.length > 0 ? 1 : 0,
    summary: {
      record: record.id,
      verdict: answer.verdict.kind,
      gap: answer.verdict.gap,
      recommended: answer.result.recommended,
    },
  };
}

/** The engine's answer with the process's own solver: a replay asks the same thing. */
export function answerCluster(world: ClusterWorld, question: ClusterQuestion, deps: Deps): Promise<AnsweredCluster> {
  const { solver } = offlineOf(deps);
  return chooseClusterCapacity(world, question, (input, work) => solver.pack(input, { work }));
}

/** The plans of an account; none where the scan missed it. */
async function savingsPlansOf(deps: Deps, head: SnapshotHead, account: string): Promise<readonly SavingsPlan[]> {
  const ref = head.parts.find((part) => part.kind === 'account' && part.account === account);
  return ref === undefined ? [] : (await readAs(deps, ref, 'account')).savingsPlans;
}

/** vCPU quotas whose usage is known; this cluster's own part is still in them. */
function quotasOf(region: RegionPart | null): CapacityQuestion['quotas'] {
  return (region?.quotas ?? []).flatMap(({ quotaCode, value, serviceCode }) => {
    if (serviceCode !== 'fargate' && serviceCode !== 'ec2') return [];
    const usage = region?.quotaUsage.find((row) => row.quotaCode === quotaCode)?.days.at(-1)?.maximum;
    return usage === undefined ? [] : [{ code: quotaCode, limit: value, usage }];
  });
}

/** The files of a packing and its answer, byte for byte as `verify` takes them. */
function proofFiles({ input, answer }: Pick<ClusterProof, 'input' | 'answer'>) {
  const inputText = `${canonicalJson(packQuestionJson(input))}\n`;
  const answerText = `${canonicalJson(packAnswerJson(answer, { inputSha256: sha256(inputText), sha256 }))}\n`;
  return { inputText, answerText };
}

/** Checks each packing as `verify` would, from the bytes of its files, and keeps them. Throws when one does not hold. */
async function saveProofs(
  proofs: readonly ClusterProof[],
  { ask, deps }: { readonly ask: ClusterAsk; readonly deps: Deps },
): Promise<readonly SavedProof[]> {
  const saved: SavedProof[] = [];
  for (const { name: provider, ...proof } of proofs) {
    const { inputText, answerText } = proofFiles(proof);
    checkPacking(provider, inputText, answerText);
    const name = `capacity-${ask.cluster}-${provider}`.replace(/[^\w.-]/g, '_');
    if (ask.proof !== null) {
      await offlineOf(deps).files.write(ask.proof, `${name}.input.json`, inputText);
      await offlineOf(deps).files.write(ask.proof, `${name}.answer.json`, answerText);
    }
    saved.push({ name, input: await deps.store.savePin(inputText), answer: await deps.store.savePin(answerText) });
  }
  return saved;
}

function checkPacking(name: string, inputText: string, answerText: string): void {
  const fault = packingFault(inputText, answerText);
  if (fault !== null) throw new Error(`invariant: the packing of ${name} does not hold: ${fault}`);
}

/** What is wrong with the answer to a packing question, both as texts of files; null = it holds. */
export function packingFault(inputText: string, answerText: string): string | null {
  const parsed = parsePack(inputText);
  if (parsed.kind === 'malformed') return parsed.message;
  const answer = JSON.parse(answerText) as Json;
  const digests = { input: sha256(inputText), answer: packAnswerSha256(answer, sha256) };
  const failed = verifyPack(parsed.input, answer, digests).checks.find(({ ok }) => !ok);
  return failed === undefined ? null : `${failed.name}, ${failed.detail}`;
}
