import { expect } from 'vitest';
import type { RouteWish } from '../../demo/aws-account.ts';
import type { ClickInput, StandIn, StandInMessage } from '../../demo/slack/stand-in.ts';
import { propose } from '../../src/approvals/index.ts';
import type { Change, Proposal } from '../../src/approvals/model.ts';
import type { EventWindow } from '../../src/engine/index.ts';
import { anEstate, type Estate, NOW } from './estate.ts';
import {
  actionIdOf,
  type BotInTest,
  buttonsOf,
  CHANNEL,
  readable,
  startBot,
  startJudgingStandIn,
} from './slack-double.ts';

/**
 * A workspace in which people approve changes to the recorded world: ana, cleo and dai are in the group of approvers,
 * ben is not. One clock for all of it.
 */

export const GROUP = 'S0PLATFORM';
export const TEAM = 'T000000001';
const PATIENT = { timeout: 10_000 };

export type Workspace = {
  readonly bot: BotInTest;
  readonly slack: StandIn;
  readonly estate: Estate;
  readonly idOf: (name: string) => string;
  /** Moves the clock of everything. */
  readonly pass: (minutes: number) => void;
  /** Operations that changed something, in order. */
  readonly writes: () => readonly string[];
  /** Windows of the place as AWS has them now. */
  readonly windows: () => Promise<readonly EventWindow[]>;
  /** ana proposes a window for a tag; the message is in the channel when this returns. */
  readonly propose: (wish?: Wish) => Promise<Proposal>;
  readonly proposal: (id: string) => Promise<Proposal>;
  /** The newest message in the channel that everybody sees. */
  readonly message: () => StandInMessage;
  readonly buttons: () => readonly string[];
  /** Presses a button of the newest message (or of `on`); what the clicker alone is told. */
  readonly press: (user: string, label: string, options?: Press) => Promise<string>;
  /** What the bot wrote into somebody's direct messages. */
  readonly told: (user: string) => readonly string[];
  /** Resolves once the proposal is in that state, and shown so. */
  readonly until: (id: string, state: Proposal['state']) => Promise<Proposal>;
};

type Wish = { readonly name?: string; readonly title?: string; readonly team?: string | null; readonly zone?: string };
type Press = { readonly on?: StandInMessage; readonly forged?: ClickInput['forged'] };
type Options = {
  readonly routes?: readonly RouteWish[];
  /** Further keys of the configuration file. */
  readonly more?: { readonly [key: string]: unknown };
};

/** Two of the group must agree, unless the options say otherwise. */
export const ROUTES: readonly RouteWish[] = [{ name: 'everything', channel: CHANNEL, approvers: [GROUP], quorum: 2 }];

/** Starts it; the test closes it. */
export async function aWorkspace(options: Options = {}): Promise<Workspace & { readonly close: () => Promise<void> }> {
  let nowMs = NOW.getTime();
  const now = (): Date => new Date(nowMs);
  const slack = await startJudgingStandIn();
  slack.setGroup({ id: GROUP, members: ['ana', 'cleo', 'dai'] });
  const { routes = ROUTES, more = {} } = options;
  const estate = await anEstate({ now, deciders: { slack, routes, more } });
  const { aws, settings, store } = estate.deps;
  if (aws === null) throw new Error('invariant: an estate has accounts');
  const bot = await startBot({ clock: { now }, store: () => store, settings, aws, writer: estate.writer, slack });
  const idOf = (name: string): string => slack.people.find((person) => person.name === name)?.id ?? name;
  const account = settings.accounts.find(({ name }) => name === 'qcu-1') ?? settings.accounts[0];
  const place = { account: account?.id ?? '', region: 'eu-west-1' };
  const message = (): StandInMessage => {
    const shared = slack.messages(CHANNEL, 'ben').filter(({ from, onlyFor }) => from === 'bot' && onlyFor === null);
    const last = shared.at(-1);
    if (last === undefined) throw new Error('the bot has posted nothing in the channel');
    return last;
  };
  const proposal = async (id: string): Promise<Proposal> => {
    const found = await store.proposal(id);
    if (found === null) throw new Error(`no proposal ${id}`);
    return found;
  };
  return {
    bot,
    slack,
    estate,
    idOf,
    pass: (minutes) => {
      nowMs += minutes * 60_000;
    },
    writes: () => estate.aws.journal.filter(({ isMutating }) => isMutating).map(({ operation }) => operation),
    windows: () => aws.eventWindows(place),
    propose: async (wish = {}) => {
      const { name = 'patch-tulip', title = 'Patch tulip on Sundays', team = TEAM, zone = 'Europe/London' } = wish;
      const rule = settings.routes[0];
      if (rule === undefined) throw new Error('invariant: there is a route');
      const { approvals } = settings;
      const made = await propose(
        {
          change: sundays(place, name),
          requester: idOf('ana'),
          team,
          rule: {
            route: rule.name,
            channel: rule.channel,
            approvers: rule.approvers,
            quorum: rule.quorum,
            requesterMayApprove: approvals.requesterMayApprove,
          },
          zone,
          briefing: { title, affected: ['2 instances'], takesHold: ['At the next launch.'], lint: [], clashes: [] },
        },
        estate.deps,
      );
      if (made.kind !== 'proposed') throw new Error(`not proposed: ${JSON.stringify(made)}`);
      await bot.sweep();
      return made.proposal;
    },
    proposal,
    message,
    buttons: () => buttonsOf(message()).map(({ text }) => text),
    press: async (user, label, { on = message(), forged } = {}) => {
      const actionId = actionIdOf(on, label);
      const click = { user, message: on, actionId, ...(forged === undefined ? {} : { forged }) };
      const answer = await privateTo(slack, user, () => slack.click(click));
      return readable(answer);
    },
    told: (user) =>
      slack
        .messages(CHANNEL, user)
        .filter(({ onlyFor, isDirect }) => onlyFor === user && isDirect === true)
        .map(readable),
    until: async (id, state) => {
      await expect.poll(async () => (await proposal(id)).state, PATIENT).toBe(state);
      await expect.poll(async () => (await store.unshownProposals()).length, PATIENT).toBe(0);
      if (state !== 'pending' && state !== 'applying') {
        const direct = (): boolean =>
          slack.messages(CHANNEL, 'ana').some((one) => one.isDirect === true && readable(one).includes(id));
        await expect.poll(direct, PATIENT).toBe(true);
      }
      return proposal(id);
    },
    close: bot.close,
  };
}

/** Does `act` and waits for the next message that this user alone sees. */
async function privateTo(
  slack: StandIn,
  user: string,
  act: () => Promise<{ readonly status: number }>,
): Promise<StandInMessage> {
  let off = (): void => undefined;
  const answer = new Promise<StandInMessage>((resolve) => {
    off = slack.on((event) => {
      if (event.kind === 'message' && event.change === 'new' && event.message.onlyFor === user) resolve(event.message);
    });
  });
  const { status } = await act();
  if (status !== 200) throw new Error(`the bot answered HTTP ${status}`);
  const message = await answer;
  off();
  return message;
}

function sundays(place: Change['place'], name: string): Change {
  return {
    kind: 'window.set',
    place,
    before: null,
    after: {
      name,
      schedule: {
        kind: 'ranges',
        timeRanges: [{ startWeekDay: 'sunday', startHour: 10, endWeekDay: 'sunday', endHour: 14 }],
      },
      targets: { instanceIds: [], instanceTags: [{ key: 'team', value: name }], dedicatedHostIds: [] },
    },
  };
}
