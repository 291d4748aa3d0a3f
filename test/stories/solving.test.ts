import { describe, expect, onTestFinished, test } from 'vitest';
import type { Call } from '../../src/commands/command.ts';
import type { Reply } from '../../src/commands/reply.ts';
import { loadConfig } from '../../src/config.ts';
import { openThreads, type Threads, type ThreadsOptions } from '../../src/threads/index.ts';
import { anEstate, type Estate, NOW } from '../support/estate.ts';
import { CHANNEL, readable, startBot } from '../support/slack-double.ts';

/** Questions for the optimiser beside quick ones, in the threads of the product, over the recorded estate. */

function threadsOn(estate: Estate, options: Omit<ThreadsOptions, 'config' | 'deps'> = {}): Threads {
  const env = { ...process.env, ECS_ADVISE_CONFIG: estate.configPath, DATABASE_URL: estate.databaseUrl };
  const threads = openThreads({ config: loadConfig({ slack: 'optional', env }), deps: estate.deps, ...options });
  onTestFinished(threads.close);
  return threads;
}

let calls = 0;
function by(actor: string): Call {
  calls += 1;
  return { id: `call${calls}`, actor, surface: 'slack', now: NOW };
}

const codeOf = (reply: Reply): string => (reply.kind === 'failed' ? reply.error.code : reply.kind);

describe('questions for the optimiser', { timeout: 180_000 }, () => {
  test('twenty at once from four people are answered in turns, and a quick question waits for none of them', async () => {
    const estate = await anEstate();
    await estate.scan();
    const threads = threadsOn(estate);
    const people = ['ana', 'ben', 'cleo', 'dai'];
    let answered = 0;
    const solves = people.flatMap((actor) =>
      [1, 2, 3, 4, 5].map(async (moves) => {
        const reply = await threads.ask(['consolidate', 'tulip', '--max-moves', `${moves}`], by(actor));
        answered += 1;
        return codeOf(reply);
      }),
    );

    expect(codeOf(await threads.ask(['status'], by('eve')))).toBe('answered');
    expect(answered).toBeLessThan(20);
    expect(await Promise.all(solves)).toEqual(solves.map(() => 'answered'));
    const records = (await estate.deps.store.records({ limit: 50 })).toReversed();
    expect(records.map(({ actor }) => actor)).toEqual([1, 2, 3, 4, 5].flatMap(() => people));
  });

  test('one that takes long says so in Slack, and then is answered', async () => {
    const estate = await anEstate();
    await estate.scan();
    const { ask } = threadsOn(estate, { lateMs: 0 });
    const { store, settings } = estate.deps;
    const bot = await startBot({ clock: { now: () => NOW }, store: () => store, settings, ask });
    onTestFinished(bot.close);
    const { slack } = bot;
    for (const user of ['ana', 'ben']) await slack.sendCommand({ user, channel: CHANNEL, text: 'consolidate tulip' });

    const said = (user: string): readonly string[] =>
      slack.messages(CHANNEL, user).flatMap((message) => (message.from === 'bot' ? [readable(message)] : []));
    await expect.poll(() => [...said('ana'), ...said('ben')].length, { timeout: 50_000 }).toBe(4);
    const answer = expect.stringMatching(/^asg-tulip can shrink/);
    expect(said('ana')).toEqual([expect.stringMatching(/^Still working on it\./), answer]);
    expect(said('ben')).toEqual([expect.stringMatching(/^1 question comes before yours\./), answer]);
  });

  test('one that needs more memory than there is fails alone', async () => {
    const threads = threadsOn(await anEstate(), { solvingHeapMB: 1 });
    const solves = ['ana', 'ben'].map((actor) => threads.ask(['consolidate'], by(actor)));
    const quick = threads.ask(['status'], by('cleo'));

    expect((await Promise.all(solves)).map(codeOf)).toEqual(['bug_out_of_memory', 'bug_out_of_memory']);
    expect(codeOf(await quick)).toBe('answered');
    expect(codeOf(await threads.ask(['capacity', '--vcpu', '1', '--memory', '2', '--tasks', '3'], by('ana')))).toBe(
      'answered',
    );
  });
});
