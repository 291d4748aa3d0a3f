import type { Settings } from '../../src/deps.ts';

/** What an empty configuration file sets; tests say only what matters to them. */
export function theSettings(changes: Partial<Settings> = {}): Settings {
  return {
    defaultRegion: null,
    minimumSaving: { percent: 10, usdPerMonth: 25 },
    readOnly: true,
    accounts: [],
    roles: [],
    readers: null,
    costExplorerCap: 500,
    awsPace: 1,
    ...changes,
  };
}
