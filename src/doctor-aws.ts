/** What `doctor` finds in the AWS accounts: who we are, which role or action is refused, which opt-in is off. */
import { existsSync } from 'node:fs';
import type { Config } from './config.ts';
import type { AccessRow, AwsReader, Clock, Log, Store } from './deps.ts';
import { AdviseError, toAdviseError } from './errors.ts';
import { openLog } from './log.ts';
import { openStore } from './store/index.ts';

/** One line of the table; see `doctor.ts`. */
export type AwsFinding = {
  readonly name: string;
  readonly state: 'ok' | 'failed' | 'off';
  readonly detail: string;
  readonly fix: string | null;
};

/**
 * Assumes every role and tries every read once, harmlessly, and every write as a dry run. One row for an account where all is well, one for each
 * thing that is not. Nothing is thrown: what cannot be tried is a row.
 */
export async function checkAws(config: Config): Promise<readonly AwsFinding[]> {
  const { accounts } = config.settings;
  if (accounts.length === 0) {
    return [{ name: 'AWS', state: 'ok', detail: 'no account is configured: live questions are refused', fix: null }];
  }
  const { openAws } = await import('./aws/index.ts');
  const { openWriter } = await import('./aws/writer.ts');
  const { readWriterAccess } = await import('./aws/writer-access.ts');
  const clock: Clock = { now: () => new Date() };
  const log = openLog({ level: config.logLevel, secrets: [] });
  const parts = { accounts, log, clock, speed: config.settings.awsPace };
  const aws = openAws(parts);
  const writer = openWriter({ ...parts, log: QUIET });
  const paid = await openCounter(config, clock);
  try {
    const rows = await aws.access(paid.count);
    const writing = await readWriterAccess(accounts, writer);
    return [await whoWeAre(aws), ...toFindings(config, [...rows, ...writing]), ...toldOfChanges(config)];
  } catch (thrown) {
    return [unreachable(thrown)];
  } finally {
    aws.close();
    writer.close();
    await paid.close();
  }
}

/** The dry runs of this check are no changes that a log should tell of. */
const QUIET: Log = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

/** Changes are on, and nothing could ever be changed: most likely somebody forgot the roles. */
function toldOfChanges({ settings }: Config): readonly AwsFinding[] {
  if (settings.readOnly || settings.accounts.some(({ writerRoleArn }) => writerRoleArn !== null)) return [];
  return [
    {
      name: 'AWS changes',
      state: 'off',
      detail: 'readOnly is false, but no account has a writerRole: nothing can be applied',
      fix: 'make the roles (docs/aws.md) and name them, or set readOnly: true',
    },
  ];
}

async function whoWeAre(aws: AwsReader): Promise<AwsFinding> {
  try {
    const { account, arn } = await aws.identity();
    return { name: 'AWS', state: 'ok', detail: `${arn} in account ${account}`, fix: null };
  } catch (thrown) {
    return unreachable(thrown);
  }
}

function unreachable(thrown: unknown): AwsFinding {
  const { message, hint } = toAdviseError(thrown);
  const fix = hint ?? 'give the process AWS credentials: a role, a profile (AWS_PROFILE) or keys in the environment';
  return { name: 'AWS', state: 'failed', detail: message, fix };
}

/** Rows that are well are counted; the others stand one by one. */
function toFindings(config: Config, rows: readonly AccessRow[]): readonly AwsFinding[] {
  return config.settings.accounts.flatMap(({ id, name }) => {
    const mine = rows.filter(({ account }) => account === id);
    const well = mine.filter(({ state }) => state === 'ok').length;
    const rest = mine.filter(({ state }) => state !== 'ok');
    const head: AwsFinding[] =
      well === 0
        ? []
        : [{ name: `AWS ${name}`, state: 'ok', detail: `${well} of ${mine.length} checks pass`, fix: null }];
    return [
      ...head,
      ...rest.map(({ region, what, state, detail, fix }): AwsFinding => {
        const place = region === null ? name : `${name} ${region}`;
        return { name: `AWS ${place}`, state: state === 'off' ? 'off' : 'failed', detail: `${what}: ${detail}`, fix };
      }),
    ];
  });
}

type Counter = { readonly count: () => Promise<void>; readonly close: () => Promise<void> };

/** Counts what the check pays for, where there is a database to count in; the check itself makes none. */
async function openCounter({ databaseUrl, settings }: Config, clock: Clock): Promise<Counter> {
  const file = databaseUrl.slice('sqlite:'.length);
  const store: Store | null = existsSync(file) ? await openStore({ databaseUrl, clock }) : null;
  return {
    count: async () => {
      if (store === null) return;
      const month = clock.now().toISOString().slice(0, 7);
      if (await store.countPaidRequest(month, settings.costExplorerCap)) return;
      throw new AdviseError({
        kind: 'upstream',
        code: 'cost_explorer_cap',
        message: `this month's ${settings.costExplorerCap} paid Cost Explorer requests are used up`,
        hint: 'raise costExplorer.requestsPerMonth in ecs-advise.yaml, or wait for the next month',
      });
    },
    close: async () => store?.close(),
  };
}
