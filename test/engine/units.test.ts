import { expect, test } from 'vitest';
import { divide, nanoUsd, rational, roundHalfEven, toNanoUsd, usdString, whole } from '../../src/engine/units.ts';

test.each([
  ['0.5', 0n],
  ['1.5', 2n],
  ['2.5', 2n],
  ['2.500000001', 3n],
  ['-0.5', 0n],
  ['-1.5', -2n],
  ['-2.4', -2n],
])('%s rounds to %s: ties go to the even number', (decimal, rounded) => {
  expect(roundHalfEven(rational(decimal))).toBe(rounded);
});

test('half a nano-USD goes to the even nano', () => {
  expect(toNanoUsd(rational('0.0000000005'))).toBe(0n);
  expect(toNanoUsd(rational('0.0000000015'))).toBe(2n);
});

test('a third is exact until it is rounded', () => {
  expect(usdString(toNanoUsd(divide(whole(1), whole(3))))).toBe('0.333333333');
});

test.each(['0', '1020.7152', '-0.000000001', '123456789012345.123456789'])(
  '%s survives nano-USD and back',
  (decimal) => {
    expect(usdString(nanoUsd(decimal))).toBe(decimal);
  },
);
