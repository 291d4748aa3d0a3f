/** `windows`: when AWS may move tasks. `windows lint` checks a window that is typed; it reads no AWS account. */
import {
  type WindowQuestion as EngineQuestion,
  type EventWindow,
  factBook,
  type Json,
  lintText,
  type WindowAnswer,
} from '../engine/index.ts';
import { usageError } from '../errors.ts';
import { helpReport } from '../report/help.ts';
import { windowLintReport } from '../report/windows.ts';
import type { Answered, Call, Command } from './command.ts';
import { plainEnvelope } from './envelope.ts';
import { clip, flagHelp, nearest, parseFlags, parsing, switchFlag } from './flags.ts';
import { digitsForWords } from './number-words.ts';
import { readZone, zoneFrom, zoneInText } from './zones.ts';

type Tag = EventWindow['instanceTags'][number];
type LintQuestion = {
  readonly kind: 'lint';
  readonly text: string;
  readonly tz: string;
  readonly fargate: boolean;
  readonly tags: readonly Tag[];
  /** Nobody named a zone. */
  readonly isZoneGuessed: boolean;
};
type WindowsQuestion = { readonly kind: 'usage' } | LintQuestion;

const SUBVERBS = ['lint'] as const;
const EXAMPLE = 'windows lint "sundays 10 to 2pm" --tz Europe/London';

const LINT_FLAGS = {
  tz: {
    value: 'ZONE',
    text: 'time zone of the words, UTC by default; a cron expression is always UTC',
    read: readZone,
  },
  fargate: switchFlag('the window is for Fargate tasks, not for instances'),
  tag: {
    value: 'KEY=VALUE',
    text: 'a tag the window would target; may be given again',
    read: readTag,
    repeated: true as const,
  },
};

function readTag(text: string): readonly Tag[] {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key !== undefined && value !== undefined) return [{ key, value }];
  throw usageError('usage_bad_value', `--tag ${clip(text)}: is no KEY=VALUE`, 'type --tag aws:ecs:clusterName=rose');
}

export const windowsCommand: Command<WindowsQuestion> = {
  name: 'windows',
  summary: 'check a patch window before AWS does: hours, days, targets, daylight saving time',
  usage: 'windows lint "CRON or WORDS" [--tz ZONE] [--fargate] [--tag KEY=VALUE]',
  examples: [
    EXAMPLE,
    'windows lint "* 0-4,20-23 * * 1,5"',
    'windows lint "sunday 10:00-12:00, wednesday 10:00-12:00"',
    'windows lint "every third night 1-5" --fargate',
  ],
  flags: flagHelp(LINT_FLAGS),
  surfaces: ['slack', 'terminal'],
  parse: (args) =>
    parsing(() => {
      const question = readQuestion(args);
      const guesses = question.kind === 'lint' && question.isZoneGuessed ? ['tz'] : [];
      return { ok: true, question, echo: showQuestion(question), guesses };
    }),
  run: async (question, deps, call) => {
    if (question.kind === 'usage') return usage(call);
    const facts = factBook(deps.library.facts, call.now.toISOString().slice(0, 10));
    const asked: EngineQuestion = {
      text: question.text,
      zone: zoneFrom(question.tz, call.now),
      now: call.now.toISOString(),
      isForFargate: question.fargate,
      tags: question.tags,
    };
    const answer = lintText(asked, facts);
    return answered(question, answer, call);
  },
};

function readQuestion(args: readonly string[]): WindowsQuestion {
  const word = args[0];
  if (word === undefined) return { kind: 'usage' };
  const sub = SUBVERBS.find((name) => name === word.toLowerCase());
  if (sub === undefined) {
    const near = nearest(word, SUBVERBS);
    const guess = near === null ? '' : `. Did you mean ${near}?`;
    throw usageError('usage_unknown_verb', `windows cannot "${clip(word)}"${guess}`, EXAMPLE);
  }
  const { values, words } = parseFlags(args.slice(1), LINT_FLAGS);
  const typed = words.join(' ').trim();
  if (typed === '') throw usageError('usage_missing_value', 'windows lint needs a window', EXAMPLE);
  const { zone, rest } = zoneInText(typed);
  if (zone !== null && values.tz !== undefined && zone !== values.tz) {
    throw usageError('usage_bad_value', `the text says ${zone}, --tz says ${values.tz}`, 'keep one of them');
  }
  const { tag: tags = [], fargate = false } = values;
  const named = values.tz ?? zone;
  const text = digitsForWords(rest.toLowerCase());
  return { kind: 'lint', text, tz: named ?? 'UTC', fargate, tags, isZoneGuessed: named === null };
}

function showQuestion(question: WindowsQuestion): string {
  if (question.kind === 'usage') return '';
  const { text, tz, fargate, tags } = question;
  const flags = [
    `--tz ${tz}`,
    ...(fargate ? ['--fargate'] : []),
    ...tags.map(({ key, value }) => `--tag ${key}=${value}`),
  ];
  return `lint "${text}" ${flags.join(' ')}`;
}

/** `windows` alone: what it can do. */
function usage(call: Call): Answered {
  const prefix = call.surface === 'slack' ? '/ecs-advise ' : 'ecs-advise ';
  return {
    report: helpReport([windowsCommand], { topic: 'windows', prefix }),
    json: plainEnvelope('windows', call, {}, { windows: [], calendar: [], proposal: null }),
    exitCode: 0,
    summary: { sub: 'usage' },
  };
}

function answered(question: LintQuestion, answer: WindowAnswer, call: Call): Answered {
  const errors = answer.lint.filter(({ severity }) => severity === 'error').length;
  return {
    report: windowLintReport(question, answer),
    json: envelope(question, answer, call),
    exitCode: errors > 0 ? 1 : 0,
    summary: { sub: 'lint', form: answer.form, errors, rows: answer.lint.length },
  };
}

/** The pinned JSON of a window; what AWS would number (id, account, region, state) is null until it exists. */
function envelope(question: LintQuestion, answer: WindowAnswer, call: Call): Json {
  const { timeRanges, cron, lint, spans, local, choice, others, guesses, notUnderstood, facts, assumptions } = answer;
  const window = {
    id: null,
    account: null,
    region: null,
    name: null,
    timeRanges,
    cron,
    targets: { instanceIds: [], instanceTags: question.tags, dedicatedHostIds: [] },
    state: null,
    lint,
    utcSpans: spans,
    local: local.map(({ clock, spans: shown }) => ({ ...clock, spans: shown })),
    choice,
    others,
  };
  const { kind: _kind, isZoneGuessed: _isGuessed, ...asked } = question;
  return {
    ...(plainEnvelope('windows', call, asked, {
      windows: [window],
      calendar: [],
      proposal: null,
    } as unknown as Json) as {
      readonly [key: string]: Json;
    }),
    facts: facts.map(({ id, value, unit, validFrom, confidence, source }) => ({
      id,
      value,
      unit,
      validFrom,
      confidence,
      source,
    })),
    assumptions,
    guesses,
    notUnderstood,
  };
}
