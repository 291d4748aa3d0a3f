import type { ParseContext } from '../../src/commands/command.ts';

/** A parser's surroundings with a few regions and no default, on the day of the worked examples. */
export const PARSE_CONTEXT: ParseContext = {
  today: '2026-11-24',
  regions: ['eu-central-1', 'eu-west-1', 'eu-west-2', 'us-east-1'],
  defaultRegion: null,
  minimumSaving: { percent: 10, usdPerMonth: 25 },
};
