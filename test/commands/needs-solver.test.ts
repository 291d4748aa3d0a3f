import { expect, test } from 'vitest';
import { needsSolver } from '../../src/commands/run.ts';
import { tokenize } from '../../src/commands/tokenize.ts';
import { openLibrary } from '../../src/data.ts';
import { theSettings } from '../support/settings.ts';

const call = { id: 'x', actor: 'ana', surface: 'slack', now: new Date('2026-11-24T09:00:00Z') } as const;
const surroundings = { library: openLibrary(), settings: theSettings() };

test.each([
  ['capacity cluster tulip', true],
  ['capacity --json cluster tulip', true],
  ['consolidate', true],
  ['consolidate tulip --max-moves 40', true],
  ['decisions replay latest', true],
  ['capacity --vcpu 1 --memory 2 --tasks 3', false],
  ['capacity service rose/quant-api', false],
  ['status', false],
  ['cost --days 7', false],
  ['windows', false],
  ['decisions list', false],
  // Only refused, or only explained.
  ['consolidate --max-mvoes 40', false],
  ['consolidate --help', false],
  ['help consolidate', false],
  ['consolidat', false],
  ['', false],
])('"%s" takes the optimiser: %s', (line, isSolve) => {
  expect(needsSolver(tokenize(line), surroundings, call)).toBe(isSolve);
});
