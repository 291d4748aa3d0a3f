import { setTimeout as wait } from 'node:timers/promises';
import type { WebClient } from '@slack/web-api';
import type { Log } from '../deps.ts';
import { AdviseError } from '../errors.ts';
import type { SlackMessage } from './blocks.ts';
import { callSlack, pauseFor } from './client.ts';

/** Where an answer goes: the response_url of what the person did, or the channel when that is used up. */
export type Target = {
  readonly responseUrl: string | null;
  readonly channel: string | null;
  /** Slack id of the person who asked. */
  readonly user: string;
};

export type Poster = {
  /** One message that only the asker sees. */
  readonly privately: (target: Target, message: SlackMessage) => Promise<void>;
  /** Puts the message in the place of the one whose button was clicked. */
  readonly replace: (target: Target, message: SlackMessage) => Promise<void>;
  /** One message that the channel sees. */
  readonly toChannel: (target: Target, message: SlackMessage) => Promise<void>;
  /** A file in the asker's direct messages: one in the channel would be seen by all of it. */
  readonly upload: (target: Target, file: { readonly name: string; readonly text: string }) => Promise<void>;
};

const TIMEOUT_MS = 5_000;
const BEFORE_RETRY_MS = 250;

/**
 * Posts through response_url, and through the Web API where Slack no longer takes it (five uses, thirty minutes).
 * Every verb throws an upstream `AdviseError` when neither way works. A response_url whose answer got lost on the way
 * may post twice; silence would be worse.
 */
export function createPoster(client: WebClient, log: Log): Poster {
  const hook = (target: Target, body: object): Promise<boolean> => postToHook(target.responseUrl, body, log);
  return {
    privately: async (target, message) => {
      if (await hook(target, { response_type: 'ephemeral', replace_original: false, ...message })) return;
      const { channel, user } = target;
      if (channel === null) throw noWay();
      await callSlack(() => client.chat.postEphemeral({ channel, user, ...message }));
    },
    replace: async (target, message) => {
      if (!(await hook(target, { replace_original: true, ...message }))) throw noWay();
    },
    toChannel: async (target, message) => {
      if (await hook(target, { response_type: 'in_channel', replace_original: false, ...message })) return;
      const { channel } = target;
      if (channel === null) throw noWay();
      await callSlack(() => client.chat.postMessage({ channel, ...message }));
    },
    upload: async ({ user }, { name, text }) => {
      const { channel } = await callSlack(() => client.conversations.open({ users: user }));
      const channel_id = channel?.id;
      if (channel_id === undefined) throw noWay();
      await callSlack(() => client.filesUploadV2({ channel_id, filename: name, content: text }));
    },
  };
}

function noWay(): AdviseError {
  return new AdviseError({
    kind: 'upstream',
    code: 'slack_response_url',
    message: 'Slack no longer takes answers to that message.',
    hint: 'ask again',
  });
}

/** True when Slack took it. A short rate limit, a server error or a lost connection is tried once more. */
async function postToHook(url: string | null, body: object, log: Log): Promise<boolean> {
  if (url === null || !URL.canParse(url)) return false;
  for (const isLast of [false, true]) {
    const { status, retryAfterSeconds } = await postOnce(url, body);
    if (status >= 200 && status < 300) return true;
    const pauseMs =
      status === 429 ? pauseFor(retryAfterSeconds) : status === 0 || status >= 500 ? BEFORE_RETRY_MS : null;
    log.debug({ status, isLast }, 'response_url refused');
    if (isLast || pauseMs === null) return false;
    await wait(pauseMs);
  }
  return false;
}

/** Status 0 = no answer. */
async function postOnce(url: string, body: object): Promise<{ status: number; retryAfterSeconds: number }> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.arrayBuffer();
    return { status: response.status, retryAfterSeconds: Number(response.headers.get('retry-after') ?? '1') };
  } catch {
    // No connection or no answer in time: the caller tries again and then takes the other way.
    return { status: 0, retryAfterSeconds: 0 };
  }
}
