/** From prices per row to contents worth having, and to what each kind's best content can be worth at most. */
import { type Compact, mostIn } from './compact.ts';
import type { Grid } from './grid.ts';
import { type Pattern, pattern } from './plan.ts';
import { cellOf, fillTable, readBack, type Table } from './table.ts';

/**
 * Prices of the tasks, and of the resources beside the table's two. With a surcharge per unit of such a resource a
 * content is worth its tasks' prices less its surcharges; capacity times surcharge, added back, keeps the bound valid.
 */
export type Prices = {
  /** Per row, whole units. */
  readonly units: Float64Array;
  /** Per resource, whole units. */
  readonly surcharge: Float64Array;
};

/** Fills the tables of all boxes at these prices. */
export function fillTables(
  c: Compact,
  grid: Grid,
  { units, surcharge }: Prices,
  by: { readonly left: Float64Array; readonly round: 'up' | 'down' },
): readonly Table[] {
  const net = netOf(c, { units, surcharge });
  return grid.boxes.map((box) => fillTable(c, box, net, by));
}

function netOf(c: Compact, { units, surcharge }: Prices): Float64Array {
  if (surcharge.every((price) => price === 0)) return units;
  return units.map((price, row) =>
    surcharge.reduce((rest, each, r) => rest - each * (c.size[row * c.dims + r] ?? 0), price),
  );
}

/** Per kind the worth of its best content, from tables filled with sizes rounded down, or a little above it. */
export function worthOf(c: Compact, grid: Grid, tables: readonly Table[], prices: Prices): Float64Array {
  const worth = new Float64Array(c.kinds);
  const extra = (kind: number): number =>
    prices.surcharge.reduce((sum, price, r) => sum + price * (c.cap[kind * c.dims + r] ?? 0), 0);
  for (const table of tables) {
    table.box.kinds.forEach((kind, member) => {
      worth[kind] = (table.worth[cellOf(table, member, -1)] ?? 0) + extra(kind);
    });
  }
  const net = netOf(c, prices);
  for (const kind of grid.outside) worth[kind] = relaxedWorth(c, grid.axes, kind, net) + extra(kind);
  return worth;
}

/**
 * The next surcharges: dearer where most of the best contents overfill a resource, cheaper where none does. `prices`
 * of the volume bound are a good start.
 */
export function nextSurcharge(
  c: Compact,
  grid: Grid,
  tables: readonly Table[],
  { units, surcharge }: Prices,
): Float64Array {
  const next = surcharge.slice();
  for (const r of grid.beside) {
    let [over, all] = [0, 0];
    for (const table of tables) {
      table.box.kinds.forEach((kind, member) => {
        const used = readBack(table, cellOf(table, member, -1)).reduce(
          (sum, [row, count]) => sum + count * (c.size[row * c.dims + r] ?? 0),
          0,
        );
        all += 1;
        if (used > (c.cap[kind * c.dims + r] ?? 0)) over += 1;
      });
    }
    const now = surcharge[r] ?? 0;
    if (over * 2 > all) next[r] = Math.ceil(Math.max(now * 1.25, leastSurcharge(c, r, units)));
    else if (over * 8 < all) next[r] = Math.floor(now * 0.85);
  }
  return next;
}

/** A hundredth of what the mean task is worth, per unit of the resource that it takes. */
function leastSurcharge(c: Compact, r: number, units: Float64Array): number {
  let [worth, size] = [0, 0];
  for (let row = 0; row < c.rows; row += 1) {
    worth += units[row] ?? 0;
    size += c.size[row * c.dims + r] ?? 0;
  }
  return size === 0 ? 0 : worth / size / 100;
}

/**
 * At most so much is any content worth: with prices u, v per unit of the two axes such that no row is worth more than
 * its size, the capacity's price. The best (u, v) is found by halving; any would do.
 */
function relaxedWorth(c: Compact, [x, y]: readonly [number, number], kind: number, units: Float64Array): number {
  const [wide, high] = [c.cap[kind * c.dims + x] ?? 0, y < 0 ? 0 : (c.cap[kind * c.dims + y] ?? 0)];
  const rows: { first: number; second: number; worth: number }[] = [];
  let [loose, least, most] = [0, 0, 0];
  for (let row = 0; row < c.rows; row += 1) {
    const worth = units[row] ?? 0;
    const copies = worth > 0 ? mostIn(c, kind, row) : 0;
    if (copies === 0) continue;
    const first = c.size[row * c.dims + x] ?? 0;
    const second = y < 0 ? 0 : (c.size[row * c.dims + y] ?? 0);
    if (first === 0 && second === 0) loose += worth * copies;
    else rows.push({ first, second, worth });
    if (first > 0) most = Math.max(most, worth / first);
    if (first > 0 && second === 0) least = Math.max(least, worth / first);
  }
  const priceOf = (u: number): number => {
    const v = rows.reduce(
      (high, row) => (row.second > 0 ? Math.max(high, (row.worth - u * row.first) / row.second) : high),
      0,
    );
    return u * wide + v * high;
  };
  let [low, top] = [least, Math.max(least, most)];
  for (let round = 0; round < 80; round += 1) {
    const third = (top - low) / 3;
    if (priceOf(low + third) <= priceOf(top - third)) top -= third;
    else low += third;
  }
  return Math.ceil((loose + Math.min(priceOf(low), priceOf(top), priceOf(least))) * (1 + 1e-9)) + 1;
}

/**
 * Contents worth a column: the best of each kind, and for each row the best that hold it in the two kinds where that
 * costs least. One table yields hundreds.
 */
export function contentsOf(
  c: Compact,
  tables: readonly Table[],
  units: Float64Array,
  left: Float64Array,
): readonly Pattern[] {
  return tables.flatMap((table) => contentsOfTable(c, table, { units, left }));
}

type At = { readonly units: Float64Array; readonly left: Float64Array };

function contentsOfTable(c: Compact, table: Table, at: At): readonly Pattern[] {
  const { box } = table;
  const found = box.kinds.map((kind, member) => completed(c, kind, readBack(table, cellOf(table, member, -1)), at));
  box.rows.forEach((row, index) => {
    if ((at.left[row] ?? 0) <= 0) return;
    for (const member of bestMembers(c, table, index, at.units)) {
      const rest = readBack(table, cellOf(table, member, index));
      found.push(completed(c, box.kinds[member] ?? 0, [[row, 1], ...rest], at));
    }
  });
  return found.filter(({ rows }) => rows.length > 0);
}

/** The two members of the box where content around the row costs least for its worth. */
function bestMembers(c: Compact, table: Table, index: number, units: Float64Array): readonly number[] {
  const { box } = table;
  const row = box.rows[index] ?? 0;
  let [best, second] = [-1, -1];
  let [bestRate, secondRate] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  box.kinds.forEach((kind, member) => {
    const cell = cellOf(table, member, index);
    if (cell < 0 || mostIn(c, kind, row) === 0) return;
    const rate = (c.cost[kind] ?? 0) / ((table.worth[cell] ?? 0) + (units[row] ?? 0) + 1e-9);
    if (rate < bestRate) [best, bestRate, second, secondRate] = [member, rate, best, bestRate];
    else if (rate < secondRate) [second, secondRate] = [member, rate];
  });
  return [best, second].filter((member) => member >= 0);
}

/**
 * A content that really fits: copies are taken in the order given as far as all resources, the row's own limit and
 * `left` allow (a table knows two resources, and may know them roughly), then the room left is filled up, dear rows first.
 */
function completed(
  c: Compact,
  kind: number,
  copies: readonly (readonly [row: number, count: number])[],
  at: At,
): Pattern {
  const room = Float64Array.from({ length: c.dims }, (_, r) => c.cap[kind * c.dims + r] ?? 0);
  const held = new Map<number, number>();
  const put = (row: number, count: number): void => {
    if (c.allow !== null && c.allow[kind * c.rows + row] === 0) return;
    let most = Math.min(count, (at.left[row] ?? 0) - (held.get(row) ?? 0), (c.perBin[row] ?? 0) - (held.get(row) ?? 0));
    for (let r = 0; r < c.dims && most > 0; r += 1) {
      const size = c.size[row * c.dims + r] ?? 0;
      if (size > 0) most = Math.min(most, Math.floor((room[r] ?? 0) / size));
    }
    if (most <= 0) return;
    for (let r = 0; r < c.dims; r += 1) room[r] = (room[r] ?? 0) - most * (c.size[row * c.dims + r] ?? 0);
    held.set(row, (held.get(row) ?? 0) + most);
  };
  for (const [row, count] of copies) put(row, count);
  for (let row = 0; row < c.rows; row += 1) if ((at.left[row] ?? 0) > 0) put(row, Number.POSITIVE_INFINITY);
  return pattern(kind, [...held]);
}

/** Worth of a content at prices per row. */
export function worthAt(prices: Float64Array, { rows, counts }: Pattern): number {
  let sum = 0;
  for (let k = 0; k < rows.length; k += 1) sum += (prices[rows[k] as number] as number) * (counts[k] as number);
  return sum;
}

/** Contents of kinds larger than any table: dearest for their size first. */
export function largeContents(c: Compact, grid: Grid, at: At): readonly Pattern[] {
  return grid.outside.map((kind) => {
    return completed(c, kind, byDensity(c, kind, at), at);
  });
}

function byDensity(c: Compact, kind: number, { units, left }: At): readonly (readonly [number, number])[] {
  const rate = (row: number): number => {
    let share = 0;
    for (let r = 0; r < c.dims; r += 1) {
      share += (c.size[row * c.dims + r] ?? 0) / Math.max(1, c.cap[kind * c.dims + r] ?? 0);
    }
    return (units[row] ?? 0) / share;
  };
  return Array.from({ length: c.rows }, (_, row) => row)
    .filter((row) => (left[row] ?? 0) > 0 && mostIn(c, kind, row) > 0)
    .sort((a, b) => rate(b) - rate(a) || a - b)
    .map((row) => [row, Number.POSITIVE_INFINITY]);
}
