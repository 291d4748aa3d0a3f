import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { AwsWorld } from '../../demo/aws/state.ts';
import { createWorld } from '../../demo/aws/world/index.ts';
import { runCommand } from '../../src/commands/run.ts';
import { openLibrary } from '../../src/data.ts';
import type { Deps, PriceList, PriceName, Settings } from '../../src/deps.ts';
import type { PriceBook } from '../../src/engine/index.ts';
import { refreshFacts } from '../../src/jobs/refresh-facts.ts';
import { type RegionRefresh, refreshReport } from '../../src/report/refresh-facts.ts';
import { toText } from '../../src/report/text.ts';
import { openSavedPrices, withSavedPrices } from '../../src/store/index.ts';
import { layOver } from '../../src/store/price-lists.ts';
import { anEstate, NOW } from '../support/estate.ts';

const CLI = join(import.meta.dirname, '..', '..', 'src', 'cli.ts');
const TODAY = '2026-11-24';
const packaged = openLibrary();
const book = packaged.prices('eu-west-1');

/** The recorded world whose Price List says something else for some usage types. */
function worldWith(listPrices: { readonly [usageType: string]: string | null }): AwsWorld {
  return { ...createWorld({ now: () => NOW }), listPrices: new Map(Object.entries(listPrices)) };
}

/** An estate whose library sees refreshed prices, as `wire` builds it. */
async function anEstateWith(listPrices: { readonly [usageType: string]: string | null }, settings?: Partial<Settings>) {
  const estate = await anEstate({ world: worldWith(listPrices), ...(settings === undefined ? {} : { settings }) });
  const saved = openSavedPrices(estate.databaseUrl);
  onTestFinished(() => saved.close());
  const deps: Deps = { ...estate.deps, library: withSavedPrices(packaged, saved) };
  return {
    ...estate,
    deps,
    refresh: (changes: Partial<Deps> = {}) => refreshFacts({ ...deps, ...changes, packaged }, () => undefined),
    ask: async (line: string) => {
      const call = { id: 'c0ffee', actor: 'U1', surface: 'terminal', now: NOW } as const;
      const outcome = await runCommand(line.split(' '), deps, call);
      if (outcome.kind === 'failed') throw outcome.error;
      return toText(outcome.answered.report);
    },
  };
}

function refreshed(regions: readonly RegionRefresh[], name: string) {
  const found = regions.find(({ region }) => region === name);
  if (found?.kind !== 'refreshed') throw new Error(`${name}: ${JSON.stringify(found)}`);
  return found;
}

const only = (...regions: string[]): Partial<Settings> => ({ defaultRegion: null, accounts: accountsIn(regions) });

/** The recorded accounts, each in these regions. */
function accountsIn(regions: readonly string[]): Settings['accounts'] {
  return createWorld({ now: () => NOW }).accounts.map(({ id, name, readerRoleArn, externalId }) => ({
    id,
    name,
    readerRoleArn,
    externalId,
    regions,
    payer: false,
  }));
}

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
    });
    expect(Object.keys(calls.byOperation)).toEqual(['pricing.GetProducts', 'sts.AssumeRole']);
    const priced = aws.journal.filter(({ service }) => service !== 'sts');
    expect(new Set(priced.map(({ operation, region }) => `${operation} ${region}`))).toEqual(
      new Set(['GetProducts us-east-1']),
    );
  });
});
