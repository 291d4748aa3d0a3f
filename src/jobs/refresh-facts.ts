/** Fresh prices: AWS's own list, region by region, into the database. The packaged data stay as they are. */
import type { Deps, Library, PriceAnswer, PriceQuestion } from '../deps.ts';
import type { RefreshOutcome, RegionRefresh } from '../report/refresh-facts.ts';
import { checkPrices } from './price-check.ts';
import { noAccounts } from './scan.ts';

type Job = Pick<Deps, 'clock' | 'log' | 'store' | 'aws' | 'library' | 'settings'> & {
  /** The prices without any refresh over them. */
  readonly packaged: Library;
};

/**
 * Reads the prices of every region of the configured accounts and of the default region, and saves what is plausible,
 * each region on its own. A region that fails keeps the prices it had. `onRegion` hears of each. Throws
 * `config_no_accounts` without an account, and what the database throws.
 */
export async function refreshFacts(job: Job, onRegion: (region: RegionRefresh) => void): Promise<RefreshOutcome> {
  const { clock, log, aws, packaged } = job;
  if (aws === null) throw noAccounts();
  const startedAt = clock.now();
  const asOf = startedAt.toISOString().slice(0, 'YYYY-MM-DD'.length);
  const regions: RegionRefresh[] = [];
  const done = (region: RegionRefresh): void => {
    regions.push(region);
    onRegion(region);
  };
  const questions: PriceQuestion[] = [];
  for (const region of regionsOf(job)) {
    if (packaged.regions.includes(region)) questions.push({ region, types: typesOf(packaged, region) });
    else done(kept(region, 'no-packaged-prices', `This version has no prices of ${region} to compare with.`));
  }
  const calls = await aws.priceLists(questions, async (answer) => done(await takeOver(answer, asOf, job)));
  const ms = clock.now().getTime() - startedAt.getTime();
  regions.sort((a, b) => (a.region < b.region ? -1 : 1));
  const refreshed = regions.filter(({ kind }) => kind === 'refreshed').length;
  log.info(
    {
      unit: 'job',
      name: 'refresh-facts',
      refreshed,
      kept: regions.length - refreshed,
      awsCalls: calls.total,
      throttled: calls.throttled,
      ms,
    },
    'refresh-facts',
  );
  return { asOf, regions, calls, ms };
}

function regionsOf({ settings: { accounts, defaultRegion } }: Job): readonly string[] {
  const regions = new Set(accounts.flatMap((account) => account.regions));
  if (defaultRegion !== null) regions.add(defaultRegion.region);
  return [...regions].sort();
}

function typesOf(packaged: Library, region: string): ReadonlySet<string> {
  return new Set(Object.keys(packaged.prices(region).onDemand));
}

/** Saves the plausible part of what a region's list says. */
async function takeOver(answer: PriceAnswer, asOf: string, job: Job): Promise<RegionRefresh> {
  const { region } = answer;
  if (answer.kind === 'failed') return kept(region, answer.code, answer.message);
  const { store, library, packaged } = job;
  const { list, ...checked } = checkPrices(answer, asOf, {
    packaged: packaged.prices(region),
    used: library.prices(region),
    previous: (await store.priceLists()).find((before) => before.region === region) ?? null,
    facts: packaged.facts,
  });
  if (checked.read === 0) return kept(region, 'nothing-usable', `The Price List has no usable price of ${region}.`);
  await store.savePriceList(list);
  return { kind: 'refreshed', region, ...checked, otherTypes: answer.otherTypes };
}

function kept(region: string, code: string, message: string): RegionRefresh {
  return { kind: 'kept', region, code, message };
}
