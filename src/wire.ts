import { type Config, secretsOf } from './config.ts';
import { openLibrary } from './data.ts';
import type { AwsReader, AwsWriter, Clock, Deps, Library, Log } from './deps.ts';
import { AdviseError, toAdviseError } from './errors.ts';
import { files } from './files.ts';
import { openLog } from './log.ts';
import { openSolver } from './solver/index.ts';
import { openSavedPrices, openStore, storeOnDemand, withSavedPrices } from './store/index.ts';

type Overrides = {
  readonly clock?: Clock;
  /** Open the database when a verb first needs it instead of now: for terminal verbs such as `help`. */
  readonly storeOnDemand?: boolean;
};

type Wired = {
  readonly deps: Deps;
  /** For whoever applies approved changes, and nobody else. Null when nothing may be changed anywhere. */
  readonly writer: AwsWriter | null;
  readonly close: () => Promise<void>;
};

/**
 * The only place that builds real things. Throws what opening them throws: a config error for a default region
 * without prices, an upstream error for a database that cannot be used.
 */
export async function wire(config: Config, overrides: Overrides = {}): Promise<Wired> {
  const clock = overrides.clock ?? { now: () => new Date() };
  const log = openLog({ level: config.logLevel, secrets: secretsOf(config) });
  const savedPrices = openSavedPrices(config.databaseUrl);
  const library = withSavedPrices(openLibrary(), savedPrices);
  checkDefaultRegion(config, library);
  const open = () => openStore({ databaseUrl: config.databaseUrl, clock });
  const store = overrides.storeOnDemand === true ? storeOnDemand(open) : await open();
  const aws = config.settings.accounts.length === 0 ? null : awsOnDemand(config, { log, clock });
  const writer = mayWrite(config) ? writerOnDemand(config, { log, clock }) : null;
  const close = async (): Promise<void> => {
    aws?.close();
    writer?.close();
    savedPrices.close();
    await store.close();
  };
  const offline = { files, solver: openSolver() };
  return { deps: { clock, log, store, aws, library, settings: config.settings, offline }, writer, close };
}

/** `readOnly` wins over every role: nothing that could write is even made. */
function mayWrite({ settings }: Config): boolean {
  return !settings.readOnly && settings.accounts.some(({ writerRoleArn }) => writerRoleArn !== null);
}

function writerOnDemand({ settings }: Config, parts: { readonly log: Log; readonly clock: Clock }): AwsWriter {
  let opened: Promise<AwsWriter> | null = null;
  let writer: AwsWriter | null = null;
  const open = async (): Promise<AwsWriter> => {
    opened ??= import('./aws/writer.ts').then(({ openWriter }) => {
      const made = openWriter({ accounts: settings.accounts, speed: settings.awsPace, ...parts });
      writer = made;
      return made;
    });
    return opened;
  };
  return {
    write: async (...args) => (await open()).write(...args),
    close: () => writer?.close(),
  };
}

/** The AWS SDK takes a while to load, and most verbs never call AWS: it is opened by the first that does. */
function awsOnDemand({ settings }: Config, parts: { readonly log: Log; readonly clock: Clock }): AwsReader {
  let opened: Promise<AwsReader> | null = null;
  let reader: AwsReader | null = null;
  const open = async (): Promise<AwsReader> => {
    opened ??= import('./aws/index.ts').then(({ openAws }) => {
      const made = openAws({ accounts: settings.accounts, speed: settings.awsPace, ...parts });
      reader = made;
      return made;
    });
    return opened;
  };
  return {
    accounts: settings.accounts,
    scan: async (...args) => (await open()).scan(...args),
    costAndUsage: async (...args) => (await open()).costAndUsage(...args),
    savingsPlansUtilisation: async (...args) => (await open()).savingsPlansUtilisation(...args),
    priceLists: async (...args) => (await open()).priceLists(...args),
    eventWindows: async (...args) => (await open()).eventWindows(...args),
    identity: async () => (await open()).identity(),
    access: async (...args) => (await open()).access(...args),
    close: () => reader?.close(),
  };
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
