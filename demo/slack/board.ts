import type { JsonObject, StandInEvent, StandInMessage, StandInView } from './protocol.ts';

/** What the workspace shows: messages by channel, open views, response_url hooks. Memory only. */

/** Slack's rule for a response_url: five uses within thirty minutes. */
const HOOK_USES = 5;
const HOOK_LIFE_MS = 30 * 60_000;

export type Hook = {
  readonly channel: string;
  readonly user: string;
  /** The message whose button was clicked, or null for a slash command. */
  readonly messageTs: string | null;
};

type Draft = Omit<StandInMessage, 'ts' | 'edited'> & { readonly ts?: string };

export class Board {
  readonly #messages: StandInMessage[] = [];
  #views: StandInView[] = [];
  readonly #hooks = new Map<string, Hook & { uses: number; madeAtMs: number }>();
  readonly #listeners = new Set<(event: StandInEvent) => void>();
  #lastTs = 0;
  #hookCount = 0;

  /** A timestamp in Slack's form, never the same twice. */
  nextTs(): string {
    this.#lastTs = Math.max(this.#lastTs + 1, Date.now() * 1000);
    return `${Math.floor(this.#lastTs / 1e6)}.${String(this.#lastTs % 1e6).padStart(6, '0')}`;
  }

  add(draft: Draft): StandInMessage {
    const message = { ...draft, ts: draft.ts ?? this.nextTs(), edited: false };
    this.#messages.push(message);
    this.#tell({ kind: 'message', message, change: 'new' });
    return message;
  }

  /** False when there is no such message. */
  edit(ts: string, content: Pick<StandInMessage, 'text' | 'blocks'>): boolean {
    const index = this.#messages.findIndex((message) => message.ts === ts);
    const old = this.#messages[index];
    if (old === undefined) return false;
    const message = { ...old, ...content, edited: true };
    this.#messages[index] = message;
    this.#tell({ kind: 'message', message, change: 'edited' });
    return true;
  }

  remove(ts: string): boolean {
    const index = this.#messages.findIndex((message) => message.ts === ts);
    const [message] = index === -1 ? [] : this.#messages.splice(index, 1);
    if (message === undefined) return false;
    this.#tell({ kind: 'message', message, change: 'deleted' });
    return true;
  }

  /** Where the user wrote last: that is where a page shows what comes into the direct messages. */
  lastChannelOf(user: string): string {
    const written = this.#messages.filter(({ from }) => from !== 'bot' && from.user === user);
    return written.at(-1)?.channel ?? '';
  }

  messages(channel: string, user: string): readonly StandInMessage[] {
    return this.#messages.filter(
      (message) => message.channel === channel && (message.onlyFor === null || message.onlyFor === user),
    );
  }

  views(user: string): readonly StandInView[] {
    return this.#views.filter((view) => view.user === user);
  }

  openView(view: StandInView): void {
    this.#views = this.#views.filter((old) => old.kind !== 'home' || view.kind !== 'home' || old.user !== view.user);
    this.#views.push(view);
    this.#tell({ kind: 'view', view, change: 'opened' });
  }

  updateView(id: string, change: { readonly view: JsonObject; readonly hash: string }): void {
    const index = this.#views.findIndex((view) => view.id === id);
    const old = this.#views[index];
    if (old === undefined) return;
    const view = { ...old, ...change };
    this.#views[index] = view;
    this.#tell({ kind: 'view', view, change: 'updated' });
  }

  closeView(id: string): void {
    const view = this.#views.find((candidate) => candidate.id === id);
    if (view === undefined) return;
    this.#views = this.#views.filter((candidate) => candidate.id !== id);
    this.#tell({ kind: 'view', view, change: 'closed' });
  }

  /** A new hook; returns its id. */
  addHook(hook: Hook): string {
    this.#hookCount += 1;
    const id = `h${this.#hookCount}`;
    this.#hooks.set(id, { ...hook, uses: 0, madeAtMs: Date.now() });
    return id;
  }

  /** Counts one use, or says why there is none left. */
  takeHook(id: string): Hook | 'unknown_url' | 'expired_url' | 'used_url' {
    const hook = this.#hooks.get(id);
    if (hook === undefined) return 'unknown_url';
    if (Date.now() - hook.madeAtMs > HOOK_LIFE_MS) return 'expired_url';
    if (hook.uses >= HOOK_USES) return 'used_url';
    hook.uses += 1;
    return hook;
  }

  ageHooks(ms: number): void {
    for (const hook of this.#hooks.values()) hook.madeAtMs -= ms;
  }

  on(listener: (event: StandInEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #tell(event: StandInEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
