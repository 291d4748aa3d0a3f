import { expect, test } from 'vitest';
import { answerCapacity } from '../../src/commands/capacity.ts';
import { openLibrary } from '../../src/data.ts';
import type { CapacityQuestion } from '../../src/engine/index.ts';
import { nanoUsd } from '../../src/engine/index.ts';
import { capacityReport, type SavedCapacity } from '../../src/report/capacity.ts';
import { plainText, toText } from '../../src/report/text.ts';
import { aBatch, aQuestion } from '../support/question.ts';

const library = openLibrary();

function saved(question: CapacityQuestion, changes: Partial<SavedCapacity> = {}): SavedCapacity {
  const answer = answerCapacity(question, library.facts, library.prices(question.region));
  return {
    recordId: '2026-11-24-0001',
    question,
    echo: '--vcpu 1',
    guesses: [],
    notUnderstood: [],
    remarks: [],
    live: null,
    answer,
    ...changes,
  };
}

const lead = (asked: SavedCapacity): string => {
  const [first] = capacityReport(asked, 'answer').parts;
  return first?.kind === 'lead' ? plainText(first.text) : '';
};

const webTasks = aQuestion({ cpuUnits: 2048, memoryMiB: 8192, tasks: 12 });
const night = aQuestion({ batch: aBatch() });

test('the lead answers: twelve web tasks stay on Fargate, and what the group would save is said', () => {
  // 12 x 730 x (2 x 0.04048 + 8 x 0.004445) = 1,020.7152; 1,020.7152 - 997.08 = 23.6352, 2.3 %
  expect(lead(saved(webTasks))).toMatch(/^Stay on Fargate, 2 vCPU \/ 8 GiB: \$1,020\.72\/mo\..*\$23\.64.*2\.3 %/);
});

test('a batch names the instances of its peak as such, and its range', () => {
  const text = toText(capacityReport(saved(night), 'answer'));

  expect(lead(saved(night))).toMatch(/^Best: Managed Instances, up to 7 x c6a\.4xlarge: \$479\.76\/mo\./);
  // 479.76 x 0.84 = 403.00, x 1.16 = 556.52
  expect(text).toContain('$403.00 – $556.52');
  expect(text).toContain('An estimate');
});

test('when nothing fits, the lead says which limit decides', () => {
  expect(lead(saved(aQuestion({ cpuUnits: 10_000 * 1024 })))).toBe(
    'No option can run this task. An ECS task has at most 192 vCPU; 10000 asked.',
  );
});

test('guesses, unread words and needless flags are said beside what was understood', () => {
  const asked = saved(webTasks, { guesses: ['region'], notUnderstood: ['flux'], remarks: ['--tasks changes nothing'] });

  expect(toText(capacityReport(asked, 'answer')).replace(/\s+/g, ' ')).toContain(
    'I read that as capacity --vcpu 1 (guessed: region; not understood: flux; --tasks changes nothing)',
  );
});

test.each([
  ['twelve web tasks', webTasks],
  ['a night of short tasks', night],
  ['a GPU', aQuestion({ cpuUnits: 4096, memoryMiB: 16_384, gpu: { name: 'l4', count: 1 } })],
  ['the day of the talk', aQuestion({ asOf: '2025-12-04', interruptible: true })],
])('%s: every impossible option cites a fact, and every other option has its case', (_name, question) => {
  const asked = saved(question);
  const impossible = asked.answer.result.options.filter(({ feasible }) => !feasible);
  const text = toText(capacityReport(asked, 'answer')).replace(/\s+/g, ' ');
  const headings = capacityReport(asked, 'why-not').parts.filter(({ kind }) => kind === 'heading');

  for (const { reasons } of impossible) {
    expect(reasons.length).toBeGreaterThan(0);
    for (const { fact } of reasons) expect(text).toContain(`[${fact}]`);
  }
  expect(headings).toHaveLength(6);
});

test('the lines of every priced option add up to its total, in the table and in CSV', () => {
  const asked = saved(night);
  const rows = capacityReport(asked, 'lines').csv ?? [];

  for (const option of asked.answer.result.options.filter(({ usdPerMonth }) => usdPerMonth !== null)) {
    const mine = rows.filter(([kind]) => kind === option.kind);
    const sum = mine.reduce((total, row) => total + nanoUsd(row[7] ?? '0'), 0n);
    expect(sum).toBe(nanoUsd(option.usdPerMonth ?? ''));
  }
  expect(rows.every((row) => row.length === rows[0]?.length)).toBe(true);
});

test('what would have to change is said in words', () => {
  const text = toText(capacityReport(saved(aQuestion({ storageGiB: 250 })), 'why-not')).replace(/\s+/g, ' ');

  expect(text).toContain('Would be possible if the task asked for 200 GiB of disk or less');
  expect(text).not.toMatch(/storageGiB|[a-z] [<>]= /);
});

test('an answer for an earlier day says that types and prices are not of that day', () => {
  const then = toText(capacityReport(saved(aQuestion({ asOf: '2025-12-04' })), 'answer'));
  const today = toText(capacityReport(saved(aQuestion()), 'answer'));

  expect(then).toContain('Only the facts are those of 2025-12-04');
  expect(today).not.toContain('Only the facts');
});
