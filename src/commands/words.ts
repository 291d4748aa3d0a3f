/**
 * Plain words -> flags, by an ordered list of patterns: no model, no guess that is not named. Each pattern takes what
 * it understood out of the text; what is left and means something is reported, never dropped silently.
 */
import type { ParseContext } from './command.ts';

export type Words = {
  /** Flag name -> its text, null for a switch. */
  readonly flags: Readonly<Record<string, string | null>>;
  readonly guesses: readonly string[];
  /** Words that meant nothing to the reader. */
  readonly leftovers: readonly string[];
};

const SMALL = [
  'zero',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
  'thirteen',
  'fourteen',
  'fifteen',
  'sixteen',
  'seventeen',
  'eighteen',
  'nineteen',
  'twenty',
] as const;
const TENS: Readonly<Record<string, number>> = {
  thirty: 30,
  forty: 40,
  fifty: 50,
  sixty: 60,
  seventy: 70,
  eighty: 80,
  ninety: 90,
};
const SCALES: Readonly<Record<string, number>> = { dozen: 12, hundred: 100, thousand: 1_000, million: 1_000_000 };

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

const NUM = '(\\d[\\d,_]*(?:\\.\\d+)?\\s?[km]?)';
const TIME_WORD = '(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?)';
const THING = '(?:tasks?|jobs?|runs?|containers?|services?|times?|starts?|copies|replicas|instances?)';
/** Words between a number and the thing it counts: "500 little 40 second jobs". */
const ADJECTIVES =
  '(?:(?:little|small|tiny|short|big|web|batch|api|quick|identical|same|new|worker|background|nightly|more|or so)\\s+)*';
const PER_DAY = '(?:a|per|each|every|/)\\s*(?:day|night)|daily|nightly';
const PER_HOUR = '(?:an|a|per|each|every|/)\\s*hour|hourly';

type Found = Map<string, string | null>;
type Rule = { readonly pattern: RegExp; readonly take: (match: RegExpExecArray, found: Found) => boolean };

const rule = (source: string, take: (match: RegExpExecArray, found: Found) => void): Rule => ({
  pattern: new RegExp(source, 'i'),
  take: (match, found) => {
    take(match, found);
    return true;
  },
});
const sets = (source: string, flag: string, value: string | null = null): Rule =>
  rule(source, (_match, found) => set(found, flag, value));

/** The first reading of a flag stands. */
function set(found: Found, flag: string, value: string | null): void {
  if (!found.has(flag)) found.set(flag, value);
}

function need(found: Found, word: string): void {
  const before = found.get('needs');
  found.set('needs', before == null ? word : `${before},${word}`);
}

/** `20k` -> 20000; separators out. */
function numeric(text = ''): number {
  const [, digits = '', suffix = ''] = /^([\d,_.]+)\s?([km]?)$/i.exec(text.trim()) ?? [];
  return Number(digits.replace(/[,_]/g, '')) * ({ k: 1_000, m: 1_000_000 }[suffix.toLowerCase()] ?? 1);
}

function perDay(found: Found, text: string | undefined, factor: number): void {
  set(found, 'per-day', String(Math.round(numeric(text) * factor)));
}

/** `1`, `1am`, `4:30 pm` -> `HH:MM`. */
function clock(text: string, fallbackHalf: string): string {
  const [, hour = '0', minute = '00', half = fallbackHalf] =
    /^(\d{1,2})(?::(\d{2}))?\s*(am|pm)?$/i.exec(text.trim()) ?? [];
  const base = Number(hour) % 12 === 0 && half !== '' ? 0 : Number(hour);
  return `${String(base + (half.toLowerCase() === 'pm' ? 12 : 0)).padStart(2, '0')}:${minute}`;
}

const HOUR = '(\\d{1,2}(?::\\d{2})?\\s*(?:am|pm)?)';

const RULES: readonly Rule[] = [
  rule(
    `(?:between|from)\\s+${HOUR}\\s*(?:and|to|until|-|–)\\s*${HOUR}(?:\\s*(utc))?`,
    ([, from = '', to = ''], found) => {
      const half = /(am|pm)/i.exec(to)?.[1] ?? '';
      set(found, 'between', `${clock(from, half)}-${clock(to, '')}`);
    },
  ),
  rule('(\\d{1,2}:\\d{2})\\s*[-–]\\s*(\\d{1,2}:\\d{2})', ([, from = '', to = ''], found) =>
    set(found, 'between', `${from}-${to}`),
  ),
  rule(`${NUM}\\s*[- ]?v?(?:cpus?|cores?)\\b`, ([, value], found) => set(found, 'vcpu', String(numeric(value)))),
  rule(`(?:v?cpus?|cores?)\\s*(?:of|:|=)?\\s*${NUM}\\b`, ([, value], found) =>
    set(found, 'vcpu', String(numeric(value))),
  ),
  rule(`${NUM}\\s*(gi?b?|mi?b|gigs?)\\s*(?:of\\s+)?(?:disk|storage|scratch)`, ([, value], found) =>
    set(found, 'storage', String(numeric(value))),
  ),
  rule(`${NUM}\\s*[- ]?(gi?b|gigs?|g|mi?b)\\b(?:\\s*(?:of\\s+)?(?:memory|ram|mem))?`, ([, value, unit = 'g'], found) =>
    set(found, 'memory', String(numeric(value)) + (/^m/i.test(unit) ? 'MiB' : '')),
  ),
  rule(
    `(?:image\\s+)?pull(?:s|ed|ing)?(?:\\s+(?:of|takes?|is|in))*\\s+${NUM}\\s*[- ]?${TIME_WORD}\\b`,
    ([, value, unit = 's'], found) => set(found, 'pull', duration(value, unit)),
  ),
  rule(`${NUM}\\s*[- ]?${TIME_WORD}\\s+(?:image\\s+)?pull`, ([, value, unit = 's'], found) =>
    set(found, 'pull', duration(value, unit)),
  ),
  rule(`${NUM}\\s*[- ]${TIME_WORD}\\b(?!\\s*(?:a|per)\\s*day)`, ([, value, unit = 's'], found) =>
    set(found, 'run', duration(value, unit)),
  ),
  rule(`(?<![\\d.])${NUM}${TIME_WORD}\\b`, ([, value, unit = 's'], found) => set(found, 'run', duration(value, unit))),
  rule(`${NUM}\\s*${ADJECTIVES}(?:${THING})?\\s*,?\\s*(?:${PER_DAY})\\b`, ([, value], found) =>
    perDay(found, value, 1),
  ),
  rule(`${NUM}\\s*${ADJECTIVES}(?:${THING})?\\s*,?\\s*(?:${PER_HOUR})\\b`, ([, value], found) =>
    perDay(found, value, 24),
  ),
  rule(
    `(\\d+)\\s*(?:x\\s*)?(?:nvidia\\s+)?(l4|l40s|a10g|t4g?|a100|h100|h200|v100|b200)\\b(?:\\s*gpus?)?`,
    ([, value, name], found) => set(found, 'gpu', `${name?.toLowerCase()}:${value}`),
  ),
  rule('(?:nvidia\\s+)?\\b(l4|l40s|a10g|t4g?|a100|h100|h200|v100|b200)\\b(?:\\s*gpus?)?', ([, name], found) =>
    set(found, 'gpu', name?.toLowerCase() ?? null),
  ),
  rule('(\\d+)\\s*gpus?\\b', ([, value], found) => set(found, 'gpu', value ?? '1')),
  sets('\\bgpus?\\b', 'gpu', '1'),
  rule('\\b(inferentia2?|trainium2?)\\b', ([, name], found) => need(found, `neuron:${name?.toLowerCase()}`)),
  rule('\\be-?bpf\\b(?:\\s+(?:sidecar|agent|probe)s?)?', (_match, found) => need(found, 'ebpf')),
  rule('\\bprivileged\\b', (_match, found) => need(found, 'privileged')),
  rule('\\bavx-?\\s?512\\b', (_match, found) => need(found, 'avx512')),
  rule('\\b(?:ssh|host access|log ?in to the host)\\b', (_match, found) => need(found, 'host-access')),
  rule('\\bdaemon(?:s|set)?\\b', (_match, found) => need(found, 'daemon')),
  rule('\\bhost network(?:ing)?\\b', (_match, found) => need(found, 'host-network')),
  sets('\\b(?:custom|own|our)\\s+(?:ami|image|golden image)\\b', 'ami'),
  sets('\\bgraviton\\b', 'cpu', 'graviton'),
  sets('\\barm(?:64)?\\b', 'arch', 'arm64'),
  sets('\\b(?:x86(?:_64)?|amd64)\\b', 'arch', 'x86_64'),
  sets('\\bintel\\b', 'cpu', 'intel'),
  sets('\\bamd\\b', 'cpu', 'amd'),
  sets(
    '\\b(?:interruptible|can be interrupted|may be interrupted|interruption(?:s)? (?:is|are) (?:ok|fine)|spot (?:is )?(?:ok|okay|fine|allowed)|fault[- ]tolerant)\\b',
    'interruptible',
  ),
  sets('\\b(?:isolated|own machine|one task per (?:machine|instance|host))\\b', 'isolation', 'task'),
  sets('\\bpublic ip(?:v4)?\\b', 'public-ip'),
  sets('\\b(?:evenly|uniform(?:ly)?)\\b', 'arrivals', 'uniform'),
  sets('\\bburstable\\b', 'burstable'),
];

/** Units to what `--run` reads. */
function duration(value: string | undefined, unit: string): string {
  return `${numeric(value)}${unit.charAt(0).toLowerCase()}`;
}

/** Things counted on their own: "twelve web tasks", "20k jobs". Read after everything else has been taken out. */
const COUNTED = new RegExp(`${NUM}\\s*${ADJECTIVES}${THING}\\b`, 'i');

/** Talk around a question that carries no figure. */
const NOISE = new Set(
  `a an the of and or to for with on in at by is are be it its this that we our us i my me you should would could can do does did go going run runs running
  move stay use using where what which how when why if than then so please want wants need needs needing task tasks job jobs service services container
  containers web api batch worker workers little small tiny short big quick memory ram mem cpu each every per all about around roughly like some have has
  managed instances instance fargate ec2 ecs asg spot aws amazon capacity cost costs price cheaper cheapest best option better much day night daily nightly
  sidecar agent seconds second takes take there here now today utc time times machine machines one them they who`.split(
    /\s+/,
  ),
);

/** Reads plain words. Pure; the same text always gives the same flags. */
export function readWords(text: string, context: ParseContext): Words {
  const found: Found = new Map();
  let rest = ` ${digits(text.toLowerCase())} `;
  rest = readRegion(rest, context, found);
  for (const { pattern, take } of RULES) {
    const match = pattern.exec(rest);
    if (match === null || !take(match, found)) continue;
    rest = `${rest.slice(0, match.index)} ${rest.slice(match.index + match[0].length)}`;
  }
  rest = readCount(rest, found);
  return { flags: Object.fromEntries(found), guesses: [], leftovers: leftovers(rest) };
}

/** A bare count is starts a day when the tasks have a run time, else tasks at the same time. */
function readCount(rest: string, found: Found): string {
  const isDaily = /\b(?:(?:a|per|each|every)\s+(?:day|night)|daily|nightly)\b/.test(rest);
  const match = COUNTED.exec(rest);
  if (match === null) return rest;
  const value = String(numeric(match[1]));
  if (found.has('run') || isDaily) set(found, 'per-day', value);
  else set(found, 'tasks', value);
  return `${rest.slice(0, match.index)} ${rest.slice(match.index + match[0].length)}`;
}

function readRegion(text: string, context: ParseContext, found: Found): string {
  const code = context.regions.find((region) => text.includes(region));
  const place = Object.keys(PLACES).find((name) => new RegExp(`\\b${name}\\b`).test(text));
  const region = code ?? (place === undefined ? undefined : PLACES[place]);
  if (region === undefined || !context.regions.includes(region)) return text;
  set(found, 'region', region);
  return text.replace(code ?? place ?? '', ' ');
}

/** Number words to digits: "twelve" -> 12, "two thousand" -> 2000, "a dozen" -> 12. */
function digits(text: string): string {
  const words = text.split(/\s+/);
  const out: string[] = [];
  for (const word of words) {
    const bare = word.replace(/[.,!?;]+$/, '');
    const tail = word.slice(bare.length);
    const small = SMALL.indexOf(bare as (typeof SMALL)[number]);
    const scale = SCALES[bare];
    if (small >= 0) out.push(`${small}${tail}`);
    else if (Object.hasOwn(TENS, bare)) out.push(`${TENS[bare]}${tail}`);
    else if (scale !== undefined) {
      const before = out.at(-1) ?? '';
      const isNumber = /^\d+(\.\d+)?$/.test(before);
      if (isNumber || before === 'a') out.pop();
      out.push(`${(isNumber ? Number(before) : 1) * scale}${tail}`);
    } else out.push(word);
  }
  return out.join(' ');
}

function leftovers(rest: string): readonly string[] {
  const words = rest
    .split(/[\s,.;:!?()"'/]+/)
    .filter((word) => word !== '' && !NOISE.has(word) && /[a-z0-9]/.test(word));
  return [...new Set(words)].slice(0, 20);
}
