import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { PriceList } from '../../src/deps.ts';
import type { PriceBook } from '../../src/engine/index.ts';
import { openSavedPrices } from '../../src/store/index.ts';
import { layOver } from '../../src/store/price-lists.ts';
import { anEstateWith, only, packaged } from '../support/prices.ts';
import { temporaryFolder, temporaryStore } from './temporary.ts';

const TODAY = '2026-11-24';
const book = packaged.prices('eu-west-1');

describe('prices laid over a book', () => {
  const list = (parts: Partial<PriceList>): PriceList => ({
    format: 'ecs-advise.price-list/1',
    region: 'eu-west-1',
    asOf: TODAY,
    days: {},
    prices: {},
    ...parts,
  });
  /** All that is neither price nor day. */
  const rest = ({ onDemand, fargate, asOf, ephemeralGibUsdPerHour, gp3, ...others }: PriceBook) => ({
    ...others,
    priced: Object.keys(onDemand),
    fargate: Object.keys(fargate),
    days: { ...asOf, onDemand: '', fargate: '', ebs: '' },
    texts: [typeof ephemeralGibUsdPerHour, typeof gp3.gibUsdPerMonth],
  });

  test('change prices and days, and nothing else', () => {
    const names = [
      'fargate.x86_64.vcpu',
      'fargate.arm64.gib',
      'fargate.ephemeral',
      'gp3',
      'ec2.m7i.large',
      'ec2.z9.large',
      'ec2.__proto__',
      'other',
    ];
    const price = fc.integer({ min: 1, max: 1_000_000 }).map((millionths) => (millionths / 1_000_000).toFixed(6));
    const day = fc.constantFrom('2020-01-01', '2026-02-07', TODAY);
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...names), price),
        fc.record({ onDemand: day, fargate: day, ebs: day }, { requiredKeys: [] }),
        day,
        (prices, days, asOf) => {
          const laid = layOver(book, list({ prices, days, asOf }));
          expect(rest(laid)).toEqual(rest(book));
          for (const type of ['m7i.large', 'c7g.large']) {
            const before = book.onDemand[type]?.usdPerHour;
            const isNewer = asOf >= book.asOf.onDemand;
            expect(laid.onDemand[type]?.usdPerHour).toBe(isNewer ? (prices[`ec2.${type}`] ?? before) : before);
          }
          for (const group of ['onDemand', 'fargate', 'ebs'] as const) {
            expect(laid.asOf[group] >= book.asOf[group]).toBe(true);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  test('stay below those of a newer version', () => {
    const prices = { 'ec2.m7i.large': '0.2', 'fargate.x86_64.vcpu': '0.05' };
    // Of the day between the packaged prices of Fargate (2025-10-27) and of EC2 (2026-02-07).
    const laid = layOver(
      book,
      list({ asOf: '2025-12-01', days: { onDemand: '2025-12-01', fargate: '2025-12-01' }, prices }),
    );
    expect(laid.onDemand['m7i.large']).toEqual(book.onDemand['m7i.large']);
    expect(laid.fargate.x86_64.vcpuUsdPerHour).toBe('0.05');
    expect(laid.asOf).toEqual({ ...book.asOf, fargate: '2025-12-01' });
  });

  test('make an estimated price a sourced one', () => {
    const [type = ''] = Object.entries(book.onDemand).find(([, { kind }]) => kind === 'estimated') ?? [];
    expect(layOver(book, list({ prices: { [`ec2.${type}`]: '1.5' } })).onDemand[type]).toEqual({
      usdPerHour: '1.5',
      kind: 'sourced',
    });
  });
});

describe('saved prices', () => {
  test('are seen by a process that was open before, and by a new one', async () => {
    const estate = await anEstateWith({ 'EU-BoxUsage:m7i.large': '0.15' }, only('eu-west-1'));
    const other = openSavedPrices(estate.databaseUrl);
    onTestFinished(() => other.close());
    expect(other.of('eu-west-1')).toBeNull();
    await estate.refresh();
    expect(other.of('eu-west-1')?.prices['ec2.m7i.large']).toBe('0.15');
    expect(other.of('eu-west-1')).toBe(other.of('eu-west-1'));
    expect(other.of('us-east-1')).toBeNull();
  });

  test('are none where there is no database yet, and none is made', () => {
    const file = join(temporaryFolder(), 'none.db');
    expect(openSavedPrices(`sqlite:${file}`).of('eu-west-1')).toBeNull();
    expect(existsSync(file)).toBe(false);
    expect(openSavedPrices('sqlite::memory:').of('eu-west-1')).toBeNull();
  });

  test('are none in a database of an older version', () => {
    const file = join(temporaryFolder(), 'old.db');
    const raw = new Sqlite(file);
    raw.exec('create table migrations (name text primary key, at text not null)');
    raw.close();
    const saved = openSavedPrices(`sqlite:${file}`);
    onTestFinished(() => saved.close());
    expect(saved.of('eu-west-1')).toBeNull();
  });

  test.each(['no json', '{}', '{"region":"us-east-1"}'])('that were changed to %s are refused', async (body) => {
    const { store, file } = await temporaryStore();
    await store.savePriceList({
      format: 'ecs-advise.price-list/1',
      region: 'eu-west-1',
      asOf: TODAY,
      days: {},
      prices: {},
    });
    const raw = new Sqlite(file);
    raw.prepare('update price_lists set body = ?').run(body);
    raw.close();
    const saved = openSavedPrices(`sqlite:${file}`);
    onTestFinished(() => saved.close());
    expect(() => saved.of('eu-west-1')).toThrow(expect.objectContaining({ code: 'store_corrupt' }));
    await expect(store.priceLists()).rejects.toMatchObject({ code: 'store_corrupt' });
  });
});
