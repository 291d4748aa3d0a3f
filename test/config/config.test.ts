import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { type Config, configJsonSchema, loadConfig, readConfig, secretsOf } from '../../src/config.ts';
import { temporaryFolder } from '../store/temporary.ts';
import { theSettings } from '../support/settings.ts';

const HTTP = { SLACK_BOT_TOKEN: 'xoxb-bot', SLACK_SIGNING_SECRET: 'signing-secret' };

function problemsOf(env: Record<string, string>, slack: 'required' | 'optional' = 'optional') {
  return readConfig({ slack, env }).problems;
}

/** The configuration read from a file with this text. */
function fromFile(yaml: string, env: Record<string, string> = {}) {
  const path = join(temporaryFolder(), 'my.yaml');
  writeFileSync(path, yaml);
  const read = readConfig({ slack: 'optional', env: { ...env, ECS_ADVISE_CONFIG: path } });
  const problems = read.problems.map(({ where, what, fix }) => `${where.replace(path, 'my.yaml')}: ${what}; ${fix}`);
  return { path, problems, config: read.config };
}

describe('without anything set', () => {
  test('a terminal verb gets the documented defaults', () => {
    const folder = temporaryFolder();
    const before = process.cwd();
    process.chdir(folder);
    onTestFinished(() => process.chdir(before));

    expect(loadConfig({ slack: 'optional', env: {} })).toEqual({
      settings: theSettings(),
      scanEveryMinutes: 60,
      databaseUrl: 'sqlite:ecs-advise.db',
      host: '0.0.0.0',
      port: 3000,
      logLevel: 'warn',
      slack: null,
      configPath: null,
    } satisfies Config);

    writeFileSync('ecs-advise.yaml', 'defaultRegion: eu-west-2\n');
    const found = loadConfig({ slack: 'optional', env: {} });
    expect([found.configPath, found.settings.defaultRegion?.region]).toEqual(['ecs-advise.yaml', 'eu-west-2']);
  });

  test('a start lists both missing secrets at once, exit 78', () => {
    expect(() => loadConfig({ slack: 'required', env: {} })).toThrow(
      expect.objectContaining({
        kind: 'config',
        code: 'config_invalid',
        message: expect.stringMatching(
          /^2 problems[\s\S]*SLACK_BOT_TOKEN: is not set[\s\S]*SLACK_SIGNING_SECRET or SLACK_APP/,
        ),
      }),
    );
  });
});

describe('Slack variables', () => {
  test('with a signing secret mean HTTP, and start logs at info', () => {
    const config = loadConfig({ slack: 'required', env: HTTP });
    expect(config.slack).toEqual({
      botToken: 'xoxb-bot',
      apiUrl: null,
      mode: { kind: 'http', signingSecret: 'signing-secret' },
    });
    expect(config.logLevel).toBe('info');
    expect(secretsOf(config)).toEqual(['xoxb-bot', 'signing-secret']);
  });

  test('with an app token mean Socket Mode, even beside a signing secret', () => {
    const config = loadConfig({ slack: 'required', env: { ...HTTP, SLACK_APP_TOKEN: 'xapp-1' } });
    expect(config.slack?.mode).toEqual({ kind: 'socket', appToken: 'xapp-1' });
  });

  test.each([
    ['SLACK_BOT_TOKEN', 'xoxp-1', 'does not begin with xoxb-'],
    ['SLACK_APP_TOKEN', 'xoxb-1', 'does not begin with xapp-'],
    ['SLACK_API_URL', 'https://slack.com', 'is not the address of a Slack Web API'],
    ['SLACK_API_URL', 'https://slack.com/api/?x=/api/', 'is not the address of a Slack Web API'],
    ['SLACK_API_URL', 'ftp://slack.com/api/', 'is not the address of a Slack Web API'],
  ])('%s=%s is a problem for a start and none for a terminal verb', (name, value, what) => {
    const env = { ...HTTP, [name]: value };
    expect(problemsOf(env, 'required')).toEqual([expect.objectContaining({ where: name, what })]);
    expect(readConfig({ slack: 'optional', env })).toMatchObject({ problems: [], config: { slack: null } });
  });

  test('never appear in the text of a problem', () => {
    const env = { SLACK_BOT_TOKEN: 'xoxp-very-secret', SLACK_APP_TOKEN: 'very-secret', SLACK_API_URL: 'very-secret' };
    expect(JSON.stringify(problemsOf(env, 'required'))).not.toContain('very-secret');
  });

  test('may name another Slack', () => {
    const env = { ...HTTP, SLACK_API_URL: 'http://127.0.0.1:9000/api/' };
    expect(loadConfig({ slack: 'required', env }).slack?.apiUrl).toBe('http://127.0.0.1:9000/api/');
  });
});

describe('DATABASE_URL', () => {
  test.each([
    ['sqlite:ecs.db', 'sqlite:ecs.db'],
    ['sqlite:/var/lib/ecs.db', 'sqlite:/var/lib/ecs.db'],
    ['sqlite:///var/lib/ecs.db', 'sqlite:/var/lib/ecs.db'],
    ['sqlite::memory:', 'sqlite::memory:'],
  ])('%s is read as %s', (text, url) => {
    expect(loadConfig({ slack: 'optional', env: { DATABASE_URL: text } }).databaseUrl).toBe(url);
  });

  test.each(['ecs.db', 'sqlite:', 'sqlite://ecs.db', 'mysql://x'])('%s is not an address', (text) => {
    expect(problemsOf({ DATABASE_URL: text })).toEqual([
      { where: 'DATABASE_URL', what: 'is not a database address', fix: expect.stringContaining('sqlite:<file>') },
    ]);
  });

  test.each(['postgres://db/ecs', 'postgresql://db/ecs'])('%s is for a later version', (text) => {
    expect(problemsOf({ DATABASE_URL: text })[0]?.what).toBe('PostgreSQL is not in this version');
  });
});

describe('PORT and LOG_LEVEL', () => {
  test.each([
    ['0', 0],
    ['8080', 8080],
    ['65535', 65_535],
  ])('port %s is taken', (text, port) => {
    expect(loadConfig({ slack: 'optional', env: { PORT: text } }).port).toBe(port);
  });

  test.each(['65536', '-1', '80a', '3.5', '0x50', '1e3'])('port %s is refused', (text) => {
    expect(problemsOf({ PORT: text })).toEqual([expect.objectContaining({ where: 'PORT' })]);
  });

  test('levels are read in any case, others refused with the list', () => {
    expect(loadConfig({ slack: 'optional', env: { LOG_LEVEL: 'DEBUG' } }).logLevel).toBe('debug');
    expect(problemsOf({ LOG_LEVEL: 'loud' })[0]?.fix).toBe('write one of debug, info, warn, error');
  });

  test('empty variables are as good as unset', () => {
    expect(problemsOf({ PORT: '', LOG_LEVEL: ' ', DATABASE_URL: '', ECS_ADVISE_CONFIG: '' })).toEqual([]);
  });
});

describe('the default region', () => {
  test('of the file wins over AWS_REGION, and says where it is from', () => {
    const { config } = fromFile('defaultRegion: eu-west-2\n', { AWS_REGION: 'us-west-2' });
    expect(config?.settings.defaultRegion).toEqual({ region: 'eu-west-2', from: 'config' });
    expect(fromFile('', { AWS_REGION: 'us-west-2' }).config?.settings.defaultRegion).toEqual({
      region: 'us-west-2',
      from: 'AWS_REGION',
    });
  });

  test('that is no region code is a problem', () => {
    expect(problemsOf({ AWS_REGION: 'Ireland' })[0]?.where).toBe('AWS_REGION');
  });
});

describe('the file', () => {
  test('sets the guardrails; what it leaves out keeps its default', () => {
    const { config, path } = fromFile('readOnly: false\nguardrails:\n  minimumSaving:\n    percent: 0\n');
    const expected = theSettings({ minimumSaving: { percent: 0, usdPerMonth: 25 }, readOnly: false });
    expect(config?.settings).toEqual({ ...expected, approvals: { ...expected.approvals, readOnly: false } });
    expect(config?.configPath).toBe(path);
  });

  test.each(['', '# nothing yet\n', '---\n'])('may be empty: %j', (yaml) => {
    expect(fromFile(yaml).problems).toEqual([]);
  });

  test('with a mistyped key names the line and the nearest key', () => {
    expect(fromFile('readOnly: true\nguardrails:\n  minimumSavin:\n    percent: 5\n').problems).toEqual([
      'my.yaml:3 guardrails.minimumSavin: unknown key; did you mean minimumSaving?',
    ]);
  });

  test('with a strange key lists the keys that there are', () => {
    expect(fromFile('chanels: []\n').problems).toEqual([
      'my.yaml:1 chanels: unknown key; the keys here are accounts, roles, routes, approvals, readers, costExplorer, aws, schedules, defaultRegion, readOnly, guardrails',
    ]);
  });

  test('with wrong values names each of them', () => {
    const yaml = 'readOnly: perhaps\nguardrails:\n  minimumSaving:\n    percent: 120\n    usdPerMonth: -1\n';
    const { problems, config } = fromFile(`${yaml}defaultRegion: Ireland\n`);
    expect(config).toBeNull();
    expect(problems.map((problem) => problem.split(':').slice(0, 2).join(':')).sort()).toEqual([
      'my.yaml:1 readOnly',
      'my.yaml:4 guardrails.minimumSaving.percent',
      'my.yaml:5 guardrails.minimumSaving.usdPerMonth',
      'my.yaml:6 defaultRegion',
    ]);
  });

  test.each([
    ['readOnly: [', 1],
    ['readOnly: true\nreadOnly: false\n', 2],
    ['readOnly: true\n\tguardrails: 1\n', 2],
  ])('that is not YAML names the line: %j', (yaml, line) => {
    expect(fromFile(yaml).problems[0]).toContain(`my.yaml:${line}: is not YAML`);
  });

  test.each(['just words', '- a\n- list\n', '3'])('that is no map is refused: %j', (yaml) => {
    expect(fromFile(yaml).problems).toHaveLength(1);
  });

  test('that is named but absent is a problem, with every other one', () => {
    const problems = problemsOf({ ECS_ADVISE_CONFIG: 'nowhere.yaml', PORT: 'x', DATABASE_URL: 'x' }, 'required');
    expect(problems.map((problem) => problem.where)).toEqual([
      'ECS_ADVISE_CONFIG',
      'DATABASE_URL',
      'PORT',
      'SLACK_BOT_TOKEN',
      'SLACK_SIGNING_SECRET or SLACK_APP_TOKEN',
    ]);
  });
});

describe('the published schema', () => {
  const published = JSON.parse(readFileSync('docs/config.schema.json', 'utf8')) as object;
  const example = readFileSync('ecs-advise.example.yaml', 'utf8');

  test('is current (npx tsx scripts/build-config-schema.ts)', () => {
    expect(published).toEqual(JSON.parse(JSON.stringify(configJsonSchema())));
  });

  test('accepts the example and refuses a strange key, as the program does', () => {
    const accepts = new Ajv2020().compile(published);
    expect(accepts(parse(example))).toBe(true);
    expect(accepts({ chanels: [] })).toBe(false);
    expect(fromFile(example).problems).toEqual([]);
  });
});

describe('AWS accounts', () => {
  const ACCOUNT = `
  - id: "111122223333"
    name: head-nodes
    readerRole: arn:aws:iam::111122223333:role/ecs-advise-reader
    externalId: word-1
    regions: [eu-west-1]
    payer: true`;

  test('become settings: roles, regions, payer; a role may be left out', () => {
    const { problems, config } = fromFile(`accounts:${ACCOUNT}
  - { id: "000000000001", name: qcu-1, regions: [us-east-1, eu-west-1] }
roles:
  - { name: head-node, match: { cluster: rose, tags: { role: head } } }
readers: [U012AB3CD]
costExplorer: { requestsPerMonth: 20 }
schedules: { scanEveryMinutes: 0 }
`);
    expect(problems).toEqual([]);
    expect(config?.settings.accounts).toEqual([
      {
        id: '111122223333',
        name: 'head-nodes',
        readerRoleArn: 'arn:aws:iam::111122223333:role/ecs-advise-reader',
        writerRoleArn: null,
        externalId: 'word-1',
        regions: ['eu-west-1'],
        payer: true,
      },
      {
        id: '000000000001',
        name: 'qcu-1',
        readerRoleArn: null,
        writerRoleArn: null,
        externalId: null,
        regions: ['us-east-1', 'eu-west-1'],
        payer: false,
      },
    ]);
    expect(config?.settings.roles).toEqual([{ name: 'head-node', match: { cluster: 'rose', tags: { role: 'head' } } }]);
    expect(config?.settings).toMatchObject({ readers: ['U012AB3CD'], costExplorerCap: 20 });
    expect(config?.scanEveryMinutes).toBe(0);
  });

  test.each([
    [
      'an id without quotes',
      'accounts:\n  - { id: 12345, name: a, regions: [eu-west-1] }',
      'my.yaml:2 accounts.0.id: must be text: write the 12 digits in quotes, or YAML drops zeros at their start',
    ],
    [
      'a region that is none',
      'accounts:\n  - { id: "111122223333", name: a, regions: [europe] }',
      'my.yaml:2 accounts.0.regions.0: is not a region code such as eu-west-1; write a region code, e.g. eu-west-1',
    ],
    [
      'an unknown key inside a list',
      'accounts:\n  - { id: "111122223333", name: a, regions: [eu-west-1], payr: true }',
      'my.yaml:2 accounts.0.payr: unknown key; did you mean payer?',
    ],
    [
      'the same account twice',
      `accounts:${ACCOUNT}\n  - { id: "111122223333", name: other, regions: [eu-west-1] }`,
      'my.yaml:8 accounts.1.id: 111122223333 stands twice; list an account once, with all its regions',
    ],
    [
      'two accounts of one name',
      `accounts:${ACCOUNT}\n  - { id: "111122223334", name: head-nodes, regions: [eu-west-1] }`,
      'my.yaml:8 accounts.1.name: "head-nodes" stands twice; give each account its own name',
    ],
    [
      'two payers',
      `accounts:${ACCOUNT}\n  - { id: "111122223334", name: b, regions: [eu-west-1], payer: true }`,
      'my.yaml:8 accounts.1.payer: is true twice; leave it true for one account',
    ],
    [
      "another account's role",
      'accounts:\n  - { id: "111122223333", name: a, regions: [eu-west-1], readerRole: "arn:aws:iam::999999999999:role/x" }',
      'my.yaml:2 accounts.0.readerRole: belongs to another account than 111122223333; copy the role of this account',
    ],
    [
      'a role that matches nothing',
      'roles:\n  - { name: a, match: {} }',
      'my.yaml:2 roles.0.match: must name a cluster, a service or tags',
    ],
    ['a reader by name', 'readers: [cleo]', 'my.yaml:1 readers.0: is not a Slack member id such as U012AB3CD'],
  ])('%s is named with its line and what to write', (_what, yaml, problem) => {
    const { problems } = fromFile(yaml);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });
});

describe('routes and approvals', () => {
  const ACCOUNTS = 'accounts:\n  - { id: "111122223333", name: head-nodes, regions: [eu-west-1] }\n';
  const ROUTES = `${ACCOUNTS}roles:
  - { name: head-node, match: { cluster: rose } }
routes:
  - name: rose
    match: { cluster: rose, account: head-nodes, role: head-node, tags: { team: quant } }
    channel: C0SRE00001
    owners: [U012AB3CD]
    approvers: [U012AB3CD, S012AB3CD]
    quorum: 2
  - { name: the rest, channel: C0CAPACITY, approvers: [U012AB3CD] }
`;

  test('become settings: accounts by id, a frozen last day to its end', () => {
    const { problems, config } = fromFile(`${ROUTES}readOnly: false
approvals:
  expiryHours: 8
  requesterMayApprove: true
  quorum: { window.delete: 2 }
  freezes:
    - { name: Year end, from: 2026-12-20, to: 2027-01-02 }
    - { name: Release, from: "2026-12-01T18:00Z", to: "2026-12-01T20:30Z" }
guardrails:
  quietHours: [{ name: trading, hours: weekdays 8 to 18, zone: Europe/London }]
  protectedServices: [rose/quant-*]
  coolDownHours: 6
  largestShare: 0.5
`);
    expect(problems).toEqual([]);
    expect(config?.settings).toMatchObject({
      routes: [
        {
          name: 'rose',
          match: { cluster: 'rose', account: '111122223333', role: 'head-node', tags: { team: 'quant' } },
          channel: 'C0SRE00001',
          owners: ['U012AB3CD'],
          approvers: ['U012AB3CD', 'S012AB3CD'],
          quorum: 2,
        },
        { name: 'the rest', match: {}, channel: 'C0CAPACITY', owners: [], approvers: ['U012AB3CD'], quorum: 1 },
      ],
      approvals: {
        readOnly: false,
        expiryHours: 8,
        requesterMayApprove: true,
        quorum: { 'window.set': 1, 'window.move': 1, 'window.delete': 2 },
        freezes: [
          { name: 'Year end', from: '2026-12-20T00:00:00.000Z', to: '2027-01-03T00:00:00.000Z' },
          { name: 'Release', from: '2026-12-01T18:00:00.000Z', to: '2026-12-01T20:30:00.000Z' },
        ],
      },
      guardrails: {
        quietHours: [{ name: 'trading', words: 'weekdays 8 to 18', zone: 'Europe/London' }],
        protectedServices: ['rose/quant-*'],
        coolDownHours: 6,
        largestShare: 0.5,
      },
    });
  });

  const rest = '  - { name: rest, channel: C0CAPACITY, approvers: [U012AB3CD] }\n';
  test.each([
    [
      'a channel by its name',
      'routes:\n  - { name: rest, channel: "#sre", approvers: [U012AB3CD] }',
      'routes.0.channel: is not a Slack channel id such as C012AB3CD (not its name)',
    ],
    [
      'an approver by name',
      'routes:\n  - { name: rest, channel: C0CAPACITY, approvers: ["@ana"] }',
      'routes.0.approvers.0: is no id of a Slack member (U012AB3CD) or user group (S012AB3CD)',
    ],
    [
      'a route without approvers',
      'routes:\n  - { name: rest, channel: C0CAPACITY, approvers: [] }',
      'routes.0.approvers: names nobody who may approve',
    ],
    [
      'no route for the rest',
      'routes:\n  - { name: a, match: { cluster: rose }, channel: C0CAPACITY, approvers: [U012AB3CD] }',
      'routes.0: the last route does not fit everything; add a last route without match, for all the rest',
    ],
    [
      'a route that is never reached',
      `routes:\n  - { name: all, match: { tags: {} }, channel: C0CAPACITY, approvers: [U012AB3CD] }\n${rest}`,
      'routes.0: fits everything, so the routes below it are never used; move it to the end, or give it a match',
    ],
    [
      'two routes of one name',
      `routes:\n  - { name: rest, match: { cluster: a }, channel: C0CAPACITY, approvers: [U012AB3CD] }\n${rest}`,
      'routes.1.name: "rest" stands twice; give each route its own name',
    ],
    [
      'an account with a slip',
      `${ACCOUNTS}routes:\n  - { name: a, match: { account: head-node }, channel: C0CAPACITY, approvers: [U012AB3CD] }\n${rest}`,
      'routes.0.match.account: there is no account "head-node"; did you mean head-nodes?',
    ],
    [
      'a role that is not configured',
      `routes:\n  - { name: a, match: { role: qcu }, channel: C0CAPACITY, approvers: [U012AB3CD] }\n${rest}`,
      'routes.0.match.role: there is no role "qcu"; none is configured above',
    ],
    [
      'a quorum that nobody can reach',
      'routes:\n  - { name: rest, channel: C0CAPACITY, approvers: [U012AB3CD], quorum: 2 }',
      'routes.0.quorum: asks for 2 approvals of 1 people; name more approvers, or lower the quorum',
    ],
    [
      'an approver twice',
      'routes:\n  - { name: rest, channel: C0CAPACITY, approvers: [S012AB3CD, S012AB3CD] }',
      'routes.0.approvers: names somebody twice; list everybody once',
    ],
    [
      'a freeze that ends before it begins',
      'approvals: { freezes: [{ name: a, from: 2026-12-20, to: 2026-12-19 }] }',
      'approvals.freezes.0.to: lies before its beginning; write a later end',
    ],
    [
      'a day that is not in the calendar',
      'approvals: { freezes: [{ name: a, from: 2026-02-01, to: 2026-02-30 }] }',
      'approvals.freezes.0.to: there is no day 2026-02-30; write a day of the calendar',
    ],
    [
      'a freeze in other words',
      'approvals: { freezes: [{ name: a, from: christmas, to: 2026-12-26 }] }',
      'approvals.freezes.0.from: is no day (2026-12-20) or minute (2026-12-20T18:00Z)',
    ],
    [
      'a zone with a slip',
      'guardrails: { quietHours: [{ name: a, hours: nights, zone: Europe/Londn }] }',
      'guardrails.quietHours.0.zone: "Europe/Londn" is not a time zone; did you mean Europe/London?',
    ],
    [
      'a protected service without its cluster',
      'guardrails: { protectedServices: [quant-api] }',
      'guardrails.protectedServices.0: is not cluster/service, e.g. rose/quant-*',
    ],
    [
      'a kind of change that is none',
      'approvals: { quorum: { window.sett: 2 } }',
      'approvals.quorum.window.sett: unknown key; did you mean window.set?',
    ],
  ])('%s is named with what to write', (_what, yaml, problem) => {
    const { problems } = fromFile(yaml);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  test('are checked all at once', () => {
    const { problems } = fromFile(`routes:
  - { name: a, match: { account: x, role: y }, channel: C0CAPACITY, approvers: [U012AB3CD], quorum: 3 }
approvals: { freezes: [{ name: a, from: 2026-12-20, to: 2026-12-19 }] }
`);
    expect(problems).toHaveLength(5);
  });
});
