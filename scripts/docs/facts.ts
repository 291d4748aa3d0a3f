import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fact } from '../../src/engine/index.ts';
import { code, pageHead, table } from './markdown.ts';

/** docs/reference/facts.md: every dated row of data/facts, by id and date. */
export function factsPage(root: string): string {
  const facts = readFacts(join(root, 'data/facts'));
  const rows = facts.map((fact) => [
    code(fact.id),
    fact.title,
    code(shortValue(fact.value)),
    fact.unit,
    fact.validFrom + (fact.validTo === null ? '' : ` to ${fact.validTo}`),
    fact.confidence === 'assumed' ? '**assumed**' : fact.confidence,
    fact.source,
  ]);
  return `${pageHead('Facts', '`data/facts/*.json`')}
What the engine knows about AWS, row by row. A row holds from its first day; "to" names the first day on which it no
longer does. \`ecs-advise facts ID\` prints one in full, \`--as-of D\` the rows of another day.

${table(['id', 'says', 'value', 'unit', 'valid from', 'confidence', 'source'], rows)}
`;
}

function readFacts(folder: string): readonly Fact[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as readonly Fact[])
    .sort((a, b) => (a.id === b.id ? (a.validFrom < b.validFrom ? -1 : 1) : a.id < b.id ? -1 : 1));
}

/** Long tables are cut: the page is for finding a fact, the file holds all of it. */
function shortValue(value: Fact['value']): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}
