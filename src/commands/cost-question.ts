/** What `cost` is asked: where, which days, grouped by what. */
import type { CostDimension } from '../engine/index.ts';
import { usageError } from '../errors.ts';
import { addDays, type Period } from './billing.ts';
import type { ParseContext, Parsed } from './command.ts';
import type { EstateScope } from './estate.ts';
import { clip, type Flag, parseFlags, parsing } from './flags.ts';
import { count, day } from './values.ts';

export type CostAsk = {
  readonly scope: EstateScope;
  readonly period: Period;
  readonly by: readonly CostDimension[];
};

const DIMENSIONS: { readonly [word: string]: CostDimension } = {
  account: 'account',
  cluster: 'cluster',
  service: 'service',
  kind: 'capacityKind',
  capacitykind: 'capacityKind',
  role: 'role',
};
/** Cost Explorer keeps thirteen months. */
const MOST_DAYS = 395;
const USUAL_DAYS = 7;

/** The flag table; days depend on today's date. */
export function costFlags({ today }: Pick<ParseContext, 'today'>) {
  const oldest = addDays(today, -MOST_DAYS);
  const range = { from: oldest, to: today, because: 'Cost Explorer keeps 13 months' };
  return {
    by: { value: 'LIST', text: 'account, cluster, service, kind, role; several with commas', read: readBy },
    days: {
      value: 'N',
      text: `the last N whole days (${USUAL_DAYS})`,
      read: count({ min: 1, max: MOST_DAYS, example: '30' }),
    },
    month: { value: 'YYYY-MM', text: 'one calendar month', read: readMonth },
    from: { value: 'YYYY-MM-DD', text: 'first day', read: day(range) },
    to: { value: 'YYYY-MM-DD', text: 'last day, included', read: day(range) },
    cluster: { value: 'NAME', text: 'one cluster; its name alone will do', read: (text: string) => text },
    account: { value: 'NAME', text: 'one account, by name or id', read: (text: string) => text },
    region: { value: 'CODE', text: 'one region', read: (text: string) => text },
  } satisfies Record<string, Flag<unknown>>;
}

/** `cost [CLUSTER] [flags]` -> a complete question. By service inside one cluster, else by cluster. */
export function parseCost(args: readonly string[], context: ParseContext): Parsed<CostAsk> {
  return parsing(() => {
    const { values, words } = parseFlags(args, costFlags(context));
    const [word, ...more] = words;
    if (more[0] !== undefined)
      throw usageError(
        'usage_unexpected_word',
        `"${clip(more[0])}" is not expected here`,
        `cost ${clip(word ?? '')} --days 30`,
      );
    if (word !== undefined && values.cluster !== undefined)
      throw usageError('usage_conflict', 'the cluster is named twice', `cost ${clip(word)}`);
    const cluster = word ?? values.cluster ?? null;
    const scope = { cluster, account: values.account ?? null, region: values.region ?? null };
    const question: CostAsk = {
      scope,
      period: periodOf(values, context.today),
      by: values.by ?? [cluster === null ? 'cluster' : 'service'],
    };
    return { ok: true, question, echo: echo(question), guesses: [] };
  });
}

type Values = {
  readonly days?: number;
  readonly month?: string;
  readonly from?: string;
  readonly to?: string;
};

function periodOf({ days, month, from, to }: Values, today: string): Period {
  const ways = [days, month, from ?? to].filter((way) => way !== undefined);
  if (ways.length > 1)
    throw usageError(
      'usage_conflict',
      'the days are given in two ways',
      'keep one of --days, --month, --from and --to',
    );
  if (month !== undefined) return monthOf(month, today);
  if (to !== undefined && from === undefined)
    throw usageError('usage_incomplete', '--to needs --from', 'add --from 2026-11-01');
  if (from !== undefined) {
    const toExclusive = addDays(to ?? today, 1);
    if (from >= toExclusive)
      throw usageError('usage_bad_value', '--from is after --to', `--from ${to ?? today} --to ${from}`);
    return { from, toExclusive };
  }
  return { from: addDays(today, -(days ?? USUAL_DAYS)), toExclusive: today };
}

/** The month so far when it is the present one. */
function monthOf(month: string, today: string): Period {
  const from = `${month}-01`;
  const next = `${addDays(`${month}-28`, 4).slice(0, 7)}-01`;
  const tomorrow = addDays(today, 1);
  if (from > today || from < addDays(today, -MOST_DAYS))
    throw usageError(
      'usage_bad_value',
      `--month ${month}: Cost Explorer keeps 13 months up to today`,
      `--month ${today.slice(0, 7)}`,
    );
  return { from, toExclusive: next < tomorrow ? next : tomorrow };
}

function readMonth(text: string, name: string): string {
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) return text;
  throw usageError('usage_bad_value', `--${name} ${clip(text)}: is not a month`, `type --${name} 2026-10`);
}

function readBy(text: string, name: string): readonly CostDimension[] {
  const words = text.split(',').map((word) => word.trim().toLowerCase());
  return [...new Set(words)].map((word) => {
    const dimension = Object.hasOwn(DIMENSIONS, word) ? DIMENSIONS[word] : undefined;
    if (dimension !== undefined) return dimension;
    throw usageError(
      'usage_bad_value',
      `--${name} ${clip(word)}: is nothing to group by`,
      `type --${name} account, cluster, service, kind or role`,
    );
  });
}

function echo({ scope, period, by }: CostAsk): string {
  const words = [
    ...(scope.cluster === null ? [] : [scope.cluster]),
    ...(scope.account === null ? [] : [`--account ${scope.account}`]),
    ...(scope.region === null ? [] : [`--region ${scope.region}`]),
    `--from ${period.from} --to ${addDays(period.toExclusive, -1)}`,
    `--by ${by.map((dimension) => (dimension === 'capacityKind' ? 'kind' : dimension)).join(',')}`,
  ];
  return words.join(' ');
}
