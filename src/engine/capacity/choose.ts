/**
 * Problem: where should one task shape run, what does each place cost a month, and how sure is that.
 * Method: hard reasons first, then the cheapest plan per option in exact arithmetic (design 3.2), a bound by an
 * exact search over mixes of types (`cover.ts`), and the ladder of duties (`ladder.ts`).
 */
import { type Fact, factBook, usedFacts } from '../facts.ts';
import type { PriceBook } from '../prices.ts';
import { roundHalfEven, usdString } from '../units.ts';
import { breakEvens, tasksToWin } from './break-even.ts';
import { type Context, context } from './context.ts';
import { climb, isPriced, type PricedDraft } from './ladder.ts';
import { type Draft, draft } from './options.ts';
import { blockedBy } from './quotas.ts';
import { duties, NOT_COUNTED } from './remarks.ts';
import {
  CAPACITY_KINDS,
  type CapacityAnswer,
  type CapacityOption,
  type CapacityQuestion,
  type Verdict,
  type WinsIf,
} from './types.ts';

/** What `chooseCapacity` knows: every dated fact, and the prices of the asked region. */
export type CapacityWorld = { readonly facts: readonly Fact[]; readonly prices: PriceBook };

/**
 * Ranks the seven options for one task shape. Pure: the same world and question give the same bytes. Money in the
 * answer is decimal USD a month. Throws a plain Error when the question is out of range or the world is broken.
 */
export function chooseCapacity(world: CapacityWorld, question: CapacityQuestion): CapacityAnswer {
  const facts = factBook(world.facts, question.asOf);
  const shared = context(question, world.prices, facts);
  const drafts = CAPACITY_KINDS.map((kind) => draft(shared, kind));
  const { recommended, because } = climb(shared, drafts);
  const ranks = rankOf(drafts);
  const options = drafts.map((option) =>
    toOption(shared, option, { drafts, recommended, rank: ranks.get(option) ?? null }),
  );
  const breakEven = breakEvens(shared, drafts);
  return {
    ...usedFacts(facts),
    notCounted: NOT_COUNTED,
    priceDates: world.prices.asOf,
    verdict: verdict(question, drafts, recommended),
    result: { recommended: recommended?.kind ?? null, because, options: sorted(options), breakEven },
  };
}

/** 1 = cheapest by what the ladder compares; equal costs keep ladder order. */
function rankOf(drafts: readonly Draft[]): ReadonlyMap<Draft, number> {
  const priced = drafts.filter(isPriced);
  const order = [...priced].sort((a, b) => {
    if (a.priced.comparable !== b.priced.comparable) return a.priced.comparable < b.priced.comparable ? -1 : 1;
    return priced.indexOf(a) - priced.indexOf(b);
  });
  return new Map(order.map((option, index) => [option, index + 1]));
}

/** By rank, then unpriced, then infeasible; ties in ladder order (sort is stable). */
function sorted(options: readonly CapacityOption[]): readonly CapacityOption[] {
  const place = (option: CapacityOption): number => option.rank ?? (option.feasible ? 100 : 200);
  return [...options].sort((a, b) => place(a) - place(b));
}

type Standing = {
  readonly drafts: readonly Draft[];
  readonly recommended: PricedDraft | null;
  readonly rank: number | null;
};

function toOption(shared: Context, option: Draft, standing: Standing): CapacityOption {
  const { priced } = option;
  const band = priced?.band ?? null;
  return {
    kind: option.kind,
    feasible: option.feasible,
    reasons: option.reasons,
    blockedBy: blockedBy(shared, option),
    rank: standing.rank,
    usdPerMonth: priced === null ? null : usdString(priced.nano),
    usdPerMonthAfterCommitments: priced === null || priced.afterNano === null ? null : usdString(priced.afterNano),
    band: band === null ? null : { low: usdString(band.low), high: usdString(band.high) },
    plan: priced?.plan ?? null,
    lines: priced?.lines.map(({ line }) => line) ?? [],
    lowerBoundUsdPerMonth: priced === null || priced.boundNano === null ? null : usdString(priced.boundNano),
    duties: duties(option.kind),
    winsIf: winsIf(shared, option, standing),
  };
}

/** What would have to change for the option to be the advice; empty for the advice itself. */
function winsIf(shared: Context, option: Draft, standing: Standing): readonly WinsIf[] {
  const { recommended } = standing;
  if (option === recommended) return [];
  if (!option.feasible) return option.unless;
  if (!isPriced(option) || recommended === null) return [];
  const price = priceToWin(shared, recommended);
  const conditions: WinsIf[] = price > 0n ? [{ variable: 'usdPerMonth', op: '<=', value: usdString(price) }] : [];
  if (recommended.kind === 'fargate') {
    const tasks = tasksToWin(shared, recommended, option);
    if (tasks !== null) conditions.push(tasks);
  }
  return conditions;
}

/** The largest cost that still saves the minimum against the advice. */
function priceToWin(shared: Context, recommended: PricedDraft): bigint {
  const held = recommended.priced.comparable;
  const { percent, usdPerMonth } = shared.question.minimumSaving;
  const byShare = (held * BigInt(Math.round((100 - percent) * 1e6))) / 100_000_000n;
  const byUsd = held - BigInt(Math.round(usdPerMonth * 1e9));
  const least = byShare < byUsd ? byShare : byUsd;
  return least > 0n ? least : 0n;
}

function verdict(question: CapacityQuestion, drafts: readonly Draft[], recommended: PricedDraft | null): Verdict {
  if (!drafts.some((option) => option.feasible)) return { kind: 'infeasible', gap: null };
  if (question.batch !== null || recommended === null) return { kind: 'estimate', gap: null };
  const { nano, boundNano } = recommended.priced;
  if (boundNano === null) return { kind: 'estimate', gap: null };
  if (nano === boundNano) return { kind: 'optimal', gap: 0 };
  if (boundNano === 0n) return { kind: 'within', gap: null };
  const millionths = roundHalfEven({ n: (nano - boundNano) * 1_000_000n, d: boundNano });
  return { kind: 'within', gap: Number(millionths) / 1e6 };
}
