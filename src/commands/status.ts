/** `status`: what this process works with. */
import { ENGINE_VERSION } from '../engine/index.ts';
import { type Status, statusReport } from '../report/status.ts';
import type { Command } from './command.ts';
import { plainEnvelope } from './envelope.ts';
import { parseFlags, parsing, refuseWords } from './flags.ts';

/** The region every question falls back to (design 3.2). */
const FALLBACK_REGION = 'us-east-1';

export const statusCommand: Command<Record<string, never>> = {
  name: 'status',
  summary: 'what I work with: database, facts, price dates, defaults',
  usage: 'status',
  examples: ['status'],
  flags: [],
  surfaces: ['slack', 'terminal'],
  parse: (args) =>
    parsing(() => {
      refuseWords(parseFlags(args, {}).words, 'status');
      return { ok: true, question: {}, echo: '', guesses: [] };
    }),
  run: async (_question, deps, call) => {
    const { records, latestAt } = await deps.store.counts();
    const region = deps.settings.defaultRegion ?? { region: FALLBACK_REGION, from: 'guess' as const };
    const status: Status = {
      surface: call.surface,
      engineVersion: ENGINE_VERSION,
      records,
      latestAt,
      facts: deps.library.facts.length,
      regions: deps.library.regions.length,
      region,
      // AWS_REGION may name a region that the price book does not cover: worth saying, no reason to fail.
      priceDates: deps.library.regions.includes(region.region) ? deps.library.prices(region.region).asOf : null,
      minimumSaving: deps.settings.minimumSaving,
      readOnly: deps.settings.readOnly,
    };
    return {
      report: statusReport(status),
      json: plainEnvelope('status', call, {}, status),
      exitCode: 0,
      summary: { records },
    };
  },
};
