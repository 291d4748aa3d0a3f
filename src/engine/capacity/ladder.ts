/** Which option is advised (design 3.2): walk the ladder, move on only for a saving worth the extra duties. */
import { compare, type NanoUsd, rational, roundHalfEven, usdString } from '../units.ts';
import type { Context } from './context.ts';
import type { Draft } from './options.ts';
import { blockedBy } from './quotas.ts';
import type { CapacityKind } from './types.ts';

const NAMES: { readonly [K in CapacityKind]: string } = {
  fargate: 'Fargate',
  'fargate-spot': 'Fargate Spot',
  'mi-reserved': 'Managed Instances on reserved capacity',
  'mi-on-demand': 'Managed Instances',
  'mi-spot': 'Managed Instances on Spot',
  'asg-on-demand': 'an Auto Scaling group',
  'asg-spot': 'an Auto Scaling group on Spot',
};

/** The option's name inside a sentence. */
function kindName(kind: CapacityKind): string {
  return NAMES[kind];
}

export type PricedDraft = Draft & { readonly priced: NonNullable<Draft['priced']> };

export function isPriced(option: Draft): option is PricedDraft {
  return option.feasible && option.priced !== null;
}

/** True when `cost` undercuts `held` by both parts of the minimum saving. */
function isWorthMoving(context: Pick<Context, 'question'>, held: NanoUsd, cost: NanoUsd): boolean {
  const { percent, usdPerMonth } = context.question.minimumSaving;
  const saved = held - cost;
  if (saved <= 0n) return false;
  const share = rational(String(percent));
  const isEnoughUsd = compare({ n: saved, d: 1_000_000_000n }, rational(String(usdPerMonth))) >= 0;
  return isEnoughUsd && saved * 100n * share.d >= held * share.n;
}

export type Choice = { readonly recommended: PricedDraft | null; readonly because: string };

/** Walks the options in ladder order; `options` must be in that order. */
export function climb(context: Context, options: readonly Draft[]): Choice {
  const priced = options.filter(isPriced);
  const open = priced.filter((option) => blockedBy(context, option).length === 0);
  const first = open[0];
  if (first === undefined && priced.length > 0) {
    return { recommended: null, because: 'Every option that can run this needs more vCPU than a quota leaves.' };
  }
  if (first === undefined) return { recommended: null, because: nothingPriced(options) };
  let held = first;
  for (const option of open.slice(1)) {
    if (isWorthMoving(context, held.priced.comparable, option.priced.comparable)) held = option;
  }
  return { recommended: held, because: because(context, { held, first, open }) };
}

function nothingPriced(options: readonly Draft[]): string {
  return options.some((option) => option.feasible)
    ? 'What can run this task has no known price here.'
    : 'No option can run this task.';
}

/** Nano-USD as whole cents with a dollar sign, half to even. */
function cents(nano: NanoUsd): string {
  const rounded = usdString(roundHalfEven({ n: nano, d: 10_000_000n }) * 10_000_000n);
  const [dollars = '0', fraction = ''] = rounded.split('.');
  return `$${dollars.replace(/\B(?=(\d{3})+$)/g, ',')}.${fraction.padEnd(2, '0')}`;
}

function percentSaved(from: NanoUsd, to: NanoUsd): string {
  const tenths = roundHalfEven({ n: (from - to) * 1000n, d: from === 0n ? 1n : from });
  return `${tenths / 10n}.${tenths % 10n} %`;
}

type Walk = { readonly held: PricedDraft; readonly first: PricedDraft; readonly open: readonly PricedDraft[] };

function because(context: Context, walk: Walk): string {
  const { held, first, open } = walk;
  const cost = held.priced.comparable;
  const parts: string[] = [];
  if (held !== first) {
    const before = first.priced.comparable;
    parts.push(
      `${sentenceName(held.kind)} saves ${cents(before - cost)} a month (${percentSaved(before, cost)}) against ${kindName(first.kind)}.`,
    );
  }
  const rival = [...open]
    .filter((option) => option !== held)
    .sort((a, b) => (a.priced.comparable < b.priced.comparable ? -1 : 1))[0];
  if (rival === undefined)
    parts.push(`${sentenceName(held.kind)} is the only option that can run this and has a price.`);
  // The first sentence has compared with the first option already.
  else if (held === first || rival !== first) parts.push(againstRival(context, held, rival));
  if (isInsideBand(context, held, rival)) parts.push('The lead is smaller than the accuracy of the estimate.');
  return parts.join(' ');
}

function againstRival(context: Context, held: PricedDraft, rival: PricedDraft): string {
  const cost = held.priced.comparable;
  const other = rival.priced.comparable;
  if (other >= cost) return `The next best, ${kindName(rival.kind)}, costs ${cents(other - cost)} a month more.`;
  const { percent, usdPerMonth } = context.question.minimumSaving;
  const reason = isWorthMoving(context, cost, other)
    ? 'but a step before it on the ladder saves enough already'
    : `not the ${percent} % and $${usdPerMonth} that would be worth more duties`;
  return `${sentenceName(rival.kind)} would save ${cents(cost - other)} a month (${percentSaved(cost, other)}), ${reason}.`;
}

function sentenceName(kind: CapacityKind): string {
  const name = kindName(kind);
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** An estimate's lead counts only outside its own band. */
function isInsideBand(context: Context, held: PricedDraft, rival: PricedDraft | undefined): boolean {
  if (context.question.batch === null || rival === undefined) return false;
  const low = (option: PricedDraft): NanoUsd => option.priced.band?.low ?? option.priced.comparable;
  const high = (option: PricedDraft): NanoUsd => option.priced.band?.high ?? option.priced.comparable;
  return low(held) <= high(rival) && low(rival) <= high(held);
}
