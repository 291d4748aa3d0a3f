/** `windows lint`: a window that is typed, checked before AWS does; it reads no AWS account. */

import type { Deps } from '../deps.ts';
import {
  type WindowQuestion as EngineQuestion,
  factBook,
  type Json,
  lintText,
  type WindowAnswer,
} from '../engine/index.ts';
import { windowLintReport } from '../report/windows.ts';
import type { Answered, Call } from './command.ts';
import { plainEnvelope } from './envelope.ts';
import type { LintQuestion } from './windows-question.ts';
import { zoneFrom } from './zones.ts';

/** Exit code 1 when a rule has an error. */
export function runLint(question: LintQuestion, deps: Deps, call: Call): Answered {
  const facts = factBook(deps.library.facts, call.now.toISOString().slice(0, 10));
  const asked: EngineQuestion = {
    text: question.text,
    zone: zoneFrom(question.tz, call.now),
    now: call.now.toISOString(),
    isForFargate: question.fargate,
    tags: question.tags,
  };
  const answer = lintText(asked, facts);
  const errors = answer.lint.filter(({ severity }) => severity === 'error').length;
  return {
    report: windowLintReport(question, answer),
    json: envelope(question, answer, call),
    exitCode: errors > 0 ? 1 : 0,
    summary: { sub: 'lint', form: answer.form, errors, rows: answer.lint.length },
  };
}

/** The pinned JSON of a window; what AWS would number (id, account, region, state) is null until it exists. */
function envelope(question: LintQuestion, answer: WindowAnswer, call: Call): Json {
  const { timeRanges, cron, lint, spans, local, choice, others, guesses, notUnderstood, facts, assumptions } = answer;
  const window = {
    id: null,
    account: null,
    region: null,
    name: null,
    timeRanges,
    cron,
    targets: { instanceIds: [], instanceTags: question.tags, dedicatedHostIds: [] },
    state: null,
    lint,
    utcSpans: spans,
    local: local.map(({ clock, spans: shown }) => ({ ...clock, spans: shown })),
    choice,
    others,
  };
  const { kind: _kind, isZoneGuessed: _isGuessed, ...asked } = question;
  return {
    ...(plainEnvelope('windows', call, asked, {
      windows: [window],
      calendar: [],
      proposal: null,
    } as unknown as Json) as {
      readonly [key: string]: Json;
    }),
    facts: facts.map(({ id, value, unit, validFrom, confidence, source }) => ({
      id,
      value,
      unit,
      validFrom,
      confidence,
      source,
    })),
    assumptions,
    guesses,
    notUnderstood,
  };
}
