import { onTestFinished } from 'vitest';
import type { AwsWorld } from '../../demo/aws/state.ts';
import { createWorld } from '../../demo/aws/world/index.ts';
import { runCommand } from '../../src/commands/run.ts';
import { openLibrary } from '../../src/data.ts';
import type { Deps, Settings } from '../../src/deps.ts';
import { refreshFacts } from '../../src/jobs/refresh-facts.ts';
import type { RegionRefresh } from '../../src/report/refresh-facts.ts';
import { toText } from '../../src/report/text.ts';
import { openSavedPrices, withSavedPrices } from '../../src/store/index.ts';
import { anEstate, NOW } from './estate.ts';

/** USD by usage type that AWS's list says instead of the usual; null = not on the list. */
export type ListPrices = { readonly [usageType: string]: string | null };

export const packaged = openLibrary();

/** The recorded world whose Price List says something else for some usage types. */
export function worldWith(listPrices: ListPrices): AwsWorld {
  return { ...createWorld({ now: () => NOW }), listPrices: new Map(Object.entries(listPrices)) };
}

/** An estate whose library sees refreshed prices, as `wire` builds it. */
export async function anEstateWith(listPrices: ListPrices, settings?: Partial<Settings>) {
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

/** What was refreshed in a region; fails the test when it was not. */
export function refreshed(regions: readonly RegionRefresh[], name: string) {
  const found = regions.find(({ region }) => region === name);
  if (found?.kind !== 'refreshed') throw new Error(`${name}: ${JSON.stringify(found)}`);
  return found;
}

/** The recorded accounts in these regions, and no default region. */
export const only = (...regions: string[]): Partial<Settings> => ({
  defaultRegion: null,
  accounts: accountsIn(regions),
});

/** The recorded accounts, each in these regions. */
function accountsIn(regions: readonly string[]): Settings['accounts'] {
  return createWorld({ now: () => NOW }).accounts.map(({ id, name, readerRoleArn, externalId }) => ({
    id,
    name,
    readerRoleArn,
    writerRoleArn: null,
    externalId,
    regions,
    payer: false,
  }));
}
