import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NormalizedSchema } from '@smithy/core/schema';

/**
 * AWS answers that other projects recorded and published, kept outside the repository. Flight recordings write a
 * timestamp as `{"__class__": "datetime", …}`; documentation has ISO text or seconds.
 */
const RECORDED = join(import.meta.dirname, '..', '..', '..', 'shared', 'recorded');
export const hasRecordings = existsSync(RECORDED);

if (!hasRecordings) {
  process.stderr.write(
    'SKIPPED: recorded AWS answers are not at ../shared/recorded, so no shape was held against them\n',
  );
}

/** Output of the real service, against examples that AWS wrote for its documentation. */
export type Origin = 'recorded' | 'documentation';
const ORIGINS: { readonly [folder: string]: Origin } = {
  custodian: 'recorded',
  localstack: 'recorded',
  'ec2-instance-types': 'recorded',
  'cli-doc-examples': 'documentation',
  'model-examples': 'documentation',
};

export type Raw = { readonly [member: string]: unknown };
export type RawDocument = { readonly file: string; readonly origin: Origin; readonly raw: Raw };

export function isRaw(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

let files: readonly { readonly file: string; readonly origin: Origin; readonly json: unknown }[] | undefined;

/** Every recorded file of one folder, or of all; none where the recordings are missing. */
export function recordedFiles(folder?: string) {
  if (!hasRecordings) return [];
  files ??= Object.entries(ORIGINS).flatMap(([name, origin]) =>
    readdirSync(join(RECORDED, name), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.json'))
      .sort()
      .map((path) => {
        const json: unknown = JSON.parse(readFileSync(join(RECORDED, name, path), 'utf8'));
        return { file: `${name}/${path}`, origin, json };
      }),
  );
  return files.filter(({ file }) => folder === undefined || file.startsWith(`${folder}/`));
}

/** Every object in any file that stands under one of these member names, alone or in a list, and has `identity`. */
export function documentsUnder(members: readonly string[], identity: string): readonly RawDocument[] {
  return recordedFiles().flatMap(({ file, origin, json }) =>
    objectsIn(json)
      .filter(({ member, raw }) => members.includes(member) && raw[identity] !== undefined)
      .map(({ raw }) => ({ file, origin, raw })),
  );
}

/** All objects inside a JSON value, each with the name of the member that holds it or the list it is in. */
export function objectsIn(json: unknown, member = ''): readonly { readonly member: string; readonly raw: Raw }[] {
  if (Array.isArray(json)) return json.flatMap((item) => objectsIn(item, member));
  if (!isRaw(json)) return [];
  return [{ member, raw: json }, ...Object.entries(json).flatMap(([name, value]) => objectsIn(value, name))];
}

/**
 * The object as the SDK hands it out: only members that its own schema knows, timestamps as Dates. A placeholder such
 * as `<datetime>` becomes an invalid Date, as rubbish from a wire would.
 */
export function asSdkOutput(schema: unknown, raw: unknown): unknown {
  return typed(NormalizedSchema.of(schema as Parameters<typeof NormalizedSchema.of>[0]), raw);
}

function typed(schema: NormalizedSchema, raw: unknown): unknown {
  if (schema.isTimestampSchema()) return toDate(raw);
  if (schema.isListSchema()) {
    return Array.isArray(raw) ? raw.map((item) => typed(schema.getValueSchema(), item)) : undefined;
  }
  if (!isRaw(raw)) return isOfKind(schema, raw) ? raw : undefined;
  if (schema.isMapSchema()) {
    return Object.fromEntries(Object.entries(raw).map(([key, value]) => [key, typed(schema.getValueSchema(), value)]));
  }
  if (!schema.isStructSchema()) return undefined;
  const members = [...schema.structIterator()].filter(([name]) => raw[name] !== undefined && raw[name] !== null);
  return Object.fromEntries(members.map(([name, member]) => [name, typed(member, raw[name])]));
}

function isOfKind(schema: NormalizedSchema, raw: unknown): boolean {
  if (schema.isNumericSchema()) return typeof raw === 'number';
  if (schema.isBooleanSchema()) return typeof raw === 'boolean';
  return schema.isStringSchema() && typeof raw === 'string';
}

function toDate(raw: unknown): Date | undefined {
  if (typeof raw === 'number') return new Date(raw * 1000);
  if (typeof raw === 'string') return new Date(raw);
  if (!isRaw(raw)) return undefined;
  const part = (name: string): number => Number(raw[name] ?? 0);
  const milliseconds = Math.floor(part('microsecond') / 1000);
  return new Date(
    Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'), milliseconds),
  );
}
