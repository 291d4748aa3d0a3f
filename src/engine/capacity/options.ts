/** One option from question to price: hard reasons, cheapest plan, lines, band, bound. */
import { memberFact } from '../fact-values.ts';
import { multiply, type NanoUsd, type Rational, rational, toNanoUsd, whole } from '../units.ts';
import { afterCommitments, hasCommitments } from './commitments.ts';
import { type Context, type InstanceKind, isFargate, isManaged, isSpot } from './context.ts';
import { cheapestCover } from './cover.ts';
import { cheapestSize, type FargateKind, fargateRate, fargateSizes, priceFargate } from './fargate.ts';
import {
  type Candidate,
  candidates,
  cheapestCandidate,
  type InstanceCosting,
  keepSeconds,
  monthNanoFloor,
} from './instances.ts';
import type { PricedLine } from './lines.ts';
import { fargateRemarks, instanceRemarks } from './remarks.ts';
import { objections } from './rules.ts';
import type { CapacityKind, CapacityPlan, Reason, WinsIf } from './types.ts';

/** What a priced option costs; nano-USD a month. */
export type Priced = {
  readonly plan: CapacityPlan;
  readonly lines: readonly PricedLine[];
  readonly nano: NanoUsd;
  /** What rank and ladder compare: after commitments, and a Spot price at its high end. */
  readonly comparable: NanoUsd;
  readonly afterNano: NanoUsd | null;
  readonly band: { readonly low: NanoUsd; readonly high: NanoUsd } | null;
  readonly boundNano: NanoUsd | null;
};

export type Draft = {
  readonly kind: CapacityKind;
  readonly feasible: boolean;
  readonly reasons: readonly Reason[];
  /** What would make an infeasible option possible. */
  readonly unless: readonly WinsIf[];
  readonly priced: Priced | null;
  /** The types this option could buy; empty for Fargate. Break-even looks through them again. */
  readonly candidates: readonly Candidate[];
};

/** Works one option out. */
export function draft(context: Context, kind: CapacityKind): Draft {
  const against = objections(kind, context.question, context.facts);
  if (against.length > 0) {
    return infeasible(
      kind,
      against.map(({ reason }) => reason),
      against.map(({ unless }) => unless),
    );
  }
  return isFargate(kind) ? draftFargate(context, kind) : draftInstances(context, kind);
}

function infeasible(kind: CapacityKind, reasons: readonly Reason[], unless: readonly WinsIf[]): Draft {
  return { kind, feasible: false, reasons, unless, priced: null, candidates: [] };
}

function unpriced(kind: CapacityKind, text: string, fact: string | null): Draft {
  return {
    kind,
    feasible: true,
    reasons: [{ rule: 'no-price', fact, text }],
    unless: [],
    priced: null,
    candidates: [],
  };
}

function draftFargate(context: Context, kind: FargateKind): Draft {
  const { question, facts, prices } = context;
  const rate = fargateRate(context, kind);
  const size = cheapestSize(question, facts, rate ?? { vcpu: rational('1'), gib: rational('1') });
  if (size === null) {
    const largest = fargateSizes(facts).at(-1);
    const text = `The largest Fargate size on ${question.asOf} is ${(largest?.cpuUnits ?? 0) / 1024} vCPU with ${(largest?.memoryMiB ?? 0) / 1024} GiB.`;
    const unless: WinsIf[] = [
      { variable: 'vcpu', op: '<=', value: String((largest?.cpuUnits ?? 0) / 1024) },
      { variable: 'memoryGiB', op: '<=', value: String((largest?.memoryMiB ?? 0) / 1024) },
    ];
    return infeasible(kind, [{ rule: 'fargate-size', fact: 'fargate.sizes', text }], unless);
  }
  if (rate === null) return unpriced(kind, `No Fargate Spot price is known for ${prices.region}.`, null);
  const costing = priceFargate(context, kind, { size, rate });
  const afterNano = hasCommitments(context) ? afterCommitments(context, { ...costing, instance: null }) : null;
  const priced: Priced = {
    plan: costing.plan,
    lines: costing.lines,
    nano: costing.nano,
    comparable: afterNano ?? costing.nano,
    afterNano,
    band: null,
    boundNano: context.load === null ? costing.nano : null,
  };
  return { kind, feasible: true, reasons: fargateRemarks(context, kind, costing), unless: [], priced, candidates: [] };
}

function draftInstances(context: Context, kind: InstanceKind): Draft {
  const { fitting } = context.catalogue;
  if (fitting.length === 0) return infeasible(kind, [noTypeFits(context)], []);
  const from = candidates(context, kind);
  const costing = cheapestCandidate(context, kind, from);
  if (costing === null) return withoutCandidates(context, kind);
  const reservedShare = reservedShareOf(kind, costing);
  const instance = { type: costing.candidate.type, reservedShare };
  const afterNano = hasCommitments(context) ? afterCommitments(context, { ...costing, instance }) : null;
  const priced: Priced = {
    plan: costing.plan,
    lines: costing.lines,
    nano: costing.nano,
    comparable: isSpot(kind) ? costing.rankNano : (afterNano ?? costing.nano),
    afterNano,
    band: band(context, kind, costing),
    boundNano: context.load === null ? bound(context, kind, { from, nano: costing.nano }) : null,
  };
  return {
    kind,
    feasible: true,
    reasons: instanceRemarks(context, kind, costing),
    unless: [],
    priced,
    candidates: from,
  };
}

function withoutCandidates(context: Context, kind: InstanceKind): Draft {
  if (kind === 'mi-reserved') {
    const named = context.question.commitments.reserved.map((row) => row.instanceType).join(', ');
    const reason = {
      rule: 'no-reservation',
      fact: 'reserved.sunk',
      text: `None of the reserved types (${named}) fits this task.`,
    };
    return infeasible(kind, [reason], [{ variable: 'reserved', op: '>=', value: '1' }]);
  }
  context.facts.get('spot.snapshot');
  const what = isSpot(kind) ? 'Spot price' : 'price';
  return unpriced(
    kind,
    `No ${what} is known in ${context.prices.region} for a type that fits.`,
    isSpot(kind) ? 'spot.snapshot' : null,
  );
}

/** Why nothing fits, against the largest type that matches everything but size. */
function noTypeFits(context: Context): Reason {
  const { question, catalogue, facts } = context;
  facts.cite('mi.instance-types');
  const asked = `${question.cpuUnits / 1024} vCPU and ${question.memoryMiB / 1024} GiB`;
  const largest = [...catalogue.matching].sort((a, b) => b.memoryMiB - a.memoryMiB || b.vcpu - a.vcpu)[0];
  const text =
    largest === undefined
      ? `No instance type in ${context.prices.region} matches what the task needs.`
      : `No matching type in ${context.prices.region} holds ${asked}; the largest, ${largest.name}, has ${largest.vcpu} vCPU and ${largest.memoryMiB / 1024} GiB, of which ECS can give tasks 95 %.`;
  return { rule: 'no-type-fits', fact: 'mi.instance-types', text };
}

/** The share of the bought EC2 hours that reservations pay; on `mi-reserved` the lines already leave it out. */
function reservedShareOf(kind: InstanceKind, costing: InstanceCosting): Rational {
  const count = Math.max(1, costing.plan.count ?? 1);
  if (kind === 'mi-reserved' || isSpot(kind)) return whole(0);
  return { n: BigInt(Math.min(costing.candidate.reserved, count)), d: BigInt(count) };
}

/** The accuracy of the Poisson formula and the width of a Spot price; null where neither applies. */
function band(context: Context, kind: InstanceKind, costing: InstanceCosting): Priced['band'] {
  const { question, facts } = context;
  const width = poissonWidth(context, kind);
  if (width === null && !isSpot(kind)) return null;
  const share = width === null ? whole(0) : rational(width);
  if (width !== null) facts.get('batch.poisson-band');
  const scale = (nano: NanoUsd, factor: Rational): NanoUsd =>
    toNanoUsd({ n: nano * factor.n, d: factor.d * 1_000_000_000n });
  const lower = { n: share.d - share.n, d: share.d };
  const upper = { n: share.d + share.n, d: share.d };
  const isEstimate = question.batch !== null || isSpot(kind);
  return isEstimate ? { low: scale(costing.lowNano, lower), high: scale(costing.rankNano, upper) } : null;
}

function poissonWidth(context: Context, kind: InstanceKind): string | null {
  const { question, facts } = context;
  if (question.batch === null || question.batch.arrivals === 'uniform') return null;
  const keep = keepSeconds(question, facts, kind);
  if (keep < 0) return null;
  return String(memberFact(facts, 'batch.poisson-band', isManaged(kind) && keep < 60 ? 'short' : 'default'));
}

/** The cheapest mix of any of the option's types for the tasks alone: no provider can sell it, none can undercut it. */
function bound(
  context: Context,
  kind: InstanceKind,
  plan: { readonly from: readonly Candidate[]; readonly nano: NanoUsd },
): NanoUsd {
  const free = multiply(whole(0), whole(1));
  const items = plan.from.map((candidate) => ({
    slots: candidate.slots,
    nano: monthNanoFloor(context, candidate, kind === 'mi-reserved' ? free : candidate.ec2.likely),
  }));
  const least = cheapestCover(items, context.question.tasks);
  return least < plan.nano ? least : plan.nano;
}
