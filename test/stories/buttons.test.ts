import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StandInMessage, StandInView } from '../../demo/slack/stand-in.ts';
import {
  actionIdOf,
  answerTo,
  type BotInTest,
  buttonsOf,
  CHANNEL,
  readable,
  startBot,
} from '../support/slack-double.ts';

const QUESTION = 'capacity --vcpu 2 --memory 8 --tasks 12 --region us-east-1';
let bot: BotInTest;

beforeEach(async () => {
  bot = await startBot();
});
afterEach(() => bot.close());

const seenBy = (user: string): readonly StandInMessage[] =>
  bot.slack.messages(CHANNEL, user).filter(({ from }) => from === 'bot');

/** Clicks without waiting for a message. */
const press = (message: StandInMessage, label: string, options = {}) =>
  bot.slack.click({ user: 'ana', message, actionId: actionIdOf(message, label) }, options);

async function openedBy(act: () => Promise<unknown>): Promise<StandInView> {
  const opened = new Promise<StandInView>((resolve) => {
    const off = bot.slack.on((event) => {
      if (event.kind !== 'view' || event.change !== 'opened') return;
      off();
      resolve(event.view);
    });
  });
  await act();
  return opened;
}

type Input = { readonly block_id: string; readonly element: { readonly [key: string]: unknown } };
const inputs = (view: StandInView): readonly Input[] => view.view.blocks as readonly Input[];

/** The state Slack would send: what the form was opened with, and what the person changed. */
function stateOf(view: StandInView, changes: { readonly [block: string]: string }) {
  return Object.fromEntries(
    inputs(view).map(({ block_id, element }) => {
      const { type, initial_value, initial_option, initial_options } = element;
      const value = changes[block_id] ?? initial_value ?? null;
      return [
        block_id,
        {
          value:
            type === 'plain_text_input'
              ? { type, value }
              : { type, selected_option: initial_option ?? null, selected_options: initial_options ?? [] },
        },
      ];
    }),
  );
}

describe('an answer in a channel', () => {
  test('is private until it is shared, once, with the name of who did it', async () => {
    const answer = await bot.say(QUESTION);
    expect(seenBy('ben')).toEqual([]);

    const shared = await bot.click(answer, 'Share in channel');

    expect(shared.onlyFor).toBeNull();
    expect(seenBy('ben')).toEqual([shared]);
    const ana = bot.slack.people.find(({ name }) => name === 'ana');
    expect(readable(shared)).toContain(`Shared by <@${ana?.id}>`);
    expect(readable(shared)).toContain('$1,020.72');
    expect(buttonsOf(shared).map(({ text }) => text)).not.toContain('Share in channel');
  });

  test('loses its share button, and an old copy of the button only says that it is there already', async () => {
    const answer = await bot.say(QUESTION);
    await bot.click(answer, 'Share in channel');

    const again = await bot.click(answer, 'Share in channel');

    expect(readable(again)).toContain('in the channel already');
    expect(again.onlyFor).toBe('ana');
    expect(seenBy('ben')).toHaveLength(1);
    const own = seenBy('ana').find(({ ts }) => ts === answer.ts);
    expect(own?.edited).toBe(true);
    expect(own === undefined ? [] : buttonsOf(own).map(({ text }) => text)).not.toContain('Share in channel');
  });

  test('may be shared again when Slack did not take it the first time', async () => {
    const answer = await bot.say(QUESTION);
    bot.slack.addFault({ method: 'response_url', answer: { kind: 'status', status: 404 } });
    bot.slack.addFault({ method: 'chat.postMessage', answer: { kind: 'error', error: 'not_in_channel' } });

    const refused = await bot.click(answer, 'Share in channel');
    expect(readable(refused)).toMatch(/not_in_channel.*\n.*invite @ecs-advise/);

    const shared = await bot.click(answer, 'Share in channel');
    expect(shared.onlyFor).toBeNull();
  });

  test('explains the other options and the lines to the person who asks, not to the channel', async () => {
    const answer = await bot.say(QUESTION);
    const shared = await bot.click(answer, 'Share in channel');

    const whyNot = await bot.click(shared, 'Why not the others', 'ben');
    const lines = await bot.click(shared, 'Show the lines', 'ben');

    expect([whyNot.onlyFor, lines.onlyFor]).toEqual(['ben', 'ben']);
    expect(readable(whyNot)).toContain('Managed Instances');
    // 12 tasks x 2 vCPU x 730 h = 17,520 vCPU-hours
    expect(readable(lines)).toContain('17,520');
  });

  test('still has working buttons after a restart', async () => {
    const answer = await bot.say(QUESTION);
    await bot.restart();

    expect(readable(await bot.click(answer, 'Why not the others'))).toContain('Managed Instances');
    expect((await bot.click(answer, 'Share in channel')).onlyFor).toBeNull();
  });

  test('answers a button whose saved answer is gone, or that is not ours, with what to do', async () => {
    const answer = await bot.say(QUESTION);
    const forged = (value: string): StandInMessage => ({
      ...answer,
      blocks: [
        { type: 'actions', elements: [{ type: 'button', action_id: 'view:lines', text: { text: 'x' }, value }] },
      ],
    });

    for (const value of ['{"record":"2020-01-01-0001","view":"lines"}', 'nonsense', '{"record":"../x"}', '']) {
      const told = await answerTo(bot.slack, () =>
        bot.slack.click({ user: 'ana', message: forged(value), actionId: 'view:lines' }),
      );
      expect(readable(told)).toMatch(/Try: ask/);
    }
  });
});

describe('the form', () => {
  test('opens on a bare capacity with defaults, and answers like the typed command', async () => {
    const view = await openedBy(() => bot.slack.sendCommand({ user: 'ana', channel: CHANNEL, text: 'capacity' }));
    expect(seenBy('ana')).toEqual([]);

    const values = stateOf(view, { vcpu: '2', memory: '8', tasks: '12' });
    const answer = await answerTo(bot.slack, () => bot.slack.submitView({ user: 'ana', view, values }));

    expect(answer.onlyFor).toBe('ana');
    expect(readable(answer)).toContain('$1,020.72');
    expect(bot.slack.views('ana')).toEqual([]);
  });

  test('shows every error at its field and stays open', async () => {
    const view = await openedBy(() => bot.slack.sendCommand({ user: 'ana', channel: CHANNEL, text: 'capacity' }));

    const values = stateOf(view, { vcpu: '-1', memory: '2TB', run: '40s', extra: '--memry 2' });
    const { status, body } = await bot.slack.submitView({ user: 'ana', view, values });

    expect(status).toBe(200);
    const { response_action, errors } = JSON.parse(body) as {
      response_action: string;
      errors: { [block: string]: string };
    };
    expect(response_action).toBe('errors');
    // --run without --per-day is the fourth.
    expect(Object.keys(errors).sort()).toEqual(['extra', 'memory', 'per-day', 'vcpu']);
    expect(errors.memory).toMatch(/2TB/);
    expect(bot.slack.views('ana')).toHaveLength(1);
  });

  test('names the field that is missing', async () => {
    const view = await openedBy(() => bot.slack.sendCommand({ user: 'ana', channel: CHANNEL, text: 'capacity' }));

    const { body } = await bot.slack.submitView({ user: 'ana', view, values: stateOf(view, { run: '40s' }) });

    expect(Object.keys((JSON.parse(body) as { errors: object }).errors)).toEqual(['per-day']);
  });

  test('comes filled in from the answer, and a change gives a new answer', async () => {
    const flags =
      '--vcpu 1 --memory 2 --run 40s --per-day 500 --between 01:00-04:00 --needs ebpf,neuron:inferentia2 --interruptible --reserved m7i.4xlarge=3 --region eu-west-1';
    const answer = await bot.say(`capacity ${flags}`);
    const view = await openedBy(() => press(answer, 'Change the question'));

    const element = (id: string) => inputs(view).find(({ block_id }) => block_id === id)?.element;
    expect(element('run')?.initial_value).toBe('40s');
    expect(element('between')?.initial_value).toBe('01:00-04:00');
    expect(element('needs')?.initial_options).toMatchObject([{ value: 'ebpf' }]);
    expect(element('interruptible')?.initial_options).toHaveLength(1);
    expect(element('region')?.initial_option).toMatchObject({ value: 'eu-west-1' });
    expect(element('extra')?.initial_value).toBe('--needs neuron:inferentia2 --reserved m7i.4xlarge=3');

    const again = await answerTo(bot.slack, () =>
      bot.slack.submitView({ user: 'ana', view, values: stateOf(view, { 'per-day': '900' }) }),
    );
    const echo = (message: StandInMessage): string | undefined => /`capacity ([^`]+)`/.exec(readable(message))?.[1];
    // Nothing but the changed field differs. The pull time is shown while it is a guess; here it was confirmed.
    expect(echo(again)).toBe(echo(answer)?.replace('--per-day 500', '--per-day 900').replace(' --pull 20s', ''));
  });

  test('that cannot open says so and gives the typed way', async () => {
    bot.slack.addFault({ method: 'views.open', answer: { kind: 'error', error: 'expired_trigger_id' } });
    const told = readable(await bot.say('capacity'));

    expect(told).toMatch(/form did not open.*expired_trigger_id/);
    expect(told).toContain('/ecs-advise capacity --vcpu 1 --memory 2 --tasks 12');
  });

  test('still answers when its response_url has expired', async () => {
    const view = await openedBy(() => bot.slack.sendCommand({ user: 'ana', channel: CHANNEL, text: 'capacity' }));
    bot.slack.ageHooks(31 * 60_000);

    const answer = await answerTo(bot.slack, () =>
      bot.slack.submitView({ user: 'ana', view, values: stateOf(view, {}) }),
    );

    expect(answer.onlyFor).toBe('ana');
    expect(bot.slack.calls.at(-1)?.method).toBe('chat.postEphemeral');
  });
});

test('the Home tab says how to ask and whether all is well', async () => {
  const home = await openedBy(() => bot.slack.openHome('ana'));

  expect(home.kind).toBe('home');
  expect(JSON.stringify(home.view)).toMatch(/ecs-advise capacity --vcpu 1.*Scopes/);
});
