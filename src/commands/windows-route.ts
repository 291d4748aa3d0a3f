/** Who is asked about a change: the first route that matches what it is about. */
import type { ApprovalRule, ChangeKind, Place, Route } from '../approvals/model.ts';
import type { Settings } from '../deps.ts';
import { AdviseError } from '../errors.ts';
import { globPattern } from './roles.ts';

export type RouteSubject = Place & {
  readonly accountName: string;
  readonly cluster: string | null;
  readonly role: string | null;
  readonly tags: { readonly [key: string]: string };
};

/** The rule of the first matching route. Throws a config error that says what to write when there is none. */
export function ruleFor(
  kind: ChangeKind,
  subject: RouteSubject,
  settings: Pick<Settings, 'routes' | 'approvals'>,
): ApprovalRule {
  const route = settings.routes.find(({ match }) => isMatch(match, subject));
  if (route === undefined) {
    throw new AdviseError({
      kind: 'config',
      code: 'config_no_route',
      message: 'No route says who approves this change, so nothing was proposed.',
      hint: 'add a last route to ecs-advise.yaml: routes: [{ name: all, match: {}, channel: C0123456789, approvers: [U0123456789, U9876543210] }]',
    });
  }
  const { name, channel, approvers, quorum } = route;
  return {
    route: name,
    channel,
    approvers,
    quorum: Math.max(quorum, settings.approvals.quorum[kind]),
    requesterMayApprove: settings.approvals.requesterMayApprove,
  };
}

/** Everything that the route names must fit; a route that names nothing fits all. */
function isMatch(match: Route['match'], subject: RouteSubject): boolean {
  const { cluster, account, role, tags } = match;
  const isCluster = cluster === undefined || (subject.cluster !== null && globPattern(cluster).test(subject.cluster));
  const isAccount = account === undefined || account === subject.account || account === subject.accountName;
  const isRole = role === undefined || role === subject.role;
  return (
    isCluster && isAccount && isRole && Object.entries(tags ?? {}).every(([key, value]) => subject.tags[key] === value)
  );
}
