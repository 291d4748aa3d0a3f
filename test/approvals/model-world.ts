import { expect } from 'vitest';
import { applyProposal, click, propose, sweep } from '../../src/approvals/index.ts';
import { type Change, PROPOSAL_TAG, type Verdict, type WindowCall } from '../../src/approvals/model.ts';
import type { Store } from '../../src/deps.ts';
import { Killed, Killer, watched } from './crash.ts';
import { aWindow, FakeAws, SATURDAY, SUNDAY } from './fake-aws.ts';
import { aBench, aDraft, type Bench, HOUR, PLACE, POLICY, press, TEAM, tagged } from './fixtures.ts';

const USERS = ['U1', 'UA', 'UB', 'UC', 'U9'] as const;
const KINDS = ['new', 'modify', 'move', 'delete'] as const;
const MINUTE = 60 * 1000;

/** `kill` = the number of the moment at which the process dies; null = it lives. `who` and `which` are taken modulo. */
export type Action =
  | { readonly do: 'propose'; readonly kind: number; readonly who: number; readonly quorum: 1 | 2; readonly on: 0 | 1 }
  | {
      readonly do: 'click';
      readonly which: number;
      readonly who: number;
      readonly verdict: Verdict;
      readonly drawn: 'now' | 'before' | 'never';
      readonly team: string;
      readonly on: 0 | 1;
      readonly kill: number | null;
      readonly applies: boolean;
    }
  | { readonly do: 'race'; readonly which: number; readonly who: readonly [number, number] }
  | { readonly do: 'sweep'; readonly on: 0 | 1 | 'both'; readonly kill: number | null }
  | { readonly do: 'pass'; readonly minutes: number }
  | { readonly do: 'group'; readonly isIn: boolean }
  | { readonly do: 'freeze'; readonly on: boolean }
  | { readonly do: 'readOnly'; readonly on: boolean }
  | { readonly do: 'mood'; readonly mood: ReturnType<FakeAws['mood']> }
  | { readonly do: 'meddle'; readonly which: number };

/** What a simple-minded observer knows of one proposal. */
type Known = {
  readonly id: string;
  readonly kind: (typeof KINDS)[number];
  /** Its windows and targets have this number in their names. */
  readonly number: number;
  readonly requester: string;
  readonly quorum: number;
  readonly expiresAt: number;
  readonly votes: Set<string>;
  open: boolean;
  /** Enough people agreed while it was open. */
  quorumReached: boolean;
  meddled: boolean;
};

/** Two processes on one database, one AWS, one Slack; and an observer who checks every call as it comes in. */
export class ModelWorld {
  readonly #bench: Bench;
  readonly #stores: readonly [Store, Store];
  readonly #known: Known[] = [];
  #numbers = 0;
  #frozen = false;
  #readOnly = false;
  answered = 0;

  constructor(stores: readonly [Store, Store]) {
    this.#stores = stores;
    this.#bench = aBench(stores[0], new FakeAws());
    this.#listen(null);
  }

  async run(action: Action): Promise<void> {
    switch (action.do) {
      case 'propose':
        return this.#propose(action);
      case 'click':
        return this.#click(action);
      case 'race':
        return this.#race(action);
      case 'sweep':
        return this.#sweep(action);
      case 'pass':
        return this.#bench.pass(action.minutes * MINUTE);
      case 'group':
        return void this.#bench.groups.set('S1', action.isIn ? ['UC'] : []);
      case 'freeze':
        this.#frozen = action.on;
        return this.#configure();
      case 'readOnly':
        this.#readOnly = action.on;
        return this.#configure();
      case 'mood':
        this.#bench.aws.mood = ({ dryRun }) => (dryRun && action.mood === 'lose-answer' ? 'well' : action.mood);
        return;
      case 'meddle':
        return this.#meddle(action.which);
    }
  }

  /** Everything works again and time goes by: every proposal must end, and end well. */
  async settle(): Promise<void> {
    const { aws, slack, pass } = this.#bench;
    this.#listen(null);
    aws.mood = () => 'well';
    this.#frozen = false;
    this.#readOnly = false;
    this.#configure();
    for (const on of [0, 1, 0, 1] as const) {
      pass(3 * MINUTE);
      await this.#sweep({ do: 'sweep', on, kill: null });
    }
    pass(49 * HOUR);
    await this.#sweep({ do: 'sweep', on: 1, kill: null });
    for (const known of this.#known) await this.#checkEnd(known);
    expect(new Set(slack.told).size).toBe(slack.told.length);
    expect(await this.#stores[0].unshownProposals()).toEqual([]);
  }

  #configure(): void {
    const freezes = this.#frozen ? [{ name: 'freeze', from: '2026-01-01', to: '2027-12-31' }] : [];
    this.#bench.settings.approvals = { ...POLICY, freezes, readOnly: this.#readOnly };
  }

  async #propose({ kind: kindNumber, who, quorum, on }: Extract<Action, { do: 'propose' }>): Promise<void> {
    const { aws, deps, clock } = this.#bench;
    const kind = KINDS[kindNumber % KINDS.length] ?? 'new';
    const requester = USERS[who % 2] ?? 'U1';
    this.#numbers += 1;
    const number = this.#numbers;
    const change = changeOf(kind, number);
    if (change.kind === 'window.move') aws.windows.push(change.from, change.to);
    else if (change.before !== null) aws.windows.push(change.before);
    const rule = { ...aDraft().rule, quorum };
    const made = await propose(aDraft({ change, requester, rule }), { ...deps, store: this.#stores[on] });
    expect(made.kind).toBe(this.#readOnly ? 'not-offered' : 'proposed');
    if (made.kind !== 'proposed') return;
    this.#known.push({
      id: made.proposal.id,
      kind,
      number,
      requester,
      quorum,
      expiresAt: clock.at.getTime() + 24 * HOUR,
      votes: new Set(),
      open: true,
      quorumReached: false,
      meddled: false,
    });
  }

  /** The rules once more, in one condition. */
  #mayClick(
    known: Known,
    user: string,
    { verdict, drawn, team }: Pick<Extract<Action, { do: 'click' }>, 'verdict' | 'drawn' | 'team'>,
  ): boolean {
    const open = known.open && this.#bench.clock.at.getTime() < known.expiresAt;
    if (!open || drawn !== 'now' || team !== TEAM) return false;
    const approver = this.#isApprover(user);
    if (verdict !== 'approve') return approver || user === known.requester;
    return approver && user !== known.requester && !known.votes.has(user) && !this.#frozen && !this.#readOnly;
  }

  #isApprover(user: string): boolean {
    return user === 'UA' || user === 'UB' || (this.#bench.groups.get('S1') ?? []).includes(user);
  }

  /** After a click that counted; true when it was the last one needed. */
  #count(known: Known, user: string, verdict: Verdict): boolean {
    if (verdict === 'reject') known.open = false;
    if (verdict !== 'approve') return false;
    known.votes.add(user);
    if ([...known.votes].filter((voter) => this.#isApprover(voter)).length < known.quorum) return false;
    known.open = false;
    known.quorumReached = true;
    return true;
  }

  async #click(action: Extract<Action, { do: 'click' }>): Promise<void> {
    const known = this.#pick(action.which);
    const user = USERS[action.who % USERS.length] ?? 'U1';
    const before = known === null ? null : await this.#stores[0].proposal(known.id);
    const version = versionOf(before?.version ?? 1, action.drawn);
    const pressed = press({ id: known?.id ?? 'forged', version }, user, { verdict: action.verdict, team: action.team });
    const may = known !== null && this.#mayClick(known, user, action);
    const deps = this.#process(action.on, action.kill);
    const end = await Promise.allSettled([click(pressed, deps)]);
    this.#listen(null);
    if (end[0].status === 'rejected') {
      if (!(end[0].reason instanceof Killed)) throw end[0].reason;
      const after = known === null ? null : await this.#stores[0].proposal(known.id);
      if (known === null || after?.decisions.length === before?.decisions.length) return;
      // He was not answered, but it was saved: then it must have been right.
      expect(may).toBe(true);
      this.#count(known, user, action.verdict);
      return;
    }
    this.answered += 1;
    const answer = end[0].value;
    expect(answer.message).not.toBe('');
    expect(answer.kind).toBe(may ? 'taken' : 'refused');
    if (known === null || answer.kind !== 'taken') return;
    expect(answer.apply).toBe(this.#count(known, user, action.verdict));
    if (answer.apply && action.applies)
      await this.#survive(applyProposal(known.id, this.#process(action.on, action.kill)));
    this.#listen(null);
  }

  /** Two people press the same drawing at once, each served by a process of its own. */
  async #race({ which, who }: Extract<Action, { do: 'race' }>): Promise<void> {
    const known = this.#pick(which);
    if (known === null) return;
    const version = (await this.#stores[0].proposal(known.id))?.version ?? 1;
    const clicks = who.map((number) => USERS[number % USERS.length] ?? 'U1');
    const may = clicks.map((user) => this.#mayClick(known, user, { verdict: 'approve', drawn: 'now', team: TEAM }));
    const answers = await Promise.all(
      clicks.map((user, index) =>
        click(press({ id: known.id, version }, user), this.#process(index === 0 ? 0 : 1, null)),
      ),
    );
    this.answered += answers.length;
    const taken = clicks.filter((_, index) => answers[index]?.kind === 'taken');
    expect(taken.length).toBe(may.includes(true) ? 1 : 0);
    for (const user of taken) {
      expect(may[clicks.indexOf(user)]).toBe(true);
      const last = this.#count(known, user, 'approve');
      expect(answers.some((answer) => answer.kind === 'taken' && answer.apply)).toBe(last);
    }
    if (known.quorumReached) {
      await Promise.all(
        [0, 1].map((on) => this.#survive(applyProposal(known.id, this.#process(on === 0 ? 0 : 1, null)))),
      );
    }
  }

  async #sweep({ on, kill }: Extract<Action, { do: 'sweep' }>): Promise<void> {
    if (on === 'both') {
      await Promise.all([sweep(this.#process(0, null)), sweep(this.#process(1, null))]);
      return;
    }
    await this.#survive(sweep(this.#process(on, kill)));
    this.#listen(null);
  }

  /** Somebody at the console: takes the targets, or changes the hours. */
  #meddle(which: number): void {
    const known = this.#pick(which);
    if (known === null) return;
    const { aws } = this.#bench;
    known.meddled = true;
    const window = aws.windows.find(({ id }) => id === `iew-${known.number}`);
    if (window !== undefined) aws.edit(window.id, { cron: '* 1-6 * * 1', timeRanges: [] });
    else
      aws.windows.push(
        aWindow(`iew-foreign${known.number}`, { instanceTags: tagged(`c${known.number}`).instanceTags }),
      );
  }

  #pick(which: number): Known | null {
    // One press in eleven is on nothing that exists.
    return which === 11 ? null : (this.#known[which % Math.max(1, this.#known.length)] ?? null);
  }

  /** One of the two processes, to be killed at a moment. */
  #process(on: 0 | 1, kill: number | null) {
    const { deps, slack } = this.#bench;
    const killer = kill === null ? null : new Killer(kill);
    this.#listen(killer);
    const store = killer === null ? this.#stores[on] : watched(this.#stores[on], killer.moment);
    slack.onMoment = killer?.moment ?? (() => undefined);
    return { ...deps, store };
  }

  async #survive(work: Promise<unknown>): Promise<void> {
    const end = await Promise.allSettled([work]);
    if (end[0].status === 'rejected' && !(end[0].reason instanceof Killed)) throw end[0].reason;
  }

  #listen(killer: Killer | null): void {
    const { aws, slack } = this.#bench;
    slack.onMoment = killer?.moment ?? (() => undefined);
    aws.onMoment = killer?.moment ?? (() => undefined);
    aws.onChange = (call) => this.#checkCall(call);
  }

  /** Every call that changes something must be covered by a quorum that was reached in time. */
  #checkCall(call: WindowCall): void {
    const known = this.#known.find((one) => this.#isAbout(call, one));
    expect(known, `nobody asked for ${JSON.stringify(call)}`).toBeDefined();
    if (known === undefined) return;
    expect(known.quorumReached, `${call.op} without quorum`).toBe(true);
    const changes = this.#bench.aws.changes.filter((other) => this.#isAbout(other, known));
    if (changes.length === 0) {
      expect(this.#bench.clock.at.getTime(), 'begun after its expiry').toBeLessThan(known.expiresAt);
      expect(this.#frozen || this.#readOnly, 'begun while it was forbidden').toBe(false);
    }
    expect(
      changes.some((other) => other.op === call.op && isOnce(call)),
      `${call.op} made twice`,
    ).toBe(false);
  }

  /** Told by names and tags, which hold the number of the proposal. */
  #isAbout(call: WindowCall, { number, id }: Known): boolean {
    switch (call.op) {
      case 'CreateInstanceEventWindow':
        return call.tags[PROPOSAL_TAG] === id;
      case 'AssociateInstanceEventWindow':
      case 'DisassociateInstanceEventWindow':
        return call.targets.instanceTags.every(({ value }) => value === `c${number}`);
      default:
        return call.window === `iew-${number}` || this.#bench.aws.madeFor.get(call.window) === id;
    }
  }

  async #checkEnd(known: Known): Promise<void> {
    const { aws, slack } = this.#bench;
    const proposal = await this.#stores[0].proposal(known.id);
    if (proposal === null) throw new Error(`${known.id} is lost`);
    const changes = aws.changes.filter((call) => this.#isAbout(call, known));
    const about = `${known.kind} ${proposal.state}: ${proposal.outcome}`;
    expect(['applied', 'failed', 'stale', 'rejected', 'expired'], about).toContain(proposal.state);
    if (['stale', 'rejected', 'expired'].includes(proposal.state)) expect(changes, about).toEqual([]);
    if (/Nothing was changed|nothing had to be/.test(proposal.outcome ?? '')) expect(changes, about).toEqual([]);
    const made = aws.windows.filter((window) => window.tags[PROPOSAL_TAG] === known.id);
    expect(made.length, about).toBeLessThanOrEqual(1);
    if (proposal.state === 'applied' && known.kind === 'new' && !known.meddled) {
      expect(made, about).toMatchObject([tagged(`c${known.number}`)]);
    }
    if (/nothing stands/.test(proposal.outcome ?? '')) expect(made, about).toEqual([]);
    expect(proposal.messages.length, about).toBeGreaterThan(0);
    for (const { ts } of proposal.messages) {
      expect(slack.messages.get(ts), about).toMatchObject({ proposal: known.id, state: proposal.state });
    }
  }
}

function changeOf(kind: (typeof KINDS)[number], number: number): Change {
  const targets = tagged(`c${number}`);
  const before = aWindow(`iew-${number}`, { instanceTags: targets.instanceTags });
  const schedule = { kind: 'ranges', timeRanges: kind === 'modify' ? SATURDAY : SUNDAY } as const;
  switch (kind) {
    case 'new':
      return { kind: 'window.set', place: PLACE, before: null, after: { name: `n${number}`, schedule, targets } };
    case 'modify':
      return { kind: 'window.set', place: PLACE, before, after: { name: before.name, schedule, targets } };
    case 'move':
      return { kind: 'window.move', place: PLACE, targets, from: before, to: aWindow(`iew-to${number}`) };
    case 'delete':
      return { kind: 'window.delete', place: PLACE, before };
  }
}

/** Calls that no rollback ever repeats. */
function isOnce({ op }: WindowCall): boolean {
  return op === 'CreateInstanceEventWindow' || op === 'DeleteInstanceEventWindow';
}

function versionOf(version: number, drawn: 'now' | 'before' | 'never'): number {
  if (drawn === 'now') return version;
  return drawn === 'before' ? version - 1 : version + 5;
}
