/** Every flag of `capacity`, with its reader. Order = order in help and in the echo. */
import type { CpuManufacturer, Need } from '../engine/index.ts';
import { NEEDS } from '../engine/index.ts';
import { usageError } from '../errors.ts';
import type { ParseContext } from './command.ts';
import { clip, type Flag, switchFlag } from './flags.ts';
import {
  count,
  cpuUnits,
  day,
  decimalNumber,
  decimalText,
  MEMORY_UNITS,
  memoryMiB,
  memoryMiBOrNone,
  notOneOf,
  oneOf,
  seconds,
  TIME_UNITS,
  timeWindow,
  timeZone,
} from './values.ts';

/** GPU and Neuron device names in our instance data (a test compares). Spaces and brackets become dashes. */
export const GPU_NAMES = [
  'a100',
  'a10g',
  'b200',
  'b300',
  'gaudi-hl-205',
  'h100',
  'h200',
  'k520',
  'k80',
  'l4',
  'l40s',
  'm60',
  'radeon-pro-v520',
  'rtx-pro-4500',
  'rtx-pro-server-6000',
  't4',
  't4g',
  'v100',
] as const;
export const NEURON_NAMES = ['inferentia', 'inferentia2', 'trainium', 'trainium2'] as const;

/** A device by name and number; null name = any. */
export type Device = { readonly name: string | null; readonly count: number };
export type Needs = {
  readonly needs: readonly Need[];
  readonly gpu: Device | null;
  readonly neuron: Device | null;
  readonly cpu: CpuManufacturer | null;
};

const NEED_ALIASES: Readonly<Record<string, Need>> = {
  'e-bpf': 'ebpf',
  bpf: 'ebpf',
  'avx-512': 'avx512',
  ami: 'custom-ami',
  ssh: 'host-access',
  host: 'host-access',
  bridge: 'bridge-network',
  daemons: 'daemon',
  'docker-volumes': 'docker-volume',
  'placement-constraints': 'placement-constraint',
};
const CPU_NEEDS: Readonly<Record<string, CpuManufacturer>> = { intel: 'intel', amd: 'amd', graviton: 'aws' };

/** Day Fargate opened; no fact in our library is older. */
const FIRST_DAY = '2017-11-29';
const MONTH_SECONDS = 31 * 86_400;

/** The flag table; regions and today's date come from the context, so that reading stays pure. */
export function capacityFlags(context: ParseContext) {
  return { ...taskFlags(context), ...instanceFlags() };
}

/** What runs, how often and where. */
function taskFlags(context: ParseContext) {
  return {
    vcpu: flag('N', 'vCPU of one task, e.g. 0.25, 1, 48', cpuUnits(1, 1_000_000)),
    memory: flag('GiB', 'memory of one task: 2, 2GiB or 512MiB', memoryMiB(1_000_000, '2'), MEMORY_UNITS),
    tasks: flag('N', 'tasks that run all month, 1 by default', count({ min: 1, max: 1_000_000, example: '12' })),
    run: flag(
      'TIME',
      'run time of one task that comes and goes: 40s, 2m, 1h',
      seconds({ min: 1, max: MONTH_SECONDS }),
      TIME_UNITS,
    ),
    pull: flag('TIME', 'image pull of one task, 20s by default', seconds({ min: 0, max: 86_400 }), TIME_UNITS),
    'per-day': flag('N', 'starts a day, goes with --run', count({ min: 1, max: 1_000_000_000, example: '500' })),
    between: flag('HH:MM-HH:MM', 'time of day in which they start, all day by default', timeWindow),
    tz: flag('ZONE', 'time zone of --between, UTC by default; only shown: its length is what counts', timeZone),
    arrivals: flag(
      'poisson|uniform',
      'how starts spread over that time, poisson by default',
      oneOf(['poisson', 'uniform']),
    ),
    needs: flag('LIST', `${NEEDS.join(', ')}, gpu:l4:2, neuron:inferentia2`, readNeeds),
    gpu: flag('N|NAME|NAME:N', 'GPUs of one task: 1, l4 or l4:2', readGpu),
    cpu: flag('intel|amd|graviton', 'processor maker', oneOf(['intel', 'amd', 'graviton'], { aws: 'graviton' })),
    arch: flag('x86_64|arm64', 'processor architecture, x86_64 by default', oneOf(['x86_64', 'arm64'], ARCHITECTURES)),
    interruptible: switchFlag('tasks may be interrupted with two minutes notice: offers Spot'),
    isolation: flag('none|task', 'task = no two tasks share a machine', oneOf(['none', 'task'])),
    storage: flag('GiB', 'disk of one task', wholeGiB(1_000_000), MEMORY_UNITS),
    ami: switchFlag('needs a machine image of your own'),
    'public-ip': switchFlag('count a public IPv4 address for each Fargate task'),
    region: flag('CODE', 'AWS region, e.g. eu-west-1', readRegion(context)),
    'as-of': flag(
      'YYYY-MM-DD',
      'answer with the facts of that day',
      day({ from: FIRST_DAY, to: context.today, because: 'no facts are known for that day' }),
    ),
  } satisfies Record<string, Flag<unknown>>;
}

/** Which instances may be used, and what is paid for already. */
function instanceFlags() {
  return {
    types: flag('LIST', "only these instance types: 'm7i.*,c7i.2xlarge'", readTypes),
    burstable: switchFlag('burstable types (t3, t4g) are fine'),
    'min-instances': flag(
      'N',
      'fewest instances, 3 by default (one a zone), 1 with GPUs',
      count({ min: 1, max: 1_000_000, example: '1' }),
    ),
    'scale-in-after': flag('TIME', 'Managed Instances scaleInAfter: 0 to 3600 seconds, -1 = never', readScaleIn),
    'target-capacity': flag(
      'PERCENT',
      'target capacity of the ASG provider, 100 by default',
      count({ min: 1, max: 100, example: '100' }),
    ),
    'root-gib': flag('GiB', 'root volume of ASG instances, 30 by default', wholeGiB(16_384), MEMORY_UNITS),
    'daemon-cpu': flag('vCPU', 'vCPU that daemons take on each instance', cpuUnits(0, 1_000)),
    'daemon-memory': flag(
      'GiB',
      'memory that daemons take on each instance',
      memoryMiBOrNone(10_000, '0.5'),
      MEMORY_UNITS,
    ),
    'retry-fraction': flag(
      '0-1',
      'share of Fargate Spot work done again',
      decimalText({ min: 0, max: 1, example: '0.05' }),
    ),
    'savings-plan-usd-per-hour': flag(
      'USD',
      'unused Compute Savings Plans commitment an hour',
      decimalText({ min: 0, max: 1_000_000, example: '1.50' }),
    ),
    'savings-plan-term': flag('1y|3y', 'term of that plan, 1y by default', oneOf(['1y', '3y'])),
    reserved: {
      value: 'TYPE=N',
      text: 'instances already paid for that stand empty; may be repeated',
      read: readReserved,
      repeated: true,
    },
    'min-saving-percent': flag(
      'N',
      'smallest saving that is worth a move',
      decimalNumber({ min: 0, max: 100, example: '10' }),
    ),
    'min-saving-usd': flag(
      'USD',
      'smallest saving a month that is worth a move',
      decimalNumber({ min: 0, max: 1_000_000_000, example: '25' }),
    ),
  } satisfies Record<string, Flag<unknown>>;
}

const ARCHITECTURES = {
  x86: 'x86_64',
  amd64: 'x86_64',
  'x86-64': 'x86_64',
  x64: 'x86_64',
  arm: 'arm64',
  aarch64: 'arm64',
  graviton: 'arm64',
} as const;

function flag<T>(value: string, text: string, read: (text: string, flag: string) => T, units?: RegExp): Flag<T> {
  return { value, text, read, ...(units === undefined ? {} : { units }) };
}

function wholeGiB(max: number): (text: string, flag: string) => number {
  const read = memoryMiB(max, '100');
  return (text, name) => {
    const mib = read(text, name);
    if (mib % 1024 === 0) return mib / 1024;
    throw usageError(
      'usage_bad_value',
      `--${name} ${clip(text)}: whole GiB only`,
      `type --${name} ${Math.ceil(mib / 1024)}`,
    );
  };
}

function readNeeds(text: string, name: string): Needs {
  const needs = new Set<Need>();
  let [gpu, neuron, cpu]: [Device | null, Device | null, CpuManufacturer | null] = [null, null, null];
  for (const item of listItems(text, name, 'ebpf,gpu:l4')) {
    const word = item.toLowerCase();
    const need = NEEDS.find((candidate) => candidate === word) ?? own(NEED_ALIASES, word);
    const maker = own(CPU_NEEDS, word);
    const [kind, ...rest] = word.split(':');
    if (need !== undefined) needs.add(need);
    else if (maker !== undefined) cpu = maker;
    else if (kind === 'gpu') gpu = device(rest, { flag: name, item, names: GPU_NAMES });
    else if (kind === 'neuron') neuron = device(rest, { flag: name, item, names: NEURON_NAMES });
    else throw unknownNeed(item, name);
  }
  return { needs: NEEDS.filter((need) => needs.has(need)), gpu, neuron, cpu };
}

function unknownNeed(item: string, name: string): Error {
  const known = [...NEEDS, 'gpu', 'neuron', ...Object.keys(CPU_NEEDS)];
  const wrong = notOneOf(item, [...known, ...Object.keys(NEED_ALIASES)]);
  return usageError('usage_bad_value', `--${name} ${clip(item)}: ${wrong}`, `type one of: ${known.join(', ')}`);
}

function readGpu(text: string, name: string): Device {
  const parts = text.trim().toLowerCase().split(':');
  return device(/^\d/.test(parts[0] ?? '') ? ['', ...parts] : parts, {
    flag: name,
    item: text.trim(),
    names: GPU_NAMES,
  });
}

/** `["l4","2"]` -> two L4; no parts = one of any kind. */
function device(parts: readonly string[], asked: { flag: string; item: string; names: readonly string[] }): Device {
  const [first = '', second] = parts;
  const isNumber = /^\d+$/.test(first) && second === undefined;
  const name = isNumber || first === '' ? null : first.replace(/[\s_]+/g, '-');
  const number = isNumber ? first : (second ?? '1');
  const where = `--${asked.flag} ${clip(asked.item)}`;
  if (parts.length > 2 || !/^\d{1,3}$/.test(number) || Number(number) === 0) {
    throw usageError(
      'usage_bad_value',
      `${where}: is not a name and a count from 1 to 999`,
      `type ${asked.names === GPU_NAMES ? 'gpu:l4:2' : 'neuron:inferentia2:1'}`,
    );
  }
  if (name !== null && !asked.names.includes(name)) {
    throw usageError(
      'usage_unknown_device',
      `${where}: ${notOneOf(name, asked.names)}`,
      `type one of: ${asked.names.join(', ')}`,
    );
  }
  return { name, count: Number(number) };
}

function readRegion(context: ParseContext): (text: string, flag: string) => string {
  return (text, name) => {
    const code = text.trim().toLowerCase();
    if (context.regions.includes(code)) return code;
    const wrong = notOneOf(code, context.regions).replace('is not known', 'no prices for that region');
    throw usageError(
      'usage_unknown_region',
      `--${name} ${clip(text.trim())}: ${wrong}`,
      `regions: ${context.regions.join(', ')}`,
    );
  };
}

function readTypes(text: string, name: string): readonly string[] {
  const globs = listItems(text, name, 'm7i.*,c7i.2xlarge').map((item) => item.toLowerCase());
  const wrong = globs.find((glob) => !/^[a-z0-9.*-]{1,40}$/.test(glob));
  if (wrong === undefined) return [...new Set(globs)].sort();
  throw usageError(
    'usage_bad_value',
    `--${name} ${clip(wrong)}: is not an instance type`,
    `type --${name} 'm7i.*,c7i.2xlarge'`,
  );
}

function readReserved(text: string, name: string): readonly { instanceType: string; count: number }[] {
  return listItems(text, name, 'm7i.4xlarge=3').map((item) => {
    const [, type, number = ''] = /^([a-z0-9-]{1,30}\.[a-z0-9-]{1,30})[=:](\d{1,6})$/i.exec(item) ?? [];
    if (type !== undefined && Number(number) > 0) return { instanceType: type.toLowerCase(), count: Number(number) };
    throw usageError(
      'usage_bad_value',
      `--${name} ${clip(item)}: is not a type and a count`,
      `type --${name} m7i.4xlarge=3`,
    );
  });
}

function readScaleIn(raw: string, name: string): number {
  const text = raw.trim();
  if (text === '-1') return -1;
  const read = seconds({ min: 0, max: 31 * 86_400 });
  const value = read(text, name);
  if (value <= 3600) return value;
  throw usageError(
    'usage_bad_value',
    `--${name} ${clip(text)}: AWS takes 0 to 3600 seconds, or -1 for never`,
    `type --${name} 3600`,
  );
}

function listItems(text: string, name: string, example: string): readonly string[] {
  const items = text.split(',').map((item) => item.trim());
  if (items.every((item) => item !== '')) return items;
  throw usageError('usage_bad_value', `--${name} ${clip(text)}: has an empty item`, `type --${name} ${example}`);
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
