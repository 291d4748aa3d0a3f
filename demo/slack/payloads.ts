import { createHmac } from 'node:crypto';
import { BOT, TEAM } from './emulator.ts';
import type { Channel, JsonObject, Person, StandInMessage, StandInView } from './protocol.ts';

/** What Slack sends to an app: bodies in the shapes of its published samples, and the signature over them. */

/** Headers of a signed request; `atSeconds` is Unix time. */
export function signedHeaders(secret: string, body: string, atSeconds: number): Record<string, string> {
  const signature = createHmac('sha256', secret).update(`v0:${atSeconds}:${body}`).digest('hex');
  return { 'x-slack-signature': `v0=${signature}`, 'x-slack-request-timestamp': String(atSeconds) };
}

type Hooked = { readonly triggerId: string; readonly responseUrl: string };
type Place = { readonly user: Person; readonly channel: Channel };

/** The form body of a slash command. */
export function commandBody(place: Place, text: string, hooked: Hooked): string {
  return new URLSearchParams({
    token: 'stand-in',
    team_id: TEAM.id,
    team_domain: TEAM.domain,
    channel_id: place.channel.id,
    channel_name: place.channel.name,
    user_id: place.user.id,
    user_name: place.user.name,
    command: '/ecs-advise',
    text,
    api_app_id: BOT.appId,
    is_enterprise_install: 'false',
    response_url: hooked.responseUrl,
    trigger_id: hooked.triggerId,
  }).toString();
}

/** As Slack does with `should_escape: true`: `&`, `<`, `>` become entities, known @names and #channels become ids. */
export function escapeCommandText(text: string, people: readonly Person[], rooms: readonly Channel[]): string {
  let escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  for (const { id, name } of people) escaped = escaped.replaceAll(new RegExp(`@${name}\\b`, 'g'), `<@${id}|${name}>`);
  for (const { id, name } of rooms) escaped = escaped.replaceAll(new RegExp(`#${name}\\b`, 'g'), `<#${id}|${name}>`);
  return escaped;
}

/** The `payload` of a button click. A private message is not in the payload, only its place. */
export function clickPayload(
  place: Place,
  hooked: Hooked,
  click: {
    readonly message: StandInMessage;
    readonly blockId: string;
    readonly button: JsonObject;
    readonly ts: string;
  },
): JsonObject {
  const { message, button } = click;
  const isEphemeral = message.onlyFor !== null;
  return {
    type: 'block_actions',
    team: { id: TEAM.id, domain: TEAM.domain },
    user: userOf(place.user),
    api_app_id: BOT.appId,
    token: 'stand-in',
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: place.channel.id,
      is_ephemeral: isEphemeral,
    },
    trigger_id: hooked.triggerId,
    channel: { id: place.channel.id, name: place.channel.name },
    ...(isEphemeral
      ? {}
      : {
          message: {
            type: 'message',
            user: BOT.userId,
            ts: message.ts,
            bot_id: BOT.botId,
            text: message.text,
            blocks: message.blocks,
          },
        }),
    response_url: hooked.responseUrl,
    actions: [{ ...button, block_id: click.blockId, action_ts: click.ts }],
  };
}

/** The `payload` of a submitted modal. */
export function submitPayload(user: Person, view: StandInView, values: unknown, triggerId: string): JsonObject {
  return {
    type: 'view_submission',
    team: { id: TEAM.id, domain: TEAM.domain },
    user: userOf(user),
    api_app_id: BOT.appId,
    token: 'stand-in',
    trigger_id: triggerId,
    view: {
      ...view.view,
      id: view.id,
      team_id: TEAM.id,
      state: { values },
      hash: view.hash,
      root_view_id: view.id,
      previous_view_id: null,
      app_id: BOT.appId,
      bot_id: BOT.botId,
    },
    response_urls: [],
    is_enterprise_install: false,
  };
}

/** The JSON body of the event that a user opened the Home tab. */
export function homeOpenedBody(user: Person, eventId: string, atSeconds: number): string {
  return JSON.stringify({
    token: 'stand-in',
    team_id: TEAM.id,
    api_app_id: BOT.appId,
    type: 'event_callback',
    authorizations: [{ team_id: TEAM.id, user_id: BOT.userId, is_bot: true, is_enterprise_install: false }],
    event_id: eventId,
    event_time: atSeconds,
    event: {
      type: 'app_home_opened',
      user: user.id,
      channel: `D${user.id.slice(1)}`,
      tab: 'home',
      event_ts: `${atSeconds}.000100`,
    },
  });
}

function userOf(user: Person): JsonObject {
  return { id: user.id, username: user.name, name: user.name, team_id: TEAM.id };
}
