import { afterEach, describe, expect, test } from 'vitest';
import { runCommand } from '../../src/commands/run.ts';
import type { Json } from '../../src/engine/index.ts';
import { aWorkspace, GROUP, ROUTES, TEAM } from '../support/approvals.ts';
import { answerTo, CHANNEL, readable } from '../support/slack-double.ts';

/** Changes approved by button: signed HTTP, the real SDK, and the journal of AWS at the end. */

let close: (() => Promise<void>) | null = null;
afterEach(async () => {
  await close?.();
  close = null;
});

async function open(options?: Parameters<typeof aWorkspace>[0]) {
  const workspace = await aWorkspace(options);
  close = workspace.close;
  return workspace;
}

type Workspace = Awaited<ReturnType<typeof open>>;

/** The same question in a terminal, as JSON. */
async function inTerminal({ estate }: Workspace, ...args: readonly string[]) {
  const call = { id: 'c0ffee', actor: 'terminal:ana', surface: 'terminal', now: estate.deps.clock.now() } as const;
  const outcome = await runCommand(args, estate.deps, call);
  if (outcome.kind !== 'answered') throw outcome.error;
  return outcome.answered.json as { readonly result: { readonly [key: string]: Json } };
}

const madeFor = async (w: Workspace, id: string) =>
  (await w.windows()).filter(({ tags }) => tags['ecs-advise:proposal'] === id);

describe('a change that two approve', () => {
  test('is asked for in words, refused to the requester and to outsiders, applied by two others, and undone', async () => {
    const w = await open();
    await w.estate.scan();
    const asked = readable(await w.bot.say('windows set tulip "sundays 10 to 2pm" --tz Europe/London'));
    expect(asked).toMatch(/Proposed as 2026-11-24-\d{4}/);
    await expect.poll(() => w.slack.messages(CHANNEL, 'ben').length).toBeGreaterThan(0);
    const id = /Proposed as (\S+?):/.exec(asked)?.[1] ?? '';
    expect(w.buttons()).toEqual(['Approve', 'Reject', 'Snooze', 'Why?']);
    // The button holds who it is about and nothing of the change.
    expect(JSON.stringify(w.message().blocks)).toContain(JSON.stringify(JSON.stringify({ proposal: id, version: 1 })));
    expect(JSON.stringify(w.message().blocks)).toContain('"confirm":');

    expect(await w.press('ana', 'Approve')).toContain('You asked for this yourself');
    expect(await w.press('ben', 'Approve')).toContain('You are not an approver');
    expect(await w.press('cleo', 'Approve')).toContain('1 of 2');
    expect(await w.press('cleo', 'Approve')).toContain('You approved this already');
    expect(w.writes()).toEqual([]);

    expect(await w.press('dai', 'Approve')).toContain('Approved. Applying it now.');
    const applied = await w.until(id, 'applied');
    expect(w.writes()).toEqual(['CreateInstanceEventWindow', 'AssociateInstanceEventWindow']);
    const [window] = await madeFor(w, id);
    expect(window?.instanceTags.map(({ value }) => value)).toEqual([expect.stringMatching(/cluster\/tulip$/)]);
    const shown = readable(w.message());
    for (const name of ['cleo', 'dai']) expect(shown).toContain(`<@${w.idOf(name)}> approved`);
    for (const { requestId, dryRun } of applied.calls) if (!dryRun) expect(shown).toContain(requestId);
    expect(w.buttons()).toEqual(['Propose to undo it']);
    expect(w.told('ana').at(-1)).toContain(`Your proposal ${id} was applied`);
    expect(w.slack.messages(CHANNEL, 'ben').filter(({ onlyFor }) => onlyFor === null)).toHaveLength(1);

    await w.press('cleo', 'Propose to undo it');
    await expect.poll(() => w.buttons()).toContain('Approve');
    expect(await w.press('cleo', 'Approve')).toContain('You asked for this yourself');
    await w.press('ana', 'Approve');
    await expect.poll(() => readable(w.message())).toContain('approved on');
    await w.press('dai', 'Approve');
    await expect.poll(() => w.writes(), { timeout: 10_000 }).toContain('DeleteInstanceEventWindow');
    w.pass(5);
    expect(await madeFor(w, id)).toEqual([]);
  });

  test('is asked for in a form too, whose mistakes show at their field', async () => {
    const w = await open();
    await w.estate.scan();
    await w.slack.sendCommand({ user: 'ana', channel: CHANNEL, text: 'windows set tulip' });
    await expect.poll(() => w.slack.views('ana').length).toBe(1);
    const view = w.slack.views('ana')[0];
    if (view === undefined) throw new Error('no form is open');
    const filled = (tz: string) => ({
      target: { value: { type: 'plain_text_input', value: 'tulip' } },
      hours: { value: { type: 'plain_text_input', value: 'Sundays 10 to 2pm' } },
      tz: { value: { type: 'plain_text_input', value: tz } },
      name: { value: { type: 'plain_text_input', value: null } },
    });
    const { body } = await w.slack.submitView({ user: 'ana', view, values: filled('Europe/Lundon') });
    expect(JSON.parse(body)).toMatchObject({ response_action: 'errors', errors: { tz: expect.any(String) } });

    const answer = await answerTo(w.bot.slack, () =>
      w.slack.submitView({ user: 'ana', view, values: filled('Europe/London') }),
    );
    expect(readable(answer)).toMatch(/Proposed as 2026-11-24-\d{4}/);
    expect(answer.onlyFor).toBe('ana');
    await expect.poll(() => w.buttons()).toContain('Approve');
  });

  test('tells its whole story afterwards, and the chain holds', async () => {
    const w = await open();
    const { id } = await w.propose();
    await w.press('ana', 'Approve');
    await w.press('cleo', 'Approve');
    await w.press('dai', 'Approve');
    const { calls } = await w.until(id, 'applied');

    const { result } = await inTerminal(w, 'decisions', 'show', id);
    expect(result.show).toMatchObject({
      approvals: [
        { user: w.idOf('cleo'), verdict: 'approve' },
        { user: w.idOf('dai'), verdict: 'approve' },
      ],
      apiCalls: calls.map(({ op, requestId, outcome }) => ({ service: 'ec2', op, requestId, outcome })),
    });
    expect(result.show).toMatchObject({ record: { id, kind: 'proposal', state: 'applied' } });
    const { list } = (await inTerminal(w, 'decisions', 'list')).result as { list: { id: string; state: string }[] };
    expect(list.find((row) => row.id === id)?.state).toBe('applied');
    expect(list.map(({ state }) => state)).toContain('refused');
    expect((await inTerminal(w, 'decisions', 'verify')).result.verify).toMatchObject({ intact: true, firstBad: null });
    const why = readable(await w.bot.say(`decisions show ${id}`));
    expect(why).toContain('wanted to approve: refused (own request)');
    expect(why).toContain('CreateInstanceEventWindow (dry run)');
  });

  test('is refused to somebody who was taken out of the group a minute ago', async () => {
    const w = await open();
    const { id } = await w.propose();
    await w.press('cleo', 'Approve');
    w.slack.setGroup({ id: GROUP, members: ['ana', 'cleo'] });
    w.pass(1);
    expect(await w.press('dai', 'Approve')).toContain('You are not an approver');
    expect(await w.proposal(id)).toMatchObject({ state: 'pending' });
    expect(w.writes()).toEqual([]);
  });

  test('counts a double click and a redelivery once', async () => {
    const w = await open();
    const { id } = await w.propose();
    const message = w.message();
    const twice = { user: 'cleo', message, actionId: 'proposal:approve' } as const;
    await Promise.all([w.slack.click(twice), w.slack.click(twice)]);
    await w.slack.click(twice, { retryNum: 1 });
    await w.until(id, 'pending');
    await expect.poll(() => readable(w.message())).toContain('approved on');
    await w.press('dai', 'Approve');
    await w.until(id, 'applied');
    await w.slack.click({ user: 'dai', message, actionId: 'proposal:approve' });
    expect(w.writes()).toEqual(['CreateInstanceEventWindow', 'AssociateInstanceEventWindow']);
    expect((await w.proposal(id)).decisions).toHaveLength(2);
  });

  test('says what AWS refused and what stands', async () => {
    const w = await open();
    const { id } = await w.propose();
    w.estate.aws.addFault({ match: { operation: 'CreateInstanceEventWindow' }, answer: { kind: 'access-denied' } });
    await w.press('cleo', 'Approve');
    await w.press('dai', 'Approve');
    await w.until(id, 'failed');
    expect(readable(w.message())).toMatch(/Not done as asked.*Nothing was changed/s);
    expect(w.told('ana').at(-1)).toContain('was not done as asked');
    expect(w.buttons()).toEqual([]);
    expect(w.writes()).toEqual([]);
  });

  test('is stale when somebody was faster in AWS: no write, and a new proposal is offered', async () => {
    const w = await open();
    const { id, change } = await w.propose();
    if (change.kind !== 'window.set') throw new Error('invariant: it sets a window');
    const { name, schedule, targets } = change.after;
    const write = (call: Parameters<typeof w.estate.writer.write>[1], window: string | null) =>
      w.estate.writer.write(change.place, call, { dryRun: false, window });
    const made = await write({ op: 'CreateInstanceEventWindow', name: `other-${name}`, schedule, tags: {} }, null);
    w.pass(1);
    await write({ op: 'AssociateInstanceEventWindow', window: made.window, targets }, null);
    const before = w.writes().length;

    await w.press('cleo', 'Approve');
    await w.press('dai', 'Approve');
    await w.until(id, 'stale');
    expect(w.writes()).toHaveLength(before);
    expect(readable(w.message())).toContain('Nothing was changed');
    expect(w.buttons()).toEqual(['Propose it again']);
  });
});

describe('a change that is not applied', () => {
  test('is rejected with a reason that everybody reads, whatever is in it', async () => {
    const w = await open();
    const { id } = await w.propose();
    await w.slack.click({ user: 'dai', message: w.message(), actionId: 'proposal:reject' });
    await expect.poll(() => w.slack.views('dai').length).toBe(1);
    const [view] = w.slack.views('dai');
    if (view === undefined) throw new Error('invariant: the form is open');
    const reason = (value: string | null) => ({ reason: { value: { type: 'plain_text_input', value } } });
    const empty = await w.slack.submitView({ user: 'dai', view, values: reason('  ') });
    expect(JSON.parse(empty.body)).toMatchObject({ response_action: 'errors' });
    await w.slack.submitView({ user: 'dai', view, values: reason('<!here> not *now* <@U0ANA00001> & 🦔') });
    await w.until(id, 'rejected');

    const shown = JSON.stringify(w.message().blocks);
    expect(readable(w.message())).toMatch(/rejected it.*not/s);
    expect(shown).toContain('&lt;!here&gt;');
    expect(shown).not.toMatch(/<!here>|<@U0ANA00001>/);
    expect(w.buttons()).toEqual([]);
    expect(w.told('ana').at(-1)).toMatch(/was rejected.*not/s);
    expect((await w.proposal(id)).decisions).toMatchObject([{ verdict: 'reject', user: w.idOf('dai') }]);
    expect(w.writes()).toEqual([]);
  });

  test('expires: the message says so, and an old button is answered', async () => {
    const w = await open();
    const { id } = await w.propose();
    const old = w.message();
    w.pass(25 * 60);
    await w.bot.sweep();
    expect(await w.proposal(id)).toMatchObject({ state: 'expired' });
    expect(readable(w.message())).toContain('Expired');
    expect(w.buttons()).toEqual([]);
    expect(await w.press('cleo', 'Approve', { on: old })).toContain('expired');
    expect(w.writes()).toEqual([]);
  });

  test('is snoozed and can still be approved', async () => {
    const w = await open();
    const { id } = await w.propose();
    expect(await w.press('cleo', 'Snooze')).toContain('Snoozed until');
    expect(readable(w.message())).toContain('put it off');
    await w.press('cleo', 'Approve');
    await w.press('dai', 'Approve');
    await w.until(id, 'applied');
  });

  test('waits out a freeze: an approval is refused with its end', async () => {
    const freezes = [{ name: 'Year end', from: '2026-11-24', to: '2026-11-25' }];
    const w = await open({ more: { approvals: { freezes } } });
    await w.propose();
    expect(await w.press('cleo', 'Approve')).toMatch(/"Year end", which ends 2026-11-26 00:00 UTC/);
    expect(w.writes()).toEqual([]);
  });

  test('has no button at all when the bot is read-only, and the answer says why', async () => {
    const w = await open({ more: { readOnly: true } });
    await w.estate.scan();
    const asked = readable(await w.bot.say('windows set tulip "sundays 10 to 2pm"'));
    expect(asked).toMatch(/read-only/);
    expect(asked).toContain('aws ec2 create-instance-event-window');
    expect(asked).not.toContain('Approve');
    expect(w.slack.messages(CHANNEL, 'ben').filter(({ onlyFor }) => onlyFor === null)).toEqual([]);
  });
});

describe('forged clicks', () => {
  test.each([
    ['an id that does not exist', { value: '{"proposal":"2026-11-24-9999","version":1}' }, /no such proposal/],
    ['another version', { value: '{"proposal":"2026-11-24-0001","version":7}' }, /has changed since/],
    ['a value with the change in it', { value: '{"change":{"kind":"window.delete"}}' }, /not one of mine/],
    ['a value that is no JSON', { value: "'; drop table proposals" }, /not one of mine/],
    ['an id that is no id', { value: '{"proposal":"../../etc","version":1}' }, /not one of mine/],
    ['a user of another workspace', { team: 'T9ELSEWHERE' }, /another Slack workspace/],
  ])('%s: refused to the clicker alone, and nothing happens', async (_what, forged, told) => {
    const w = await open();
    const { id } = await w.propose();
    expect(await w.press('cleo', 'Approve', { forged })).toMatch(told);
    expect(await w.proposal(id)).toMatchObject({ state: 'pending', version: 1, decisions: [] });
    expect(w.writes()).toEqual([]);
  });

  test('a replayed request with an old signature is not taken', async () => {
    const w = await open();
    const { id } = await w.propose();
    const click = { user: 'cleo', message: w.message(), actionId: 'proposal:approve' } as const;
    expect((await w.slack.click(click, { clockSkewSeconds: -600 })).status).toBe(401);
    expect((await w.slack.click(click, { signingSecret: 'guessed' })).status).toBe(401);
    expect((await w.proposal(id)).decisions).toEqual([]);
  });
});

describe('the message', () => {
  test('that somebody deleted is posted again', async () => {
    const w = await open();
    await w.propose();
    const first = w.message();
    await w.slack.deleteMessage(first);
    await w.slack.click({ user: 'cleo', message: first, actionId: 'proposal:approve' });
    await expect.poll(() => w.slack.messages(CHANNEL, 'ben').length).toBe(1);
    expect(w.message().ts).not.toBe(first.ts);
    expect(readable(w.message())).toContain('approved on');
  });

  test('that cannot be posted is said to the asker, and posted by the sweep', async () => {
    const w = await open();
    await w.estate.scan();
    w.slack.addFault({ method: 'chat.postMessage', answer: { kind: 'error', error: 'not_in_channel' } });
    await w.bot.say('windows set tulip "sundays 10 to 2pm"');
    const lines = (): string => w.slack.messages(CHANNEL, 'ana').map(readable).join('\n');
    await expect.poll(lines).toMatch(/saved, but its message could not be posted yet.*\/invite @ecs-advise/s);
    w.pass(2);
    await w.bot.sweep();
    expect(w.buttons()).toContain('Approve');
  });

  test('survives a restart: its buttons work, and Slack away at the end is made up for', async () => {
    const w = await open();
    const { id } = await w.propose();
    await w.bot.restart();
    await w.press('cleo', 'Approve');
    w.slack.addFault({ method: 'chat.update', answer: { kind: 'status', status: 500 }, times: 4 });
    await w.press('dai', 'Approve');
    await expect.poll(async () => (await w.proposal(id)).state, { timeout: 10_000 }).toBe('applied');
    for (let minute = 0; minute < 3; minute += 1) {
      w.pass(2);
      await w.bot.sweep();
    }
    expect(readable(w.message())).toContain('Done: ');
  });

  test('shows hostile names as text', async () => {
    const w = await open();
    const title = `<!here> *bold* <@U0ANA00001> ${'🦔'.repeat(40)}${'x'.repeat(300)}`;
    await w.propose({ title, name: 'a_<!channel>_`b`' });
    const shown = JSON.stringify(w.message().blocks) + w.message().text;
    expect(shown).not.toMatch(/<!here>|<!channel>|<@U0ANA00001>/);
    expect(await w.press('cleo', 'Why?')).not.toMatch(/<!here>|<@U0ANA00001>/);
  });
});

describe('a team of one', () => {
  test('may approve its own request when the configuration says so, and every message and record says it', async () => {
    const routes = ROUTES.map((route) => ({ ...route, approvers: ['ana'], quorum: 1 }));
    const w = await open({ routes, more: { approvals: { requesterMayApprove: true } } });
    const { id } = await w.propose({ team: TEAM });
    expect(readable(w.message())).toContain('The one who asked may approve too');
    expect(await w.press('ana', 'Approve')).toContain('your own request');
    await w.until(id, 'applied');
    expect(readable(w.message())).toContain('who asked for it approved');
    const records = await w.estate.deps.store.recordsOf(id);
    expect(records.find(({ kind }) => kind === 'click')?.body).toMatchObject({ ownApproval: true });
  });
});
