import { writeFileSync } from 'node:fs';
import { configJsonSchema } from '../src/config.ts';

/** Writes docs/config.schema.json from the schema in src/config.ts: `npx tsx scripts/build-config-schema.ts`. */
const target = new URL('../docs/config.schema.json', import.meta.url);
writeFileSync(target, `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
