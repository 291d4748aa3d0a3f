import type { ListShape, Shape, StructShape } from './shape.ts';

/** `ec2` flattens every list (`InstanceId.1`); `query` names the items (`AutoScalingGroupNames.member.1`). */
export type FormKind = 'ec2' | 'query';

/** A form's parameters as a tree: `Filter.1.Value.2=x` is at Filter, 1, Value, 2. */
type Node = { text: string | undefined; readonly children: Map<string, Node> };

export type DecodedForm = { readonly value: unknown; readonly problems: readonly string[] };

/**
 * Reads the parameters of a form request into the operation's input. Whatever does not fit the shape stays in the
 * value under its own name for the check to find; lists that skip a number and repeated parameters are `problems`.
 */
export function fromForm(shape: Shape, parameters: URLSearchParams, kind: FormKind): DecodedForm {
  const problems: string[] = [];
  const root: Node = { text: undefined, children: new Map() };
  for (const [name, text] of parameters) {
    if (name !== 'Action' && name !== 'Version') plant(root, name, text, problems);
  }
  return { value: readNode(shape, root, { kind, path: '', problems }), problems };
}

function plant(root: Node, name: string, text: string, problems: string[]): void {
  let node = root;
  for (const segment of name.split('.')) {
    const next: Node = node.children.get(segment) ?? { text: undefined, children: new Map() };
    node.children.set(segment, next);
    node = next;
  }
  if (node.text !== undefined) problems.push(`${name}: sent twice`);
  node.text = text;
}

type Reading = { readonly kind: FormKind; readonly path: string; readonly problems: string[] };

function readNode(shape: Shape, node: Node, reading: Reading): unknown {
  switch (shape.kind) {
    case 'struct':
      return node.text === undefined ? readStruct(shape, node, reading) : node.text;
    case 'list':
      return readList(shape, node, reading);
    case 'map':
      // No operation that we serve takes a map in a form; it would have to be read here.
      reading.problems.push(`${reading.path}: maps in forms are not read by the simulated AWS`);
      return undefined;
    default:
      return node.children.size > 0 ? asIs(node) : readText(shape.kind, node.text ?? '');
  }
}

function readText(kind: string, text: string): unknown {
  if (kind === 'number') return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
  if (kind === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (kind === 'timestamp') return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) ? new Date(text) : text;
  if (kind === 'blob') return Buffer.from(text, 'base64');
  return text;
}

function readStruct(shape: StructShape, node: Node, reading: Reading): unknown {
  const members = reading.kind === 'ec2' ? shape.byEc2Name : shape.byQueryName;
  const value: { [name: string]: unknown } = {};
  for (const [segment, child] of node.children) {
    const member = members.get(segment);
    const path = reading.path === '' ? segment : `${reading.path}.${segment}`;
    if (member === undefined) value[segment] = asIs(child);
    else value[member.name] = readNode(member.shape(), child, { ...reading, path });
  }
  return value;
}

function readList(shape: ListShape, node: Node, reading: Reading): unknown {
  // An empty list is sent as the bare name.
  if (node.text === '' && node.children.size === 0) return [];
  if (node.text !== undefined) return node.text;
  const named = reading.kind === 'query' && !shape.isFlat;
  const holder = named ? node.children.get(shape.itemName) : node;
  if (holder === undefined || (named && node.children.size > 1)) return asIs(node);
  const items: unknown[] = [];
  for (let number = 1; number <= holder.children.size; number++) {
    const item = holder.children.get(String(number));
    const path = `${reading.path}.${number}`;
    if (item === undefined) reading.problems.push(`${path}: the list skips this number`);
    else items.push(readNode(shape.of(), item, { ...reading, path }));
  }
  return items;
}

function asIs(node: Node): unknown {
  if (node.children.size === 0) return node.text;
  return Object.fromEntries([...node.children].map(([name, child]) => [name, asIs(child)]));
}
