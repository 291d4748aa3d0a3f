import { NormalizedSchema } from '@smithy/core/schema';
import { ENUMS } from './enums.ts';

/**
 * The SDK's schemas, walked once and kept: what each member is, and what it is called on each kind of wire. Checks,
 * decoders and encoders all read these.
 */
export type Shape =
  | { readonly kind: 'string' | 'boolean' | 'number' | 'timestamp' | 'blob' | 'document' | 'unit' }
  | ListShape
  | { readonly kind: 'map'; readonly key: string; readonly value: string; readonly of: () => Shape }
  | StructShape;

export type ListShape = {
  readonly kind: 'list';
  /** XML element, or query segment, of one item. */
  readonly itemName: string;
  readonly isFlat: boolean;
  readonly of: () => Shape;
};

export type StructShape = {
  readonly kind: 'struct';
  readonly name: string;
  readonly isUnion: boolean;
  readonly members: ReadonlyMap<string, Member>;
  /** What each member is called in an EC2 request, an awsQuery request, and an XML answer. */
  readonly byEc2Name: ReadonlyMap<string, Member>;
  readonly byQueryName: ReadonlyMap<string, Member>;
};

export type Member = {
  readonly name: string;
  readonly isRequired: boolean;
  readonly ec2Name: string;
  readonly queryName: string;
  readonly xmlName: string;
  /** The values AWS has for a string member, or for the items of a list of strings; only where `enums.ts` says. */
  readonly allowed: ReadonlySet<string> | undefined;
  readonly shape: () => Shape;
};

type SchemaRef = Parameters<typeof NormalizedSchema.of>[0];

const known = new WeakMap<object, Shape>();

/** The shape of a schema. Built on first use, because AWS's shapes contain themselves. */
export function shapeOf(ref: SchemaRef): Shape {
  return ofNormalized(NormalizedSchema.of(ref));
}

function ofNormalized(schema: NormalizedSchema): Shape {
  if (!schema.isStructSchema()) return build(schema);
  // The bare schema is the same object wherever a structure is used, so that it is read once.
  const bare: object = Object(schema.getSchema());
  const shape = known.get(bare) ?? build(schema);
  known.set(bare, shape);
  return shape;
}

function build(schema: NormalizedSchema): Shape {
  if (schema.isUnitSchema()) return { kind: 'unit' };
  if (schema.isStructSchema()) return struct(schema);
  if (schema.isListSchema()) {
    const item = schema.getValueSchema();
    return {
      kind: 'list',
      itemName: text(item.getMergedTraits().xmlName) ?? 'member',
      isFlat: Boolean(schema.getMergedTraits().xmlFlattened),
      of: once(() => ofNormalized(item)),
    };
  }
  if (schema.isMapSchema()) {
    const value = schema.getValueSchema();
    return {
      kind: 'map',
      key: text(schema.getKeySchema().getMergedTraits().xmlName) ?? 'key',
      value: text(value.getMergedTraits().xmlName) ?? 'value',
      of: once(() => ofNormalized(value)),
    };
  }
  return { kind: simpleKind(schema) };
}

function simpleKind(schema: NormalizedSchema): 'string' | 'boolean' | 'number' | 'timestamp' | 'blob' | 'document' {
  if (schema.isStringSchema()) return 'string';
  if (schema.isBooleanSchema()) return 'boolean';
  if (schema.isNumericSchema()) return 'number';
  if (schema.isTimestampSchema()) return 'timestamp';
  if (schema.isBlobSchema()) return 'blob';
  if (schema.isDocumentSchema()) return 'document';
  throw new Error(`the simulated AWS cannot write a ${String(schema.getName(true))}: add its kind to shape.ts`);
}

function struct(schema: NormalizedSchema): StructShape {
  const required = requiredNames(schema.getSchema());
  const members: Member[] = [...schema.structIterator()].map(([name, member]) => {
    const traits = member.getMergedTraits();
    const xmlName = text(member.getMemberTraits().xmlName);
    return {
      name,
      isRequired: required.has(name),
      ec2Name: text(traits.ec2QueryName) ?? capital(text(traits.xmlName) ?? name),
      queryName: text(traits.xmlName) ?? name,
      xmlName: xmlName ?? name,
      allowed: ENUMS.get(`${schema.getName()}.${name}`),
      shape: once(() => ofNormalized(member)),
    };
  });
  return {
    kind: 'struct',
    name: schema.getName() ?? '',
    isUnion: schema.isUnionSchema(),
    members: new Map(members.map((member) => [member.name, member])),
    byEc2Name: new Map(members.map((member) => [member.ec2Name, member])),
    byQueryName: new Map(members.map((member) => [member.queryName, member])),
  };
}

/** A structure's schema is `[kind, namespace, name, traits, names, schemas, required]`: the first ones are required. */
function requiredNames(schema: unknown): ReadonlySet<string> {
  if (!Array.isArray(schema)) return new Set();
  const [, , , , names, , count = 0]: readonly unknown[] = schema;
  return new Set(Array.isArray(names) ? names.slice(0, Number(count)).map(String) : []);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function once(make: () => Shape): () => Shape {
  let made: Shape | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
