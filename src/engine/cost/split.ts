import { invariant, type NanoUsd } from '../units.ts';

/**
 * Splits an amount in proportion to whole weights so that the parts add up to it exactly: each part is rounded towards
 * zero, and the few nano-USD left go to the largest remainders, ties to the earlier one. A weight of zero gets nothing.
 * Throws (a bug) when the weights are negative or all zero.
 */
export function splitNano(amount: NanoUsd, weights: readonly bigint[]): readonly NanoUsd[] {
  const sum = weights.reduce((total, weight) => total + weight, 0n);
  invariant(sum > 0n && weights.every((weight) => weight >= 0n), 'weights to split by');
  const sign = amount < 0n ? -1n : 1n;
  const size = amount * sign;
  const parts = weights.map((weight, index) => ({ index, part: (size * weight) / sum, rest: (size * weight) % sum }));
  let left = size - parts.reduce((total, { part }) => total + part, 0n);
  const given = parts.map(({ part }) => part);
  for (const { index, part } of [...parts].sort((a, b) => byRest(a, b))) {
    if (left === 0n) break;
    given[index] = part + 1n;
    left -= 1n;
  }
  return given.map((part) => part * sign);
}

function byRest(
  a: { readonly rest: bigint; readonly index: number },
  b: { readonly rest: bigint; readonly index: number },
) {
  if (a.rest !== b.rest) return a.rest > b.rest ? -1 : 1;
  return a.index - b.index;
}
