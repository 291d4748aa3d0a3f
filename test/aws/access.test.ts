import { describe, expect, test } from 'vitest';
import { createWorld } from '../../demo/aws/world/index.ts';
import { PAYER_ACTIONS, READER_ACTIONS } from '../../src/aws/operations.ts';
import type { AccessRow } from '../../src/deps.ts';
import { NOW, openBench } from './reader.ts';

const free = async (): Promise<void> => {};
const told = (rows: readonly AccessRow[]): readonly string[] =>
  rows.filter(({ state }) => state !== 'ok').map(({ account, what, state }) => `${account} ${what}: ${state}`);

describe('what the bot may do', () => {
  test('is tried action by action in every account, the payer asking about the bill as well', async () => {
    const { aws, world, reader } = await openBench();
    const rows = await reader.access(free);
    for (const { id } of world.accounts) {
      const tried = rows.filter(({ account, what }) => account === id && what.includes(':')).map(({ what }) => what);
      const expected = id === world.payer ? [...READER_ACTIONS, ...PAYER_ACTIONS] : READER_ACTIONS;
      expect(tried.filter((what) => !/^(sts:|cost)/.test(what)).toSorted()).toEqual(expected.toSorted());
    }
    expect(aws.violations).toEqual([]);
    expect(aws.journal.filter(({ isMutating }) => isMutating)).toEqual([]);
  });

  test('is all well in the recorded world, but for the account without Compute Optimizer', async () => {
    const { world, reader } = await openBench();
    const inactive = world.accounts.find(({ computeOptimizer }) => computeOptimizer === 'Inactive')?.id;
    expect(told(await reader.access(free))).toEqual([`${inactive} Compute Optimizer: off`]);
  });

  test('names an action that is refused, and says what to do', async () => {
    const { aws, world, reader } = await openBench();
    const account = world.accounts.find(({ name }) => name === 'qcu-1')?.id ?? '';
    for (const operation of ['DescribeTasks', 'DescribeVolumes']) {
      aws.addFault({
        match: { account, operation },
        answer: { kind: 'access-denied' },
        times: Number.POSITIVE_INFINITY,
      });
    }
    const rows = (await reader.access(free)).filter((row) => row.account === account && row.state !== 'ok');
    expect(rows.map(({ what, state }) => `${what}: ${state}`)).toEqual([
      'ecs:DescribeTasks: denied',
      'ec2:DescribeVolumes: denied',
    ]);
    for (const { fix } of rows) expect(fix).toContain('reader.json');
  });

  test('ends at the door of an account whose role does not open', async () => {
    const { reader } = await openBench({
      only: 'qcu-2',
      accounts: (all) => all.map((account) => ({ ...account, externalId: 'wrong' })),
    });
    const rows = await reader.access(free);
    expect(rows.map(({ what, state }) => `${what}: ${state}`)).toEqual(['sts:AssumeRole: denied']);
    expect(rows[0]?.fix).toContain('external id');
  });

  test('says when the credentials open another account than the configuration says', async () => {
    const { world, reader } = await openBench({
      only: 'qcu-2',
      accounts: (all) => all.map((account) => ({ ...account, readerRoleArn: null })),
    });
    const [row] = await reader.access(free);
    expect(row).toMatchObject({ what: 'credentials', state: 'failed' });
    expect(row?.detail).toContain(world.hub.accountId);
  });

  test('shows a region that does not answer', async () => {
    const { aws, reader } = await openBench({ only: 'qcu-1', callTimeoutMs: 1_000 });
    aws.addFault({
      match: { region: 'us-east-1', service: 'ecs' },
      answer: { kind: 'silence' },
      times: Number.POSITIVE_INFINITY,
    });
    const rows = (await reader.access(free)).filter(({ state }) => state !== 'ok');
    expect(rows.map(({ region, what, state }) => `${region} ${what}: ${state}`)).toEqual(['us-east-1 region: failed']);
  });

  test('shows cost allocation tags that are off', async () => {
    const world = {
      ...createWorld({ now: () => NOW }),
      costAllocationTags: [{ key: 'aws:ecs:clusterName', active: false }],
    };
    const { reader } = await openBench({ world, only: 'head-nodes' });
    const rows = (await reader.access(free)).filter(({ what }) => what.startsWith('cost allocation tag'));
    expect(rows.map(({ what, state }) => `${what}: ${state}`)).toEqual([
      'cost allocation tag aws:ecs:clusterName: off',
      'cost allocation tag aws:ecs:serviceName: off',
    ]);
  });

  test('announces every request that costs money, and nothing else', async () => {
    const { aws, reader } = await openBench();
    let announced = 0;
    await reader.access(async () => {
      announced += 1;
    });
    expect(announced).toBe(aws.journal.filter(({ service }) => service === 'ce').length);
    expect(announced).toBe(4);
  });
});

describe('who the bot is', () => {
  test('is told by its own credentials', async () => {
    const { world, reader } = await openBench();
    const { account, arn } = await reader.identity();
    expect(account).toBe(world.hub.accountId);
    expect(arn).toContain(`arn:aws:iam::${account}:`);
  });

  test('is an upstream error where the endpoint is out of reach', async () => {
    const { aws, reader } = await openBench({ callTimeoutMs: 1_000 });
    await aws.close();
    await expect(reader.identity()).rejects.toMatchObject({ kind: 'upstream', code: 'aws_unreachable' });
  });
});
