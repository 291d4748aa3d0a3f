/**
 * Plain words -> flags, by an ordered list of patterns: no model, no guess that is not named. Each pattern takes what
 * it understood out of the text; what is left and means something is reported, never dropped silently.
 */
import type { ParseContext } from './command.ts';
import { digitsForWords } from './number-words.ts';

export type Words = {
  /** Flag name -> its text, null for a switch. */
  readonly flags: Readonly<Record<string, string | null>>;
  /** Flags that the words hint at but do not state. */
  readonly guesses: readonly string[];
  /** Words that meant nothing to the reader. */
  readonly leftovers: readonly string[];
};

/** City and country names people use for regions. */
const PLACES: Readonly<Record<string, string>> = {
  virginia: 'us-east-1',
  ohio: 'us-east-2',
  oregon: 'us-west-2',
  california: 'us-west-1',
  ireland: 'eu-west-1',
  dublin: 'eu-west-1',
  london: 'eu-west-2',
  paris: 'eu-west-3',
  frankfurt: 'eu-central-1',
  zurich: 'eu-central-2',
  stockholm: 'eu-north-1',
  milan: 'eu-south-1',
  spain: 'eu-south-2',
  tokyo: 'ap-northeast-1',
  seoul: 'ap-northeast-2',
  osaka: 'ap-northeast-3',
  singapore: 'ap-southeast-1',
  sydney: 'ap-southeast-2',
  mumbai: 'ap-south-1',
  montreal: 'ca-central-1',
  'sao paulo': 'sa-east-1',
  'cape town': 'af-south-1',
};

type Reading = {
  /** The first reading of a flag stands; needs are gathered. */
  readonly flags: Map<string, string | null>;
  readonly guesses: Set<string>;
  /** Starts per `minute`, `hour`, `day`, `week` or `month`: needs the window to become starts a day. */
  rate: { readonly value: number; readonly per: string } | null;
};

type Rule = {
  readonly pattern: RegExp;
  /** Notes what was read; text it returns stays in the question for later patterns. */
  readonly take: (groups: readonly string[], reading: Reading) => string;
};

/** Takes the whole match out of the text. */
const rule = (source: string, note: (groups: readonly string[], reading: Reading) => void): Rule => ({
  pattern: new RegExp(source, 'i'),
  take: (groups, reading) => {
    note(groups, reading);
    return '';
  },
});

/** Takes the match out but leaves what `note` returns: the words between a number and what it counts. */
const around = (source: string, note: (groups: readonly string[], reading: Reading) => string): Rule => ({
  pattern: new RegExp(source, 'i'),
  take: note,
});

function set({ flags }: Reading, flag: string, value: string | null): void {
  if (!flags.has(flag)) flags.set(flag, value);
}

const sets = (source: string, flag: string, value: string | null = null): Rule =>
  rule(source, (_groups, reading) => set(reading, flag, value));

const needs = (source: string, word: string): Rule =>
  rule(source, (_groups, { flags }) => {
    const before = flags.get('needs');
    flags.set('needs', before == null ? word : `${before},${word}`);
  });

/** A number that is not the tail of another one, nor negative. */
const N = '(?<!\\d[.,]?|(?:^|\\s)[-−])(\\d{1,3}(?:,\\d{3})+(?:\\.\\d+)?|\\d+(?:\\.\\d+)?)';
const KILO = '(k?)';
const TIME = '(seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h)';
const THING =
  '(?:tasks?|jobs?|runs?|containers?|services?|times?|starts?|copies|replicas|instances?|pods?|workers?|apps?|servers?|executions?)';
/** Words between a number and the thing it counts: "500 little nightly jobs". */
const BETWEEN = '((?:\\s*[a-z][a-z-]*,?)';
const PERIOD = '(?:an?|per|each|every|/)\\s*(minute|hour|day|night|week|month)\\b';
const HOUR = '(\\d{1,2}(?!\\d)(?::\\d{2})?)\\s*(am|pm)?';
/** What follows a pair of hours when they are no hours at all. */
const NO_UNIT =
  '(?!\\s*-?(?:v?cpu|v?core|[gm]i?b|t?b\\b|gpu|task|job|second|sec|min|hour|container|service|instance)|\\d)';
const GPU = '(l40s|l4|a10g|t4g|t4|a100|h100|h200|b200|b300|v100)';

const number = (text = ''): number => Number(text.replaceAll(',', ''));
const thousands = (text: string | undefined, kilo: string | undefined): number =>
  Math.round(number(text) * (kilo === '' || kilo === undefined ? 1 : 1_000));

function duration(text: string | undefined, unit = 's'): string {
  return `${number(text)}${unit.charAt(0).toLowerCase()}`;
}

/**
 * Two hours of a clock -> `HH:MM-HH:MM`. A missing am or pm is the other's where the window then runs forward
 * ("1 and 4am"), else the opposite ("10 to 2pm" is ten in the morning).
 */
function clockWindow([from = '', fromHalf = '', to = '', toHalf = '']: readonly string[]): string {
  const order = (text: string): number => (Number(text.split(':')[0]) % 12) * 60 + Number(text.split(':')[1] ?? 0);
  const opposite = toHalf.toLowerCase() === 'am' ? 'pm' : 'am';
  const half = fromHalf !== '' || toHalf === '' ? fromHalf : order(from) < order(to) ? toHalf : opposite;
  return `${clock(from, half)}-${clock(to, toHalf)}`;
}

function clock(text: string, half: string): string {
  const [hour = '0', minute = '00'] = text.split(':');
  const base = half === '' ? Number(hour) : Number(hour) % 12;
  return `${String(base + (half.toLowerCase() === 'pm' ? 12 : 0)).padStart(2, '0')}:${minute}`;
}

/** What people rule out: "no gpu", "not interruptible", "can't use spot". Defaults already say so. */
const FEATURE =
  '(?:gpus?|e-?bpf|privileged|avx-?\\s?512|interruptible|interrupted|interruptions?|spot|arm(?:64)?|graviton|intel|amd|burstable|public ips?|ssh|host access|daemons?|custom ami|isolated|isolation)';
const NOT = "(?:no|not|non|without|never|cannot|(?:can|don|must|is|are|wo|should)n?[’']?t)";
const NEGATED = new RegExp(
  `\\b${NOT}\\b[\\s-]*(?:(?:an?|any|be|use|using|need|needs|want|run|on|ok|okay|fine|with|allow|allowed|really|have|the|to|for|our|my)\\s+){0,4}${FEATURE}\\b` +
    `|\\b${FEATURE}\\s+(?:(?:is|are)\\s+)?${NOT}\\s+(?:ok|okay|fine|allowed|possible|needed|an option)\\b`,
  'gi',
);
const ALL_DAY = /\b24\s*\/\s*7\b|\b24 ?(?:h|hours?) a day\b|\b(?:all|round|around) the clock\b|\ball (?:day|month)\b/gi;

const RULES: readonly Rule[] = [
  rule('\\bas of (\\d{4}-\\d{2}-\\d{2})\\b', ([day], reading) => set(reading, 'as-of', day ?? '')),
  rule(
    `\\b(?:between|from)\\s+${HOUR}\\s*(?:and|to|until|till|-|–)\\s*${HOUR}${NO_UNIT}(?:\\s*utc\\b)?`,
    (groups, reading) => set(reading, 'between', clockWindow(groups)),
  ),
  rule(
    `(?<![\\w:])${HOUR}\\s*(?:and|to|until|till|-|–)\\s*(\\d{1,2}(?::\\d{2})?)\\s*(am|pm)\\b(?:\\s*utc\\b)?`,
    (groups, reading) => set(reading, 'between', clockWindow(groups)),
  ),
  rule('(\\d{1,2}:\\d{2})\\s*[-–]\\s*(\\d{1,2}:\\d{2})', ([from, to], reading) =>
    set(reading, 'between', `${from}-${to}`),
  ),
  rule(`${N}\\s*-?v?(?:cpus?|cores?)\\b`, ([value], reading) => set(reading, 'vcpu', String(number(value)))),
  rule(`\\bv?(?:cpus?|cores?)\\s*(?:of|:|=)?\\s*${N}\\b`, ([value], reading) =>
    set(reading, 'vcpu', String(number(value))),
  ),
  rule(`${N}\\s*(gi?b|gigs?|g)\\s*(?:of\\s+)?(?:ephemeral\\s+)?(?:disk|storage|scratch|ssd)`, ([value], reading) =>
    set(reading, 'storage', String(number(value))),
  ),
  rule(
    `${N}\\s*-?(gi?b|gigs?|g|gigabytes?|mi?b|megabytes?)\\b(?:\\s*(?:of\\s+)?(?:memory|ram|mem)\\b)?`,
    ([value, unit = ''], reading) => set(reading, 'memory', String(number(value)) + (/^m/i.test(unit) ? 'MiB' : '')),
  ),
  rule(`${N}m\\s+(?:[a-z-]+\\s+){0,3}?${THING}\\s*${PERIOD}`, ([value, per = 'day'], reading) => {
    reading.rate ??= { value: number(value) * 1_000_000, per };
  }),
  rule(
    `\\b(?:image\\s+)?pull(?:s|ed|ing)?(?:\\s+(?:of|takes?|is|in|time))*\\s+${N}\\s*-?${TIME}\\b`,
    ([value, unit], reading) => set(reading, 'pull', duration(value, unit)),
  ),
  rule(`${N}\\s*-?${TIME}\\s+(?:(?:to|of|for|image)\\s+)*pull(?:ing)?\\b`, ([value, unit], reading) =>
    set(reading, 'pull', duration(value, unit)),
  ),
  rule(`${N}\\s*-?${TIME}\\b(?!\\s*(?:a|per|each)\\s+day)`, ([value, unit], reading) =>
    set(reading, 'run', duration(value, unit)),
  ),
  around(`${N}${KILO}${BETWEEN}{0,6}?)\\s*${PERIOD}`, ([value, kilo, between = '', per = 'day'], reading) => {
    reading.rate ??= { value: thousands(value, kilo), per };
    return between;
  }),
  around(
    `${N}${KILO}${BETWEEN}{0,6}?)\\s*\\b(daily|nightly|hourly|weekly)\\b`,
    ([value, kilo, between = '', per], reading) => {
      reading.rate ??= { value: thousands(value, kilo), per: PERIODS[per?.toLowerCase() ?? ''] ?? 'day' };
      return between;
    },
  ),
  rule(`(\\d+)\\s*(?:x\\s*)?(?:nvidia\\s+)?${GPU}s?\\b(?:\\s*gpus?)?`, ([value, name], reading) =>
    set(reading, 'gpu', `${name?.toLowerCase()}:${value}`),
  ),
  rule(`(?:nvidia\\s+)?\\b${GPU}s?\\b(?:\\s*gpus?)?`, ([name], reading) =>
    set(reading, 'gpu', name?.toLowerCase() ?? null),
  ),
  rule('(\\d+)\\s*(?:x\\s*)?gpus?\\b', ([value], reading) => set(reading, 'gpu', value ?? '1')),
  sets('\\bgpus?\\b', 'gpu', '1'),
  rule('\\b(inferentia2?|trainium2?)\\b', ([name], { flags }) => {
    flags.set('needs', [flags.get('needs'), `neuron:${name?.toLowerCase()}`].filter((word) => word != null).join(','));
  }),
  needs('\\be-?bpf\\b(?:\\s+(?:sidecar|agent|probe)s?)?', 'ebpf'),
  needs('\\bprivileged\\b', 'privileged'),
  needs('\\bavx-?\\s?512\\b', 'avx512'),
  needs('\\b(?:ssh|host access|log ?in to the host)\\b', 'host-access'),
  needs('\\bdaemon(?:s|set)?\\b', 'daemon'),
  needs('\\bhost network(?:ing)?\\b', 'host-network'),
  needs('\\bbridge network(?:ing)?\\b', 'bridge-network'),
  sets('\\b(?:custom|own|our)\\s+(?:ami|image|golden image)\\b', 'ami'),
  sets('\\bgraviton\\d?\\b', 'cpu', 'graviton'),
  sets('\\barm(?:64)?\\b', 'arch', 'arm64'),
  sets('\\b(?:x86(?:_64)?|amd64)\\b', 'arch', 'x86_64'),
  sets('\\bintel\\b', 'cpu', 'intel'),
  sets('\\bamd\\b', 'cpu', 'amd'),
  sets(
    '\\b(?:interruptible|can be interrupted|may be interrupted|interruptions? (?:is|are) (?:ok|fine)|spot (?:is )?(?:ok|okay|fine|allowed)|(?:ok|okay|fine) with spot|fault[- ]tolerant)\\b',
    'interruptible',
  ),
  // Who asks about Spot has not yet said that the work survives it.
  rule('\\bspot\\b', (_groups, reading) => {
    if (!reading.flags.has('interruptible')) reading.guesses.add('interruptible');
    set(reading, 'interruptible', null);
  }),
  sets('\\b(?:isolated|own machine|one task per (?:machine|instance|host))\\b', 'isolation', 'task'),
  sets('\\bpublic ip(?:v4)?s?\\b', 'public-ip'),
  sets('\\b(?:evenly|uniform(?:ly)?)\\b', 'arrivals', 'uniform'),
  sets('\\bburstable\\b', 'burstable'),
  rule(`${N}${KILO}\\s*x(?!\\w)`, ([value, kilo], reading) => readCount(reading, thousands(value, kilo))),
  rule(`(?<!\\w)x\\s*${N}${KILO}\\b`, ([value, kilo], reading) => readCount(reading, thousands(value, kilo))),
  around(`${N}${KILO}${BETWEEN}{0,3}?)\\s*\\b${THING}\\b`, ([value, kilo, between = ''], reading) => {
    readCount(reading, thousands(value, kilo));
    return between;
  }),
];

const PERIODS: Readonly<Record<string, string>> = { daily: 'day', nightly: 'night', hourly: 'hour', weekly: 'week' };

/** A bare count is starts a day when the tasks have a run time, else tasks at the same time. */
function readCount(reading: Reading, count: number): void {
  if (reading.flags.has('run') && reading.rate === null) reading.rate = { value: count, per: 'day' };
  else set(reading, 'tasks', String(count));
}

/** Talk around a question that carries no figure. */
const NOISE = new Set(
  `a an the of and or to for with on in at by is are be it its this that we our us i my me you should would could can do does did go going run runs running
  move stay use using where what which how when why if than then so please want wants need needs needing task tasks job jobs service services container
  containers web api batch worker workers little small tiny short big quick memory ram mem cpu each every per all about around roughly like some have has
  managed instances instance fargate ec2 ecs asg aws amazon capacity cost costs price cheaper cheapest best option better much day night daily nightly
  sidecar agent seconds second takes take there here now today utc time times machine machines one them they who between from until nights days apps app
  pods pod servers server host hosts identical same new little background`.split(/\s+/),
);

/** Reads plain words. Pure; the same text always gives the same flags. */
export function readWords(text: string, context: ParseContext): Words {
  const reading: Reading = { flags: new Map(), guesses: new Set(), rate: null };
  const plain = digitsForWords(text.toLowerCase()).replace(NEGATED, ' ').replace(ALL_DAY, ' ');
  let rest = readRegion(` ${plain} `, context, reading);
  for (const { pattern, take } of RULES) {
    const match = pattern.exec(rest);
    if (match === null) continue;
    const kept = take(match.slice(1), reading);
    rest = `${rest.slice(0, match.index)} ${kept} ${rest.slice(match.index + match[0].length)}`;
  }
  const isNightly = /\bnight(?:s|ly)?\b/.test(plain);
  return { ...finish(reading, isNightly), leftovers: leftovers(rest) };
}

const NIGHT = '22:00-06:00';
const SECONDS_PER_HOUR = 3600;

/** Rates become starts a day once the window is known; night without hours is a guess. */
function finish(reading: Reading, isNightly: boolean): Pick<Words, 'flags' | 'guesses'> {
  const { flags, guesses, rate } = reading;
  if (isNightly && rate !== null && !flags.has('between')) {
    flags.set('between', NIGHT);
    guesses.add('between');
  }
  if (rate !== null) {
    const hours = windowHours(flags.get('between') ?? null);
    const factor = { minute: 60 * hours, hour: hours, week: 1 / 7, month: 12 / 365 }[rate.per] ?? 1;
    if (rate.per === 'week' || rate.per === 'month') guesses.add('per-day');
    if (!flags.has('per-day')) flags.set('per-day', String(Math.ceil(rate.value * factor - 1e-9)));
  }
  if (!flags.has('run') && rate === null) flags.delete('arrivals');
  return { flags: Object.fromEntries(flags), guesses: [...guesses] };
}

function windowHours(window: string | null): number {
  const parts = /^(\d+):(\d+)-(\d+):(\d+)$/.exec(window ?? '');
  if (parts === null) return 24;
  const at = (hour: number, minute: number): number =>
    Number(parts[hour]) * SECONDS_PER_HOUR + Number(parts[minute]) * 60;
  const seconds = at(3, 4) - at(1, 2);
  return (seconds > 0 ? seconds : seconds + 24 * SECONDS_PER_HOUR) / SECONDS_PER_HOUR;
}

function readRegion(text: string, context: ParseContext, reading: Reading): string {
  const code = context.regions.find((region) => new RegExp(`(?<![\\w-])${region}(?![\\w-])`).test(text));
  const place = Object.keys(PLACES).find((name) => new RegExp(`\\b${name}\\b`).test(text));
  const region = code ?? (place === undefined ? undefined : PLACES[place]);
  if (region === undefined || !context.regions.includes(region)) return text;
  set(reading, 'region', region);
  return text.replace(code ?? place ?? '', ' ');
}

function leftovers(rest: string): readonly string[] {
  const words = rest
    .split(/[\s/]+/)
    .map((word) => word.replace(/^[,.;:!?()"'’]+|[,.;:!?()"'’]+$/g, ''))
    .filter((word) => /[\p{L}\p{N}]/u.test(word) && !NOISE.has(word));
  return [...new Set(words)].slice(0, 20);
}
