import { type Change, type Place, PROPOSAL_TAG, type WindowCall } from '../../src/approvals/model.ts';
import type { AwsReader, AwsWriter } from '../../src/deps.ts';
import type { EventWindow } from '../../src/engine/index.ts';

/** What AWS does with one call: as it should, no, nothing and no answer, or all of it and no answer. */
type Mood = 'well' | 'deny' | 'throttle' | 'lose-request' | 'lose-answer';

type WriteInput = { readonly place: Place; readonly call: WindowCall; readonly dryRun: boolean };

/** The event windows of one region, with AWS's own rules about them, behind the reader's and the writer's types. */
export class FakeAws {
  windows: EventWindow[];
  /** Calls that changed something, in order. */
  readonly changes: WindowCall[] = [];
  /** Every call that came in, dry runs too. */
  readonly heard: { readonly op: WindowCall['op']; readonly dryRun: boolean }[] = [];
  mood: (input: WriteInput) => Mood = () => 'well';
  /** Runs when a call or a reading comes in and when it is answered; may throw like a crash of ours. */
  onMoment: (moment: string) => void = () => undefined;
  /** Sees every call just before it changes something. */
  onChange: (call: WindowCall) => void = () => undefined;
  unreadable: Error | null = null;
  /** The tag of every window that was made through here, also of those that are gone. */
  readonly madeFor = new Map<string, string | undefined>();
  #made = 0;

  constructor(windows: readonly EventWindow[] = []) {
    this.windows = [...windows];
  }

  readonly reader: Pick<AwsReader, 'eventWindows'> = {
    eventWindows: async () => {
      await Promise.resolve();
      this.onMoment('read');
      if (this.unreadable !== null) throw this.unreadable;
      return this.windows.map((window) => ({ ...window }));
    },
  };

  readonly writer: AwsWriter = {
    write: async (place, call, { dryRun }) => {
      await Promise.resolve();
      this.onMoment(`before ${call.op}`);
      const mood = this.mood({ place, call, dryRun });
      this.heard.push({ op: call.op, dryRun });
      const fault = this.#faultOf(call, mood);
      const base = { op: call.op, dryRun, at: 'set by the caller', requestId: `r${this.heard.length}`, window: null };
      if (mood === 'lose-request') return { ...base, outcome: 'unknown', requestId: null, error: NO_ANSWER };
      if (fault !== null) return { ...base, outcome: 'refused', error: fault };
      if (dryRun) return { ...base, outcome: 'allowed', error: null };
      this.onChange(call);
      const window = this.#change(call);
      this.changes.push(call);
      this.onMoment(`after ${call.op}`);
      if (mood === 'lose-answer') return { ...base, outcome: 'unknown', requestId: null, error: NO_ANSWER };
      return { ...base, outcome: 'done', window, error: null };
    },
    close: () => undefined,
  };

  find(id: string): EventWindow | undefined {
    return this.windows.find((window) => window.id === id);
  }

  /** Somebody else at work in the console. */
  edit(id: string, parts: Partial<EventWindow>): void {
    this.windows = this.windows.map((window) => (window.id === id ? { ...window, ...parts } : window));
  }

  remove(id: string): void {
    this.windows = this.windows.filter((window) => window.id !== id);
  }

  #faultOf(call: WindowCall, mood: Mood): { readonly code: string; readonly message: string } | null {
    if (mood === 'deny') return { code: 'aws_access_denied', message: `You may not call ${call.op}.` };
    if (mood === 'throttle') return { code: 'aws_throttled', message: 'Request limit exceeded.' };
    if (call.op === 'CreateInstanceEventWindow') {
      return this.windows.length < 200 ? null : { code: 'aws_limit_reached', message: 'At most 200 windows.' };
    }
    if (call.window === null) return { code: 'aws_refused', message: 'No window id was given.' };
    if (this.find(call.window) === undefined) return { code: 'aws_not_found', message: `No window ${call.window}.` };
    if (call.op !== 'AssociateInstanceEventWindow') return null;
    const taken = this.windows.some(({ id, instanceTags }) =>
      call.targets.instanceTags.some((tag) => id !== call.window && hasTag(instanceTags, tag)),
    );
    return taken ? { code: 'aws_refused', message: 'The target is in another window.' } : null;
  }

  #change(call: WindowCall): string {
    if (call.op === 'CreateInstanceEventWindow') {
      this.#made += 1;
      const id = `iew-new${this.#made}`;
      this.madeFor.set(id, call.tags[PROPOSAL_TAG]);
      this.windows.push(aWindow(id, { name: call.name, tags: call.tags, state: 'creating', ...whenOf(call.schedule) }));
      return id;
    }
    const id = call.window ?? '';
    switch (call.op) {
      case 'ModifyInstanceEventWindow':
        this.edit(id, whenOf(call.schedule));
        break;
      case 'AssociateInstanceEventWindow':
        this.edit(id, { instanceTags: [...(this.find(id)?.instanceTags ?? []), ...call.targets.instanceTags] });
        break;
      case 'DisassociateInstanceEventWindow':
        this.edit(id, {
          instanceTags: (this.find(id)?.instanceTags ?? []).filter((tag) => !hasTag(call.targets.instanceTags, tag)),
        });
        break;
      case 'DeleteInstanceEventWindow':
        this.remove(id);
        break;
    }
    return id;
  }
}

const NO_ANSWER = { code: 'aws_timeout', message: 'No answer came.' };

type Tag = EventWindow['instanceTags'][number];

function hasTag(tags: readonly Tag[], { key, value }: Tag): boolean {
  return tags.some((tag) => tag.key === key && tag.value === value);
}

function whenOf(schedule: Extract<Change, { kind: 'window.set' }>['after']['schedule']): Partial<EventWindow> {
  return schedule.kind === 'cron'
    ? { cron: schedule.cron, timeRanges: [] }
    : { cron: null, timeRanges: schedule.timeRanges };
}

export function aWindow(id: string, parts: Partial<EventWindow> = {}): EventWindow {
  return {
    id,
    name: `window ${id}`,
    state: 'active',
    cron: null,
    timeRanges: SUNDAY,
    instanceIds: [],
    instanceTags: [],
    dedicatedHostIds: [],
    tags: {},
    ...parts,
  };
}

/** Sunday 10:00-14:00 UTC. */
export const SUNDAY: EventWindow['timeRanges'] = [
  { startWeekDay: 'sunday', startHour: 10, endWeekDay: 'sunday', endHour: 14 },
];
/** Saturday 22:00 to Sunday 02:00 UTC. */
export const SATURDAY: EventWindow['timeRanges'] = [
  { startWeekDay: 'saturday', startHour: 22, endWeekDay: 'sunday', endHour: 2 },
];
