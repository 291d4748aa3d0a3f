/**
 * The question as the search works on it: equal shapes are one row, types that cannot help are gone, numbers lie in
 * flat arrays, and the order depends on sizes and prices alone, never on the order of the file. Size = rows x kinds,
 * not tasks: 50,000 tasks in 200 shapes are 200 rows.
 */
import type { PackInput, PackType } from './model.ts';

/** A kind of bin; a type with paid bins is two kinds, the paid one free and limited. */
type Kind = {
  readonly type: PackType;
  readonly at: number;
  readonly cost: bigint;
  readonly limit: number;
};

export type Compact = {
  readonly dims: number;
  /** Rows (distinct shapes) and kinds of bin. */
  readonly rows: number;
  readonly kinds: number;
  /** `size[row * dims + resource]`. */
  readonly size: Float64Array;
  readonly demand: Float64Array;
  /** Most copies in one bin; Infinity = as many as fit. */
  readonly perBin: Float64Array;
  /** The shapes of the file behind a row, by id. */
  readonly members: readonly (readonly { readonly id: string; readonly count: number }[])[];
  /** `cap[kind * dims + resource]`. */
  readonly cap: Float64Array;
  readonly cost: Float64Array;
  readonly money: readonly bigint[];
  /** Infinity = as many as wanted. */
  readonly limit: Float64Array;
  readonly typeName: readonly string[];
  /** `allow[kind * rows + row]`, 1 = may hold it; null = every kind may hold everything. */
  readonly allow: Uint8Array | null;
  /** Every price that can ever be charged is a multiple of it. */
  readonly unit: bigint;
};

/** Groups, prunes and orders. Shapes that fit nowhere must have been refused before (`whyInfeasible`). */
export function compact(input: PackInput): Compact {
  const dims = input.resources.length;
  const rows = groupedRows(input);
  const kinds = usefulKinds(input, rows);
  const free = rows.every(({ types }) => types === null);
  const allow = free ? null : new Uint8Array(kinds.length * rows.length);
  kinds.forEach(({ type }, kind) => {
    rows.forEach(({ types }, row) => {
      if (allow !== null && (types === null || types.has(type.name))) allow[kind * rows.length + row] = 1;
    });
  });
  return {
    dims,
    rows: rows.length,
    kinds: kinds.length,
    size: Float64Array.from(rows.flatMap(({ req }) => req)),
    demand: Float64Array.from(rows.map(({ count }) => count)),
    perBin: Float64Array.from(rows.map(({ perBin }) => perBin)),
    members: rows.map(({ members }) => members),
    cap: Float64Array.from(kinds.flatMap(({ type }) => type.cap)),
    cost: Float64Array.from(kinds.map(({ cost }) => Number(cost))),
    money: kinds.map(({ cost }) => cost),
    limit: Float64Array.from(kinds.map(({ limit }) => limit)),
    typeName: kinds.map(({ type }) => type.name),
    allow,
    unit: input.types.reduce((divisor, type) => (type.limit === type.paid ? divisor : gcd(divisor, type.cost)), 0n),
  };
}

/** Most copies of a row that an empty bin of the kind holds, its demand not counted. */
export function mostIn(c: Compact, kind: number, row: number): number {
  if (c.allow !== null && c.allow[kind * c.rows + row] === 0) return 0;
  let most = c.perBin[row] ?? 0;
  for (let r = 0; r < c.dims; r += 1) {
    const size = c.size[row * c.dims + r] ?? 0;
    if (size > 0) most = Math.min(most, Math.floor((c.cap[kind * c.dims + r] ?? 0) / size));
  }
  return Math.min(most, c.demand[row] ?? 0);
}

/** Greatest common divisor of two numbers that are not negative; 0 is neutral. */
function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

type Row = {
  readonly req: readonly number[];
  readonly count: number;
  readonly perBin: number;
  readonly types: ReadonlySet<string> | null;
  readonly members: readonly { readonly id: string; readonly count: number }[];
};

function groupedRows(input: PackInput): readonly Row[] {
  const rankOf = new Map([...input.types].sort(byContent).map(({ name }, rank) => [name, rank]));
  const groups = new Map<string, Row & { members: { id: string; count: number }[]; rank: readonly number[] }>();
  for (const shape of input.shapes) {
    if (shape.count === 0) continue;
    const named = shape.types === null ? null : new Set(shape.types);
    const types = named === null || named.size === input.types.length ? null : named;
    const rank = types === null ? [-1] : [...types].map((name) => rankOf.get(name) ?? -1).sort((a, b) => a - b);
    const perBin = shape.perBin ?? Number.POSITIVE_INFINITY;
    // Equal shapes with a limit per bin stay apart: the limit counts the tasks of one shape, not of its twins.
    const own = shape.perBin === null ? '' : JSON.stringify(shape.id);
    const key = `${shape.req.join(' ')}|${perBin}|${rank.join(' ')}|${own}`;
    const member = { id: shape.id, count: shape.count };
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, { req: shape.req, count: shape.count, perBin, types, members: [member], rank });
    } else {
      group.members.push(member);
      groups.set(key, { ...group, count: group.count + shape.count });
    }
  }
  for (const { members } of groups.values()) members.sort((a, b) => (a.id < b.id ? -1 : 1));
  return [...groups.values()].sort(
    (a, b) =>
      compareNumbers(b.req, a.req) ||
      (a.perBin === b.perBin ? 0 : b.perBin - a.perBin) ||
      compareNumbers(a.rank, b.rank) ||
      b.count - a.count ||
      ((a.members[0]?.id ?? '') < (b.members[0]?.id ?? '') ? -1 : 1),
  );
}

function byContent(a: PackType, b: PackType): number {
  const byCost = a.cost < b.cost ? -1 : a.cost > b.cost ? 1 : 0;
  const limits = (a.limit ?? Number.POSITIVE_INFINITY) === (b.limit ?? Number.POSITIVE_INFINITY);
  const byLimit = limits ? 0 : (a.limit ?? Number.POSITIVE_INFINITY) < (b.limit ?? Number.POSITIVE_INFINITY) ? -1 : 1;
  return compareNumbers(a.cap, b.cap) || byCost || byLimit || a.paid - b.paid || (a.name < b.name ? -1 : 1);
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const difference = (a[at] ?? -1) - (b[at] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

function usefulKinds(input: PackInput, rows: readonly Row[]): readonly Kind[] {
  const all = [...input.types].sort(byContent).flatMap((type, at): Kind[] => {
    const limit = type.limit ?? Number.POSITIVE_INFINITY;
    const paid = { type, at, cost: 0n, limit: type.paid };
    return [...(type.paid > 0 ? [paid] : []), { type, at, cost: type.cost, limit: limit - type.paid }];
  });
  const holds = (kind: Kind, row: Row): boolean =>
    (row.types === null || row.types.has(kind.type.name)) &&
    row.req.every((size, r) => size <= (kind.type.cap[r] ?? 0));
  const usable = all.filter((kind) => kind.limit > 0 && rows.some((row) => holds(kind, row)));
  const bounded = rows.filter(({ types }) => types !== null);
  return usable.filter((kind) => !usable.some((other) => makesNeedless(other, kind, bounded)));
}

/** `better` is no dearer, at least as large, in any number, and may hold all that `kind` may. Of twins, one stays. */
function makesNeedless(better: Kind, kind: Kind, bounded: readonly Row[]): boolean {
  if (better === kind || better.limit !== Number.POSITIVE_INFINITY || better.cost > kind.cost) return false;
  if (!kind.type.cap.every((size, r) => size <= (better.type.cap[r] ?? 0))) return false;
  const holdsAll = bounded.every(
    ({ types }) => types === null || types.has(better.type.name) || !types.has(kind.type.name),
  );
  if (!holdsAll) return false;
  const isTwin =
    better.cost === kind.cost && kind.limit === better.limit && compareNumbers(better.type.cap, kind.type.cap) === 0;
  const twinHoldsAll =
    isTwin && bounded.every(({ types }) => types === null || types.has(kind.type.name) || !types.has(better.type.name));
  return !twinHoldsAll || better.at < kind.at;
}
