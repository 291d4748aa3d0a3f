import type { ApplyDeps, Click, ClickDeps, Draft, Notifier } from '../../src/approvals/index.ts';
import type { ApprovalPolicy, Change, PostedMessage, Proposal, WindowTargets } from '../../src/approvals/model.ts';
import type { AwsAccount, Settings, Store } from '../../src/deps.ts';
import { FakeAws, SUNDAY } from './fake-aws.ts';

export const PLACE = { account: '111122223333', region: 'eu-west-1' };
const START = '2026-11-24T09:00:00.000Z';
export const HOUR = 60 * 60 * 1000;
export const TEAM = 'T1';

export function tagged(value: string, key = 'aws:ecs:clusterName'): WindowTargets {
  return { instanceIds: [], instanceTags: [{ key, value }], dedicatedHostIds: [] };
}

export const NEW_WINDOW: Change = {
  kind: 'window.set',
  place: PLACE,
  before: null,
  after: { name: 'prod', schedule: { kind: 'ranges', timeRanges: SUNDAY }, targets: tagged('prod') },
};

export const ACCOUNT: AwsAccount = {
  id: PLACE.account,
  name: 'prod',
  readerRoleArn: null,
  writerRoleArn: 'arn:aws:iam::111122223333:role/ecs-advise-writer',
  externalId: null,
  regions: ['eu-west-1'],
  payer: false,
};

export const POLICY: ApprovalPolicy = {
  readOnly: false,
  expiryHours: 24,
  freezes: [],
  quorum: { 'window.set': 1, 'window.move': 1, 'window.delete': 1 },
  requesterMayApprove: false,
};

/** U1 asks; UA, UB and whoever is in group S1 may approve; U9 may not. */
export function aDraft(parts: Partial<Draft> = {}): Draft {
  return {
    change: NEW_WINDOW,
    requester: 'U1',
    team: TEAM,
    rule: { route: 'all', channel: 'C1', approvers: ['UA', 'UB', 'S1'], quorum: 1, requesterMayApprove: false },
    zone: 'Europe/London',
    briefing: { title: 'Patch prod on Sundays', affected: [], takesHold: [], lint: [], clashes: [] },
    ...parts,
  };
}

export type Settable = Pick<Settings, 'routes' | 'approvals' | 'accounts'>;

/** Everything that approvals need, around one database and one AWS; one process unless `sharing` another's world. */
export type Bench = {
  readonly deps: ClickDeps & ApplyDeps & { readonly store: Store };
  readonly aws: FakeAws;
  readonly slack: FakeSlack;
  readonly clock: { at: Date };
  readonly groups: Map<string, readonly string[]>;
  readonly settings: { -readonly [K in keyof Settable]: Settable[K] };
  readonly logged: string[];
  readonly pass: (ms: number) => void;
};

export function aBench(store: Store, aws = new FakeAws()): Bench {
  const clock = { at: new Date(START) };
  const groups = new Map<string, readonly string[]>([['S1', ['UC']]]);
  const settings = { routes: [], approvals: POLICY, accounts: [ACCOUNT] };
  const slack = new FakeSlack();
  const logged: string[] = [];
  const note = (fields: Record<string, unknown>, message: string) =>
    void logged.push(`${message} ${fields.error ?? ''}`);
  const deps = {
    clock: { now: () => clock.at },
    log: { info: note, warn: note, error: note, debug: note },
    store,
    aws: aws.reader,
    settings,
    directory: { membersOf: async (group: string) => groups.get(group) ?? [] },
    workspace: TEAM,
    notifier: slack,
    writer: aws.writer,
  };
  const pass = (ms: number) => {
    clock.at = new Date(clock.at.getTime() + ms);
  };
  return { deps, aws, slack, clock, groups, settings, logged, pass };
}

/** Slack as approvals see it: which state every message shows. */
export class FakeSlack implements Notifier {
  readonly messages = new Map<
    string,
    { readonly proposal: string; readonly version: number; readonly state: string }
  >();
  readonly told: string[] = [];
  /** May throw like an unreachable Slack. */
  onMoment: (moment: string) => void = () => undefined;

  readonly show = async (proposal: Proposal): Promise<readonly PostedMessage[]> => {
    await Promise.resolve();
    this.onMoment('before show');
    const copies =
      proposal.messages.length > 0 ? proposal.messages : [{ channel: 'C1', ts: `${this.messages.size + 1}.0` }];
    for (const { ts } of copies) {
      this.messages.set(ts, { proposal: proposal.id, version: proposal.version, state: proposal.state });
    }
    this.onMoment('after show');
    return copies;
  };

  readonly ended = async ({ id, state }: Proposal): Promise<void> => {
    await Promise.resolve();
    this.onMoment('told');
    this.told.push(`${id} ${state}`);
  };
}

/** A press on a button of `proposal` as it is drawn now. */
export function press(proposal: Pick<Proposal, 'id' | 'version'>, user: string, parts: Partial<Click> = {}): Click {
  return {
    proposal: proposal.id,
    version: proposal.version,
    verdict: 'approve',
    reason: null,
    user,
    team: TEAM,
    ...parts,
  };
}
