import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { capacityCommand } from '../../src/commands/capacity.ts';
import type { Answered, Call, Command } from '../../src/commands/command.ts';
import { openLibrary } from '../../src/data.ts';
import type { Deps } from '../../src/deps.ts';
import type { Json } from '../../src/engine/index.ts';
import { openLog } from '../../src/log.ts';
import { plainText } from '../../src/report/text.ts';
import { openStore } from '../../src/store/index.ts';
import { temporaryFolder } from '../store/temporary.ts';
import { theSettings } from '../support/settings.ts';

const NOW = new Date('2026-11-24T09:00:00.000Z');

/** Everything a command is given, for real, on a database of its own. */
export async function aWorld(settings: Partial<Deps['settings']> = {}) {
  const file = join(temporaryFolder(), 'test.db');
  const clock = { now: () => NOW };
  const store = await openStore({ databaseUrl: `sqlite:${file}`, clock });
  onTestFinished(() => store.close());
  const lines: string[] = [];
  const deps: Deps = {
    clock,
    store,
    log: openLog({ level: 'debug', secrets: [], write: (line) => lines.push(line) }),
    library: openLibrary(),
    settings: theSettings(settings),
    aws: null,
  };

  const run = async <Q>(command: Command<Q>, line: string, actor = 'U1'): Promise<Answered> => {
    const call: Call = { id: 'call-1', actor, surface: 'slack', now: NOW };
    const { defaultRegion, minimumSaving } = deps.settings;
    const context = { today: '2026-11-24', regions: deps.library.regions, defaultRegion, minimumSaving };
    const parsed = command.parse(
      line.split(' ').filter((word) => word !== ''),
      context,
    );
    if (!parsed.ok) throw parsed.error;
    return command.run(parsed.question, deps, call);
  };
  /** Asks a capacity question and returns the id of its record. */
  const ask = async (line: string, actor?: string): Promise<string> => {
    const answered = await run(capacityCommand, line, actor);
    return String(answered.summary.record);
  };
  return { deps, store, file, lines, run, ask };
}

/** Member by member into JSON. */
export function at(json: Json | undefined, ...path: readonly (string | number)[]): Json | undefined {
  let value: Json | undefined = json;
  for (const key of path) {
    value =
      typeof value === 'object' && value !== null
        ? (value as { readonly [key: string]: Json })[String(key)]
        : undefined;
  }
  return value;
}

export function leadOf(answered: Answered): string {
  const first = answered.report.parts[0];
  if (first?.kind !== 'lead') throw new Error('a report begins with its lead');
  return plainText(first.text);
}
