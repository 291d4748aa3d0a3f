import { existsSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { z } from 'zod';
import type { Library, PriceList } from '../deps.ts';
import { canonicalJson, type Json, type PriceBook } from '../engine/index.ts';
import { damaged, sqliteFile } from './connection.ts';
import { translateStoreError } from './errors.ts';
import type { Executor } from './schema.ts';

/** Refreshed prices: one document a region, and how they lie over the packaged ones. */

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const priceList = z.strictObject({
  format: z.literal('ecs-advise.price-list/1'),
  region: z.string(),
  asOf: day,
  days: z.strictObject({ onDemand: day.optional(), fargate: day.optional(), ebs: day.optional() }),
  prices: z.record(z.string(), z.string().regex(/^\d+(\.\d+)?$/)),
});

/** Puts a region's list in the place of the one before. */
export async function savePriceList(db: Executor, list: PriceList): Promise<void> {
  const { region } = list;
  const body = canonicalJson(list as unknown as Json);
  await db
    .insertInto('price_lists')
    .values({ region, body })
    .onConflict((conflict) => conflict.column('region').doUpdateSet({ body }))
    .execute();
}

/** The newest list of every region that has one, by region. */
export async function priceLists(db: Executor, place: string): Promise<readonly PriceList[]> {
  const rows = await db.selectFrom('price_lists').selectAll().orderBy('region').execute();
  return rows.map((row) => readList(row.body, row.region, place));
}

function readList(body: string, region: string, place: string): PriceList {
  const { success, data } = priceList.safeParse(json(body));
  if (!success || data.region !== region) throw damaged(place, `the prices of ${region} cannot be read`);
  return data as PriceList;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

export type SavedPrices = {
  /** The region's list as it is in the database now, or null. The same object while nothing has changed. */
  readonly of: (region: string) => PriceList | null;
  readonly close: () => void;
};

/** A reader waits for others only while the database recovers from a crash. */
const WAIT_MS = 1_000;

/**
 * Looks into the database each time it is asked, so that every process and thread sees a refresh at its next question.
 * Opens the file when first asked and never creates or changes it: without one there are no saved prices. `of` throws
 * `store_corrupt`, `store_busy` or `store_unwritable`. A database in memory belongs to its one connection, so here it
 * has nothing.
 */
export function openSavedPrices(databaseUrl: string): SavedPrices {
  const file = sqliteFile(databaseUrl);
  const known = new Map<string, { readonly body: string; readonly list: PriceList }>();
  let raw: Sqlite.Database | null = null;
  let find: Sqlite.Statement<[string], { readonly body: string }> | null = null;
  const bodyOf = (region: string): string | null => {
    if (find === null) {
      if (file === ':memory:' || !existsSync(file)) return null;
      raw ??= new Sqlite(file, { readonly: true, fileMustExist: true, timeout: WAIT_MS });
      // A database that an older version left, before its first writer brings it up to date.
      if (raw.prepare("select 1 from sqlite_master where name = 'price_lists'").get() === undefined) return null;
      find = raw.prepare<[string], { readonly body: string }>('select body from price_lists where region = ?');
    }
    return find.get(region)?.body ?? null;
  };
  return {
    of: (region) => {
      try {
        const body = bodyOf(region);
        if (body === null) return null;
        const before = known.get(region);
        if (before?.body === body) return before.list;
        const list = readList(body, region, file);
        known.set(region, { body, list });
        return list;
      } catch (error) {
        throw translateStoreError(error, file);
      }
    },
    close: () => {
      raw?.close();
      [raw, find] = [null, null];
    },
  };
}

/** A library whose price books have the saved prices over the packaged ones. One object a book while nothing changes. */
export function withSavedPrices(packaged: Library, saved: Pick<SavedPrices, 'of'>): Library {
  const laid = new Map<string, { readonly list: PriceList; readonly book: PriceBook }>();
  return {
    facts: packaged.facts,
    regions: packaged.regions,
    prices: (region) => {
      const book = packaged.prices(region);
      const list = saved.of(region);
      if (list === null) return book;
      const before = laid.get(region);
      if (before?.list === list) return before.book;
      const next = layOver(book, list);
      laid.set(region, { list, book: next });
      return next;
    },
  };
}

/**
 * The book with the list's prices and days, and nothing else changed. A group whose packaged prices are of a later day
 * than the list (a newer ecs-advise) stays as it is.
 */
export function layOver(book: PriceBook, { asOf, days, prices }: PriceList): PriceBook {
  const isNewer = (group: keyof PriceList['days']): boolean => asOf >= book.asOf[group];
  const dayOf = (group: keyof PriceList['days']): string =>
    isNewer(group) ? later(book.asOf[group], days[group]) : book.asOf[group];
  const fargate = (name: string, before: string): string =>
    isNewer('fargate') ? (prices[`fargate.${name}`] ?? before) : before;
  const rates = (architecture: 'x86_64' | 'arm64') => ({
    vcpuUsdPerHour: fargate(`${architecture}.vcpu`, book.fargate[architecture].vcpuUsdPerHour),
    gibUsdPerHour: fargate(`${architecture}.gib`, book.fargate[architecture].gibUsdPerHour),
  });
  const onDemand = Object.entries(book.onDemand).map(([type, before]) => {
    const usdPerHour = isNewer('onDemand') ? prices[`ec2.${type}`] : undefined;
    return [type, usdPerHour === undefined ? before : { usdPerHour, kind: 'sourced' as const }] as const;
  });
  const gp3 = isNewer('ebs') ? prices.gp3 : undefined;
  return {
    ...book,
    asOf: { ...book.asOf, onDemand: dayOf('onDemand'), fargate: dayOf('fargate'), ebs: dayOf('ebs') },
    onDemand: Object.fromEntries(onDemand),
    fargate: { x86_64: rates('x86_64'), arm64: rates('arm64') },
    ephemeralGibUsdPerHour: fargate('ephemeral', book.ephemeralGibUsdPerHour),
    gp3: gp3 === undefined ? book.gp3 : { gibUsdPerMonth: gp3, basis: 'sourced' },
  };
}

function later(packaged: string, refreshed: string | undefined): string {
  return refreshed !== undefined && refreshed > packaged ? refreshed : packaged;
}
