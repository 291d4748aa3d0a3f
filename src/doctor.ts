import { accessSync, constants } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Config, readConfig, type SlackConfig } from './config.ts';
import { openLibrary } from './data.ts';
import { type AwsFinding, checkAws } from './doctor-aws.ts';
import { canonicalJson } from './engine/index.ts';
import { type AdviseError, EXIT_CODE, toAdviseError, usageError } from './errors.ts';
import { openLog } from './log.ts';
import type { Report } from './report/report.ts';
import { toText } from './report/text.ts';
import { inspectStore } from './store/index.ts';

/** One line of the table. `failed` says whose turn it is: the operator's (config) or the other side's (upstream). */
type Finding = {
  readonly name: string;
  readonly state: 'ok' | 'failed' | 'off' | 'skipped';
  readonly failed: 'config' | 'upstream' | null;
  readonly detail: string;
  readonly fix: string | null;
};

type Environment = { readonly [name: string]: string | undefined };

const OLDEST_NODE = [20, 19] as const;
/** Slack's answers that trying again cannot change: the token itself is wrong. */
const TOKEN_FAULT = /^slack_(invalid_auth|not_authed|account_inactive|token_|no_permission|not_allowed_token_type)/;

/**
 * `ecs-advise doctor [--json]`: looks at everything a start needs, changes nothing, and says how to fix each fault.
 * Returns the exit code: 0 all well, 78 something to put right here, 75 only the other side fails, 2 a wrong word.
 */
export async function doctor(args: readonly string[]): Promise<number> {
  const isJson = args.includes('--json');
  const strange = args.find((arg) => arg !== '--json');
  if (strange !== undefined) {
    const error = usageError(
      'usage_unknown_flag',
      `doctor does not know "${strange.slice(0, 40)}"`,
      'ecs-advise doctor',
    );
    return refuse(error, isJson);
  }
  const findings = await examine();
  const text = isJson ? `${canonicalJson(toJson(findings))}\n` : toText(toReport(findings));
  await write(process.stdout, text);
  return exitCodeOf(findings);
}

/** All findings, in the order shown. The environment is the process's unless given. */
export async function examine(env?: Environment): Promise<readonly Finding[]> {
  const given = env === undefined ? {} : { env };
  const { config, problems } = readConfig({ slack: 'required', ...given });
  // Slack apart, the rest may be sound enough to look at the database.
  const base = config ?? readConfig({ slack: 'optional', ...given }).config;
  const configuration =
    config === null
      ? problems.map(({ where, what, fix }) => fault('configuration', 'config', `${where}: ${what}`, fix))
      : [well('configuration', describeConfig(config))];
  return [
    checkNode(process.versions.node),
    ...configuration,
    base === null ? skipped('database') : await checkDatabase(base),
    checkData(base),
    ...(config?.slack == null ? [skipped('Slack')] : await checkSlackSide(config, config.slack)),
    ...(base === null ? [skipped('AWS')] : (await checkAws(base)).map(fromAws)),
  ];
}

/** The exit code that the findings mean. What has to be put right here goes before what may pass by itself. */
export function exitCodeOf(findings: readonly Finding[]): number {
  if (findings.some((finding) => finding.failed === 'config')) return EXIT_CODE.config;
  return findings.some((finding) => finding.failed === 'upstream') ? EXIT_CODE.upstream : 0;
}

/** Whether this Node can run us. */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isNewEnough = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  if (isNewEnough) return well('Node.js', version);
  return fault('Node.js', 'config', version, `install Node.js ${OLDEST_NODE.join('.')} or newer`);
}

function describeConfig(config: Config): string {
  const file = config.configPath ?? 'no file, defaults';
  const slack =
    config.slack?.mode.kind === 'socket' ? 'Slack by Socket Mode' : `Slack over HTTP on ${config.host}:${config.port}`;
  return `${file}; ${slack}; log level ${config.logLevel}`;
}

async function checkDatabase(config: Config): Promise<Finding> {
  try {
    const found = await inspectStore(config.databaseUrl);
    if (found.kind === 'absent') return checkFolder(found.file);
    if (found.head === null)
      return well('database', `${found.file}: ${found.pending.length} migration(s) at the next start`);
    const records = found.head.seq === 1 ? '1 record' : `${found.head.seq} records`;
    return well('database', `${found.file}: writable, ${records}, newest hash ${found.head.hash.slice(0, 12)}`);
  } catch (error) {
    const { kind, message, hint } = toAdviseError(error);
    return fault('database', kind === 'config' ? 'config' : 'upstream', message, hint ?? 'see the log of a start');
  }
}

function checkFolder(file: string): Finding {
  const folder = dirname(resolve(file));
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return well('database', `${file} does not exist yet; it will be made at the first start`);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    const what = code === 'ENOENT' ? 'its folder does not exist' : `its folder cannot be written (${code})`;
    return fault('database', 'config', `${file}: ${what}`, 'make the folder, or set DATABASE_URL=sqlite:<file>');
  }
}

function checkData(config: Config | null): Finding {
  try {
    const { facts, regions, prices } = openLibrary();
    for (const region of regions) prices(region);
    const { region, from } = config?.settings.defaultRegion ?? { region: 'us-east-1', from: 'AWS_REGION' };
    if (regions.includes(region)) return well('facts and prices', `${facts.length} facts, ${regions.length} regions`);
    const where = from === 'config' ? 'defaultRegion' : 'AWS_REGION';
    return fault(
      'facts and prices',
      'config',
      `${where}: no prices for ${region}`,
      `name one of ${regions.join(', ')}`,
    );
  } catch (error) {
    const { message, hint } = toAdviseError(error);
    return fault('facts and prices', 'config', message, hint ?? 'install ecs-advise again');
  }
}

/** The token, and whether the routes' approvers are there. */
async function checkSlackSide({ settings }: Config, slack: SlackConfig): Promise<readonly Finding[]> {
  const access = await checkSlackAccess(slack);
  if (access.state !== 'ok') return [access];
  const { checkRoutesIn } = await import('./slack/check-routes.ts');
  const log = openLog({ level: 'error', secrets: [slack.botToken], write: () => undefined });
  const routes = await checkRoutesIn(slack, settings, log);
  return [
    access,
    ...routes.map(({ route, state, detail, fix }) =>
      state === 'ok'
        ? well(`route ${route}`, detail)
        : fault(`route ${route}`, state === 'too-few' ? 'config' : 'upstream', detail, fix ?? 'correct the route'),
    ),
    ...(!settings.readOnly && settings.routes.length === 0
      ? [
          fault(
            'routes',
            'config',
            'readOnly is false and there is no route',
            'write where proposals go and who approves: routes',
          ),
        ]
      : []),
  ];
}

async function checkSlackAccess(slack: SlackConfig): Promise<Finding> {
  const { checkSlack } = await import('./slack/check.ts');
  const { error, team, botUser, granted, needed, missing } = await checkSlack(slack);
  if (error !== null) {
    if (TOKEN_FAULT.test(error.code)) {
      const fix = 'copy the Bot User OAuth Token again, or install the app again to get a new one';
      return fault('Slack', 'config', error.message, fix);
    }
    return fault('Slack', 'upstream', error.message, 'check the network and SLACK_API_URL, then try again');
  }
  const who = `@${botUser ?? 'unknown'} in ${team ?? 'unknown'}`;
  if (missing.length > 0) {
    const detail = `${who}: scopes granted ${granted.join(', ') || 'none'}; missing ${missing.join(', ')}`;
    return fault(
      'Slack',
      'config',
      detail,
      'add them under "OAuth & Permissions" (see manifest.yml), then reinstall the app',
    );
  }
  return well('Slack', `${who}; scopes needed and granted: ${needed.join(', ')}`);
}

/** A role or an action that AWS refuses is the operator's to put right; an opt-in that is off is only worth knowing. */
function fromAws({ name, state, detail, fix }: AwsFinding): Finding {
  return { name, state, failed: state === 'failed' ? 'config' : null, detail, fix };
}

function well(name: string, detail: string): Finding {
  return { name, state: 'ok', failed: null, detail, fix: null };
}

function fault(name: string, failed: 'config' | 'upstream', detail: string, fix: string): Finding {
  return { name, state: 'failed', failed, detail, fix };
}

function skipped(name: string): Finding {
  return { name, state: 'skipped', failed: null, detail: 'not tried: put the configuration right first', fix: null };
}

/** The findings as one table, and below it how to fix each fault. */
export function toReport(findings: readonly Finding[]): Report {
  const faults = findings.filter((finding) => finding.state === 'failed');
  const toFix = findings.filter(({ fix, state }) => fix !== null && (state === 'failed' || state === 'off'));
  const lead = faults.length === 0 ? 'All well: "ecs-advise start" can run.' : `${faults.length} to put right.`;
  const rows = findings.map(({ name, state, detail }) => [state === 'failed' ? 'FAILED' : state, name, detail]);
  return {
    parts: [
      { kind: 'lead', text: lead },
      { kind: 'table', columns: ['State', 'What', 'Found'].map((title) => ({ title, align: 'left' })), rows },
      ...(toFix.length === 0
        ? []
        : [
            { kind: 'heading' as const, text: 'How to fix' },
            { kind: 'list' as const, items: toFix.map(({ name, fix }) => ({ text: `${name}: ${fix ?? ''}` })) },
          ]),
    ],
    actions: [],
  };
}

function toJson(findings: readonly Finding[]) {
  return {
    format: 'ecs-advise.doctor/1',
    ok: findings.every((finding) => finding.state === 'ok' || finding.state === 'off'),
    rows: findings.map(({ name, state, detail, fix }) => ({ name, state, detail, fix })),
  };
}

async function refuse(error: AdviseError, isJson: boolean): Promise<number> {
  const { kind, code, message, hint = null } = error;
  if (isJson) await write(process.stdout, `${canonicalJson({ error: { kind, code, message, hint } })}\n`);
  else await write(process.stderr, `error: ${message} – try: ${hint}\n`);
  return EXIT_CODE[kind];
}

function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((done, fail) => {
    stream.write(text, (error) => (error == null ? done() : fail(error)));
  });
}
