import { expect, test } from 'vitest';
import {
  type Bill,
  type CostSummary,
  commitmentUse,
  type ModelledRow,
  nanoUsd,
  type SavingsPlan,
  summarise,
} from '../../src/engine/index.ts';

function modelled(service: string | null, usd: string, changes: Partial<ModelledRow> = {}): ModelledRow {
  return {
    account: '1',
    region: 'eu-west-1',
    cluster: 'rose',
    service,
    capacityKind: 'fargate',
    tags: {},
    nano: nanoUsd(usd),
    isIdle: service === null,
    hours: '1',
    basis: 'measured',
    ...changes,
  };
}

const ROWS = [
  modelled('api', '100', { tags: { role: 'head' } }),
  modelled('api', '20', { capacityKind: 'fargate-spot', tags: { role: 'head' } }),
  modelled(null, '30', { capacityKind: 'asg-on-demand' }),
  modelled('api', '7', { cluster: 'tulip', account: '2' }),
];
const BILL: Bill = {
  rows: [
    { account: '1', cluster: 'rose', service: 'api', capacityKind: 'fargate', nano: nanoUsd('90') },
    { account: '1', cluster: 'rose', service: 'gone', capacityKind: 'fargate', nano: nanoUsd('400') },
    { account: '1', cluster: 'rose', service: null, capacityKind: 'asg-on-demand', nano: nanoUsd('33') },
  ],
  unattributed: [
    { account: '2', capacityKind: 'fargate', reason: 'untagged', nano: nanoUsd('8') },
    { account: '1', capacityKind: null, reason: 'other-instances', nano: nanoUsd('50') },
  ],
  estimated: true,
};
const noRole = (): null => null;

const lines = ({ groups }: CostSummary): readonly (readonly (string | null)[])[] =>
  groups.map(({ key, billedUsd, modelledUsd }) => [
    ...Object.values(key).filter((value) => value !== null),
    billedUsd,
    modelledUsd,
  ]);

test('by service: idle is a group of its own, the larger figure decides the order, and all adds up', () => {
  const given = summarise(ROWS, BILL, ['service'], noRole);

  expect(lines(given)).toEqual([
    ['1', 'rose', 'gone', '400', '0'],
    ['1', 'rose', 'api', '90', '120'],
    ['1', 'rose', '(idle)', '33', '30'],
    ['2', 'tulip', 'api', '0', '7'],
  ]);
  // 90 + 400 + 33 + 8 + 50 = 581; 100 + 20 + 30 + 7 = 157
  expect(given).toMatchObject({
    totalBilledUsd: '581',
    totalModelledUsd: '157',
    differenceUsd: '424',
    idleUsd: '30',
    unattributedUsd: '58',
    estimated: true,
  });
});

test('by account, what has no service still has its account; other instances have nothing', () => {
  const given = summarise(ROWS, BILL, ['account'], noRole);

  expect(lines(given)).toEqual([
    ['1', '523', '150'],
    ['2', '8', '7'],
  ]);
  expect(given.unattributedUsd).toBe('50');
  expect(given.groups[0]?.idleUsd).toBe('30');
});

test('by kind of capacity and by cluster', () => {
  expect(lines(summarise(ROWS, BILL, ['capacityKind'], noRole))).toEqual([
    ['fargate', '498', '107'],
    ['asg-on-demand', '33', '30'],
    ['fargate-spot', '0', '20'],
  ]);
  expect(lines(summarise(ROWS, BILL, ['cluster'], noRole))).toEqual([
    ['1', 'rose', '523', '150'],
    ['2', 'tulip', '0', '7'],
  ]);
});

test('roles add up to the total, and what no rule names says so', () => {
  const given = summarise(
    ROWS,
    BILL,
    ['role'],
    ({ tags, cluster }) => tags.role ?? (cluster === 'tulip' ? 'qcu' : null),
  );

  // The bill of `api` takes the role of the modelled service.
  expect(lines(given)).toEqual([
    ['(no role)', '433', '30'],
    ['head', '90', '120'],
    ['qcu', '0', '7'],
  ]);
});

test('without a bill there are no billed figures, rather than zeros', () => {
  const given = summarise(ROWS, null, ['cluster'], noRole);

  expect(given).toMatchObject({
    totalBilledUsd: null,
    differenceUsd: null,
    unattributedUsd: null,
    totalModelledUsd: '157',
  });
  expect(given.groups.map(({ billedUsd }) => billedUsd)).toEqual([null, null]);
});

const NOW = '2026-11-24T12:00:00.000Z';

function aPlan(changes: Partial<SavingsPlan>): SavingsPlan {
  return {
    id: 'sp-1',
    type: 'compute',
    commitmentUsdPerHour: '2.5',
    term: '1y',
    paymentOption: 'No Upfront',
    state: 'active',
    start: '2026-01-01T00:00:00.000Z',
    end: '2027-01-01T00:00:00.000Z',
    region: null,
    family: null,
    ...changes,
  };
}

test('commitments: what is committed an hour, what of it was used, what was not', () => {
  // Two days of 60 committed: 48 + 51 used = 99 in 48 h; 12 + 9 unused. SageMaker's plan and an ended one do not count.
  const days = [
    { committedUsd: '60', usedUsd: '48', unusedUsd: '12' },
    { committedUsd: '60', usedUsd: '51', unusedUsd: '9' },
  ];
  const plans = [
    aPlan({}),
    aPlan({ id: 'sp-2', type: 'other' }),
    aPlan({ id: 'sp-3', end: '2026-11-01T00:00:00.000Z' }),
  ];

  expect(commitmentUse(plans, days, NOW)).toEqual({
    committedUsdPerHour: '2.5',
    usedUsdPerHour: '2.0625',
    unusedUsd: '21',
  });
});

test('commitments: days that were not read are unknown, plans that were not read come from the days', () => {
  expect(commitmentUse([aPlan({})], [], NOW)).toEqual({
    committedUsdPerHour: '2.5',
    usedUsdPerHour: null,
    unusedUsd: null,
  });
  expect(commitmentUse([], [{ committedUsd: '60', usedUsd: '60', unusedUsd: '0' }], NOW).committedUsdPerHour).toBe(
    '2.5',
  );
});
