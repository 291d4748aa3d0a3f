import type { Shape } from './shape.ts';

/** The elements of a checked answer, without the element around them; '' when there is nothing to say. */
export function xmlMembers(shape: Shape, value: unknown): string {
  if (shape.kind !== 'struct' || !isRecord(value)) return '';
  let text = '';
  for (const member of shape.members.values()) {
    const inner = value[member.name];
    if (inner !== undefined) text += element(member.xmlName, member.shape(), inner);
  }
  return text;
}

function element(name: string, shape: Shape, value: unknown): string {
  switch (shape.kind) {
    case 'struct':
      return `<${name}>${xmlMembers(shape, value)}</${name}>`;
    case 'list': {
      const items: readonly unknown[] = Array.isArray(value) ? value : [];
      const inner = items.map((item) => element(shape.isFlat ? name : shape.itemName, shape.of(), item)).join('');
      return shape.isFlat ? inner : `<${name}>${inner}</${name}>`;
    }
    case 'map':
      return `<${name}>${Object.entries(isRecord(value) ? value : {})
        .map(([key, item]) => {
          const entry = `<${shape.key}>${escapeXml(key)}</${shape.key}>${element(shape.value, shape.of(), item)}`;
          return `<entry>${entry}</entry>`;
        })
        .join('')}</${name}>`;
    default:
      return `<${name}>${escapeXml(simple(value))}</${name}>`;
  }
}

function simple(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return String(value);
}

const ENTITIES: { readonly [character: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#xD;' };

/** Text as XML content. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>\r]/g, (character) => ENTITIES[character] ?? character);
}

function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
