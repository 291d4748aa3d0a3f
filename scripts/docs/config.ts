import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { code, pageHead, table } from './markdown.ts';

type Schema = {
  readonly description?: string;
  readonly type?: string;
  readonly default?: unknown;
  readonly properties?: { readonly [key: string]: Schema };
  /** Of a list. */
  readonly items?: Schema;
};

/** docs/reference/config.md: every key of the YAML file, from the schema that editors use too. */
export function configPage(root: string): string {
  const schema = JSON.parse(readFileSync(join(root, 'docs/config.schema.json'), 'utf8')) as Schema;
  return `${pageHead('Configuration file', '`docs/config.schema.json`')}
One YAML file, \`ecs-advise.yaml\` or the path in \`ECS_ADVISE_CONFIG\`. It is optional. Unknown keys are errors. Secrets do
not belong here: they come by environment (see the README). For completion in editors start the file with
\`# yaml-language-server: $schema=docs/config.schema.json\`.

${table(['key', 'type', 'default', 'meaning'], keysOf(schema, ''))}
`;
}

function keysOf(schema: Schema, prefix: string): readonly (readonly string[])[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, value]) => {
    const key = prefix === '' ? name : `${prefix}.${name}`;
    if (value.properties !== undefined) return keysOf(value, key);
    const rows = value.items?.properties === undefined ? [] : keysOf(value.items, `${key}[]`);
    const standard = value.default === undefined ? '' : code(JSON.stringify(value.default));
    return [[code(key), value.type ?? '', standard, value.description ?? ''], ...rows];
  });
}
