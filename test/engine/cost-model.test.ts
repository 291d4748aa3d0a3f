import { expect, test } from 'vitest';
import { openLibrary } from '../../src/data.ts';
import {
  type CapacityAnswer,
  type CapacityKind,
  type CapacityQuestion,
  chooseCapacity,
  type PriceBook,
} from '../../src/engine/index.ts';
import { aBatch, aQuestion } from '../support/question.ts';

const library = openLibrary();
const book = library.prices('us-east-1');

function answer(changes: Partial<CapacityQuestion>, prices: PriceBook = book): CapacityAnswer {
  return chooseCapacity({ facts: library.facts, prices }, aQuestion(changes));
}

function option(given: CapacityAnswer, kind: CapacityKind) {
  const found = given.result.options.find((row) => row.kind === kind);
  if (found === undefined) throw new Error(`no option ${kind}`);
  return found;
}

const commitments = (changes: Partial<CapacityQuestion['commitments']>): CapacityQuestion['commitments'] => ({
  savingsPlanUsdPerHour: null,
  savingsPlanTerm: '1y',
  reserved: [],
  ...changes,
});

const WEB = { cpuUnits: 2048, memoryMiB: 8192, tasks: 12 };

test('a Savings Plan larger than the spend takes it to nothing, never below', () => {
  // 730 x (0.04048 + 2 x 0.004445) = 36.0401; 10 / 0.8 = 12.5 USD an hour is far more than 0.04937
  const fargate = option(answer({ commitments: commitments({ savingsPlanUsdPerHour: '10' }) }), 'fargate');

  expect(fargate.usdPerMonth).toBe('36.0401');
  expect(fargate.usdPerMonthAfterCommitments).toBe('0');
});

test('a Savings Plan leaves fee and disk of Managed Instances, and all of Spot', () => {
  // m6a.2xlarge, 4 x 730 h: fee 2,920 x 0.3456 x 0.12 = 121.09824, disk 4 x 80 x 0.08 = 25.6
  const given = answer({
    ...WEB,
    types: ['m6a.2xlarge'],
    interruptible: true,
    commitments: commitments({ savingsPlanUsdPerHour: '100' }),
  });

  expect(option(given, 'mi-on-demand').usdPerMonthAfterCommitments).toBe('146.69824');
  expect(option(given, 'fargate-spot').usdPerMonthAfterCommitments).toBe(option(given, 'fargate-spot').usdPerMonth);
  expect(option(given, 'asg-spot').usdPerMonthAfterCommitments).toBe(option(given, 'asg-spot').usdPerMonth);
});

test('a Savings Plan covers a batch only in the hours of its window', () => {
  // Window 3 h a day = 91.25 h a month: 0.1 / 0.8 x 91.25 = 11.40625 of 542.270023148
  const fargate = option(
    answer({ batch: aBatch(), commitments: commitments({ savingsPlanUsdPerHour: '0.1' }) }),
    'fargate',
  );

  expect(fargate.usdPerMonthAfterCommitments).toBe('530.863773148');
});

test('Fargate Spot pays the repeated share again', () => {
  // 730 x 1.05 = 766.5 h: x 0.01288561 = 9.876820065; x 2 x 0.00141493 = 2.16908769
  const spot = option(answer({ interruptible: true, retryFraction: '0.05' }), 'fargate-spot');

  expect(spot.lines.map(({ usdPerMonth }) => usdPerMonth)).toEqual(['9.876820065', '2.16908769']);
  expect(spot.usdPerMonth).toBe('12.045907755');
  expect(option(answer({ interruptible: true, retryFraction: '0.05' }), 'fargate').usdPerMonth).toBe('36.0401');
});

test('a saving must be large enough in dollars too', () => {
  // On the night batch Managed Instances save 62.51 USD (11.5 %), the group 542.27 - 467.28 = 74.99 (13.8 %)
  const night = (usdPerMonth: number): string | null =>
    answer({ batch: aBatch(), minimumSaving: { percent: 10, usdPerMonth } }).result.recommended;

  expect(night(25)).toBe('mi-on-demand');
  expect(night(63)).toBe('asg-on-demand');
  expect(night(75)).toBe('fargate');
});

test('small tasks are limited by network interfaces: with trunking branch + interfaces - 2, else interfaces - 1', () => {
  // c6a.2xlarge: 38 branch + 4 - 2 = 40, CPU 8,192 / 64 = 128; t3.large cannot trunk: 3 - 1 = 2
  const slots = (type: string) =>
    option(answer({ cpuUnits: 64, memoryMiB: 64, tasks: 200, types: [type] }), 'asg-on-demand').plan?.tasksPerInstance;

  expect(slots('c6a.2xlarge')).toBe(40);
  expect(slots('t3.large')).toBe(2);
});

test('daemons come off CPU and memory of every instance', () => {
  // c6a.2xlarge: (8,192 - 1,024) / 1,024 = 7; (15,564 - 2,048) / 2,048 = 6.6, so 6 instead of 7
  const slots = (daemonMemoryMiB: number) =>
    option(answer({ tasks: 20, types: ['c6a.2xlarge'], daemonCpuUnits: 1024, daemonMemoryMiB }), 'mi-on-demand').plan
      ?.tasksPerInstance;

  expect(slots(0)).toBe(7);
  expect(slots(2048)).toBe(6);
});

test('a fraction of a GPU is chosen only when its type is named, and is then one device', () => {
  const gpu = { name: 'l4', count: 1 };
  const any = option(answer({ gpu }), 'mi-on-demand');
  const named = option(answer({ gpu, types: ['g6f.*'] }), 'mi-on-demand');

  expect(any.plan?.instanceType).toBe('g6.xlarge');
  expect(named.plan).toMatchObject({ instanceType: 'g6f.large', tasksPerInstance: 1 });
});

test('an AMD GPU is chosen only when it or its type is named', () => {
  const any = option(answer({ gpu: { name: null, count: 1 } }), 'mi-on-demand');
  const named = option(answer({ gpu: { name: 'radeon-pro-v520', count: 1 } }), 'mi-on-demand');

  expect(any.plan?.instanceType).not.toMatch(/^g4ad/);
  expect(named.plan?.instanceType).toBe('g4ad.xlarge');
});

test('Spot is ranked by its high end: Fargate Spot stays ahead of a likely price just below it', () => {
  // Fargate Spot 324.91; group on Spot likely 318.95, at the high end 406.00
  const given = answer({ ...WEB, interruptible: true });

  expect(Number(option(given, 'asg-spot').usdPerMonth)).toBeLessThan(Number(option(given, 'fargate-spot').usdPerMonth));
  expect(option(given, 'fargate-spot').rank).toBe(1);
  expect(option(given, 'asg-spot').rank).toBe(2);
});

test('a negative Spot saving is none, and no Spot price is above on-demand', () => {
  const prices = { ...book, spotSavingPercent: { 'c6a.2xlarge': -62 } };
  // 730 x 0.306 + 30 x 0.08 = 225.78 likely and high; low 0.8 x 223.38 + 2.4 = 181.104
  const spot = option(
    answer({ tasks: 7, types: ['c6a.2xlarge'], interruptible: true, minInstances: 1 }, prices),
    'asg-spot',
  );

  expect(spot.usdPerMonth).toBe('225.78');
  expect(spot.band).toEqual({ low: '181.104', high: '225.78' });
});

test('without Spot figures Spot stays possible, unpriced and unranked', () => {
  const spot = option(answer({ interruptible: true }, { ...book, spotSavingPercent: {} }), 'asg-spot');

  expect(spot).toMatchObject({ feasible: true, usdPerMonth: null, rank: null });
  expect(spot.reasons.map(({ rule }) => rule)).toEqual(['no-price']);
});

test('an estimated price is used only when no type with a sourced one fits', () => {
  const price = book.onDemand['r5a.2xlarge'];
  if (price === undefined) throw new Error('no price');
  const prices: PriceBook = { ...book, onDemand: { ...book.onDemand, 'r5a.2xlarge': { ...price, kind: 'estimated' } } };
  const all = option(answer(WEB, prices), 'asg-on-demand');
  const only = option(answer({ ...WEB, types: ['r5a.2xlarge'] }, prices), 'asg-on-demand');

  expect(option(answer(WEB), 'asg-on-demand').plan?.instanceType).toBe('r5a.2xlarge');
  expect(all.plan?.instanceType).not.toBe('r5a.2xlarge');
  expect(only.plan?.instanceType).toBe('r5a.2xlarge');
  expect(only.reasons.map(({ rule }) => rule)).toContain('estimated-price');
});

test('more reservations than instances change nothing; fewer are topped up on demand', () => {
  // 18 tasks of 1 vCPU / 4 GiB: 15 fit on m7i.4xlarge, 3 instances for three zones, 2,190 h
  const mi = (count: number) =>
    option(
      answer({
        memoryMiB: 4096,
        tasks: 18,
        commitments: commitments({ reserved: [{ instanceType: 'm7i.4xlarge', count }] }),
      }),
      'mi-reserved',
    );
  const hours = (count: number) =>
    mi(count)
      .lines.filter(({ item }) => item.startsWith('ec2'))
      .map(({ item, quantity }) => [item, quantity]);

  expect(hours(9)).toEqual([['ec2-reserved', '2190']]);
  expect(hours(2)).toEqual([
    ['ec2-reserved', '1460'],
    ['ec2-on-demand', '730'],
  ]);
  // 231.12192 with all reserved, + 730 x 0.8064 = 588.672 for the third
  expect(mi(9).usdPerMonth).toBe('231.12192');
  expect(mi(2).usdPerMonth).toBe('819.79392');
});

test('reservations pay their share of the same type on an Auto Scaling group', () => {
  // 3 x 730 x 0.8064 = 1,766.016 EC2 + 7.2 disk; 2 of 3 reserved leave 588.672 + 7.2
  const group = option(
    answer({
      memoryMiB: 4096,
      tasks: 18,
      types: ['m7i.4xlarge'],
      commitments: commitments({ reserved: [{ instanceType: 'm7i.4xlarge', count: 2 }] }),
    }),
    'asg-on-demand',
  );

  expect(group.usdPerMonth).toBe('1773.216');
  expect(group.usdPerMonthAfterCommitments).toBe('595.872');
});

test('below a minute of idle wait the estimate is good to a third only', () => {
  const ratio = (scaleInAfterSeconds: number): string => {
    const { band, usdPerMonth } = option(
      answer({ batch: aBatch(), types: ['c6a.2xlarge'], scaleInAfterSeconds }),
      'mi-on-demand',
    );
    return (Number(band?.high) / Number(usdPerMonth)).toFixed(4);
  };

  expect(ratio(59)).toBe('1.3300');
  expect(ratio(60)).toBe('1.1600');
});

test('storage of the tasks grows the disk, and the largest disk limits the tasks', () => {
  // c6a.24xlarge holds 91 by memory; floor((16,384 - 30) / 300) = 54, disk 30 + 54 x 300 = 16,230 GiB
  const mi = option(answer({ tasks: 54, storageGiB: 300, types: ['c6a.24xlarge'], minInstances: 1 }), 'mi-on-demand');

  expect(mi.plan?.tasksPerInstance).toBe(54);
  expect(mi.lines.find(({ item }) => item === 'ebs-gp3')?.quantity).toBe('16230');
});
