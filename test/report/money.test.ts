import { expect, test } from 'vitest';
import { grouped, usd } from '../../src/report/money.ts';

test.each([
  ['1020.7152', '$1,020.72'],
  ['0', '$0.00'],
  ['0.005', '$0.00'],
  ['0.015', '$0.02'],
  ['0.0050001', '$0.01'],
  ['999.995', '$1,000.00'],
  ['1234567.8', '$1,234,567.80'],
  ['-12.345', '-$12.34'],
  ['-0.001', '$0.00'],
])('%s is shown as %s, half a cent to the even one', (decimal, shown) => {
  expect(usd(decimal)).toBe(shown);
});

test('thousands are separated, decimals are left alone', () => {
  expect(grouped(20_000)).toBe('20,000');
  expect(grouped('10983.79629')).toBe('10,983.79629');
});
