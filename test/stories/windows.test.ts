import { describe, expect, test } from 'vitest';
import planted from '../../demo/aws/world/planted.json' with { type: 'json' };
import type { Route } from '../../src/approvals/model.ts';
import { type Outcome, runCommand } from '../../src/commands/run.ts';
import type { Settings } from '../../src/deps.ts';
import { toCsv, toText } from '../../src/report/text.ts';
import { renderReport } from '../../src/slack/blocks.ts';
import { checkMessage } from '../../src/slack/limits.ts';
import { anEstate, aScannedEstate, type Estate, NOW } from '../support/estate.ts';

type WindowsJson = {
  readonly question: { readonly sub: string };
  readonly snapshot: { readonly id: string } | null;
  readonly facts: readonly { readonly id: string }[];
  readonly result: {
    readonly windows: readonly {
      readonly id: string | null;
      readonly name: string;
      readonly account: string;
      readonly region: string;
      readonly state: string | null;
      readonly cron: string | null;
      readonly timeRanges: readonly unknown[];
      readonly targets: { readonly instanceTags: readonly { readonly key: string; readonly value: string }[] };
      readonly lint: readonly { readonly rule: string; readonly severity: string; readonly fact: string }[];
      readonly catches?: { readonly instances: readonly string[]; readonly tasks: number };
    }[];
    readonly calendar: readonly {
      readonly instance: string;
      readonly provider: string;
      readonly launchedAt: string;
      readonly drainFrom: string;
      readonly hardDeadline: string;
      readonly window: string | null;
      readonly clashes: readonly { readonly kind: string; readonly name: string }[];
    }[];
    readonly proposal: {
      readonly id: string;
      readonly version: number;
      readonly before: object | null;
      readonly after: object | null;
      readonly approvalsNeeded: number;
      readonly expiresAt: string;
    } | null;
    readonly outcome?: string;
  };
};

async function run(estate: Estate, ...args: readonly string[]): Promise<Outcome> {
  const call = { id: 'c0ffee', actor: 'UANA', team: 'T1', surface: 'slack', now: NOW } as const;
  return runCommand(['windows', ...args], estate.deps, call);
}

/** The answer as every surface shows it; no report may be more than Slack takes. */
async function ask(estate: Estate, ...args: readonly string[]) {
  const outcome = await run(estate, ...args);
  if (outcome.kind !== 'answered') throw outcome.error;
  const { report, json, exitCode } = outcome.answered;
  expect(checkMessage(renderReport(report))).toEqual([]);
  return { text: toText(report).replace(/\s+/g, ' '), report, json: json as unknown as WindowsJson, exitCode };
}

async function refused(estate: Estate, ...args: readonly string[]) {
  const outcome = await run(estate, ...args);
  if (outcome.kind !== 'failed') throw new Error('answered');
  const { kind, code, message, hint } = outcome.error;
  return { kind, code, message, hint };
}

const ROUTES: readonly Route[] = [
  {
    name: 'daisy',
    match: { cluster: 'dai*' },
    channel: 'C0DAISY01',
    owners: [],
    approvers: ['UDAI', 'UEVA'],
    quorum: 2,
  },
  { name: 'all', match: {}, channel: 'C0ALL0001', owners: [], approvers: ['UDAI', 'UBEN'], quorum: 1 },
];

/** The recorded estate with changes allowed: routes, and a writer role in every account. */
async function writable(changes: Partial<Settings> = {}): Promise<Estate> {
  const estate = await aScannedEstate();
  const { settings } = estate.deps;
  const accounts = settings.accounts.map((account) => ({
    ...account,
    writerRoleArn: `arn:aws:iam::${account.id}:role/ecs-advise-writer`,
  }));
  const approvals = { ...settings.approvals, readOnly: false, requesterMayApprove: false };
  const allowed = { ...settings, accounts, approvals, readOnly: false, routes: ROUTES, ...changes };
  return { ...estate, deps: { ...estate.deps, settings: allowed } };
}

const finding = (id: string) => {
  const found = planted.find((row) => row.id === id);
  if (found === undefined) throw new Error(`nothing is planted as ${id}`);
  return found;
};

describe('windows', () => {
  test('lists every window with its rows, whom it catches, and what has none', async () => {
    const estate = await aScannedEstate();
    const { json, text, exitCode, report } = await ask(estate);
    const { windows } = json.result;

    const inWorld = [...estate.world.accounts.values()].flatMap((account) =>
      [...account.regions.values()].flatMap(({ ec2 }) =>
        ec2.eventWindows.map((window) => window.InstanceEventWindowId),
      ),
    );
    expect(windows.map(({ id }) => id).sort()).toEqual([...inWorld].sort());
    expect(exitCode).toBe(0);
    const ids = json.facts.map(({ id }) => id);
    for (const { fact } of windows.flatMap(({ lint }) => lint)) expect(ids).toContain(fact);
    const nights = windows.find(({ name }) => name === 'daisy-nights');
    expect(nights?.catches?.instances.length).toBeGreaterThan(0);
    expect(nights?.state).toBe('active');
    expect(text).toContain('3 providers of managed instances have none.');
    expect(text).toContain('orchid/mi-orchid (qcu-1, us-east-1)');
    expect(report.csv).toHaveLength(windows.length + 1);
  });

  test('of one cluster are those that reach into it, by instances or by Fargate tasks', async () => {
    const estate = await aScannedEstate();
    const names = async (...args: readonly string[]) =>
      (await ask(estate, ...args)).json.result.windows.map(({ name }) => name).sort();

    expect(await names('rose')).toEqual(['rose-retirement']);
    expect(await names('--cluster', 'rose', '--tz', 'Europe/London')).toEqual(['rose-retirement']);
    expect((await names('daisy')).every((name) => name.startsWith('daisy'))).toBe(true);
    expect(await names('--account', 'qcu-2', '--region', 'eu-west-1')).toEqual(await names('daisy'));
    expect(await refused(estate, 'ros')).toMatchObject({ code: 'usage_unknown_cluster' });
    expect(await refused(estate, 'calendr')).toMatchObject({ code: 'usage_unknown_verb', hint: 'windows calendar' });
  });
});

describe('windows calendar', () => {
  test('says of every managed instance when it goes: day 14, day 21, and the window between', async () => {
    const estate = await aScannedEstate();
    const { json, text, report } = await ask(estate, 'calendar');
    const { calendar } = json.result;

    expect(calendar.length).toBeGreaterThan(20);
    for (const { launchedAt, drainFrom, hardDeadline } of calendar) {
      expect(Date.parse(drainFrom) - Date.parse(launchedAt)).toBe(14 * 86_400_000);
      expect(Date.parse(hardDeadline) - Date.parse(launchedAt)).toBe(21 * 86_400_000);
    }
    expect(text).toMatch(/\d+ managed instances: \d draining now/);
    expect(text).toContain('AWS does not say since when a window stands');
    // More rows than a message shows are in the CSV.
    expect(report.csv).toHaveLength(calendar.length + 1);
    expect(toCsv(report.csv ?? [])).toContain(calendar.at(-1)?.instance);
    expect(report.actions).toContainEqual(expect.objectContaining({ command: 'windows calendar --csv' }));
  });

  test('finds what is planted: draining instances, a scheduled reboot, a service that cannot surge', async () => {
    const estate = await aScannedEstate();
    const { text, json } = await ask(estate, 'calendar');

    for (const id of ['draining-orchid', 'draining-daisy']) {
      const provider = finding(id).subject;
      const ages = json.result.calendar
        .filter((row) => row.provider === provider)
        .map(({ launchedAt }) => (NOW.getTime() - Date.parse(launchedAt)) / 86_400_000);
      expect([provider, ages.some((age) => age >= 14)]).toEqual([provider, true]);
    }
    expect(text).toContain(`EC2 has scheduled system-reboot for ${finding('untrusted-reboot').subject} of tulip`);
    expect(text).toContain(`no second task may start beside ${finding('no-surge-auth-proxy').subject}`);
    expect(text).toContain('rose: 121 tasks, retired in rose-retirement');
    expect(text).toContain('the old task stops before the new one runs');
  });

  test('of one cluster shows freezes and the local clock', async () => {
    const estate = await aScannedEstate();
    const { settings } = estate.deps;
    const freezes = [{ name: 'year end', from: '2026-11-27T00:00:00Z', to: '2026-12-10T00:00:00Z' }];
    const frozen = { ...settings, approvals: { ...settings.approvals, freezes } };
    const { text, json } = await ask(
      { ...estate, deps: { ...estate.deps, settings: frozen } },
      'calendar',
      'daisy',
      '--tz',
      'Asia/Tokyo',
    );

    expect(text).toContain('Freeze "year end"');
    // 02:00 UTC is 11:00 in Tokyo all year.
    expect(text).toMatch(/Sat 28 Nov 02:00 UTC daisy-nights \(11:00 Asia\/Tokyo\)/);
    expect(json.result.calendar.some(({ clashes }) => clashes.some(({ name }) => name === 'year end'))).toBe(true);
  });
});

describe('windows set', () => {
  test('proposes, and says who must approve, what changes, and how to do it by hand', async () => {
    const estate = await writable();
    const { json, text, exitCode } = await ask(estate, 'set', 'daisy', 'sundays 10 to 2pm', '--tz', 'Europe/London');
    const { proposal, windows } = json.result;

    expect([exitCode, json.result.outcome]).toEqual([0, 'proposed']);
    expect(proposal).toMatchObject({ version: 1, approvalsNeeded: 2, before: { name: 'daisy-nights' } });
    expect(windows[0]?.timeRanges).toEqual([
      { startWeekDay: 'sunday', startHour: 10, endWeekDay: 'sunday', endHour: 14 },
    ]);
    expect(text).toContain(`Proposed as ${proposal?.id}`);
    expect(text).toContain('of route daisy. It takes 2 approvals');
    expect(text).toContain('Europe/London: Sun 10:00-14:00 until 2027-03-28, then Sun 11:00-15:00');
    expect(text).toContain('aws ec2 modify-instance-event-window --region eu-west-1');
    expect(text).toContain('reaches only instances launched after the change');
    expect(text).toMatch(/of \d shards of daisy|shards of daisy may be drained in the same hours/);
    expect(text).toContain('ecs-advise windows set daisy "sunday 09:00-13:00" --tz UTC');
    const stored = await estate.deps.store.proposal(proposal?.id ?? '');
    expect(stored).toMatchObject({
      state: 'pending',
      requester: 'UANA',
      team: 'T1',
      zone: 'Europe/London',
      rule: { route: 'daisy', channel: 'C0DAISY01', approvers: ['UDAI', 'UEVA'], quorum: 2 },
    });
  });

  test('the same again is the same proposal', async () => {
    const estate = await writable();
    const line = ['set', 'mi-orchid', 'saturdays 2-6'] as const;
    const first = await ask(estate, ...line);
    const again = await ask(estate, ...line);

    expect(first.json.result).toMatchObject({ outcome: 'proposed', proposal: { before: null, approvalsNeeded: 1 } });
    expect(again.json.result).toMatchObject({
      outcome: 'waiting',
      proposal: { id: first.json.result.proposal?.id },
    });
    expect(again.text).toContain('The same is proposed already');
    expect(await estate.deps.store.proposals()).toHaveLength(1);

    // Other hours for the same target are a proposal of their own, which names the one that waits.
    const other = await ask(estate, 'set', 'mi-orchid', 'sundays 2-6');
    expect(other.json.result.outcome).toBe('proposed');
    expect(other.text).toContain(`Proposal ${first.json.result.proposal?.id} waits too`);
  });

  test('a service on Fargate is its ARN; one that the window of its cluster covers too may have its own', async () => {
    const estate = await writable();
    const { json, text } = await ask(estate, 'set', 'rose/quant-api', 'every third night 1-5');

    const [tag] = json.result.windows[0]?.targets.instanceTags ?? [];
    expect(tag?.key).toBe('aws:ecs:serviceArn');
    expect(tag?.value).toMatch(/:service\/rose\/quant-api$/);
    expect(text).toContain('today 12 Fargate tasks of 1 service');
    expect(text).toContain('aws ec2 create-instance-event-window');
    expect(text).toContain('aws ec2 associate-instance-event-window');
  });

  test('read-only shows the difference and the commands, and why nobody is asked', async () => {
    const estate = await aScannedEstate();
    const { json, text, report } = await ask(estate, 'set', 'mi-orchid', 'sundays 10-14');

    expect(json.result).toMatchObject({ proposal: null, outcome: 'not-offered' });
    expect(text).toContain('Nobody is asked to approve it');
    expect(text).toContain('aws ec2 create-instance-event-window --region us-east-1');
    expect(report.actions.filter(({ kind }) => kind === 'proposal')).toEqual([]);
    expect(await estate.deps.store.proposals()).toEqual([]);
  });

  test('no writer role for that account, no button either', async () => {
    const { deps } = await anEstate();
    const estate = await writable({ accounts: deps.settings.accounts });
    const { json, text } = await ask(estate, 'set', 'mi-orchid', 'sundays 10-14');

    expect(json.result.outcome).toBe('not-offered');
    expect(text).toMatch(/writer role|writerRole/);
  });

  test('no route is a fault of the configuration, with what to write', async () => {
    const estate = await writable({ routes: ROUTES.slice(0, 1) });

    expect(await refused(estate, 'set', 'mi-orchid', 'sundays 10-14')).toMatchObject({
      kind: 'config',
      code: 'config_no_route',
      hint: expect.stringContaining('approvers'),
    });
  });

  test('what AWS would refuse is not proposed', async () => {
    const estate = await writable();
    const { json, text, exitCode } = await ask(estate, 'set', 'mi-orchid', 'sundays 10 to 1pm');

    expect([exitCode, json.result.outcome, json.result.proposal]).toEqual([1, 'refused', null]);
    expect(json.result.windows[0]?.lint[0]).toMatchObject({ rule: 'total-minimum', severity: 'error' });
    expect(text).toContain('Not proposed: one thing is wrong with it');
    expect(await estate.deps.store.proposals()).toEqual([]);
  });

  test('what cannot be meant is refused, with what to type instead', async () => {
    const estate = await writable();
    const cases: readonly (readonly [readonly string[], string, string])[] = [
      [['set', 'rose'], 'usage_missing_hours', 'windows set rose "sundays 10 to 2pm" --tz Europe/London'],
      [['set'], 'usage_missing_value', 'windows set rose'],
      [['set', 'rosse', 'sundays 10-14'], 'usage_unknown_target', 'windows set rose "sundays 10 to 2pm"'],
      [['set', 'rose/quant-ap', 'sundays 10-14'], 'usage_unknown_target', 'rose/quant-api'],
      [['set', 'asg-tulip', 'sundays 10-14'], 'usage_no_window_target', 'windows calendar'],
      [['set', 'daisy/daisy-a', 'sundays 10-14'], 'usage_no_window_target', 'windows set daisy/mi-daisy'],
      [['set', 'daisy', 'whenever'], 'usage_unreadable_window', 'windows set daisy'],
      [['set', 'daisy', 'sundays 10-14', '--window', 'iew-0none'], 'usage_which_window', '--window iew-'],
      [['move', 'iew-0none', 'daisy'], 'usage_unknown_window', 'windows lists'],
      [['delete', 'iew-0none'], 'usage_unknown_window', 'windows lists'],
      [['undo', '2026-11-24-0099'], 'usage_unknown_proposal', 'decisions list'],
    ];
    for (const [args, code, hint] of cases) {
      const error = await refused(estate, ...args);
      expect([args, error.code, error.hint]).toEqual([args, code, expect.stringContaining(hint)]);
    }
    expect(await estate.deps.store.proposals()).toEqual([]);
  });

  test('windows are read from AWS, not from the scan', async () => {
    const estate = await writable();
    const [window] = (await ask(estate, 'daisy')).json.result.windows;
    for (const account of estate.world.accounts.values())
      for (const { ec2 } of account.regions.values()) ec2.eventWindows.length = 0;
    const { json } = await ask(estate, 'set', 'daisy', 'sundays 10-14');

    expect(window).toBeDefined();
    expect(json.result.proposal?.before).toBeNull();
  });
});

describe('move, delete', () => {
  test('a target goes from one window to the other', async () => {
    const estate = await writable();
    const { windows } = (await ask(estate, 'daisy')).json.result;
    const spot = windows.find(({ name }) => name === 'daisy-spot');
    const nights = windows.find(({ name }) => name === 'daisy-nights');
    const { json, text } = await ask(estate, 'move', nights?.id ?? '', 'daisy/mi-daisy-spot');

    expect(json.result.proposal).toMatchObject({ before: { id: spot?.id }, after: { id: nights?.id } });
    expect(text).toContain('aws ec2 disassociate-instance-event-window');
    expect(await refused(estate, 'move', nights?.id ?? '', 'daisy')).toMatchObject({ code: 'usage_which_window' });
  });

  test('a deletion is proposed with what it leaves behind', async () => {
    const estate = await writable();
    const [window] = (await ask(estate, 'rose')).json.result.windows;
    const { json, text } = await ask(estate, 'delete', window?.id ?? '');

    expect(json.result.proposal).toMatchObject({ before: { id: window?.id }, after: null });
    expect(text).toContain('Whatever comes after it has no window');
    expect(text).toContain('aws ec2 delete-instance-event-window');
  });
});

describe('undo and again', () => {
  test('an applied proposal is taken back by a proposal of its own', async () => {
    const estate = await writable();
    const { json } = await ask(estate, 'set', 'daisy', 'sundays 10-14');
    const { id = '' } = json.result.proposal ?? {};
    expect(await refused(estate, 'undo', id)).toMatchObject({ code: 'usage_not_undoable' });

    // As the apply would leave it: the window changed in AWS, the proposal saved as applied.
    const [window] = [...estate.world.accounts.values()]
      .flatMap((account) => [...account.regions.values()].flatMap(({ ec2 }) => ec2.eventWindows))
      .filter(({ Name }) => Name === 'daisy-nights');
    if (window === undefined) throw new Error('no window');
    window.TimeRanges = [{ StartWeekDay: 'sunday', StartHour: 10, EndWeekDay: 'sunday', EndHour: 14 }];
    const { store } = estate.deps;
    const stored = await store.proposal(id);
    if (stored === null) throw new Error('no proposal');
    const at = NOW.toISOString();
    const proposal = {
      ...stored,
      version: stored.version + 1,
      state: 'applied',
      outcome: 'Done.',
      endedAt: at,
    } as const;
    const record = { at, kind: 'applied', actor: 'bot', body: { proposal: id } };
    await store.advanceProposal({ from: stored.version, proposal, record });

    const undone = await ask(estate, 'undo', id);
    expect(undone.json.question.sub).toBe('undo');
    expect(undone.json.result).toMatchObject({ outcome: 'proposed', proposal: { approvalsNeeded: 2 } });
    expect(undone.text).toContain('to Sat 02:00-10:00 UTC');
    expect(undone.text).toContain(`Takes back ${id}.`);
    expect(undone.text).toContain('reaches only instances launched after the change');
    expect(await refused(estate, 'again', id)).toMatchObject({ code: 'usage_not_stale' });
  });
});
