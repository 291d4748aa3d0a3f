/** Small clusters, and the question of where they should run. */
import { openLibrary } from '../../src/data.ts';
import {
  type ClusterOption,
  type ClusterQuestion,
  chooseClusterCapacity,
  type Workload,
  type WorkService,
} from '../../src/engine/index.ts';
import { openSolver } from '../../src/solver/index.ts';
import { prices } from './cost-builders.ts';

const { facts } = openLibrary();
const solver = openSolver();

/** One task of 2 vCPU and 8 GiB with an interface of its own. */
export function aWorkService(name: string, changes: Partial<WorkService> = {}): WorkService {
  return {
    name,
    order: 0,
    tasks: 1,
    spotTasks: 0,
    onSpot: false,
    notOnSpot: null,
    cpuUnits: 2048,
    memoryMiB: 8192,
    gpus: 0,
    neuron: false,
    architecture: 'x86_64',
    needs: [],
    ownInterface: true,
    perInstance: null,
    onlyTypes: [],
    storageGiB: null,
    publicIp: false,
    placement: [],
    apart: null,
    ...changes,
  };
}

export function aWorkload(
  services: readonly WorkService[],
  usdPerMonth = '0',
  changes: Partial<Workload> = {},
): Workload {
  return {
    services: services.map((service, order) => ({ ...service, order })),
    daemons: { names: [], cpuUnits: 0, memoryMiB: 0, interfaces: 0 },
    registered: {},
    trunking: true,
    targetCapacityPercent: null,
    reserved: [],
    plans: [],
    leftOut: [],
    notes: [],
    today: { usdPerMonth, spend: [], rows: [], unpriced: [], instances: 0, vcpuByQuota: {} },
    facts: [],
    ...changes,
  };
}

export const QUESTION: ClusterQuestion = {
  cluster: 'rose',
  region: 'us-east-1',
  asOf: '2026-11-24',
  providers: 3,
  minInstances: null,
  types: ['c6a.*', 'm6a.*', 'r5a.*'],
  burstable: false,
  targetCapacityPercent: 100,
  rootGiB: 30,
  apart: null,
  interruptible: [],
  commitments: { savingsPlanUsdPerHour: null, savingsPlanTerm: '1y', reserved: null },
  quotas: [],
  minimumSaving: { percent: 10, usdPerMonth: 25 },
};

/** The answer, its proofs, and its options by kind. */
export async function ask(workload: Workload, changes: Partial<ClusterQuestion> = {}) {
  const question = { ...QUESTION, ...changes };
  const pack = (input: Parameters<typeof solver.pack>[0], work: number) => solver.pack(input, { work });
  const { answer, proofs } = await chooseClusterCapacity({ facts, prices, workload }, question, pack);
  const option = (kind: ClusterOption['kind']) => answer.result.options.find((row) => row.kind === kind);
  return { answer, proofs, option };
}
