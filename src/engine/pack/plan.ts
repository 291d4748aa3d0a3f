/** Filled bins: patterns with how often each is used, and the way from there to the bins of an answer. */
import type { Compact } from './compact.ts';
import type { PackBin } from './model.ts';

/** What one bin holds: `counts[k]` copies of row `rows[k]`, rows rising. */
export type Pattern = {
  readonly kind: number;
  readonly rows: readonly number[];
  readonly counts: readonly number[];
};

export type Used = { readonly pattern: Pattern; readonly count: number };
export type Plan = readonly Used[];

/** Equal patterns have equal keys. */
export function keyOf({ kind, rows, counts }: Pattern): string {
  return `${kind}:${rows.join(',')}:${counts.join(',')}`;
}

/** Rows sorted, equal rows added up, zeros left out. */
export function pattern(kind: number, copies: readonly (readonly [row: number, count: number])[]): Pattern {
  const sum = new Map<number, number>();
  for (const [row, count] of copies) if (count > 0) sum.set(row, (sum.get(row) ?? 0) + count);
  const rows = [...sum.keys()].sort((a, b) => a - b);
  return { kind, rows, counts: rows.map((row) => sum.get(row) ?? 0) };
}

/** Exact price of a plan, in the file's money. */
export function costOf(c: Compact, plan: Plan): bigint {
  return plan.reduce((sum, { pattern: { kind }, count }) => sum + (c.money[kind] ?? 0n) * BigInt(count), 0n);
}

/** Equal patterns together, in a fixed order. */
export function merged(plan: Plan): Plan {
  const byKey = new Map<string, Used>();
  for (const used of plan) {
    if (used.count === 0) continue;
    const key = keyOf(used.pattern);
    byKey.set(key, { pattern: used.pattern, count: (byKey.get(key)?.count ?? 0) + used.count });
  }
  return [...byKey.values()].sort((a, b) => comparePatterns(a.pattern, b.pattern));
}

function comparePatterns(a: Pattern, b: Pattern): number {
  if (a.kind !== b.kind) return a.kind - b.kind;
  for (let at = 0; at < Math.max(a.rows.length, b.rows.length); at += 1) {
    const byRow = (a.rows[at] ?? -1) - (b.rows[at] ?? -1);
    const byCount = (b.counts[at] ?? 0) - (a.counts[at] ?? 0);
    if (byRow !== 0 || byCount !== 0) return byRow || byCount;
  }
  return 0;
}

/**
 * Takes away what a covering plan holds too much of: bins left empty go, and what is left of a pattern that is only
 * partly needed becomes a pattern of its own. The result holds each row exactly `demand` times when it covered that.
 */
export function trimmed(plan: Plan, demand: Float64Array): Plan {
  const left = Float64Array.from(demand);
  const result: Used[] = [];
  for (const used of plan) {
    let open = used.count;
    while (open > 0) {
      const copies = used.pattern.rows.map((row, k): [number, number] => {
        return [row, Math.min(used.pattern.counts[k] ?? 0, left[row] ?? 0)];
      });
      const content = pattern(used.pattern.kind, copies);
      if (content.rows.length === 0) break;
      const times = content.rows.reduce(
        (most, row, k) => Math.min(most, Math.floor((left[row] ?? 0) / (content.counts[k] ?? 1))),
        open,
      );
      content.rows.forEach((row, k) => {
        left[row] = (left[row] ?? 0) - times * (content.counts[k] ?? 0);
      });
      result.push({ pattern: content, count: times });
      open -= times;
    }
  }
  return result;
}

/** The bins of an answer: rows become the shapes of the file again, in order of their ids. */
export function toBins(c: Compact, plan: Plan): readonly PackBin[] {
  const next = c.members.map((members) => ({ at: 0, left: members[0]?.count ?? 0 }));
  const bins: PackBin[] = [];
  for (const { pattern: content, count } of merged(plan)) {
    let open = count;
    while (open > 0) {
      const run = runLength(content, next, open);
      bins.push({ type: c.typeName[content.kind] ?? '', count: run, items: take(c, content, next, run) });
      open -= run;
    }
  }
  return joined(bins);
}

type Cursor = { at: number; left: number };

/** How many equal bins can be filled from the shapes that come next; 1 when a shape ends inside a bin. */
function runLength(content: Pattern, next: readonly Cursor[], open: number): number {
  const fits = content.rows.map((row, k) => Math.floor((next[row]?.left ?? 0) / (content.counts[k] ?? 1)));
  return Math.max(1, Math.min(open, ...fits));
}

function take(c: Compact, content: Pattern, next: readonly Cursor[], bins: number): Record<string, number> {
  const items = Object.create(null) as Record<string, number>;
  content.rows.forEach((row, k) => {
    const cursor = next[row];
    let open = content.counts[k] ?? 0;
    while (cursor !== undefined && open > 0) {
      const member = c.members[row]?.[cursor.at];
      if (member === undefined) break;
      const taken = bins === 1 ? Math.min(open, cursor.left) : open;
      if (taken > 0) items[member.id] = (items[member.id] ?? 0) + taken;
      cursor.left -= taken * bins;
      open -= taken;
      if (cursor.left === 0) {
        cursor.at += 1;
        cursor.left = c.members[row]?.[cursor.at]?.count ?? 0;
      }
    }
  });
  return items;
}

/** Paid and unpaid bins of one type are the same bins to the reader. */
function joined(bins: readonly PackBin[]): readonly PackBin[] {
  const byContent = new Map<string, PackBin>();
  for (const bin of bins) {
    const ids = Object.keys(bin.items).sort();
    const key = JSON.stringify([bin.type, ids.map((id) => [id, bin.items[id]])]);
    byContent.set(key, { ...bin, count: bin.count + (byContent.get(key)?.count ?? 0) });
  }
  return [...byContent.values()];
}

/** Rounds up to the next sum that costs can add up to: a multiple of their common divisor. */
export function roundUp(total: { readonly n: bigint; readonly d: bigint }, unit: bigint): bigint {
  if (unit === 0n || total.n <= 0n) return 0n;
  const step = unit * total.d;
  return ((total.n + step - 1n) / step) * unit;
}
