import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { wire } from '../../src/wire.ts';
import { temporaryFolder } from '../store/temporary.ts';

function configIn(folder: string, yaml = '') {
  const path = join(folder, 'my.yaml');
  writeFileSync(path, yaml);
  const env = { DATABASE_URL: `sqlite:${join(folder, 'a.db')}`, ECS_ADVISE_CONFIG: path };
  return loadConfig({ slack: 'optional', env });
}

test('wire opens the database, the data folder and the settings, with the clock it is given', async () => {
  const folder = temporaryFolder();
  const now = new Date('2026-11-24T09:00:00.000Z');

  const { deps, close } = await wire(configIn(folder, 'defaultRegion: eu-west-1'), { clock: { now: () => now } });

  expect(existsSync(join(folder, 'a.db'))).toBe(true);
  expect(deps.clock.now()).toBe(now);
  expect(deps.settings.defaultRegion).toEqual({ region: 'eu-west-1', from: 'config' });
  expect(deps.library.regions).toContain('eu-west-1');
  await close();
});

test('a terminal verb that needs no database leaves no file behind', async () => {
  const folder = temporaryFolder();
  const { deps, close } = await wire(configIn(folder), { storeOnDemand: true });
  expect(deps.library.facts.length).toBeGreaterThan(0);
  await close();
  expect(existsSync(join(folder, 'a.db'))).toBe(false);
});

test('a default region in the file that has no prices is a config error with the nearest one', async () => {
  const config = configIn(temporaryFolder(), 'defaultRegion: eu-west-9');
  await expect(wire(config)).rejects.toMatchObject({
    kind: 'config',
    code: 'config_unknown_region',
    message: expect.stringContaining('eu-west-9'),
    hint: expect.stringMatching(/eu-west-\d/),
  });
});
