import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import type { Fault } from '../../demo/aws/faults.ts';
import { createWorld } from '../../demo/aws/world/index.ts';
import { awsEnvironment } from '../../demo/aws-account.ts';
import { propose } from '../../src/approvals/index.ts';
import { GROUP, ROUTES, TEAM } from '../support/approvals.ts';
import { anEstate } from '../support/estate.ts';
import { startProduct } from '../support/product.ts';
import {
  BOT_TOKEN,
  CHANNEL,
  readable,
  SIGNING_SECRET,
  startBot,
  startJudgingStandIn,
} from '../support/slack-double.ts';

/** The bot as a process of its own, killed with -9 while it changes AWS; what another process then makes of it. */

const PATIENT = { timeout: 90_000, interval: 100 };
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

type Step = { readonly operation: string; readonly after: number; readonly answer: Fault['answer'] };

const CREATE = 'CreateInstanceEventWindow';
const ASSOCIATE = 'AssociateInstanceEventWindow';
/** Never answered, so never done; and done, but the answer is too late for a process that is gone. */
const SILENCE = { kind: 'silence' } as const;
const LATE = { kind: 'slow', ms: 60_000 } as const;

test.each<readonly [string, Step]>([
  ['before anything was asked', { operation: 'DescribeInstanceEventWindows', after: 0, answer: SILENCE }],
  ['in the dry run', { operation: CREATE, after: 0, answer: SILENCE }],
  ['while a create is on its way that never arrives', { operation: CREATE, after: 1, answer: SILENCE }],
  ['after the create, before its answer', { operation: CREATE, after: 1, answer: LATE }],
  ['between create and associate', { operation: ASSOCIATE, after: 0, answer: SILENCE }],
  ['after the associate, before its answer', { operation: ASSOCIATE, after: 0, answer: LATE }],
])('killed %s: the sweep ends in one window, associated', { timeout: 240_000 }, async (_when, step) => {
  // The process has the machine's clock; what comes after the kill lives some minutes later.
  let aheadMs = 0;
  const now = (): Date => new Date(Date.now() + aheadMs);
  const slack = await startJudgingStandIn();
  slack.setGroup({ id: GROUP, members: ['ana', 'cleo', 'dai'] });
  const world = createWorld({ now });
  const more = { schedules: { scanEveryMinutes: 0 } };
  const estate = await anEstate({ now, world, deciders: { slack, routes: ROUTES, more } });
  const { settings, store, aws } = estate.deps;
  const [rule] = settings.routes;
  if (rule === undefined || aws === null) throw new Error('invariant: the configuration has a route and accounts');
  const idOf = (name: string): string => slack.people.find((person) => person.name === name)?.id ?? '';
  const place = { account: settings.accounts[0]?.id ?? '', region: 'eu-west-1' };
  const targets = { instanceIds: [], instanceTags: [{ key: 'team', value: 'quant' }], dedicatedHostIds: [] };
  const range = { startWeekDay: 'sunday', startHour: 10, endWeekDay: 'sunday', endHour: 14 };
  const schedule = { kind: 'ranges', timeRanges: [range] } as const;
  const made = await propose(
    {
      change: { kind: 'window.set', place, before: null, after: { name: 'quant-sundays', schedule, targets } },
      requester: idOf('ana'),
      team: TEAM,
      rule: { ...rule, route: rule.name, requesterMayApprove: false },
      zone: 'UTC',
      briefing: { title: 'Patch quant on Sundays', affected: [], takesHold: [], lint: [], clashes: [] },
    },
    estate.deps,
  );
  if (made.kind !== 'proposed') throw new Error(`not proposed: ${JSON.stringify(made)}`);
  const { id } = made.proposal;
  const channel = () => slack.messages(CHANNEL, 'ben').filter(({ onlyFor }) => onlyFor === null);

  const child = await startProcess();
  // Nobody told it: it finds the proposal when it starts.
  await expect.poll(() => channel().length, PATIENT).toBe(1);
  const press = (user: string) => {
    const [message] = channel();
    if (message === undefined) throw new Error('invariant: the message is there');
    return slack.click({ user, message, actionId: 'proposal:approve' });
  };
  await press('cleo');
  await expect.poll(() => channel().map(readable).join(), PATIENT).toContain('approved on');
  const { operation, after, answer } = step;
  estate.aws.addFault({ match: { operation }, after, answer });
  const seen = estate.aws.counts.get(`ec2:${operation}`) ?? 0;
  await press('dai');
  await expect.poll(async () => (await store.proposal(id))?.state, PATIENT).toBe('applying');
  await expect.poll(() => reached(), PATIENT).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  estate.aws.clearFaults();

  const bot = await startBot({ clock: { now }, store: () => store, settings, aws, writer: estate.writer, slack });
  for (let minutes = 0; minutes < 18 && (await store.proposal(id))?.state === 'applying'; minutes += 3) {
    aheadMs += 3 * 60_000;
    await bot.sweep();
  }
  closing.push(bot.close);

  expect(await store.proposal(id)).toMatchObject({ state: 'applied' });
  const windows = (await aws.eventWindows(place)).filter(({ tags }) => tags['ecs-advise:proposal'] === id);
  expect(windows).toMatchObject([{ name: 'quant-sundays', instanceTags: [{ key: 'team', value: 'quant' }] }]);
  // What was answered was not asked again.
  const done = estate.aws.journal.filter(({ isMutating, status }) => isMutating && status === 200);
  expect(done.filter(({ operation: name }) => name === CREATE)).toHaveLength(1);
  expect(channel().map(readable).join()).toContain('Done: ');
  expect(channel()).toHaveLength(1);
  expect((await store.verifyChain()).intact).toBe(true);

  /** The call that hangs has come in. */
  function reached(): boolean {
    return (estate.aws.counts.get(`ec2:${operation}`) ?? 0) > seen + after;
  }

  async function startProcess() {
    const spawned = startProduct(['start'], {
      ...process.env,
      ...awsEnvironment({ url: estate.aws.url, hub: world.hub, configPath: estate.configPath }),
      SLACK_API_URL: slack.apiUrl,
      SLACK_BOT_TOKEN: BOT_TOKEN,
      SLACK_SIGNING_SECRET: SIGNING_SECRET,
      SLACK_APP_TOKEN: '',
      DATABASE_URL: estate.databaseUrl,
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_LEVEL: 'info',
    });
    closing.push(async () => {
      if (spawned.exitCode === null && spawned.signalCode === null) spawned.kill('SIGKILL');
    });
    let said = '';
    spawned.stderr.on('data', (chunk) => {
      said += String(chunk);
    });
    await expect.poll(() => /"port":(\d+)[^\n]*"msg":"ready"/.exec(said)?.[1] ?? null, PATIENT).not.toBeNull();
    slack.setBotUrl(`http://127.0.0.1:${/"port":(\d+)[^\n]*"msg":"ready"/.exec(said)?.[1]}`);
    return spawned;
  }
});
