/**
 * The checker's own way to say what a type's best content can be worth at most, in whole units, exactly. It shares
 * nothing with the search: prices per unit of two resources first (any such prices that no task beats are a proof), and
 * where that is not enough a table in which each row's copies are limited by a sliding maximum.
 */

/** Equal tasks: what one is worth, what it takes, how many of them a bin may hold. */
export type PricedRow = {
  readonly worth: bigint;
  readonly req: readonly number[];
  readonly most: number;
};

export type PricedType = { readonly cap: readonly number[]; readonly enough: bigint | null };

export type TableHelp = {
  /** Indices of one or two resources, and the size of a cell in each. */
  readonly axes: readonly number[];
  readonly steps: readonly number[];
  /** By resource, in units; 0 on the axes. */
  readonly surcharges: readonly bigint[];
};

const MOST_CELLS = 6_000_000;
/** Fixed-point digits (binary) of the prices per unit of a resource. */
const FINE = 24n;

/**
 * For each type (all of them may hold the same rows): at most so much is a content worth. For a type with `enough` a
 * rough figure at or below that will do; for one without, the less the better. Null = too large for an exact table here.
 */
export function mostWorths(
  rows: readonly PricedRow[],
  types: readonly PricedType[],
  help: TableHelp,
): readonly (bigint | null)[] {
  const net = rows
    .map((row) => ({
      ...row,
      worth: help.surcharges.reduce((rest, price, r) => rest - price * BigInt(row.req[r] ?? 0), row.worth),
    }))
    .filter((row) => row.worth > 0n && row.most > 0);
  const looked = types.map((type) => {
    const fitting = net.filter(({ req }) => req.every((size, r) => size <= (type.cap[r] ?? 0)));
    const extra = help.surcharges.reduce((sum, price, r) => sum + price * BigInt(type.cap[r] ?? 0), 0n);
    return { type, extra, rough: extra + pricedCapacity(fitting, type.cap, help.axes) };
  });
  const doubtful = looked.filter(({ type, rough }) => type.enough === null || rough > type.enough);
  const needed = doubtful.filter(({ type }) => type.enough !== null);
  const exact =
    tableWorths(
      net,
      doubtful.map(({ type }) => type),
      help,
    ) ??
    tableWorths(
      net,
      needed.map(({ type }) => type),
      help,
    );
  return looked.map(({ type, extra, rough }) => {
    if (type.enough !== null && rough <= type.enough) return rough;
    const worth = exact?.get(type);
    if (worth === undefined) return type.enough === null ? rough : null;
    return extra + worth < rough ? extra + worth : rough;
  });
}

/** Capacity at prices (u, v) per unit of the two axes at which no row is worth more than its size; u by halving, v exactly. */
function pricedCapacity(rows: readonly PricedRow[], cap: readonly number[], axes: readonly number[]): bigint {
  const [x = 0, y = x] = axes;
  const sized = rows.filter(({ req }) => (req[x] ?? 0) > 0 || (req[y] ?? 0) > 0);
  const loose = rows
    .filter(({ req }) => (req[x] ?? 0) === 0 && (req[y] ?? 0) === 0)
    .reduce((sum, { worth, most }) => sum + worth * BigInt(most), 0n);
  const priced = (u: bigint): bigint | null => {
    let v = 0n;
    for (const { worth, req } of sized) {
      const rest = (worth << FINE) - u * BigInt(req[x] ?? 0);
      if (rest <= 0n) continue;
      const second = y === x ? 0n : BigInt(req[y] ?? 0);
      if (second === 0n) return null;
      const needed = (rest + second - 1n) / second;
      if (needed > v) v = needed;
    }
    return u * BigInt(cap[x] ?? 0) + v * BigInt(y === x ? 0 : (cap[y] ?? 0));
  };
  const dearest = sized.reduce((most, { worth, req }) => {
    const first = BigInt(req[x] ?? 0);
    const price = first === 0n ? 0n : ((worth << FINE) + first - 1n) / first;
    return price > most ? price : most;
  }, 0n);
  let [low, high] = [0n, dearest];
  let best = priced(dearest) ?? 0n;
  while (high - low > 2n) {
    const [left, right] = [low + (high - low) / 3n, high - (high - low) / 3n];
    const [atLeft, atRight] = [priced(left), priced(right)];
    for (const value of [atLeft, atRight]) if (value !== null && value < best) best = value;
    if (atLeft !== null && atRight !== null && atLeft <= atRight) high = right;
    else low = left;
  }
  return loose + ((best + (1n << FINE) - 1n) >> FINE);
}

type Grid = { readonly worth: Float64Array; readonly wide: number; readonly high: number };

/** The best worth of any content per type, by one table over capacities in steps. Doubles are exact below 2^53. */
function tableWorths(
  rows: readonly PricedRow[],
  types: readonly PricedType[],
  help: TableHelp,
): ReadonlyMap<PricedType, bigint> | null {
  if (types.length === 0) return new Map();
  const cells = (sizes: readonly number[], a: number): number => {
    const axis = help.axes[a];
    return axis === undefined ? 0 : Math.floor((sizes[axis] ?? 0) / (help.steps[a] ?? 1));
  };
  const wide = Math.max(...types.map(({ cap }) => cells(cap, 0))) + 1;
  const high = Math.max(...types.map(({ cap }) => cells(cap, 1))) + 1;
  if (!(wide * high <= MOST_CELLS)) return null;
  const grid: Grid = { worth: new Float64Array(wide * high), wide, high };
  for (const { worth, req, most } of rows) {
    if (worth > BigInt(Number.MAX_SAFE_INTEGER)) return null;
    const fits = Math.min(most, Math.max(...types.map(({ cap }) => copiesIn(cap, req))));
    if (fits > 0) addRow(grid, { first: cells(req, 0), second: cells(req, 1), worth: Number(worth), most: fits });
  }
  const best = types.map(({ cap }) => grid.worth[cells(cap, 0) * high + cells(cap, 1)] ?? 0);
  if (!best.every((worth) => worth <= Number.MAX_SAFE_INTEGER)) return null;
  return new Map(types.map((type, at) => [type, BigInt(best[at] ?? 0)]));
}

function copiesIn(cap: readonly number[], req: readonly number[]): number {
  return req.reduce(
    (fewest, size, r) => (size === 0 ? fewest : Math.min(fewest, Math.floor((cap[r] ?? 0) / size))),
    Number.POSITIVE_INFINITY,
  );
}

type Row = { readonly first: number; readonly second: number; readonly worth: number; readonly most: number };

/** Lets every cell hold up to `most` copies of the row, along each line of cells that lie one copy apart. */
function addRow({ worth: cells, wide, high }: Grid, { first, second, worth, most }: Row): void {
  if (first === 0 && second === 0) {
    for (let cell = 0; cell < cells.length; cell += 1) cells[cell] = (cells[cell] as number) + most * worth;
    return;
  }
  const stride = first * high + second;
  const length = Math.min(
    first === 0 ? Number.POSITIVE_INFINITY : Math.ceil(wide / first),
    second === 0 ? Number.POSITIVE_INFINITY : Math.ceil(high / second),
  );
  const line: Line = { value: new Float64Array(length), at: new Int32Array(length) };
  for (let x = 0; x < wide; x += 1) {
    for (let y = 0; y < high; y += 1) {
      if (x < first || y < second)
        slide(cells, line, {
          start: x * high + y,
          stride,
          count: copiesFrom(x, y, { first, second, wide, high }),
          worth,
          most,
        });
    }
  }
}

type Line = { readonly value: Float64Array; readonly at: Int32Array };

/** Cells on the line that begins at (x, y). */
function copiesFrom(
  x: number,
  y: number,
  by: { readonly first: number; readonly second: number; readonly wide: number; readonly high: number },
): number {
  const alongFirst = by.first === 0 ? Number.POSITIVE_INFINITY : Math.floor((by.wide - 1 - x) / by.first);
  const alongSecond = by.second === 0 ? Number.POSITIVE_INFINITY : Math.floor((by.high - 1 - y) / by.second);
  return Math.min(alongFirst, alongSecond) + 1;
}

/** new[k] = max over j <= most of old[k - j] + j x worth, as the maximum of (old[i] - i x worth) over a sliding window. */
function slide(
  cells: Float64Array,
  { value, at }: Line,
  along: {
    readonly start: number;
    readonly stride: number;
    readonly count: number;
    readonly worth: number;
    readonly most: number;
  },
): void {
  const { start, stride, count, worth, most } = along;
  let [head, tail] = [0, 0];
  for (let k = 0; k < count; k += 1) {
    const cell = start + k * stride;
    const shifted = (cells[cell] as number) - k * worth;
    while (tail > head && (value[tail - 1] as number) <= shifted) tail -= 1;
    value[tail] = shifted;
    at[tail] = k;
    tail += 1;
    while ((at[head] as number) < k - most) head += 1;
    cells[cell] = (value[head] as number) + k * worth;
  }
}
