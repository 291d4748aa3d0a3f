import type { Settings } from '../../src/deps.ts';

/** What an empty configuration file sets; tests say only what matters to them. */
export function theSettings(changes: Partial<Settings> = {}): Settings {
  return {
    defaultRegion: null,
    minimumSaving: { percent: 10, usdPerMonth: 25 },
    readOnly: true,
    routes: [],
    approvals: {
      readOnly: true,
      expiryHours: 24,
      freezes: [],
      quorum: { 'window.set': 1, 'window.move': 1, 'window.delete': 1 },
      requesterMayApprove: false,
    },
    guardrails: { quietHours: [], protectedServices: [], coolDownHours: 24, largestShare: 1 },
    accounts: [],
    roles: [],
    readers: null,
    costExplorerCap: 500,
    awsPace: 1,
    ...changes,
  };
}
