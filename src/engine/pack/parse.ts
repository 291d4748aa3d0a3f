/** Reads `ecs-pack/1`, `.vbp` and `vsbpp` text into one question. What is wrong comes back as one plain sentence. */
import { json, list, Malformed, money, nonEmpty, object, refuseTwins, safe, shown, sizes, whole } from '../fields.ts';
import type { PackInput, PackShape, PackType } from './model.ts';

export type ParsedPack =
  | { readonly kind: 'read'; readonly input: PackInput }
  | { readonly kind: 'malformed'; readonly message: string };

/** The format shows in the first line: `{` = JSON, one number = vbp, four numbers = vsbpp. */
export function parsePack(text: string): ParsedPack {
  try {
    return { kind: 'read', input: read(text.replace(/^\uFEFF/, '')) };
  } catch (error) {
    if (error instanceof Malformed) return { kind: 'malformed', message: error.message };
    throw error;
  }
}

function read(text: string): PackInput {
  const start = text.search(/\S/);
  if (start < 0) throw new Malformed('the file is empty');
  if (text[start] === '{') return readJson(text);
  const end = text.indexOf('\n', start);
  const first = (end < 0 ? text.slice(start) : text.slice(start, end)).trim().split(/\s+/);
  if (!first.every((word) => /^[-+.\deE]+$/.test(word))) throw unknownFormat();
  if (first.length === 1) return readVbp(numbersOf(text));
  if (first.length === 4) return readVsbpp(numbersOf(text));
  throw unknownFormat();
}

function unknownFormat(): Malformed {
  return new Malformed('it is none of the formats I read: ecs-pack/1 JSON, .vbp or vsbpp text');
}

function readJson(text: string): PackInput {
  const file = object(json(text), 'the file');
  if (file.format !== 'ecs-pack/1') {
    throw new Malformed(`"format" must be "ecs-pack/1", not ${shown(file.format)}`);
  }
  if (file.kind !== undefined && file.kind !== 'plan')
    throw new Malformed(`"kind" must be "plan", not ${shown(file.kind)}`);
  const resources = list(file.resources, 'resources').map((name, at) => nonEmpty(name, `resources[${at}]`));
  if (resources.length === 0) throw new Malformed('"resources" is empty: name at least one');
  refuseTwins(resources, 'resource');
  const types = list(file.types, 'types').map((row, at) => readType(row, `types[${at}]`, resources.length));
  const names = types.map(({ name }) => name);
  refuseTwins(names, 'type');
  const known = new Set(names);
  const shapes = list(file.shapes, 'shapes').map((row, at) => readShape(row, `shapes[${at}]`, resources.length));
  refuseTwins(
    shapes.map(({ id }) => id),
    'shape',
  );
  for (const { id, types: allowed } of shapes) {
    const stranger = allowed?.find((name) => !known.has(name));
    if (stranger !== undefined)
      throw new Malformed(`shape ${shown(id)} names the type ${shown(stranger)}, which is not in "types"`);
  }
  return { resources, types, shapes };
}

function readType(value: unknown, where: string, dims: number): PackType {
  const row = object(value, where);
  const name = nonEmpty(row.name, `${where}.name`);
  const paid = row.paid === undefined ? 0 : whole(row.paid, `${where}.paid`);
  const limit = row.limit === undefined || row.limit === null ? null : whole(row.limit, `${where}.limit`);
  if (limit !== null && paid > limit) throw new Malformed(`${where}: "paid" ${paid} is more than "limit" ${limit}`);
  return { name, cap: sizes(row.cap, `${where}.cap`, dims), cost: money(row.cost, `${where}.cost`), limit, paid };
}

function readShape(value: unknown, where: string, dims: number): PackShape {
  const row = object(value, where);
  const id = nonEmpty(row.id, `${where}.id`);
  const types =
    row.types === undefined || row.types === null
      ? null
      : list(row.types, `${where}.types`).map((name, at) => nonEmpty(name, `${where}.types[${at}]`));
  const perBin = row.perBin === undefined || row.perBin === null ? null : whole(row.perBin, `${where}.perBin`);
  if (perBin === 0) throw new Malformed(`${where}.perBin must be at least 1`);
  const req = sizes(row.req, `${where}.req`, dims);
  return { id, req, count: whole(row.count, `${where}.count`), types, perBin };
}

function readVbp(numbers: readonly number[]): PackInput {
  const next = taker(numbers);
  const dims = next('the number of dimensions');
  if (dims === 0) throw new Malformed('a .vbp file needs at least one dimension');
  const cap = Array.from({ length: counted(dims, numbers) }, () => next('a capacity'));
  const rows = counted(next('the number of items'), numbers);
  const shapes = Array.from({ length: rows }, (_, at): PackShape => {
    const req = Array.from({ length: dims }, () => next(`the sizes of item ${at}`));
    return { id: String(at), req, count: next(`the demand of item ${at}`), types: null, perBin: null };
  });
  next.end();
  const resources = cap.map((_, at) => String(at));
  return { resources, types: [{ name: '0', cap, cost: 1n, limit: null, paid: 0 }], shapes };
}

function readVsbpp(numbers: readonly number[]): PackInput {
  const next = taker(numbers);
  const items = counted(next('the number of items'), numbers);
  const kinds = counted(next('the number of bin types'), numbers);
  next('the set');
  next('the replicate');
  const types = Array.from({ length: kinds }, (_, at): PackType => {
    const cap = [next(`the capacity of type ${at}`)];
    return { name: String(at), cap, cost: BigInt(next(`the cost of type ${at}`)), limit: null, paid: 0 };
  });
  const shapes = Array.from({ length: items }, (_, at): PackShape => {
    return { id: String(at), req: [next(`the weight of item ${at}`)], count: 1, types: null, perBin: null };
  });
  next.end();
  return { resources: ['0'], types, shapes };
}

function numbersOf(text: string): readonly number[] {
  return (text.match(/\S+/g) ?? []).map((word, at) => {
    if (!/^\d+$/.test(word))
      throw new Malformed(`number ${at + 1} is ${shown(word)}: only whole numbers from 0 are read`);
    return safe(Number(word), `number ${at + 1}`);
  });
}

/** Hands out one number after the other and says what was missing. */
function taker(numbers: readonly number[]): { (what: string): number; end: () => void } {
  let at = 0;
  const next = (what: string): number => {
    const value = numbers[at];
    if (value === undefined) throw new Malformed(`the file ends before ${what}`);
    at += 1;
    return value;
  };
  const end = (): void => {
    if (at < numbers.length) throw new Malformed(`${numbers.length - at} numbers too many at the end of the file`);
  };
  return Object.assign(next, { end });
}

/** A count that promises more rows than there are numbers is refused before anything is allocated for it. */
function counted(count: number, numbers: readonly number[]): number {
  if (count > numbers.length) throw new Malformed(`the file promises ${count} rows and is too short for them`);
  return count;
}
