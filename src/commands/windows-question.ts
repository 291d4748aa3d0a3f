/** What people ask of `windows`: words and flags -> a complete question, and the line that asks it again. Pure. */
import type { EventWindow } from '../engine/index.ts';
import { usageError } from '../errors.ts';
import type { EstateScope } from './estate.ts';
import { clip, type Flag, type FlagTable, parseFlags, refuseWords, switchFlag } from './flags.ts';
import { digitsForWords } from './number-words.ts';
import { readZone, zoneInText } from './zones.ts';

type Tag = EventWindow['instanceTags'][number];
type Where = Pick<EstateScope, 'account' | 'region'>;

export type LintQuestion = {
  readonly kind: 'lint';
  readonly text: string;
  readonly tz: string;
  readonly fargate: boolean;
  readonly tags: readonly Tag[];
  /** Nobody named a zone. */
  readonly isZoneGuessed: boolean;
};
export type LookQuestion = {
  /** `list` = the windows there are; `calendar` = who is moved when. */
  readonly kind: 'list' | 'calendar';
  readonly scope: EstateScope;
  /** Clock shown beside UTC; null = UTC alone. */
  readonly tz: string | null;
};
export type SetQuestion = {
  readonly kind: 'set';
  /** Cluster, provider, `cluster/provider` or `cluster/service`, as typed. */
  readonly target: string;
  readonly text: string;
  readonly tz: string;
  readonly isZoneGuessed: boolean;
  readonly fargate: boolean;
  readonly name: string | null;
  readonly window: string | null;
} & Where;
export type MoveQuestion = {
  readonly kind: 'move';
  readonly window: string;
  readonly target: string;
  readonly fargate: boolean;
  readonly tz: string;
} & Where;
export type DeleteQuestion = { readonly kind: 'delete'; readonly window: string; readonly tz: string } & Where;
/** `undo` = take an applied proposal back; `again` = a stale one on the world as it is now. */
export type StepQuestion = { readonly kind: 'undo' | 'again'; readonly proposal: string };
export type ChangeQuestion = SetQuestion | MoveQuestion | DeleteQuestion | StepQuestion;
export type WindowsQuestion = LintQuestion | LookQuestion | ChangeQuestion;

export const SUBVERBS = ['lint', 'calendar', 'set', 'move', 'delete', 'undo', 'again'] as const;
type Subverb = (typeof SUBVERBS)[number];
export const LINT_EXAMPLE = 'windows lint "sundays 10 to 2pm" --tz Europe/London';
export const SET_EXAMPLE = 'windows set rose "sundays 10 to 2pm" --tz Europe/London';

const text = (value: string): string => value;
const ALL = {
  tz: {
    value: 'ZONE',
    text: 'time zone of the words, UTC by default (a cron expression is always UTC); in a list, the clock shown beside UTC',
    read: readZone,
  },
  account: { value: 'NAME', text: 'one account, by name or id', read: text },
  region: { value: 'CODE', text: 'one region', read: text },
  cluster: { value: 'NAME', text: 'one cluster; its name alone will do', read: text },
  fargate: switchFlag('for Fargate tasks, not for instances'),
  tag: {
    value: 'KEY=VALUE',
    text: 'lint: a tag the window would target; may be given again',
    read: readTag,
    repeated: true as const,
  },
  name: { value: 'TEXT', text: 'set: name of a new window', read: text },
  window: { value: 'ID', text: 'set: the window to change, where the target has none', read: readWindowId },
} satisfies Record<string, Flag<unknown>>;
export const WINDOW_FLAGS: FlagTable = ALL;

const { tz, account, region, cluster, fargate, tag, name, window } = ALL;
const LOOK = { tz, account, region, cluster };
const LINT = { tz, fargate, tag };
const SET = { tz, account, region, fargate, name, window };
const MOVE = { tz, account, region, fargate };
const DELETE = { tz, account, region };

function readTag(typed: string): readonly Tag[] {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(typed) ?? [];
  if (key !== undefined && value !== undefined) return [{ key, value }];
  throw usageError('usage_bad_value', `--tag ${clip(typed)}: is no KEY=VALUE`, 'type --tag aws:ecs:clusterName=rose');
}

function readWindowId(typed: string): string {
  const id = typed.trim().toLowerCase();
  if (/^iew-[0-9a-z]{1,40}$/.test(id)) return id;
  throw usageError(
    'usage_bad_value',
    `"${clip(typed)}" is no id of a window`,
    'ids look like iew-0abc; windows lists them',
  );
}

/** Reads everything after `windows`. Throws usage errors. */
export function readQuestion(args: readonly string[]): WindowsQuestion {
  const [word = '', ...rest] = args;
  const sub: Subverb | undefined = SUBVERBS.find((known) => known === word.toLowerCase());
  switch (sub) {
    case undefined:
      return readLook('list', args);
    case 'calendar':
      return readLook('calendar', rest);
    case 'lint':
      return readLint(rest);
    case 'set':
      return readSet(rest);
    case 'move':
      return readMove(rest);
    case 'delete':
      return readDelete(rest);
    case 'undo':
    case 'again':
      return readStep(sub, rest);
    default:
      return sub satisfies never;
  }
}

function readLook(kind: LookQuestion['kind'], args: readonly string[]): LookQuestion {
  const { values, words } = parseFlags(args, LOOK);
  const [word, ...more] = words;
  refuseWords(more, kind === 'list' ? 'windows rose' : 'windows calendar rose');
  if (word !== undefined && values.cluster !== undefined)
    throw usageError('usage_conflict', 'the cluster is named twice', `windows ${clip(word)}`);
  const scope = {
    cluster: word ?? values.cluster ?? null,
    account: values.account ?? null,
    region: values.region ?? null,
  };
  return { kind, scope, tz: values.tz ?? null };
}

/** Hours in words and the zone they are meant for, which the words may name themselves. */
function readHours(
  words: readonly string[],
  flag: string | undefined,
): { readonly text: string; readonly tz: string; readonly isZoneGuessed: boolean } {
  const { zone, rest } = zoneInText(words.join(' ').trim());
  if (zone !== null && flag !== undefined && zone !== flag) {
    throw usageError('usage_bad_value', `the text says ${zone}, --tz says ${flag}`, 'keep one of them');
  }
  const named = flag ?? zone;
  return { text: digitsForWords(rest.toLowerCase()), tz: named ?? 'UTC', isZoneGuessed: named === null };
}

function readLint(args: readonly string[]): LintQuestion {
  const { values, words } = parseFlags(args, LINT);
  if (words.join('').trim() === '')
    throw usageError('usage_missing_value', 'windows lint needs a window', LINT_EXAMPLE);
  const { tag: tags = [], fargate: isFargate = false } = values;
  return { kind: 'lint', ...readHours(words, values.tz), fargate: isFargate, tags };
}

function readSet(args: readonly string[]): SetQuestion {
  const { values, words } = parseFlags(args, SET);
  const [target, ...hours] = withoutKind(words);
  if (target === undefined)
    throw usageError('usage_missing_value', 'windows set needs a cluster, a provider or a service', SET_EXAMPLE);
  if (hours.join('').trim() === '') {
    throw usageError(
      'usage_missing_hours',
      `no load by hour of the week is read yet, so no quiet hours can be proposed for ${clip(target)}: give the hours`,
      `windows set ${clip(target)} "sundays 10 to 2pm" --tz Europe/London`,
    );
  }
  return {
    kind: 'set',
    target,
    ...readHours(hours, values.tz),
    fargate: values.fargate ?? false,
    name: values.name ?? null,
    window: values.window ?? null,
    account: values.account ?? null,
    region: values.region ?? null,
  };
}

/** `set cluster rose …` is `set rose …`. */
function withoutKind(words: readonly string[]): readonly string[] {
  const [first = '', ...rest] = words;
  return rest.length > 1 && /^(cluster|provider|service)$/i.test(first) ? rest : words;
}

function readMove(args: readonly string[]): MoveQuestion {
  const { values, words } = parseFlags(args, MOVE);
  const [id, target, ...more] = words;
  const example = 'windows move iew-0abc rose/mi-rose';
  if (id === undefined || target === undefined)
    throw usageError('usage_missing_value', 'windows move needs the window to move to, and a target', example);
  refuseWords(more, example);
  return {
    kind: 'move',
    window: readWindowId(id),
    target,
    fargate: values.fargate ?? false,
    tz: values.tz ?? 'UTC',
    account: values.account ?? null,
    region: values.region ?? null,
  };
}

function readDelete(args: readonly string[]): DeleteQuestion {
  const { values, words } = parseFlags(args, DELETE);
  const [id, ...more] = words;
  if (id === undefined)
    throw usageError('usage_missing_value', 'windows delete needs the id of a window', 'windows delete iew-0abc');
  refuseWords(more, 'windows delete iew-0abc');
  const { account: inAccount = null, region: inRegion = null } = values;
  return { kind: 'delete', window: readWindowId(id), tz: values.tz ?? 'UTC', account: inAccount, region: inRegion };
}

const PROPOSAL_ID = /^\d{4}-\d{2}-\d{2}-\d{4,9}$/;

function readStep(kind: StepQuestion['kind'], args: readonly string[]): StepQuestion {
  const [id, ...more] = parseFlags(args, {}).words;
  const example = `windows ${kind} 2026-11-24-0007`;
  if (id === undefined) throw usageError('usage_missing_value', `windows ${kind} needs the id of a proposal`, example);
  refuseWords(more, example);
  if (!PROPOSAL_ID.test(id)) throw usageError('usage_bad_value', `"${clip(id)}" is no id of a proposal`, example);
  return { kind, proposal: id };
}

/** The question as a line after `windows`, every value that counts in it. */
export function showQuestion(question: WindowsQuestion): string {
  switch (question.kind) {
    case 'lint': {
      const tags = question.tags.map(({ key, value }) => `--tag ${key}=${value}`);
      return line(`lint "${question.text}"`, `--tz ${question.tz}`, question.fargate ? '--fargate' : '', ...tags);
    }
    case 'list':
    case 'calendar': {
      const { scope, tz: zone } = question;
      const lead = question.kind === 'list' ? '' : 'calendar';
      return line(lead, scope.cluster ?? '', ...flags({ ...scope, tz: zone }));
    }
    case 'set': {
      const { target, text: hours, fargate: isFargate, name: named, window: id } = question;
      const more = [isFargate ? '--fargate' : '', named === null ? '' : `--name "${named}"`, option('window', id)];
      return line(`set ${target} "${hours}"`, ...flags(question), ...more);
    }
    case 'move':
      return line(
        `move ${question.window} ${question.target}`,
        ...flags(question),
        question.fargate ? '--fargate' : '',
      );
    case 'delete':
      return line(`delete ${question.window}`, ...flags(question));
    case 'undo':
    case 'again':
      return `${question.kind} ${question.proposal}`;
    default:
      return question satisfies never;
  }
}

const line = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(' ');
const option = (flag: string, value: string | null): string => (value === null ? '' : `--${flag} ${value}`);
const flags = (question: Where & { readonly tz: string | null }): readonly string[] => [
  option('tz', question.tz),
  option('account', question.account),
  option('region', question.region),
];
