import type { Log } from '../deps.ts';
import { toAdviseError } from '../errors.ts';
import { callSlack, createClient, type SlackSettings } from './client.ts';

/** Scopes the bot token must have; `manifest.yml` asks for exactly these (a test compares). */
export const NEEDED_SCOPES = ['chat:write', 'commands', 'files:write', 'im:write', 'usergroups:read'] as const;

export type SlackCheck = {
  /** True when the token works and no scope is missing. */
  readonly ok: boolean;
  /** Name of the workspace. */
  readonly team: string | null;
  readonly teamId: string | null;
  readonly botUser: string | null;
  readonly granted: readonly string[];
  readonly needed: readonly string[];
  readonly missing: readonly string[];
  /** Why Slack did not say, with the code of errors.md; null when it did. */
  readonly error: { readonly code: string; readonly message: string } | null;
};

const SILENT: Log = { info: ignore, warn: ignore, error: ignore, debug: ignore };
const TIMEOUT_MS = 3_000;

/** Asks Slack who the token is and what it may do. Never throws: what went wrong is in `error`. */
export async function checkSlack(
  settings: Pick<SlackSettings, 'botToken' | 'apiUrl'>,
  log: Log = SILENT,
): Promise<SlackCheck> {
  const nothing = { team: null, teamId: null, botUser: null, granted: [], needed: NEEDED_SCOPES, missing: [] };
  try {
    const client = createClient(settings, log, TIMEOUT_MS);
    const answer = await callSlack(() => client.auth.test());
    const granted = [...(answer.response_metadata?.scopes ?? [])].sort();
    const missing = NEEDED_SCOPES.filter((scope) => !granted.includes(scope));
    return {
      ok: missing.length === 0,
      team: answer.team ?? null,
      teamId: answer.team_id ?? null,
      botUser: answer.user ?? null,
      granted,
      needed: NEEDED_SCOPES,
      missing,
      error: null,
    };
  } catch (thrown) {
    const { code, message } = toAdviseError(thrown);
    return { ...nothing, ok: false, error: { code, message } };
  }
}

function ignore(): void {
  // `doctor` prints its own table; the libraries' lines would only be in the way.
}
