import type { Deps } from '../deps.ts';
import type { Json } from '../engine/index.ts';
import type { AdviseError } from '../errors.ts';
import type { Report } from '../report/report.ts';

/** Who asks, where, and when; made once per request by the driver. */
export type Call = {
  /** Correlation id: in the footer, in the log, in errors. */
  readonly id: string;
  readonly actor: string;
  readonly surface: 'slack' | 'terminal';
  readonly now: Date;
  /** Slack workspace of the person; absent in a terminal. */
  readonly team?: string;
};

/** What the parser reads from the environment of the question; keeps `parse` pure. */
export type ParseContext = {
  readonly today: string;
  readonly regions: readonly string[];
  readonly defaultRegion: Deps['settings']['defaultRegion'];
  readonly minimumSaving: Deps['settings']['minimumSaving'];
};

/** `echo` = the flags that were understood; `guesses` = names of flags that nobody gave (marked in the answer). */
export type Parsed<Q> =
  | { readonly ok: true; readonly question: Q; readonly echo: string; readonly guesses: readonly string[] }
  | { readonly ok: false; readonly error: AdviseError };

export type Answered = {
  readonly report: Report;
  /** The pinned JSON of design 2.6, complete. */
  readonly json: Json;
  /** 0 ok, 1 the answer is no. */
  readonly exitCode: 0 | 1;
  /** For the summary log line. */
  readonly summary: Record<string, string | number | boolean | null>;
};

export type FlagHelp = { readonly flag: string; readonly value: string | null; readonly text: string };

/** One row of the table behind Slack, terminal, help and docs. */
export type Command<Q = unknown> = {
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  /** Lines that parse, shown by help; the first one is the example in error texts. */
  readonly examples: readonly string[];
  readonly flags: readonly FlagHelp[];
  readonly surfaces: readonly ('slack' | 'terminal')[];
  /** Who may ask in Slack: everybody, or the configured readers alone. Left out = everybody. */
  readonly access?: 'readers';
  /** Questions that take the optimiser, and with it seconds: they wait in a line of their own. Left out = none. */
  readonly solves?: (question: Q) => boolean;
  /** Arguments after the verb -> a complete question, or what was wrong. Pure. */
  readonly parse: (args: readonly string[], context: ParseContext) => Parsed<Q>;
  readonly run: (question: Q, deps: Deps, call: Call) => Promise<Answered>;
};
