/** What runs in a thread of its own: one command, or one scan. Everything that goes in and out is plain data. */
import { constants, platform, setPriority } from 'node:os';
import { workerData } from 'piscina';
import type { Call } from '../commands/command.ts';
import { type Reply, replyTo } from '../commands/reply.ts';
import type { Config } from '../config.ts';
import type { AdviseError } from '../errors.ts';
import { toAdviseError } from '../errors.ts';
import { runScan } from '../jobs/scan.ts';
import { wire } from '../wire.ts';

/** What is left of a reply after the structured clone between threads, which keeps no classes. */
export type SentError = Pick<AdviseError, 'kind' | 'code' | 'message' | 'hint'> & {
  /** Only of errors that nobody has logged yet. */
  readonly stack?: string;
};
export type SentReply =
  | Extract<Reply, { readonly kind: 'answered' }>
  | { readonly kind: 'failed'; readonly error: SentError };
export type SentScan = { readonly kind: 'done' } | { readonly kind: 'failed'; readonly error: SentError };

// On Linux priorities belong to threads: whoever calculates gives way to the thread that acknowledges Slack's requests.
// Elsewhere this would slow the whole process down.
if (platform() === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

let wired: ReturnType<typeof wire> | null = null;

/** Built by the first task: a thread whose database is busy says so to the one who asked, and tries again. */
async function deps() {
  const { config } = workerData as { readonly config: Config };
  wired ??= wire(config);
  try {
    return (await wired).deps;
  } catch (error) {
    wired = null;
    throw error;
  }
}

/** Runs one command line; never throws. */
export async function ask({
  args,
  call,
}: {
  readonly args: readonly string[];
  readonly call: Call;
}): Promise<SentReply> {
  try {
    const reply = await replyTo(args, await deps(), call);
    return reply.kind === 'answered' ? reply : { kind: 'failed', error: sent(reply.error) };
  } catch (thrown) {
    return { kind: 'failed', error: { ...sent(thrown), stack: stackOf(thrown) } };
  }
}

/** Runs one scan to its end; what it reads and how far it is stands in the database. */
export async function scan(): Promise<SentScan> {
  try {
    await runScan(await deps(), () => undefined);
    return { kind: 'done' };
  } catch (thrown) {
    return { kind: 'failed', error: { ...sent(thrown), stack: stackOf(thrown) } };
  }
}

function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}

function sent(thrown: unknown): SentError {
  const { kind, code, message, hint } = toAdviseError(thrown);
  return { kind, code, message, hint };
}
