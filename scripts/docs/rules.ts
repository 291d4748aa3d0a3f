import { RULES } from '../../src/engine/capacity/rules.ts';
import { WINDOW_RULES } from '../../src/engine/windows/rules.ts';
import { code, pageHead, table } from './markdown.ts';

/** docs/reference/rules.md: every reason an option or a window can carry, in the order shown, and the facts behind it. */
export function rulesPage(): string {
  const rows = RULES.map(({ id, title, facts }) => [code(id), title, facts.map(code).join(', ')]);
  const windowRows = WINDOW_RULES.map(({ id, severity, title, fact }) => [code(id), severity, title, code(fact)]);
  return `${pageHead('Rules', '`src/engine/capacity/rules.ts` and `src/engine/windows/rules.ts`')}
The facts are in [facts.md](facts.md).

## Rules of \`capacity\`

Each reason in an answer (\`reasons[].rule\` in JSON) is one of these.

${table(['rule', 'what it says', 'facts'], rows)}

## Rules of \`windows\`

Each finding about an event window (\`lint[].rule\` in JSON) is one of these. An \`error\` means that AWS refuses the window
or that it cannot do what it is for, and no change with one is proposed; a \`warning\` that it will surprise somebody; a
\`note\` is good to know.

${table(['rule', 'severity', 'what it says', 'fact'], windowRows)}
`;
}
