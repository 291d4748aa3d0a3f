import type { Deps } from '../deps.ts';
import type { Call, ParseContext } from './command.ts';

/** The parser's surroundings on this day. */
export function parseContext(deps: Pick<Deps, 'library' | 'settings'>, call: Pick<Call, 'now'>): ParseContext {
  return {
    today: call.now.toISOString().slice(0, 10),
    regions: deps.library.regions,
    defaultRegion: deps.settings.defaultRegion,
    minimumSaving: deps.settings.minimumSaving,
  };
}
