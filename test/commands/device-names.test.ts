import { expect, test } from 'vitest';
import { GPU_NAMES, NEURON_NAMES } from '../../src/commands/capacity-flags.ts';
import { openLibrary } from '../../src/data.ts';

const library = openLibrary();
const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');
const types = library.regions.flatMap((region) => library.prices(region).types);

test('every GPU of the instance data can be asked for by name', () => {
  const known = new Set(GPU_NAMES.map(plain));
  const named = new Set(types.flatMap(({ gpu }) => (gpu === null ? [] : [plain(gpu.name)])));

  expect([...named].filter((name) => !known.has(name))).toEqual([]);
});

test('every Neuron device of the instance data can be asked for by name', () => {
  const known = new Set(NEURON_NAMES.map(plain));
  const named = new Set(
    types.flatMap(({ accelerator }) => (accelerator?.kind === 'neuron' ? [plain(accelerator.name)] : [])),
  );

  expect([...named].filter((name) => !known.has(name))).toEqual([]);
});
