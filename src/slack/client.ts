import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from '@slack/bolt';
import { LogLevel } from '@slack/bolt';
import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
  WebClient,
} from '@slack/web-api';
import type { Log } from '../deps.ts';
import { AdviseError } from '../errors.ts';

/** What the bot needs to know to reach Slack. */
export type SlackSettings = {
  readonly botToken: string;
  /** Another Slack to talk to, ending in `/api/`; null = slack.com. */
  readonly apiUrl: string | null;
  readonly mode:
    | { readonly kind: 'http'; readonly signingSecret: string }
    | { readonly kind: 'socket'; readonly appToken: string };
};

/** Longest wait that Slack's Retry-After may cost a person who waits for an answer. */
const LONGEST_WAIT_SECONDS = 10;
const BEFORE_RETRY_MS = 250;

/** A client that fails soon: Slack's own default goes on for half an hour, which is silence to the person who asked. */
export function createClient(
  settings: Pick<SlackSettings, 'botToken' | 'apiUrl'>,
  log: Log,
  timeoutMs: number,
): WebClient {
  return new WebClient(settings.botToken, {
    ...(settings.apiUrl === null ? {} : { slackApiUrl: settings.apiUrl }),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: timeoutMs,
    logger: slackLogger(log),
  });
}

/**
 * One Web API call: a rate limit is waited out once when it is short, an HTTP error or a lost connection is tried once
 * more. Throws an upstream `AdviseError` whose code names Slack's answer, e.g. `slack_not_in_channel`.
 */
export async function callSlack<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (first) {
    const pauseMs = pauseBeforeRetry(first);
    if (pauseMs === null) throw slackError(first);
    await wait(pauseMs);
  }
  try {
    return await call();
  } catch (second) {
    throw slackError(second);
  }
}

/** Milliseconds to wait, or null when trying again is no use. */
function pauseBeforeRetry(error: unknown): number | null {
  if (error instanceof WebAPIRateLimitedError) return pauseFor(error.retryAfter);
  if (error instanceof WebAPIHTTPError) return error.statusCode >= 500 ? BEFORE_RETRY_MS : null;
  return error instanceof WebAPIRequestError ? BEFORE_RETRY_MS : null;
}

/** Retry-After in milliseconds, or null when it is longer than a person waits. */
export function pauseFor(retryAfterSeconds: number): number | null {
  return retryAfterSeconds <= LONGEST_WAIT_SECONDS ? Math.max(0, retryAfterSeconds) * 1000 : null;
}

function slackError(error: unknown): AdviseError {
  const upstream = (code: string, message: string, hint: string): AdviseError =>
    new AdviseError({ kind: 'upstream', code, message, hint, cause: error });
  if (error instanceof WebAPIPlatformError) {
    const reason = String(error.data.error);
    return upstream(
      `slack_${reason}`,
      `Slack refused the call (${reason}).`,
      HINTS[reason] ?? 'ask again; if it stays, run "ecs-advise doctor"',
    );
  }
  if (error instanceof WebAPIRateLimitedError) {
    return upstream('slack_rate_limited', `Slack asks us to wait ${error.retryAfter} s.`, 'ask again after that');
  }
  if (error instanceof WebAPIHTTPError) {
    return upstream('slack_http', `Slack answered with HTTP ${error.statusCode}.`, 'ask again in a minute');
  }
  return upstream('slack_unreachable', 'Slack could not be reached.', 'ask again in a minute');
}

const HINTS: { readonly [reason: string]: string | undefined } = {
  not_in_channel: 'type /invite @ecs-advise in the channel, then try again',
  channel_not_found: 'type /invite @ecs-advise in the channel, then try again',
  expired_trigger_id: 'ask again: the form must open within three seconds',
  missing_scope: 'install the app again from manifest.yml; "ecs-advise doctor" names the scope',
  invalid_auth: 'the bot token is wrong; "ecs-advise doctor" says how to get a new one',
};

/** Slack's libraries log through ours. Their debug lines hold whole requests, typed text included: those stay out. */
export function slackLogger(log: Log): Logger {
  const text = (parts: readonly unknown[]): string =>
    parts.map((part) => (part instanceof Error ? part.message : typeof part === 'string' ? part : '…')).join(' ');
  return {
    debug: nothing,
    info: nothing,
    warn: (...parts: unknown[]) => log.warn({ from: 'slack' }, text(parts)),
    error: (...parts: unknown[]) => log.error({ from: 'slack' }, text(parts)),
    setLevel: nothing,
    getLevel: () => LogLevel.WARN,
    setName: nothing,
  };
}

function nothing(): void {
  // Level and name belong to the process, and nothing below a warning is written.
}
