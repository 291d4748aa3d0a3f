/** What a snapshot shows to be paid for already: capacity reservations of the region, Savings Plans of the account. */
import { savingsPlanFraction } from '../capacity/commitments.ts';
import type { FactBook } from '../facts.ts';
import type { SavingsPlan } from '../model.ts';
import type { PriceBook } from '../prices.ts';
import {
  add,
  divide,
  min,
  multiply,
  type Rational,
  rational,
  subtract,
  toNanoUsd,
  usdString,
  whole,
} from '../units.ts';
import { instantOf } from '../windows/instant.ts';
import type { Workload } from './types.ts';
import type { WorkloadQuestion } from './workload.ts';

type Paid = Pick<Workload, 'reserved' | 'plans' | 'notes'>;

/**
 * Reservations with the instances of this cluster in them, and what is left of EC2 Instance Savings Plans for it. How
 * much of a Compute Savings Plan others use is in no snapshot, so that is a note.
 */
export function paidFor(question: WorkloadQuestion, facts: FactBook): Paid {
  const at = instantOf(question.at);
  const active = question.savingsPlans.filter(({ start, end }) => instantOf(start) <= at && at < instantOf(end));
  const compute = active.filter(({ type }) => type === 'compute');
  const perHour = compute.reduce((sum, plan) => add(sum, rational(plan.commitmentUsdPerHour)), whole(0));
  return {
    reserved: reservedOf(question),
    plans: plansLeft(active, question, facts),
    notes:
      compute.length === 0
        ? []
        : [
            `The account holds Compute Savings Plans of $${usdString(toNanoUsd(perHour))} an hour; what of them only this cluster uses is not in a snapshot: give it with --savings-plan-usd-per-hour`,
          ],
  };
}

function reservedOf({ view, region }: WorkloadQuestion): Workload['reserved'] {
  const own = new Set(view.containerInstances.map(({ ec2InstanceId }) => ec2InstanceId));
  const rows = new Map<string, { instanceType: string; empty: number; used: number; zones: readonly string[] }>();
  for (const { id, instanceType, az, available, state } of region?.capacityReservations ?? []) {
    if (state !== 'active') continue;
    const used = (region?.instances ?? []).filter(
      (instance) => instance.capacityReservationId === id && instance.endedAt === null && own.has(instance.id),
    ).length;
    if (available + used === 0) continue;
    const row = rows.get(instanceType) ?? { instanceType, empty: 0, used: 0, zones: [] };
    rows.set(instanceType, {
      instanceType,
      empty: row.empty + available,
      used: row.used + used,
      zones: [...new Set([...row.zones, az])].sort(),
    });
  }
  return [...rows.values()].sort((a, b) => (a.instanceType < b.instanceType ? -1 : 1));
}

/** EC2 Instance Savings Plans of the region, less what instances outside the cluster use of them. */
function plansLeft(active: readonly SavingsPlan[], question: WorkloadQuestion, facts: FactBook): Workload['plans'] {
  const { view, prices } = question;
  const others = otherSpend(question);
  return active.flatMap((plan): Workload['plans'] => {
    const { type, family, region, term } = plan;
    if (type !== 'ec2-instance' || family === null || region !== view.region) return [];
    const like = prices.types.find((one) => one.family === family);
    const fraction = like === undefined ? null : savingsPlanFraction({ prices, facts }, like, term);
    if (fraction === null) return [];
    const commitment = rational(plan.commitmentUsdPerHour);
    const theirs = others.get(family) ?? whole(0);
    const used = min(commitment, multiply(theirs, fraction));
    others.set(family, subtract(theirs, divide(used, fraction)));
    const left = toNanoUsd(subtract(commitment, used));
    return left === 0n ? [] : [{ family, usdPerHour: usdString(left), term }];
  });
}

/** USD an hour at on-demand prices of the region's instances outside the cluster, by family. */
function otherSpend({ view, region, prices }: WorkloadQuestion): Map<string, Rational> {
  const own = new Set(view.containerInstances.map(({ ec2InstanceId }) => ec2InstanceId));
  const spend = new Map<string, Rational>();
  const see = (type: string, count: number): void => {
    const family = type.split('.', 1)[0] ?? type;
    const usd = onDemandOf(prices, type);
    spend.set(family, add(spend.get(family) ?? whole(0), multiply(usd, whole(count))));
  };
  for (const { id, type, lifecycle, state, endedAt } of region?.instances ?? [])
    if (!own.has(id) && lifecycle === 'on-demand' && state === 'running' && endedAt === null) see(type, 1);
  for (const { type, lifecycle, count } of region?.otherInstances ?? [])
    if (lifecycle === 'on-demand') see(type, count);
  return spend;
}

function onDemandOf(prices: PriceBook, type: string): Rational {
  const listed = prices.onDemand[type];
  return listed === undefined ? whole(0) : rational(listed.usdPerHour);
}
