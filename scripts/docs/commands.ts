import { COMMANDS } from '../../src/commands/index.ts';
import { code, pageHead, table } from './markdown.ts';

/** docs/reference/commands.md: every row of the command table with its usage, flags and examples. */
export function commandsPage(): string {
  const parts = [pageHead('Commands', '`src/commands/index.ts`')];
  parts.push('In Slack: `/ecs-advise <verb> …`. In a terminal: `ecs-advise <verb> …`. Both read the same table.');
  parts.push('In a terminal every verb takes `--json`, and `--csv` where the answer is a table.\n');
  for (const command of COMMANDS) {
    parts.push(`## ${command.name}\n`);
    parts.push(`${command.summary}\n`);
    parts.push(`Usage: ${code(command.usage)}. Works in: ${command.surfaces.map(surfaceName).join(' and ')}.\n`);
    parts.push(`\`\`\`\n${command.examples.join('\n')}\n\`\`\`\n`);
    if (command.flags.length > 0) {
      const rows = command.flags.map(({ flag, value, text }) => [
        code(value === null ? flag : `${flag} ${value}`),
        text,
      ]);
      parts.push(`${table(['flag', 'meaning'], rows)}\n`);
    }
  }
  return parts.join('\n');
}

function surfaceName(surface: 'slack' | 'terminal'): string {
  return surface === 'slack' ? 'Slack' : 'a terminal';
}
