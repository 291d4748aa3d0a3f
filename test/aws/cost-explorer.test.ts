import { describe, expect, test } from 'vitest';
import { createWorld } from '../../demo/aws/world/index.ts';
import type { CostQuestion } from '../../src/deps.ts';
import { type Bench, NOW, openBench } from './reader.ts';

const free = async (): Promise<void> => {};
const QUESTION: CostQuestion = {
  from: '2026-11-10',
  toExclusive: '2026-11-12',
  groupBy: ['LINKED_ACCOUNT', 'USAGE_TYPE'],
  filter: {},
};

/** A decimal of up to 12 places in units of 10^-12 USD, so that sums are exact. */
const units = (usd: string): bigint => {
  const [whole = '0', fraction = ''] = usd.split('.');
  return BigInt(whole + fraction.padEnd(12, '0').slice(0, 12));
};

function sumOf(rows: readonly { readonly usd: string }[]): bigint {
  return rows.reduce((sum, { usd }) => sum + units(usd), 0n);
}

function billOf({ world }: Bench, days: readonly string[]): bigint {
  return sumOf(days.flatMap((day) => world.costs(day)));
}

describe('the bill', () => {
  test('adds up to what the world costs, day by day, in all accounts', async () => {
    const bench = await openBench();
    const rows = await bench.reader.costAndUsage(QUESTION, free);
    expect([...new Set(rows.map(({ day }) => day))]).toEqual(['2026-11-10', '2026-11-11']);
    for (const day of ['2026-11-10', '2026-11-11']) {
      const difference = sumOf(rows.filter((row) => row.day === day)) - billOf(bench, [day]);
      // Cost Explorer rounds in its own decimals: a millionth of a dollar (10^6 units) at most, either way.
      expect(difference * difference).toBeLessThanOrEqual(10n ** 12n);
    }
    expect(new Set(rows.map(({ keys }) => keys[0]))).toEqual(new Set(bench.world.accounts.map(({ id }) => id)));
    expect(bench.aws.violations).toEqual([]);
  });

  test('by tag gives bare values, empty for what has none', async () => {
    const { world, reader } = await openBench();
    const rows = await reader.costAndUsage({ ...QUESTION, groupBy: ['TAG:aws:ecs:clusterName'] }, free);
    const clusters = new Set(rows.map(({ keys }) => keys[0]));
    const names = world.accounts.flatMap(({ regions }) =>
      [...regions.values()].flatMap(({ ecs }) => ecs.clusters.map(({ clusterName }) => clusterName)),
    );
    expect([...clusters].toSorted()).toEqual(expect.arrayContaining(['']));
    for (const cluster of clusters) if (cluster !== '') expect(names).toContain(cluster);
  });

  test('is narrowed by service, account and tag together', async () => {
    const bench = await openBench();
    const account = bench.world.payer;
    const rows = await bench.reader.costAndUsage(
      {
        ...QUESTION,
        groupBy: ['SERVICE', 'TAG:aws:ecs:clusterName'],
        filter: {
          services: ['Amazon Elastic Container Service'],
          account,
          tag: { key: 'aws:ecs:clusterName', value: 'rose' },
        },
      },
      free,
    );
    expect(new Set(rows.map(({ keys }) => keys.join(' ')))).toEqual(new Set(['Amazon Elastic Container Service rose']));
    const expected = sumOf(
      ['2026-11-10', '2026-11-11'].flatMap((day) =>
        bench.world
          .costs(day)
          .filter(
            (row) =>
              row.account === account &&
              row.service === 'Amazon Elastic Container Service' &&
              row.tags['aws:ecs:clusterName'] === 'rose',
          ),
      ),
    );
    const difference = sumOf(rows) - expected;
    expect(difference * difference).toBeLessThanOrEqual(10n ** 12n);
  });

  test('marks the last days as estimated', async () => {
    const { reader } = await openBench();
    const rows = await reader.costAndUsage(
      { ...QUESTION, from: '2026-11-20', toExclusive: '2026-11-24', groupBy: ['SERVICE'] },
      free,
    );
    const estimated = new Set(rows.filter((row) => row.estimated).map(({ day }) => day));
    expect(estimated.has('2026-11-23')).toBe(true);
    expect(estimated.has('2026-11-20')).toBe(false);
  });

  test('is asked of the payer, in us-east-1, and every request is announced before', async () => {
    const bench = await openBench();
    let announced = 0;
    await bench.reader.costAndUsage(
      {
        ...QUESTION,
        from: '2026-10-01',
        toExclusive: '2026-11-20',
        groupBy: ['TAG:aws:ecs:serviceName', 'USAGE_TYPE'],
      },
      async () => {
        announced += 1;
      },
    );
    const asked = bench.aws.journal.filter(({ service }) => service === 'ce');
    expect(asked.length).toBeGreaterThan(1);
    expect(announced).toBe(asked.length);
    expect(new Set(asked.map(({ account, region }) => `${account} ${region}`))).toEqual(
      new Set([`${bench.world.payer} us-east-1`]),
    );
  });

  test('ends in the middle when the next page may not be paid for', async () => {
    const bench = await openBench();
    const cap = new Error('enough');
    let left = 1;
    const question = {
      ...QUESTION,
      from: '2026-10-01',
      toExclusive: '2026-11-20',
      groupBy: ['TAG:aws:ecs:serviceName', 'USAGE_TYPE'],
    };
    const answer = bench.reader.costAndUsage(question, async () => {
      left -= 1;
      if (left < 0) throw cap;
    });
    await expect(answer).rejects.toBe(cap);
    expect(bench.aws.counts.get('ce:GetCostAndUsage')).toBe(1);
  });

  test('without a payer is a matter of configuration', async () => {
    const { reader } = await openBench({ accounts: (all) => all.map((account) => ({ ...account, payer: false })) });
    await expect(reader.costAndUsage(QUESTION, free)).rejects.toMatchObject({
      kind: 'config',
      code: 'config_no_payer',
    });
  });

  test.each([
    ['access-denied', 'aws_access_denied'],
    ['expired-token', 'aws_expired_token'],
  ] as const)('that is refused (%s) is an upstream error', async (kind, code) => {
    const { aws, reader } = await openBench();
    aws.addFault({ match: { service: 'ce' }, answer: { kind }, times: Number.POSITIVE_INFINITY });
    await expect(reader.costAndUsage(QUESTION, free)).rejects.toMatchObject({ kind: 'upstream', code });
  });
});

describe('the use of Savings Plans', () => {
  test('comes by day, and what is used and unused makes up what is committed', async () => {
    const { reader } = await openBench();
    const days = await reader.savingsPlansUtilisation({ from: '2026-11-10', toExclusive: '2026-11-13' }, free);
    expect(days.map(({ day }) => day)).toEqual(['2026-11-10', '2026-11-11', '2026-11-12']);
    for (const { committedUsd, usedUsd, unusedUsd } of days) {
      expect(units(usedUsd) + units(unusedUsd)).toBe(units(committedUsd));
    }
  });

  test('of an organisation that has none is empty: AWS says so with an error', async () => {
    const recorded = createWorld({ now: () => NOW });
    const world = { ...recorded, accounts: recorded.accounts.map((account) => ({ ...account, savingsPlans: [] })) };
    const { reader, aws } = await openBench({ world });
    expect(await reader.savingsPlansUtilisation({ from: '2026-11-10', toExclusive: '2026-11-13' }, free)).toEqual([]);
    expect(aws.journal.at(-1)).toMatchObject({ code: 'DataUnavailableException' });
  });
});
