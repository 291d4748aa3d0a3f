import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { packAnswerJson, packAnswerSha256, packCapacity, parsePack, verifyPack } from '../../src/engine/index.ts';
import { openLp } from '../../src/solver/highs.ts';

/** A sample of the public sets, where they are beside the checkout; bench/pack.ts measures all of them. */
const SETS = new URL('../../../shared/bench/', import.meta.url);
const WORK = 60;

type Known = { readonly problem: string; readonly optimum?: number | null; readonly best?: number | null };
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Share of the cost that is not proved, in percent, of this file of a set. */
function answered(name: string, known: Known, lp: Awaited<ReturnType<typeof openLp>>): number {
  const parsed = parsePack(readFileSync(new URL(name, SETS), 'utf8'));
  if (parsed.kind === 'malformed') throw new Error(`${name}: ${parsed.message}`);
  const result = packCapacity(parsed.input, lp, { work: WORK, stop: () => false });
  if (result.kind === 'infeasible') throw new Error(`${name}: said to be infeasible`);
  const answer = packAnswerJson(result, { inputSha256: 'x', sha256 });
  const { checks } = verifyPack(parsed.input, answer, { input: 'x', answer: packAnswerSha256(answer, sha256) });
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  const best = BigInt(known.optimum ?? known.best ?? 0);
  expect(result.lowerBound <= best, `${name}: no bound above what somebody has reached`).toBe(true);
  if (known.optimum != null) expect(result.cost >= best, `${name}: no cost below the optimum`).toBe(true);
  return 100 * (Number(result.cost) / Number(result.lowerBound) - 1);
}

/**
 * Which files of each set, by their place in it, and the percent that may stay unproved after so little work. Where
 * every task is another there is no such limit, and one file takes as long as all of the others.
 */
test.each([
  ['planted', [0, 0.5, 0.99], 1.5],
  ['vsbpp/monaci', [0, 0.5, 0.99], 0.7],
  ['vsbpp/haouari-serairi', [0, 0.5, 0.99], 0.7],
  ['vbp/new', [0], null],
  ['vbp/panigrahy', [0], null],
  ['vbp/triplet', [0, 0.5], null],
] as const)('%s: every answer verifies, and no bound is above a known optimum', async (set, places, most) => {
  if (!existsSync(SETS)) {
    console.info(`skipped: ${SETS.pathname} is not there`);
    return;
  }
  const { instances } = JSON.parse(readFileSync(new URL('best-known.json', SETS), 'utf8')) as {
    readonly instances: { readonly [name: string]: Known };
  };
  const names = Object.keys(instances).filter((name) => name.startsWith(`${set}/`) && !name.includes('/c_'));
  const lp = await openLp();
  expect(names.length).toBeGreaterThan(3);
  for (const place of places) {
    const name = names[Math.floor(place * names.length)] ?? '';
    const gap = answered(name, instances[name] as Known, lp);
    if (most !== null) expect(gap, `${name}: unproved`).toBeLessThanOrEqual(most);
  }
});
