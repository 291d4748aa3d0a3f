import type { Shape } from './shape.ts';

/**
 * JSON as awsJson and restJson write it: timestamps are seconds since 1970, blobs base64. Decoding keeps whatever it
 * cannot read as it is, so that the check finds it.
 */
export function fromJson(shape: Shape, value: unknown): unknown {
  if (value === null) return undefined;
  switch (shape.kind) {
    case 'timestamp':
      return typeof value === 'number' ? new Date(value * 1000) : value;
    case 'blob':
      return typeof value === 'string' ? Buffer.from(value, 'base64') : value;
    case 'list':
      return Array.isArray(value) ? value.map((item) => fromJson(shape.of(), item)) : value;
    case 'map':
      return isRecord(value) ? mapValues(value, () => shape.of(), fromJson) : value;
    case 'struct':
      return isRecord(value) ? mapValues(value, (name) => shape.members.get(name)?.shape(), fromJson) : value;
    default:
      return value;
  }
}

/** The JSON text of a checked answer. */
export function toJsonText(shape: Shape, value: unknown): string {
  return JSON.stringify(toJson(shape, value ?? {}));
}

function toJson(shape: Shape, value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (shape.kind === 'list' && Array.isArray(value)) return value.map((item) => toJson(shape.of(), item));
  if (shape.kind === 'map' && isRecord(value)) return mapValues(value, () => shape.of(), toJson);
  if (shape.kind === 'struct' && isRecord(value)) {
    return mapValues(value, (name) => shape.members.get(name)?.shape(), toJson);
  }
  return value;
}

function mapValues(
  value: { readonly [name: string]: unknown },
  shapeOf: (name: string) => Shape | undefined,
  change: (shape: Shape, value: unknown) => unknown,
): { readonly [name: string]: unknown } {
  const result: { [name: string]: unknown } = {};
  for (const [name, inner] of Object.entries(value)) {
    if (inner === undefined) continue;
    const shape = shapeOf(name);
    result[name] = shape === undefined ? inner : change(shape, inner);
  }
  return result;
}

function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
