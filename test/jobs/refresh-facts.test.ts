import { describe, expect, test } from 'vitest';
import type { PriceName } from '../../src/deps.ts';
import { refreshReport } from '../../src/report/refresh-facts.ts';
import { toText } from '../../src/report/text.ts';
import { anEstate } from '../support/estate.ts';
import { anEstateWith, type ListPrices, only, packaged, refreshed, worldWith } from '../support/prices.ts';

const TODAY = '2026-11-24';
const book = packaged.prices('eu-west-1');

describe('a refresh', () => {
  test('that finds the prices of before changes their days and nothing else', async () => {
    const { refresh, deps, aws } = await anEstateWith({}, only('eu-west-1'));
    const { regions, calls } = await refresh();

    const { changes, warnings, feeDifferences, otherTypes, read } = refreshed(regions, 'eu-west-1');
    const sourced = Object.values(book.onDemand).filter(({ kind }) => kind === 'sourced').length;
    expect({ changes, warnings, feeDifferences, otherTypes }).toEqual({
      changes: [],
      warnings: [],
      feeDifferences: [],
      otherTypes: [],
    });
    // Four rates and the storage of Fargate, and gp3.
    expect(read).toBe(sourced + 6);
    expect(deps.library.prices('eu-west-1')).toEqual({
      ...book,
      asOf: { ...book.asOf, onDemand: TODAY, fargate: TODAY, ebs: TODAY },
      gp3: { ...book.gp3, basis: 'sourced' },
    });
    expect(deps.library.prices('eu-west-1')).toBe(deps.library.prices('eu-west-1'));
    expect(Object.keys(calls.byOperation)).toEqual(['pricing.GetProducts', 'sts.AssumeRole']);
    const priced = aws.journal.filter(({ service }) => service !== 'sts');
    expect(new Set(priced.map(({ operation, region }) => `${operation} ${region}`))).toEqual(
      new Set(['GetProducts us-east-1']),
    );
  });

  test('changes the next answer, its day too, and no answer that was given', async () => {
    // 2 x 1 vCPU and 2 GiB for a month of 730 h: vCPU-hours at 0.05 instead of 0.04048 are 2 * 730 * 0.00952 = 13.90 more.
    const estate = await anEstateWith({ 'EU-Fargate-vCPU-Hours:perCPU': '0.0500000000' }, only('eu-west-1'));
    const question = 'capacity --vcpu 1 --memory 2 --tasks 2 --region eu-west-1';
    const before = await estate.ask(question);
    const { regions } = await estate.refresh();
    const after = await estate.ask(question);

    // 2 * 730 * (0.04048 + 2 * 0.004445) = 72.08; with 0.05 in its place 85.98.
    expect(before).toMatch(/\$72\.08\/mo[\s\S]*Fargate 2025-10-27/);
    expect(after).toMatch(/\$85\.98\/mo[\s\S]*EC2 2026-11-24, Fargate 2026-11-24/);
    expect(refreshed(regions, 'eu-west-1').changes).toEqual([
      { name: 'fargate.x86_64.vcpu', before: '0.04048', now: '0.05' },
    ]);
    for (const id of ['2026-11-24-0001', '2026-11-24-0002']) {
      expect(await estate.ask(`decisions replay ${id}`)).toMatch(/^Same answer, byte for byte: /);
    }
    expect(refreshed((await estate.refresh()).regions, 'eu-west-1').changes).toEqual([]);
  });

  test('takes over nothing that is missing, free or far off, and says so', async () => {
    const { refresh, deps } = await anEstateWith(
      {
        'EU-BoxUsage:m7i.large': null,
        'EU-BoxUsage:c7g.large': '0',
        // 0.155 * 3 = 0.465 and 0.091 / 3 = 0.0303...: a hair beyond is not taken over.
        'EU-BoxUsage:c7g.xlarge': '0.4651',
        'EU-BoxUsage:m7g.large': '0.0303',
        'EU-BoxUsage:m7g.xlarge': '0.5',
        'EU-Fargate-ARM-GB-Hours': '0.1',
      },
      only('eu-west-1'),
    );
    expect(['c7g.xlarge', 'm7g.large', 'm7g.xlarge'].map((type) => book.onDemand[type]?.usdPerHour)).toEqual([
      '0.155',
      '0.091',
      '0.1819',
    ]);
    const { regions } = await refresh();

    const { warnings, changes } = refreshed(regions, 'eu-west-1');
    expect(warnings).toEqual([
      { name: 'fargate.arm64.gib', because: 'far-off', listed: '0.1', kept: '0.00356' },
      { name: 'ec2.c7g.large', because: 'zero', listed: null, kept: '0.0775' },
      { name: 'ec2.c7g.xlarge', because: 'far-off', listed: '0.4651', kept: '0.155' },
      { name: 'ec2.m7g.large', because: 'far-off', listed: '0.0303', kept: '0.091' },
      { name: 'ec2.m7i.large', because: 'missing', listed: null, kept: '0.11235' },
    ]);
    expect(changes).toEqual([{ name: 'ec2.m7g.xlarge', before: '0.1819', now: '0.5' }]);
    const used = deps.library.prices('eu-west-1');
    expect(['m7i.large', 'c7g.large', 'm7g.xlarge'].map((type) => used.onDemand[type]?.usdPerHour)).toEqual([
      '0.11235',
      '0.0775',
      '0.5',
    ]);
    expect(used.fargate).toEqual(book.fargate);
    // One rate of Fargate was not read, so its day stays; nearly all of EC2 was.
    expect(used.asOf).toMatchObject({ fargate: book.asOf.fargate, onDemand: TODAY, ebs: TODAY });
  });

  test('that reads less than one before keeps what that one read', async () => {
    const estate = await anEstateWith(
      { 'EU-BoxUsage:m7i.large': '0.15', 'EU-Fargate-GB-Hours': '0.005' },
      only('eu-west-1'),
    );
    await estate.refresh();
    const { reader, now } = await listingElsewhere({ 'EU-BoxUsage:m7i.large': null, 'EU-Fargate-GB-Hours': '0' });
    const { regions } = await estate.refresh({ aws: reader, clock: { now } });

    expect(refreshed(regions, 'eu-west-1').warnings).toMatchObject([
      { name: 'fargate.x86_64.gib', kept: '0.005' },
      { name: 'ec2.m7i.large', kept: '0.15' },
    ]);
    const used = estate.deps.library.prices('eu-west-1');
    expect(used.onDemand['m7i.large']?.usdPerHour).toBe('0.15');
    expect(used.fargate.x86_64.gibUsdPerHour).toBe('0.005');
    expect(used.asOf).toMatchObject({ fargate: TODAY, onDemand: '2026-12-24' });
  });

  test('that fails in one region keeps its prices, and goes on with the others', async () => {
    const changed = { 'EU-BoxUsage:m7i.large': '0.15', 'BoxUsage:m7i.large': '0.16' };
    const estate = await anEstateWith(changed, only('eu-west-1', 'eu-west-2', 'mars-north-1', 'us-east-1'));
    // The first region is asked more often than this; three tries of one call are all that it gets.
    estate.aws.addFault({
      match: { service: 'pricing' },
      answer: { kind: 'status', status: 500, body: '<html>', contentType: 'text/html' },
      after: 4,
      times: 3,
    });
    const outcome = await estate.refresh();

    expect(outcome.regions).toMatchObject([
      { region: 'eu-west-1', kind: 'kept', code: 'endpoint-failed' },
      { region: 'eu-west-2', kind: 'kept', code: 'nothing-usable' },
      { region: 'mars-north-1', kind: 'kept', code: 'no-packaged-prices' },
      { region: 'us-east-1', kind: 'refreshed' },
    ]);
    expect((await estate.deps.store.priceLists()).map(({ region }) => region)).toEqual(['us-east-1']);
    expect(estate.deps.library.prices('eu-west-1')).toBe(book);
    expect(estate.deps.library.prices('us-east-1').onDemand['m7i.large']?.usdPerHour).toBe('0.16');
    const text = toText(refreshReport(outcome)).replaceAll(/\s+/g, ' ');
    expect(text).toMatch(/of 1 region read on 2026-11-24, 1 changed\. 3 regions not refreshed\./);
    expect(text).toContain('! eu-west-1 keeps its old prices. The endpoint failed');
  });

  test('asks another account where one is refused', async () => {
    const estate = await anEstateWith({}, only('eu-west-1', 'us-east-1'));
    const [first] = estate.world.accounts;
    estate.aws.addFault({
      match: { service: 'pricing', account: first?.id ?? '' },
      answer: { kind: 'access-denied' },
      times: Number.POSITIVE_INFINITY,
    });
    const { regions } = await estate.refresh();

    expect(regions.map(({ kind }) => kind)).toEqual(['refreshed', 'refreshed']);
    expect(
      estate.aws.journal.filter(({ service, account }) => service === 'pricing' && account === first?.id),
    ).toHaveLength(1);
  });

  test('reads the default region besides those of the accounts', async () => {
    const settings = { ...only('eu-west-1'), defaultRegion: { region: 'eu-north-1', from: 'config' } as const };
    const { refresh } = await anEstateWith({}, settings);
    expect((await refresh()).regions.map(({ region, kind }) => [region, kind])).toEqual([
      ['eu-north-1', 'refreshed'],
      ['eu-west-1', 'refreshed'],
    ]);
  });

  test('without an account has nobody to ask', async () => {
    const { refresh } = await anEstateWith({});
    await expect(refresh({ aws: null })).rejects.toMatchObject({ kind: 'config', code: 'config_no_accounts' });
  });

  test('tells a fee that is not what the facts say, and leaves it to the facts', async () => {
    // 0.1 for m7i.large at 0.11235, of which 12 % are 0.013482.
    const listed = { 'EU-ECS-Managed-Instances:m7i.large-management-hours': '0.1' };
    const estate = await anEstateWith(listed, only('eu-west-1'));
    const outcome = await estate.refresh();

    expect(refreshed(outcome.regions, 'eu-west-1').feeDifferences).toEqual([
      { type: 'm7i.large', listed: '0.1', expected: '0.013482' },
    ]);
    expect(toText(refreshReport(outcome)).replaceAll(/\s+/g, ' ')).toContain(
      'm7i.large 0.1 (facts: 0.013482). Answers use the facts.',
    );
  });
});

/** Another AWS with another list, a month later. */
async function listingElsewhere(listPrices: ListPrices) {
  const now = () => new Date('2026-12-24T09:00:00.000Z');
  const estate = await anEstate({ world: worldWith(listPrices), settings: only('eu-west-1'), now });
  const { aws } = estate.deps;
  if (aws === null) throw new Error('an estate has a reader');
  return { reader: aws, now };
}

describe('the report', () => {
  test('shows the five largest changes of a region and counts the others', () => {
    const changes = [9, 8, 7, 6, 5, 4, 3].map((tenths) => ({
      name: `ec2.x${tenths}.large` as PriceName,
      before: '1',
      now: `1.${tenths}`,
    }));
    const missing = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((type) => ({
      name: `ec2.${type}` as PriceName,
      because: 'missing' as const,
      listed: null,
      kept: '1',
    }));
    const text = toText(
      refreshReport({
        asOf: TODAY,
        regions: [
          {
            kind: 'refreshed',
            region: 'eu-west-1',
            read: 1234,
            changes,
            warnings: missing,
            feeDifferences: [],
            otherTypes: ['z9.large'],
          },
        ],
        calls: { total: 20, throttled: 0, byOperation: {} },
        ms: 4_200,
      }),
    );
    expect(text).toContain('1,234 prices of 1 region read on 2026-11-24, 7 changed.');
    expect(text).toMatch(/x9\.large +1 +1\.9 +\+90\.0 %/);
    expect(text).toContain('x5.large');
    expect(text).not.toContain('x4.large');
    expect(text).toContain('2 smaller changes: --json lists them all.');
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      "! eu-west-1: not in AWS's list, so they stay as before: a, b, c, d, e and 2 more.",
    );
    expect(text).toContain("eu-west-1: on sale, but not in this version's data: z9.large.");
  });
});
