/** `windows`: when AWS may move tasks, and how to choose the time. */
import type { Json } from '../engine/index.ts';
import { helpReport } from '../report/help.ts';
import { changeReport } from '../report/windows-set.ts';
import type { Answered, Call, Command } from './command.ts';
import { plainEnvelope } from './envelope.ts';
import { requireSnapshot } from './estate.ts';
import { flagHelp, parsing } from './flags.ts';
import { answerChange } from './windows-change.ts';
import { beforeAndAfter, proposalJson, windowJson, windowsEnvelope } from './windows-json.ts';
import { runLint } from './windows-lint.ts';
import { answerCalendar, answerList, refuseSlip } from './windows-look.ts';
import {
  type ChangeQuestion,
  LINT_EXAMPLE,
  readQuestion,
  SET_EXAMPLE,
  showQuestion,
  WINDOW_FLAGS,
  type WindowsQuestion,
} from './windows-question.ts';
import type { Asking } from './windows-world.ts';

export const windowsCommand: Command<WindowsQuestion> = {
  name: 'windows',
  summary: 'when AWS moves tasks and how to choose: windows, drain calendar, checks, and proposals to set one',
  usage:
    'windows [CLUSTER] | calendar [CLUSTER] | lint "CRON or WORDS" | set TARGET "WORDS" | move ID TARGET | delete ID | undo PROPOSAL',
  examples: [
    'windows',
    'windows calendar orchid',
    LINT_EXAMPLE,
    'windows lint "* 0-4,20-23 * * 1,5"',
    'windows lint "sunday 10:00-12:00, wednesday 10:00-12:00"',
    'windows lint "every third night 1-5" --fargate',
    SET_EXAMPLE,
    'windows set rose/quant-api "every third night 1-5"',
    'windows move iew-0abc mi-orchid',
    'windows delete iew-0abc',
    'windows undo 2026-11-24-0007',
  ],
  flags: flagHelp(WINDOW_FLAGS),
  surfaces: ['slack', 'terminal'],
  parse: (args) =>
    parsing(() => {
      const question = readQuestion(args);
      const isGuessed = (question.kind === 'lint' || question.kind === 'set') && question.isZoneGuessed;
      return { ok: true, question, echo: showQuestion(question), guesses: isGuessed ? ['tz'] : [] };
    }),
  run: async (question, deps, call) => {
    if (question.kind === 'lint') return runLint(question, deps, call);
    if ('scope' in question) {
      const newest = await deps.store.latestSnapshot();
      refuseSlip(question, newest);
      const isAlone = question.kind === 'list' && question.scope.cluster === null;
      // Nothing is configured and nothing was ever scanned: what can be done is all there is to say.
      if (isAlone && newest === null && deps.settings.accounts.length === 0) return usage(call);
    }
    const asking: Asking = { deps, call, head: await requireSnapshot(deps), views: new Map() };
    if ('scope' in question) {
      return question.kind === 'list' ? answerList(question, asking) : answerCalendar(question, asking);
    }
    return changed(question, asking);
  },
};

function usage(call: Call): Answered {
  const prefix = call.surface === 'slack' ? '/ecs-advise ' : 'ecs-advise ';
  return {
    report: helpReport([windowsCommand], { topic: 'windows', prefix }),
    json: plainEnvelope('windows', call, {}, { windows: [], calendar: [], proposal: null }),
    exitCode: 0,
    summary: { sub: 'usage' },
  };
}

async function changed(question: ChangeQuestion, asking: Asking): Promise<Answered> {
  const { call, head } = asking;
  const { shown, lint, facts } = await answerChange(question, asking);
  const { outcome, change, briefing } = shown;
  const { after } = beforeAndAfter(change);
  const isProposed = 'proposal' in outcome;
  const { kind: sub, ...asked } = question;
  return {
    report: changeReport(shown),
    json: windowsEnvelope({ question: { sub, ...asked }, head, facts }, call, {
      windows: after === null ? [] : [windowJson(after, { ...change.place, lint })],
      calendar: [],
      proposal: isProposed ? proposalJson(outcome.proposal, outcome.needed) : null,
      outcome: outcome.kind,
      because: outcome.kind === 'not-offered' ? outcome.message : null,
      briefing: briefing as unknown as Json,
    }),
    exitCode: outcome.kind === 'refused' ? 1 : 0,
    summary: { sub, outcome: outcome.kind, record: isProposed ? outcome.proposal.id : null },
  };
}
