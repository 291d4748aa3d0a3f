import fc from 'fast-check';
import type { PackInput, PackShape, PackType } from '../../src/engine/index.ts';

/** Small packing questions: few enough tasks that every answer can be tried. */
export const arbPackInput: fc.Arbitrary<PackInput> = fc
  .record({
    dims: fc.integer({ min: 1, max: 3 }),
    types: fc.array(
      fc.record({
        cap: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 3, maxLength: 3 }),
        cost: fc.integer({ min: 0, max: 20 }),
        limit: fc.oneof(
          { weight: 3, arbitrary: fc.constant(null) },
          { weight: 1, arbitrary: fc.integer({ min: 0, max: 2 }) },
        ),
        paid: fc.oneof(
          { weight: 4, arbitrary: fc.constant(0) },
          { weight: 1, arbitrary: fc.integer({ min: 1, max: 2 }) },
        ),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    shapes: fc.array(
      fc.record({
        req: fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 3, maxLength: 3 }),
        count: fc.integer({ min: 0, max: 3 }),
        mask: fc.oneof(
          { weight: 3, arbitrary: fc.constant(7) },
          { weight: 1, arbitrary: fc.integer({ min: 1, max: 7 }) },
        ),
        perBin: fc.oneof(
          { weight: 3, arbitrary: fc.constant(null) },
          { weight: 1, arbitrary: fc.integer({ min: 1, max: 2 }) },
        ),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  })
  .map(({ dims, types, shapes }): PackInput => {
    const names = types.map((_, at) => `t${at}`);
    return {
      resources: ['cpu', 'memory', 'slots'].slice(0, dims),
      types: types.map(
        ({ cap, cost, limit, paid }, at): PackType => ({
          name: `t${at}`,
          cap: cap.slice(0, dims),
          cost: BigInt(cost),
          limit,
          paid: Math.min(paid, limit ?? paid),
        }),
      ),
      shapes: shapes.map(({ req, count, mask, perBin }, at): PackShape => {
        const allowed = names.filter((_, bit) => (mask >> bit) & 1);
        return { id: `s${at}`, req: req.slice(0, dims), count, types: mask === 7 ? null : allowed, perBin };
      }),
    };
  });

/** The cheapest cost by trying every content for the next bin; null when the tasks cannot be placed. */
export function bruteForce(input: PackInput): bigint | null {
  const counts = input.shapes.map(({ count }) => count);
  const kinds = input.types.flatMap((type) => [
    ...(type.paid > 0 ? [{ type, cost: 0n, limit: type.paid as number | null }] : []),
    { type, cost: type.cost, limit: type.limit === null ? null : type.limit - type.paid },
  ]);
  const contents = kinds.map(({ type }) => contentsOf(input, type));
  const memo = new Map<string, bigint | null>();
  const cheapest = (left: readonly number[], bins: readonly (number | null)[]): bigint | null => {
    if (left.every((count) => count === 0)) return 0n;
    const key = `${left.join()}|${bins.join()}`;
    const known = memo.get(key);
    if (known !== undefined) return known;
    let best: bigint | null = null;
    kinds.forEach(({ cost }, kind) => {
      if (bins[kind] === 0) return;
      for (const content of contents[kind] ?? []) {
        if (!content.every((count, shape) => count <= (left[shape] ?? 0))) continue;
        const rest = cheapest(
          left.map((count, shape) => count - (content[shape] ?? 0)),
          bins.map((most, other) => (other === kind && most !== null ? most - 1 : most)),
        );
        if (rest !== null && (best === null || rest + cost < best)) best = rest + cost;
      }
    });
    memo.set(key, best);
    return best;
  };
  return cheapest(
    counts,
    kinds.map(({ limit }) => limit),
  );
}

/** Every content of one bin that is not empty. */
function contentsOf(input: PackInput, type: PackType): readonly (readonly number[])[] {
  let found: number[][] = [[]];
  for (const shape of input.shapes) {
    const isAllowed = shape.types === null || shape.types.includes(type.name);
    const most = isAllowed ? Math.min(shape.count, shape.perBin ?? shape.count) : 0;
    found = found.flatMap((content) => Array.from({ length: most + 1 }, (_, count) => [...content, count]));
    found = found.filter((content) =>
      type.cap.every(
        (cap, r) => content.reduce((sum, count, at) => sum + count * (input.shapes[at]?.req[r] ?? 0), 0) <= cap,
      ),
    );
  }
  return found.filter((content) => content.some((count) => count > 0));
}
