import { describe, expect, test } from 'vitest';
import type { Proposal } from '../../src/approvals/model.ts';
import type { Zone } from '../../src/engine/index.ts';
import { type ProposalSurroundings, proposalReport } from '../../src/report/proposal.ts';
import { toText } from '../../src/report/text.ts';
import { type ChangeAnswer, changeReport } from '../../src/report/windows-set.ts';
import { renderReport } from '../../src/slack/blocks.ts';
import { checkMessage } from '../../src/slack/limits.ts';
import { aWindow } from '../support/windows.ts';

const LONDON: Zone = {
  name: 'Europe/London',
  offsets: [
    { fromUtc: '2026-11-24T09:00:00.000Z', minutes: 0 },
    { fromUtc: '2027-03-28T01:00:00.000Z', minutes: 60 },
  ],
};
const AROUND: ProposalSurroundings = {
  zone: LONDON,
  now: '2026-11-24T09:00:00.000Z',
  accountName: 'qcu-1',
  needed: 2,
};

function aProposal(changes: Partial<Proposal> = {}): Proposal {
  const before = aWindow({
    timeRanges: [{ startWeekDay: 'saturday', startHour: 2, endWeekDay: 'saturday', endHour: 6 }],
  });
  const { name, timeRanges, instanceIds, instanceTags, dedicatedHostIds } = aWindow();
  return {
    id: '2026-11-24-0007',
    version: 1,
    state: 'pending',
    change: {
      kind: 'window.set',
      place: { account: '111111111111', region: 'eu-west-1' },
      before,
      after: {
        name,
        schedule: { kind: 'ranges', timeRanges },
        targets: { instanceIds, instanceTags, dedicatedHostIds },
      },
    },
    undoes: null,
    follows: null,
    requester: 'UFINN',
    team: 'T1',
    rule: { route: 'sre', channel: 'C0SRE0001', approvers: ['UDAI', 'S0SRE'], quorum: 2, requesterMayApprove: false },
    zone: 'Europe/London',
    createdAt: '2026-11-24T09:00:00.000Z',
    expiresAt: '2026-11-25T09:00:00.000Z',
    snoozedUntil: null,
    decisions: [],
    calls: [],
    outcome: null,
    endedAt: null,
    messages: [],
    briefing: {
      title: 'Set window rose (iew-0rose) of cluster rose to Sun 10:00-14:00 UTC',
      affected: ['For cluster rose: today 38 managed instances.'],
      takesHold: ['It reaches only instances launched after the change.'],
      lint: [{ severity: 'warning', text: 'Windows do not follow the clock.' }],
      clashes: ['Freeze "year end".'],
    },
    ...changes,
  };
}

const text = (proposal: Proposal): string => toText(proposalReport(proposal, AROUND)).replace(/\s+/g, ' ');
const approve = (user: string) => ({ user, at: '2026-11-24T09:41:00.000Z', verdict: 'approve', reason: null }) as const;

describe('a proposal that waits', () => {
  test('shows before and after in UTC and in the zone, who decides, and the buttons', () => {
    const report = proposalReport(aProposal(), AROUND);
    expect(text(aProposal())).toContain('waits for 2 approvals, until 2026-11-25 09:00 UTC.');
    expect(text(aProposal())).toContain(
      'Before Sat 02:00-06:00 UTC; Europe/London: Sat 02:00-06:00 until 2027-03-28, then Sat 03:00-07:00',
    );
    expect(text(aProposal())).toContain(
      'After Sun 10:00-14:00 UTC; Europe/London: Sun 10:00-14:00 until 2027-03-28, then Sun 11:00-15:00',
    );
    expect(text(aProposal())).toContain('Asked by UFINN. The one who asked may not approve.');
    expect(text(aProposal())).toContain('Takes 2 approvals of UDAI, S0SRE (route sre).');
    expect(report.actions.map((action) => (action.kind === 'proposal' ? [action.verb, action.version] : null))).toEqual(
      [
        ['approve', 1],
        ['reject', 1],
        ['snooze', 1],
        ['why', 1],
      ],
    );
    expect(checkMessage(renderReport(report))).toEqual([]);
  });

  test('counts approvals so far, and says when the one who asked may approve too', () => {
    const one = aProposal({ version: 2, decisions: [approve('UDAI')] });
    expect(text(one)).toContain('waits for 1 approval,');
    expect(text(one)).toContain('UDAI approved on 2026-11-24 09:41 UTC.');
    const { rule } = one;
    const own = aProposal({ rule: { ...rule, requesterMayApprove: true }, decisions: [approve('UFINN')] });
    expect(text(own)).toContain('may approve too: the configuration says so');
    expect(text(own)).toContain('UFINN, who asked for it approved');
  });
});

describe('a proposal that has ended', () => {
  test.each([
    ['applying', 'being applied'],
    ['applied', 'Done: Set window'],
    ['failed', 'Not done as asked'],
    ['stale', 'Nothing was changed'],
    ['rejected', 'Rejected, nothing was changed'],
    ['expired', 'Expired on 2026-11-25 09:00 UTC, nothing was changed'],
  ] as const)('%s: says so and has no button to decide', (state, says) => {
    const proposal = aProposal({ state, outcome: state === 'applied' ? 'As planned.' : null });
    expect(text(proposal)).toContain(says);
    const actions = proposalReport(proposal, AROUND).actions;
    expect(actions.filter(({ kind }) => kind === 'proposal')).toEqual([]);
    const commands = actions.map((action) => (action.kind === 'run' ? action.command : ''));
    const undo = { applied: ['windows undo 2026-11-24-0007'], stale: ['windows again 2026-11-24-0007'] };
    expect(commands).toEqual(state === 'applied' || state === 'stale' ? undo[state] : []);
  });

  test('names the requests to AWS, dry runs left out', () => {
    const call = { op: 'ModifyInstanceEventWindow', at: '', window: null, error: null } as const;
    const proposal = aProposal({
      state: 'applied',
      calls: [
        { ...call, dryRun: true, outcome: 'allowed', requestId: 'r-1' },
        { ...call, dryRun: false, outcome: 'done', requestId: 'r-2' },
      ],
    });
    expect(text(proposal)).toContain('AWS: ModifyInstanceEventWindow done (r-2).');
    expect(text(proposal)).not.toContain('r-1');
  });
});

test('names of strangers are harmless everywhere, and the longest message is one that Slack takes', () => {
  const hostile = `<!here> *bold* <@U1> & "${'🌹'.repeat(300)}"`;
  const window = aWindow({ name: hostile, instanceTags: [{ key: hostile, value: hostile }] });
  const { name, timeRanges, instanceIds, instanceTags, dedicatedHostIds } = window;
  const place = { account: '111111111111', region: 'eu-west-1' };
  const targets = {
    instanceIds,
    instanceTags: Array.from({ length: 50 }, () => instanceTags).flat(),
    dedicatedHostIds,
  };
  const schedule = { kind: 'ranges', timeRanges: Array.from({ length: 40 }, () => timeRanges).flat() } as const;
  const reject = { user: 'UDAI', at: '2026-11-24T09:41:00.000Z', verdict: 'reject', reason: hostile } as const;
  const proposal = aProposal({
    state: 'rejected',
    change: { kind: 'window.set', place, before: window, after: { name, schedule, targets } },
    decisions: [reject],
    outcome: hostile,
    briefing: {
      title: hostile,
      affected: Array.from({ length: 30 }, () => hostile),
      takesHold: [hostile],
      lint: Array.from({ length: 60 }, () => ({ severity: 'error' as const, text: hostile })),
      clashes: [hostile],
    },
  });
  const asked: ChangeAnswer = {
    ...AROUND,
    change: proposal.change,
    briefing: proposal.briefing,
    outcome: { kind: 'not-offered', message: hostile },
    others: [],
    apart: [],
    guesses: [hostile],
    answer: null,
    readAt: null,
    surface: 'slack',
  };
  for (const report of [proposalReport(proposal, AROUND), changeReport(asked)]) {
    const message = renderReport(report);
    expect(checkMessage(message)).toEqual([]);
    expect(JSON.stringify(message)).not.toMatch(/<!here>|<@U1>/);
  }
});
