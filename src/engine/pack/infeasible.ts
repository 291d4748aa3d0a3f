/** Says before any search which shapes cannot be placed, and why. */
import type { PackInfeasible, PackInput, PackShape, PackType } from './model.ts';

/** Null when every shape fits some type, and limited types leave room for each shape by itself. */
export function whyInfeasible(input: PackInput): PackInfeasible | null {
  const usable = input.types.filter(({ limit }) => limit !== 0);
  const shapes = input.shapes.flatMap((shape) => {
    const because = shape.count === 0 ? null : whyHomeless(shape, usable, input);
    return because === null ? [] : [{ shape: shape.id, because }];
  });
  shapes.sort((a, b) => (a.shape < b.shape ? -1 : 1));
  return shapes.length === 0 ? null : { kind: 'infeasible', shapes };
}

function whyHomeless(shape: PackShape, usable: readonly PackType[], input: PackInput): string | null {
  const allowed = shape.types === null ? usable : usable.filter(({ name }) => shape.types?.includes(name));
  if (allowed.length === 0) {
    return input.types.length === 0 ? 'the file has no types' : 'none of the types that may hold it can be used';
  }
  if (!allowed.some((type) => mostIn(type, shape) > 0)) return whyTooLarge(shape, allowed, input.resources);
  const places = allowed.reduce((sum, type) => sum + placesIn(type, shape), 0);
  return places >= shape.count ? null : `only ${places} of its ${shape.count} fit into the limited types, even alone`;
}

function placesIn(type: PackType, shape: PackShape): number {
  const most = mostIn(type, shape);
  return most === 0 ? 0 : most * (type.limit ?? Number.POSITIVE_INFINITY);
}

function mostIn(type: PackType, shape: PackShape): number {
  return shape.req.reduce(
    (most, size, r) => (size === 0 ? most : Math.min(most, Math.floor((type.cap[r] ?? 0) / size))),
    Math.min(shape.perBin ?? Number.POSITIVE_INFINITY, shape.count),
  );
}

function whyTooLarge(shape: PackShape, allowed: readonly PackType[], resources: readonly string[]): string {
  for (const [r, size] of shape.req.entries()) {
    const largest = allowed.reduce((most, { cap }) => Math.max(most, cap[r] ?? 0), 0);
    if (size > largest)
      return `needs ${size} ${nameOf(resources, r)}, the largest type that may hold it has ${largest}`;
  }
  return `no type that may hold it has enough of all: ${shape.req.map((size, r) => `${size} ${nameOf(resources, r)}`).join(', ')}`;
}

/** Numbered resources (of .vbp and vsbpp) are dimensions. */
function nameOf(resources: readonly string[], r: number): string {
  const name = resources[r] ?? String(r);
  return /^\d+$/.test(name) ? `of dimension ${name}` : name;
}
