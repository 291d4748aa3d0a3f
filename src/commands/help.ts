/** `help`: made from the table of commands, so that it cannot differ from what is parsed. */
import type { Json } from '../engine/index.ts';
import { usageError } from '../errors.ts';
import { helpReport } from '../report/help.ts';
import type { Command } from './command.ts';
import { nearest, parsing } from './flags.ts';

/** The help row for a table; `topic` null = all commands. */
export function helpCommand(table: () => readonly Command[]): Command<{ readonly topic: string | null }> {
  return {
    name: 'help',
    summary: 'what can be asked, with examples',
    usage: 'help [COMMAND]',
    examples: ['help', 'help capacity'],
    flags: [],
    surfaces: ['slack', 'terminal'],
    parse: (args) =>
      parsing(() => {
        const topic = args[0] ?? null;
        const names = table().map(({ name }) => name);
        if (topic !== null && !names.includes(topic)) {
          const near = nearest(topic, names);
          throw usageError(
            'usage_unknown_verb',
            `there is no command "${topic.slice(0, 40)}"`,
            near === null ? 'help' : `help ${near}`,
          );
        }
        return { ok: true, question: { topic }, echo: topic ?? '', guesses: [] };
      }),
    run: async ({ topic }, _deps, call) => {
      const rows = table().filter(
        ({ surfaces, name }) => surfaces.includes(call.surface) && (topic === null || name === topic),
      );
      const json: Json = {
        format: 'ecs-advise.help/1',
        commands: rows.map(({ name, summary, usage, examples, flags }) => ({
          name,
          summary,
          usage,
          examples,
          flags: flags as unknown as Json,
        })),
      };
      return {
        report: helpReport(rows, { topic, prefix: call.surface === 'slack' ? '/ecs-advise ' : 'ecs-advise ' }),
        json,
        exitCode: 0,
        summary: { topic },
      };
    },
  };
}
