/** `ecs-advise refresh-facts`: today's prices from AWS, with a line a region on standard error. */
import { loadConfig } from './config.ts';
import { openLibrary } from './data.ts';
import { canonicalJson, type Json } from './engine/index.ts';
import { type AdviseError, EXIT_CODE, toAdviseError, usageError } from './errors.ts';
import { refreshFacts } from './jobs/refresh-facts.ts';
import { type RefreshOutcome, type RegionRefresh, refreshReport } from './report/refresh-facts.ts';
import { toText } from './report/text.ts';
import { wire } from './wire.ts';

/**
 * Reads the prices and prints what was read, changed and left alone, as text or (`--json`) as JSON. Exit codes: 0 when
 * at least one region was refreshed (the others are listed); 2 usage; 75 no region was, or the database is busy;
 * 78 no account is configured.
 */
export async function refresh(args: readonly string[]): Promise<number> {
  const isJson = args.includes('--json');
  try {
    const unknown = args.find((arg) => arg !== '--json');
    if (unknown !== undefined)
      throw usageError(
        'usage_unknown_flag',
        `refresh-facts does not know "${unknown}"`,
        'ecs-advise refresh-facts --json',
      );
    const { deps, close } = await wire(loadConfig({ slack: 'optional' }));
    try {
      const outcome = await refreshFacts({ ...deps, packaged: openLibrary() }, (region) => {
        process.stderr.write(`refresh-facts: ${progressText(region)}\n`);
      });
      await write(process.stdout, isJson ? `${canonicalJson(toJson(outcome))}\n` : toText(refreshReport(outcome)));
      return outcome.regions.some(({ kind }) => kind === 'refreshed') ? 0 : EXIT_CODE.upstream;
    } finally {
      await close();
    }
  } catch (thrown) {
    return fail(toAdviseError(thrown), isJson);
  }
}

function progressText(region: RegionRefresh): string {
  return region.kind === 'refreshed'
    ? `${region.region}, ${region.read} prices`
    : `${region.region}, not refreshed (${region.code})`;
}

function toJson(outcome: RefreshOutcome): Json {
  return { format: 'ecs-advise.refresh-facts/1', ...outcome } as unknown as Json;
}

async function fail(error: AdviseError, isJson: boolean): Promise<number> {
  const { kind, code, message, hint = null } = error;
  if (isJson) await write(process.stdout, `${canonicalJson({ error: { kind, code, message, hint } })}\n`);
  else await write(process.stderr, `error: ${message}${hint === null ? '' : ` – try: ${hint}`}\n`);
  return EXIT_CODE[kind];
}

function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((done, failed) => {
    stream.write(text, (error) => (error == null ? done() : failed(error)));
  });
}
