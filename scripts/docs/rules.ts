import { RULES } from '../../src/engine/capacity/rules.ts';
import { code, pageHead, table } from './markdown.ts';

/** docs/reference/rules.md: every reason an option can carry, in the order shown, with the facts it rests on. */
export function rulesPage(): string {
  const rows = RULES.map(({ id, title, facts }) => [code(id), title, facts.map(code).join(', ')]);
  return `${pageHead('Rules of `capacity`', '`src/engine/capacity/rules.ts`')}
Each reason in an answer (\`reasons[].rule\` in JSON) is one of these. The facts are in [facts.md](facts.md).

${table(['rule', 'what it says', 'facts'], rows)}
`;
}
