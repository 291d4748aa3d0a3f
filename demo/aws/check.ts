import type { Member, Shape, StructShape } from './protocol/shape.ts';

/**
 * Says where a decoded request, or an answer about to be sent, departs from AWS's model: each finding is
 * `path: what is wrong`. Empty when it conforms.
 */
export function departures(shape: Shape, value: unknown, path: string): readonly string[] {
  const found: string[] = [];
  check(shape, value, { path, found });
  return found;
}

type Place = { readonly path: string; readonly found: string[] };

function check(shape: Shape, value: unknown, place: Place): void {
  switch (shape.kind) {
    case 'struct':
      checkStruct(shape, value, place);
      return;
    case 'list':
      if (!Array.isArray(value)) wrongKind('a list', value, place);
      else for (const [index, item] of value.entries()) checkItem(shape.of(), item, place, `[${index}]`);
      return;
    case 'map':
      if (!isRecord(value)) wrongKind('a map', value, place);
      else for (const [key, item] of Object.entries(value)) checkItem(shape.of(), item, place, `['${key}']`);
      return;
    case 'unit':
      if (value !== undefined && !(isRecord(value) && Object.keys(value).length === 0)) {
        wrongKind('nothing', value, place);
      }
      return;
    case 'document':
      return;
    default:
      if (!SIMPLE[shape.kind](value)) wrongKind(`a ${shape.kind}`, value, place);
  }
}

/** Lists and maps have no holes in any operation that we serve. */
function checkItem(shape: Shape, item: unknown, place: Place, step: string): void {
  check(shape, item, { path: place.path + step, found: place.found });
}

function checkStruct(shape: StructShape, value: unknown, place: Place): void {
  if (!isRecord(value)) {
    wrongKind(`a ${shape.name}`, value, place);
    return;
  }
  for (const name of Object.keys(value)) {
    const member = shape.members.get(name);
    const inner = value[name];
    if (member === undefined) place.found.push(`${place.path}.${name}: ${shape.name} has no such member`);
    else if (inner !== undefined) checkMember(member, inner, { path: `${place.path}.${name}`, found: place.found });
  }
  for (const member of shape.members.values()) {
    if (member.isRequired && value[member.name] === undefined) {
      place.found.push(`${place.path}.${member.name}: ${shape.name} requires it`);
    }
  }
  if (shape.isUnion && Object.values(value).filter((inner) => inner !== undefined).length !== 1) {
    place.found.push(`${place.path}: ${shape.name} takes exactly one member`);
  }
}

function checkMember(member: Member, value: unknown, place: Place): void {
  check(member.shape(), value, place);
  const { allowed } = member;
  if (allowed === undefined) return;
  for (const text of Array.isArray(value) ? value : [value]) {
    if (typeof text === 'string' && !allowed.has(text)) place.found.push(`${place.path}: AWS has no value ${text}`);
  }
}

const SIMPLE = {
  string: (value: unknown) => typeof value === 'string',
  boolean: (value: unknown) => typeof value === 'boolean',
  number: (value: unknown) => typeof value === 'number' && Number.isFinite(value),
  timestamp: (value: unknown) => value instanceof Date && Number.isFinite(value.getTime()),
  blob: (value: unknown) => value instanceof Uint8Array,
} as const;

function wrongKind(expected: string, value: unknown, place: Place): void {
  place.found.push(`${place.path}: expected ${expected}, got ${describe(value)}`);
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Date) return 'a timestamp';
  return typeof value === 'object' ? 'an object' : `the ${typeof value} ${JSON.stringify(value)}`;
}

function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
