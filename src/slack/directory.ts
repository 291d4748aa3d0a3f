import type { WebClient } from '@slack/web-api';
import type { Clock, Directory } from '../deps.ts';
import { AdviseError, toAdviseError } from '../errors.ts';
import { callSlack } from './client.ts';

/** Who is in a user group, asked when somebody clicks. */

/** Several clicks in a row ask once; somebody who was taken out of a group is refused a few seconds later. */
const KNOWN_FOR_MS = 10_000;

type Known = { readonly atMs: number; readonly members: Promise<readonly string[]> };

/** Asks Slack. An answer counts for ten seconds; a failure is not remembered. */
export function createDirectory(client: WebClient, clock: Clock): Directory {
  const known = new Map<string, Known>();
  return {
    membersOf: (userGroup) => {
      const nowMs = clock.now().getTime();
      const recent = known.get(userGroup);
      if (recent !== undefined && nowMs - recent.atMs < KNOWN_FOR_MS) return recent.members;
      const members = ask(client, userGroup);
      known.set(userGroup, { atMs: nowMs, members });
      members.catch(() => {
        if (known.get(userGroup)?.members === members) known.delete(userGroup);
      });
      return members;
    },
  };
}

async function ask(client: WebClient, usergroup: string): Promise<readonly string[]> {
  try {
    const { users } = await callSlack(() => client.usergroups.users.list({ usergroup }));
    return users ?? [];
  } catch (thrown) {
    const { code, message } = toAdviseError(thrown);
    throw new AdviseError({
      kind: 'upstream',
      code,
      message: `Slack did not say who is in the user group ${usergroup}. ${message}`,
      hint: HINTS[code] ?? 'try again in a minute',
      cause: thrown,
    });
  }
}

const HINTS: { readonly [code: string]: string | undefined } = {
  slack_missing_scope: 'install the app again from manifest.yml: it needs usergroups:read',
  slack_no_such_subteam: 'correct the group id in the routes of ecs-advise.yaml',
  slack_subteam_not_found: 'correct the group id in the routes of ecs-advise.yaml',
  slack_paid_teams_only: "user groups need a paid plan: name the approvers' member ids instead",
};
