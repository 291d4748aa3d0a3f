import type { Directory, Log, Settings } from '../deps.ts';
import { toAdviseError } from '../errors.ts';
import { createClient, type SlackSettings } from './client.ts';
import { createDirectory } from './directory.ts';
import { resolveApprovers } from './proposals.ts';

/** Whether the people that a route names are enough to approve anything. */

export type RouteCheck = {
  readonly route: string;
  readonly state: 'ok' | 'too-few' | 'unknown';
  readonly detail: string;
  /** What to do; null when all is well. */
  readonly fix: string | null;
};

type Policies = Pick<Settings, 'routes' | 'approvals'>;

/**
 * One row for each route. With four eyes the one who asks may not approve, so it takes two people at least, and as many
 * as the quorum. Empty when the bot is read-only: then nothing is ever approved. Never throws.
 */
export async function checkRoutes(
  { routes, approvals }: Policies,
  directory: Directory,
): Promise<readonly RouteCheck[]> {
  if (approvals.readOnly) return [];
  return Promise.all(routes.map((route) => checkRoute(route, approvals, directory)));
}

const TIMEOUT_MS = 3_000;

/** The same with a connection of its own, for `doctor`. */
export function checkRoutesIn(
  slack: Pick<SlackSettings, 'botToken' | 'apiUrl'>,
  settings: Policies,
  log: Log,
): Promise<readonly RouteCheck[]> {
  return checkRoutes(settings, createDirectory(createClient(slack, log, TIMEOUT_MS), { now: () => new Date() }));
}

async function checkRoute(
  { name, approvers, quorum }: Settings['routes'][number],
  { requesterMayApprove, quorum: byKind }: Settings['approvals'],
  directory: Directory,
): Promise<RouteCheck> {
  const needed = Math.max(quorum, ...Object.values(byKind), requesterMayApprove ? 1 : 2);
  try {
    const { length } = await resolveApprovers(approvers, directory);
    const found = length === 1 ? '1 approver' : `${length} approvers`;
    if (length >= needed) return { route: name, state: 'ok', detail: found, fix: null };
    const fourEyes = needed === 2 && !requesterMayApprove && Math.max(quorum, ...Object.values(byKind)) < 2;
    const why = fourEyes
      ? ': whoever asks may not approve, so it takes two people'
      : `, and changes may need ${needed}`;
    const fix = fourEyes
      ? 'name more approvers, or set approvals.requesterMayApprove: true for a team of one'
      : 'name more approvers, or lower the quorum';
    return { route: name, state: 'too-few', detail: `${found}${why}`, fix };
  } catch (thrown) {
    const { message, hint } = toAdviseError(thrown);
    return { route: name, state: 'unknown', detail: message, fix: hint ?? 'try again in a minute' };
  }
}
