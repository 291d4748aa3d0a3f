import { readFileSync } from 'node:fs';
import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { crossChecks } from './config-checks.ts';
import {
  type FileConfig,
  fileSchema,
  REGION,
  toAccounts,
  toApprovals,
  toGuardrails,
  toRoles,
  toRoutes,
} from './config-schema.ts';
import type { Settings } from './deps.ts';
import { AdviseError } from './errors.ts';
import { nearest } from './nearest.ts';

/** The only reader of the environment and of the YAML file. All problems are found before any is reported. */

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type SlackConfig = {
  readonly botToken: string;
  /** Another Slack to talk to, ending in `/api/`; null = slack.com. */
  readonly apiUrl: string | null;
  readonly mode:
    | { readonly kind: 'http'; readonly signingSecret: string }
    | { readonly kind: 'socket'; readonly appToken: string };
};

export type Config = {
  readonly settings: Settings;
  /** Minutes between the starts of two scans; 0 = only when told to. */
  readonly scanEveryMinutes: number;
  /** `sqlite:<file>`, the file as given (relative to the working folder) or `:memory:`. */
  readonly databaseUrl: string;
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly logLevel: LogLevel;
  /** Null when the caller does not need Slack and it is not (or not rightly) set up. */
  readonly slack: SlackConfig | null;
  /** The YAML file that was read, or null when there is none. */
  readonly configPath: string | null;
};

export type Problem = {
  /** The variable, or the place in the file: `ecs-advise.yaml:3 guardrails.minimumSaving`. */
  readonly where: string;
  readonly what: string;
  readonly fix: string;
};

type Environment = { readonly [name: string]: string | undefined };
type Options = { readonly slack: 'required' | 'optional'; readonly env?: Environment };

const DEFAULT_PATH = 'ecs-advise.yaml';
const REGION_FIX = 'write a region code, e.g. eu-west-1';

/** Published as `docs/config.schema.json`, so that editors check the file while it is written. */
export function configJsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(fileSchema, { io: 'input' });
  return { $schema, title: 'Configuration of ecs-advise (ecs-advise.yaml)', ...schema };
}

/**
 * The configuration, complete. Throws one `config_invalid` that lists every problem with its fix. With
 * `slack: 'optional'` (terminal verbs need no Slack) wrong or missing Slack variables are no problem.
 */
export function loadConfig(options: Options): Config {
  const { config, problems } = readConfig(options);
  if (config !== null) return config;
  const lines = problems.map((problem) => `${problem.where}: ${problem.what}; ${problem.fix}`);
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  throw new AdviseError({
    kind: 'config',
    code: 'config_invalid',
    message: `${count} in the configuration:\n${lines.map((line) => `  - ${line}`).join('\n')}`,
    hint: 'put these right, then run "ecs-advise doctor"',
  });
}

/** Like `loadConfig`, with the problems as a list: `config` is null exactly when there are any. */
export function readConfig(options: Options): {
  readonly config: Config | null;
  readonly problems: readonly Problem[];
} {
  // The SDK prints several lines about Node 20 into every answer in a terminal; what Node is needed, doctor says.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  // Node's own object reads variables lazily; a copy without empty values makes `X=` the same as unset.
  const env = Object.fromEntries(Object.entries(options.env ?? process.env).filter(([, value]) => value?.trim()));
  const problems: Problem[] = [];
  const file = readFile(env, problems);
  const databaseUrl = readDatabaseUrl(env, problems);
  const port = readPort(env, problems);
  const logLevel = readLogLevel(env, options.slack === 'required' ? 'info' : 'warn', problems);
  const defaultRegion = readDefaultRegion(env, file.values, problems);
  const slackProblems: Problem[] = [];
  const slack = readSlack(env, slackProblems);
  if (options.slack === 'required') problems.push(...slackProblems);
  if (problems.length > 0) return { config: null, problems };

  const { percent, usdPerMonth } = file.values.guardrails.minimumSaving;
  return {
    problems,
    config: {
      settings: {
        defaultRegion,
        minimumSaving: { percent, usdPerMonth },
        readOnly: file.values.readOnly,
        routes: toRoutes(file.values),
        approvals: toApprovals(file.values),
        guardrails: toGuardrails(file.values),
        accounts: toAccounts(file.values),
        roles: toRoles(file.values),
        readers: file.values.readers ?? null,
        costExplorerCap: file.values.costExplorer.requestsPerMonth,
        awsPace: file.values.aws.pace,
      },
      scanEveryMinutes: file.values.schedules.scanEveryMinutes,
      databaseUrl,
      host: env.HOST?.trim() ?? '0.0.0.0',
      port,
      logLevel,
      slack,
      configPath: file.path,
    },
  };
}

/** The values that must never show up in a log. */
export function secretsOf(config: Config): readonly string[] {
  if (config.slack === null) return [];
  const { botToken, mode } = config.slack;
  return [botToken, mode.kind === 'http' ? mode.signingSecret : mode.appToken];
}

function readFile(env: Environment, problems: Problem[]): { path: string | null; values: FileConfig } {
  const nothing = fileSchema.parse({});
  const named = env.ECS_ADVISE_CONFIG;
  const path = named ?? DEFAULT_PATH;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === '') throw error;
    if (named === undefined && code === 'ENOENT') return { path: null, values: nothing };
    const what = code === 'ENOENT' ? `names ${path}, which does not exist` : `${path} cannot be read (${code})`;
    problems.push({ where: 'ECS_ADVISE_CONFIG', what, fix: 'name a file that can be read, or unset it' });
    return { path, values: nothing };
  }

  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  for (const error of document.errors) {
    const what = `is not YAML: ${error.message.split(/ at line| \n|\n/)[0]}`;
    problems.push({ where: `${path}:${lines.linePos(error.pos[0]).line}`, what, fix: 'correct the line' });
  }
  if (document.errors.length > 0) return { path, values: nothing };

  // An empty file, or one with comments only, sets nothing.
  const parsed = fileSchema.safeParse(document.toJS() ?? {});
  const lineOf = (keys: readonly PropertyKey[]): string => {
    const offset = offsetOf(document, keys);
    return offset === null ? path : `${path}:${lines.linePos(offset).line}`;
  };
  if (parsed.success) {
    for (const { keys, what, fix } of crossChecks(parsed.data)) {
      problems.push({ where: `${lineOf(keys)} ${keys.join('.')}`, what, fix });
    }
    return { path, values: parsed.data };
  }
  problems.push(...parsed.error.issues.flatMap((issue) => toProblems(issue, lineOf)));
  return { path, values: nothing };
}

/** Where a key stands in the text: its name, not its value, which may begin lines below. */
function offsetOf(document: Document, keys: readonly PropertyKey[]): number | null {
  const parent = keys.length < 2 ? document.contents : document.getIn(keys.slice(0, -1), true);
  const last = keys.at(-1);
  if (isSeq(parent) && typeof last === 'number') {
    const item = parent.items[last];
    return isNode(item) ? (item.range?.[0] ?? null) : null;
  }
  if (!isMap(parent)) return null;
  const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === keys.at(-1));
  return pair !== undefined && isScalar(pair.key) ? (pair.key.range?.[0] ?? null) : null;
}

function toProblems(issue: z.core.$ZodIssue, lineOf: (keys: readonly PropertyKey[]) => string): readonly Problem[] {
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(issue.path);
    return issue.keys.map((key) => {
      const near = nearest(key, known);
      const fix = near === null ? `the keys here are ${known.join(', ')}` : `did you mean ${near}?`;
      const keys = [...issue.path, key];
      return { where: `${lineOf(keys)} ${keys.join('.')}`, what: 'unknown key', fix };
    });
  }
  const place = `${lineOf(issue.path)} ${issue.path.join('.')}`.trim();
  const fix = issue.message.includes('region code') ? REGION_FIX : 'docs/config.schema.json lists what may stand there';
  return [{ where: place, what: lowerFirst(issue.message), fix }];
}

/** Names that the schema has at a place in the file. */
function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  type Schema = {
    readonly properties?: { readonly [key: string]: Schema | undefined };
    readonly items?: Schema;
  };
  let schema: Schema | undefined = z.toJSONSchema(fileSchema, { io: 'input' }) as Schema;
  for (const key of path) schema = typeof key === 'number' ? schema?.items : schema?.properties?.[String(key)];
  return Object.keys(schema?.properties ?? {});
}

function readDatabaseUrl(env: Environment, problems: Problem[]): string {
  const url = env.DATABASE_URL?.trim() ?? 'sqlite:ecs-advise.db';
  const where = 'DATABASE_URL';
  const fix = 'write sqlite:<file>, e.g. sqlite:/var/lib/ecs-advise/ecs-advise.db';
  if (/^postgres(ql)?:/.test(url)) {
    problems.push({ where, what: 'PostgreSQL is not in this version', fix });
    return url;
  }
  // `sqlite:///var/x.db` is the same file as `sqlite:/var/x.db`; `sqlite://x.db` would read as a host name.
  const file = /^sqlite:(?:\/\/(?=\/))?([^/].*|\/(?!\/).*)$/.exec(url)?.[1];
  if (file === undefined) problems.push({ where, what: 'is not a database address', fix });
  return `sqlite:${file ?? ''}`;
}

function readPort(env: Environment, problems: Problem[]): number {
  const text = env.PORT?.trim() ?? '3000';
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 65_536;
  if (port > 65_535) {
    problems.push({ where: 'PORT', what: `"${text}" is not a port`, fix: 'write 1 to 65535, or 0 for any free one' });
  }
  return port;
}

function readLogLevel(env: Environment, standard: LogLevel, problems: Problem[]): LogLevel {
  const text = env.LOG_LEVEL?.trim().toLowerCase();
  if (text === undefined) return standard;
  const level = LOG_LEVELS.find((known) => known === text);
  if (level === undefined) {
    const fix = `write one of ${LOG_LEVELS.join(', ')}`;
    problems.push({ where: 'LOG_LEVEL', what: `"${text}" is not a level`, fix });
  }
  return level ?? standard;
}

function readDefaultRegion(env: Environment, file: FileConfig, problems: Problem[]): Settings['defaultRegion'] {
  if (file.defaultRegion !== undefined) return { region: file.defaultRegion, from: 'config' };
  const region = env.AWS_REGION?.trim();
  if (region === undefined) return null;
  if (!REGION.test(region)) {
    problems.push({ where: 'AWS_REGION', what: `"${region}" is not a region code`, fix: REGION_FIX });
  }
  return { region, from: 'AWS_REGION' };
}

/** An app-level token means Socket Mode, even when a signing secret is set too: it is the more deliberate choice. */
function readSlack(env: Environment, problems: Problem[]): SlackConfig | null {
  const botToken = env.SLACK_BOT_TOKEN?.trim();
  const appToken = env.SLACK_APP_TOKEN?.trim();
  const signingSecret = env.SLACK_SIGNING_SECRET?.trim();
  const apiUrl = env.SLACK_API_URL?.trim() ?? null;
  const bot = 'copy the Bot User OAuth Token (xoxb-…) from the app\'s "OAuth & Permissions" page';
  const app = 'create an app-level token (xapp-…) with connections:write on the app\'s "Basic Information" page';
  const basic = 'copy the Signing Secret from the app\'s "Basic Information" page';

  if (botToken === undefined) problems.push({ where: 'SLACK_BOT_TOKEN', what: 'is not set', fix: bot });
  else if (!botToken.startsWith('xoxb-')) {
    problems.push({ where: 'SLACK_BOT_TOKEN', what: 'does not begin with xoxb-', fix: bot });
  }
  if (appToken !== undefined && !appToken.startsWith('xapp-')) {
    problems.push({ where: 'SLACK_APP_TOKEN', what: 'does not begin with xapp-', fix: app });
  }
  if (appToken === undefined && signingSecret === undefined) {
    const where = 'SLACK_SIGNING_SECRET or SLACK_APP_TOKEN';
    problems.push({ where, what: 'neither is set', fix: `for HTTP ${basic}; for Socket Mode ${app}` });
  }
  if (apiUrl !== null && !isApiUrl(apiUrl)) {
    const fix = 'write an http(s) address that ends in /api/, or unset it for slack.com';
    problems.push({ where: 'SLACK_API_URL', what: 'is not the address of a Slack Web API', fix });
  }
  if (problems.length > 0 || botToken === undefined) return null;
  if (appToken !== undefined) return { botToken, apiUrl, mode: { kind: 'socket', appToken } };
  return signingSecret === undefined ? null : { botToken, apiUrl, mode: { kind: 'http', signingSecret } };
}

function isApiUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, pathname, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && pathname.endsWith('/api/') && search + hash === '';
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
