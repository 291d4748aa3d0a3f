/**
 * The one document behind every surface. `report/<verb>.ts` builds it from a result (pure), `slack/blocks.ts`
 * renders Block Kit and `report/text.ts` renders text and CSV. Text in a Report is PLAIN: no Slack markup and no
 * escaping; each renderer escapes for its own surface. Money is formatted with `usd()` by the builder.
 */

/**
 * A run of inline text. `code` = fixed width, `strong` = bold. `user` = the Slack id of a member or user group, shown
 * by name where the surface knows it.
 */
export type Span = { readonly text: string; readonly style?: 'strong' | 'code' | 'muted' | 'user' };
export type Inline = string | readonly Span[];

export type Column = { readonly title: string; readonly align: 'left' | 'right' };

export type Part =
  /** The lead line: the answer itself, in one or two sentences. First part of every report. */
  | { readonly kind: 'lead'; readonly text: Inline }
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'paragraph'; readonly text: Inline }
  /** Bullet list; `tone` marks good news, a caution or a hard no, always with a word too, never by colour alone. */
  | {
      readonly kind: 'list';
      readonly items: readonly { readonly text: Inline; readonly tone?: 'good' | 'caution' | 'no' }[];
    }
  | { readonly kind: 'fields'; readonly fields: readonly { readonly label: string; readonly value: string }[] }
  /** `more` says where the rest is when rows were cut by the builder. */
  | {
      readonly kind: 'table';
      readonly columns: readonly Column[];
      readonly rows: readonly (readonly string[])[];
      readonly more?: string;
    }
  /** Fixed-width lines, e.g. JSON or a calendar. */
  | { readonly kind: 'preformatted'; readonly text: string }
  /** Small print: dates of facts and prices, record id, assumptions. */
  | { readonly kind: 'context'; readonly texts: readonly string[] };

/** A button. Slack shows it; text mode prints the command that does the same where there is one. */
export type Action =
  /** Opens another view of the saved answer, to the asker alone. */
  | { readonly kind: 'view'; readonly view: string; readonly recordId: string; readonly label: string }
  /** Posts the saved answer into the channel. */
  | { readonly kind: 'share'; readonly recordId: string; readonly label: string }
  /** Opens the modal with the question filled in. */
  | { readonly kind: 'edit'; readonly recordId: string; readonly label: string }
  /** Runs a command line as if typed (nearest-match help). */
  | { readonly kind: 'run'; readonly command: string; readonly label: string }
  /** A decision about one version of a proposal, asked back before it counts; `why` only explains. */
  | {
      readonly kind: 'proposal';
      readonly proposalId: string;
      readonly version: number;
      readonly verb: 'approve' | 'reject' | 'snooze' | 'why';
      readonly label: string;
    };

export type Report = {
  readonly parts: readonly Part[];
  readonly actions: readonly Action[];
  /** Rows for `--csv`, header first; absent when the answer is no table. */
  readonly csv?: readonly (readonly string[])[];
};
