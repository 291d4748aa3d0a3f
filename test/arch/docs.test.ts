import { expect, test } from 'vitest';
import { stalePages } from '../../scripts/build-docs.ts';

test('docs/reference says what the code and the data say (else: npm run docs)', () => {
  expect(stalePages()).toEqual([]);
});
