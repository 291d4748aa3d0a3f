import { type Config, secretsOf } from './config.ts';
import { openLibrary } from './data.ts';
import type { Clock, Deps, Library } from './deps.ts';
import { AdviseError, toAdviseError } from './errors.ts';
import { openLog } from './log.ts';
import { openStore, storeOnDemand } from './store/index.ts';

type Overrides = {
  readonly clock?: Clock;
  /** Open the database when a verb first needs it instead of now: for terminal verbs such as `help`. */
  readonly storeOnDemand?: boolean;
};

/**
 * The only place that builds real things. Throws what opening them throws: a config error for a default region
 * without prices, an upstream error for a database that cannot be used.
 */
export async function wire(
  config: Config,
  overrides: Overrides = {},
): Promise<{ readonly deps: Deps; readonly close: () => Promise<void> }> {
  const clock = overrides.clock ?? { now: () => new Date() };
  const log = openLog({ level: config.logLevel, secrets: secretsOf(config) });
  const library = openLibrary();
  checkDefaultRegion(config, library);
  const open = () => openStore({ databaseUrl: config.databaseUrl, clock });
  const store = overrides.storeOnDemand === true ? storeOnDemand(open) : await open();
  return { deps: { clock, log, store, library, settings: config.settings }, close: () => store.close() };
}

/** A region from the file must have prices. One from AWS_REGION may be any: the question that needs it says so. */
function checkDefaultRegion(config: Config, library: Library): void {
  const { defaultRegion } = config.settings;
  if (defaultRegion?.from !== 'config' || library.regions.includes(defaultRegion.region)) return;
  try {
    library.prices(defaultRegion.region);
  } catch (error) {
    const { message, hint } = toAdviseError(error);
    throw new AdviseError({
      kind: 'config',
      code: 'config_unknown_region',
      message: `${config.configPath ?? 'The configuration'}: defaultRegion: ${message}`,
      ...(hint === undefined ? {} : { hint }),
      cause: error,
    });
  }
}
