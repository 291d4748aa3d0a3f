import { describe, expect, test } from 'vitest';
import { factsCommand } from '../../src/commands/facts.ts';
import { openLibrary } from '../../src/data.ts';
import type { Deps } from '../../src/deps.ts';
import { AdviseError } from '../../src/errors.ts';
import { toCsv, toText } from '../../src/report/text.ts';
import { PARSE_CONTEXT } from '../support/parse-context.ts';

/** `facts` uses the library and nothing else. */
const deps = { library: openLibrary() } as Deps;
const call = { id: '1', actor: 'terminal:me', surface: 'terminal', now: new Date('2026-11-24T12:00:00Z') } as const;

async function answer(...args: string[]) {
  const parsed = factsCommand.parse(args, PARSE_CONTEXT);
  if (!parsed.ok) throw parsed.error;
  return factsCommand.run(parsed.question, deps, call);
}

const text = async (...args: string[]) => toText((await answer(...args)).report);

async function refusal(...args: string[]): Promise<AdviseError> {
  try {
    await answer(...args);
  } catch (error) {
    if (error instanceof AdviseError) return error;
    throw error;
  }
  throw new Error(`facts ${args.join(' ')} was not refused`);
}

describe('facts in a terminal', () => {
  test('without an id lists every row, and the same rows as CSV and JSON', async () => {
    const { report, json, exitCode } = await answer();
    const count = deps.library.facts.length;

    expect(toText(report)).toContain(`${count} rows of facts, all days.`);
    expect(
      toCsv(report.csv ?? [])
        .trimEnd()
        .split(/\r?\n/),
    ).toHaveLength(count + 1);
    expect(json).toMatchObject({ format: 'ecs-advise.facts/1', result: { facts: { length: count } } });
    expect(exitCode).toBe(0);
  });

  test('the beginning of several ids lists the group', async () => {
    const shown = await text('mi.fee');

    expect(shown).toContain('mi.fee.fraction.trainium');
    expect(shown).not.toContain('mi.spot');
  });

  test('one id shows every row with days, source and confidence', async () => {
    const shown = await text('mi.fee.fraction.g');

    expect(shown).toContain('0.12 (fraction)');
    expect(shown).toContain('held from 2025-09-30 until the day before 2026-07-01');
    expect(shown).toContain('0.078 (fraction)');
    expect(shown).toContain('holds from 2026-07-01');
    expect(shown).toContain('https://aws.amazon.com/about-aws/whats-new/2026/07/');
  });

  test('a table is shown as one, with even runs of numbers drawn together', async () => {
    const shown = await text('fargate.sizes', '--as-of', '2025-12-04');

    expect(shown).toMatch(/4096 +8192 to 30720 by 1024/);
    expect(shown).not.toMatch(/^32768/m);
    expect(await text('fargate.sizes', '--as-of', '2026-11-24')).toMatch(/32768 +61440, 122880, 249856/);
  });

  test('a fact that does not hold on the day says when it does', async () => {
    expect(await text('mi.spot', '--as-of', '2025-12-04')).toMatch(
      /mi\.spot has no value on 2025-12-04\.[\s\S]*holds from 2025-12-18/,
    );
  });

  test('a misspelt id is refused with the nearest one', async () => {
    expect(await refusal('fargat.sizes')).toMatchObject({
      kind: 'usage',
      code: 'usage_unknown_fact',
      hint: 'facts fargate.sizes',
    });
    expect((await refusal('<!channel>')).message).toBe('there is no fact "<!channel>"');
  });

  test('a second word and a day that does not exist are refused', async () => {
    expect((await refusal('mi.fee', 'mi.spot')).kind).toBe('usage');
    expect((await refusal('--as-of', '2026-02-30')).kind).toBe('usage');
  });
});
