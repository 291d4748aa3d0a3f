/** The clock of the whole demo: of the stand-ins here and of the bot, which shares it through a file. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type DemoClock = {
  /** Moves it forward. Throws for a time that does not lie ahead, or lies too far. */
  readonly advance: (hours: number) => Promise<void>;
  readonly close: () => void;
};

/** What node takes to set the clock of a process by `DEMO_CLOCK_FILE`. */
export const CLOCK_MODULE = join(import.meta.dirname, 'clock.mjs');

/** Two months: the recorded world has no more to show. */
const MOST_HOURS = 60 * 24;
/** Longer than any process goes on believing what it read before. */
const TAKES_HOLD_MS = 40;

/**
 * Sets the clock of this process, and of all that it starts from now on, to `at`; to the machine's time without it.
 * Only for the demo's own process: there is no way back.
 */
export async function openClock(at: Date | null): Promise<DemoClock> {
  const folder = mkdtempSync(join(tmpdir(), 'ecs-advise-clock-'));
  const file = join(folder, 'offset');
  let offsetMs = at === null ? 0 : at.getTime() - Date.now();
  writeFileSync(file, String(offsetMs));
  process.env.DEMO_CLOCK_FILE = file;
  await import(`file://${CLOCK_MODULE}`);
  return {
    advance: async (hours) => {
      if (!(hours > 0 && hours <= MOST_HOURS))
        throw new Error(`The clock goes forward, by ${MOST_HOURS} hours at most.`);
      offsetMs += hours * 3_600_000;
      writeFileSync(file, String(offsetMs));
      await new Promise((resolve) => setTimeout(resolve, TAKES_HOLD_MS));
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
