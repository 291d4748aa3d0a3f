import type { CapacityQuestion, CpuManufacturer } from '../engine/index.ts';
import type { Device } from './capacity-flags.ts';
import type { ParseContext } from './command.ts';
import { showSeconds } from './values.ts';

export type ShowOptions = {
  /** Leaves out the region, day and minimum saving that the context fills in anyway. */
  readonly context?: ParseContext;
  /** The window and time zone as they were typed; the question keeps the length alone. */
  readonly between?: string;
  readonly tz?: string;
  /** Flags shown although they hold the default: the guesses. */
  readonly always?: readonly string[];
};

/**
 * The shortest flags that ask the question again: `parseCapacity(tokenize(showCapacity(q)))` is `q`. Region, day and
 * minimum saving are always written out unless the context that reads them back is given.
 */
export function showCapacity(question: CapacityQuestion, options: ShowOptions = {}): string {
  const always = new Set(options.always ?? []);
  return [
    ...task(question),
    ...needs(question),
    ...place(question, options),
    ...instances(question),
    ...money(question, options),
  ]
    .filter(({ name, isDefault }) => !isDefault || always.has(name))
    .map(({ name, value }) => (value === null ? `--${name}` : `--${name} ${value}`))
    .concat(question.commitments.reserved.map((row) => `--reserved ${row.instanceType}=${row.count}`))
    .join(' ');

  function task(q: CapacityQuestion): readonly Shown[] {
    const rows = [
      shown('vcpu', showUnits(q.cpuUnits)),
      shown('memory', showMiB(q.memoryMiB)),
      shown('tasks', q.tasks, q.tasks === 1),
    ];
    if (q.batch === null) return rows;
    const { runSeconds, pullSeconds, perDay, windowSeconds, arrivals } = q.batch;
    return [
      ...rows,
      shown('run', showSeconds(runSeconds)),
      shown('pull', showSeconds(pullSeconds), pullSeconds === DEFAULT_PULL_SECONDS),
      shown('per-day', perDay),
      shown(
        'between',
        options.between ?? showWindow(windowSeconds),
        windowSeconds === DAY && options.between === undefined,
      ),
      shown('tz', options.tz ?? 'UTC', options.tz === undefined),
      shown('arrivals', arrivals, arrivals === 'poisson'),
    ];
  }
}

/** Image pull that is guessed when a batch does not say. */
export const DEFAULT_PULL_SECONDS = 20;
export const DEFAULT_ROOT_GIB = 30;
const DAY = 86_400;

type Shown = { readonly name: string; readonly value: string | null; readonly isDefault: boolean };

function shown(name: string, value: string | number | null, isDefault = false): Shown {
  return { name, value: value === null ? null : String(value), isDefault };
}

function needs(q: CapacityQuestion): readonly Shown[] {
  const words: string[] = q.needs.filter((need) => need !== 'custom-ami');
  if (q.gpu !== null) words.push(showDevice('gpu', q.gpu));
  if (q.neuron !== null) words.push(showDevice('neuron', q.neuron));
  const isGraviton = q.cpuManufacturer === 'aws';
  return [
    shown('needs', words.join(','), words.length === 0),
    shown('ami', null, !q.needs.includes('custom-ami')),
    shown('cpu', CPU_WORD[q.cpuManufacturer ?? 'intel'], q.cpuManufacturer === null),
    shown('arch', q.architecture, q.architecture === 'x86_64' || isGraviton),
    shown('interruptible', null, !q.interruptible),
    shown('isolation', q.isolation, q.isolation === 'none'),
    shown('storage', q.storageGiB, q.storageGiB === null),
    shown('public-ip', null, !q.publicIp),
  ];
}

const CPU_WORD = { intel: 'intel', amd: 'amd', aws: 'graviton' } as const satisfies Record<CpuManufacturer, string>;

function showDevice(kind: string, device: Device): string {
  return [kind, ...(device.name === null ? [] : [device.name]), ...(device.count === 1 ? [] : [device.count])].join(
    ':',
  );
}

function place(q: CapacityQuestion, { context }: ShowOptions): readonly Shown[] {
  return [
    shown('region', q.region, context !== undefined && context.defaultRegion?.region === q.region),
    shown('as-of', q.asOf, context?.today === q.asOf),
  ];
}

function instances(q: CapacityQuestion): readonly Shown[] {
  const scaleIn = q.scaleInAfterSeconds;
  return [
    shown('types', q.types === null ? '' : q.types.map((glob) => glob).join(','), q.types === null),
    shown('burstable', null, !q.burstable),
    shown('min-instances', q.minInstances, q.minInstances === null),
    shown('scale-in-after', scaleIn, scaleIn === null),
    shown('target-capacity', q.targetCapacityPercent, q.targetCapacityPercent === 100),
    shown('root-gib', q.rootGiB, q.rootGiB === DEFAULT_ROOT_GIB),
    shown('daemon-cpu', showUnits(q.daemonCpuUnits), q.daemonCpuUnits === 0),
    shown('daemon-memory', showMiB(q.daemonMemoryMiB), q.daemonMemoryMiB === 0),
  ];
}

function money(q: CapacityQuestion, { context }: ShowOptions): readonly Shown[] {
  const { savingsPlanUsdPerHour, savingsPlanTerm } = q.commitments;
  const { percent, usdPerMonth } = q.minimumSaving;
  return [
    shown('retry-fraction', q.retryFraction, q.retryFraction === '0'),
    shown('savings-plan-usd-per-hour', savingsPlanUsdPerHour, savingsPlanUsdPerHour === null),
    shown('savings-plan-term', savingsPlanTerm, savingsPlanTerm === '1y'),
    shown('min-saving-percent', percent, context?.minimumSaving.percent === percent),
    shown('min-saving-usd', usdPerMonth, context?.minimumSaving.usdPerMonth === usdPerMonth),
  ];
}

/** 1536 units -> `1.5`: a multiple of 1/1024 always ends. */
/** 1536 -> `1.5` (vCPU). */
export function showUnits(cpuUnits: number): string {
  return String(cpuUnits / 1024);
}

/** 2048 -> `2` (GiB), 512 -> `512MiB`. */
export function showMiB(mib: number): string {
  return mib % 1024 === 0 ? String(mib / 1024) : `${mib}MiB`;
}

/** A window of that length from midnight: the length is all that counts. */
function showWindow(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const end = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}`;
  return `00:00-${end}${seconds % 60 === 0 ? '' : `:${two(seconds % 60)}`}`;
}
