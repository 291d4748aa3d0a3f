/** When Fargate retires tasks: by the account's wait period, or inside event windows where the account opted in. */
import { memberFact, numberFact } from '../fact-values.ts';
import type { FactBook } from '../facts.ts';
import type { EventWindow } from '../model.ts';
import { DAY_MS, instantOf, isoOf, occurrences, type Period } from './instant.ts';
import { readSchedule } from './lint.ts';
import { union, type WeekSpan } from './week.ts';

/** What retires: a task of a service, or a standalone one, which no service tag can match. */
export type FargateTarget = { readonly serviceArn: string | null; readonly clusterArn: string };

export type RetirementInput = {
  readonly target: FargateTarget;
  /** Account settings of the region, by name. */
  readonly settings: { readonly [name: string]: string };
  readonly windows: readonly EventWindow[];
};

export type RetirementRule =
  /** So many days after the notice; `because` = the setting is off, or no window matches. */
  | { readonly kind: 'wait'; readonly days: number; readonly because: 'setting-off' | 'no-window' }
  /** In the openings of the most specific windows that match, at the earliest some days after the notice. */
  | {
      readonly kind: 'window';
      readonly level: 'service' | 'cluster' | 'all';
      /** More than one at a level: AWS does not say which counts. */
      readonly windows: readonly string[];
      readonly spans: readonly WeekSpan[];
      readonly noticeDays: number;
    };

/** The rule a target falls under. Precedence: service, then cluster, then all Fargate tasks, then the wait period. */
export function retirementRule({ target, settings, windows }: RetirementInput, facts: FactBook): RetirementRule {
  if (settings.fargateEventWindows !== 'enabled') {
    return { kind: 'wait', days: waitDays(settings, facts), because: 'setting-off' };
  }
  facts.cite('windows.fargate.precedence');
  const noticeDays = numberFact(facts, 'fargate.retirement.window-notice-days');
  const levels = [
    { level: 'service', key: 'aws:ecs:serviceArn', value: target.serviceArn },
    { level: 'cluster', key: 'aws:ecs:clusterArn', value: target.clusterArn },
    { level: 'all', key: 'aws:ecs:fargateTask', value: 'true' },
  ] as const;
  for (const { level, key, value } of levels) {
    const matching = windows
      .filter(({ state }) => state === 'active')
      .filter(({ instanceTags }) => instanceTags.some((tag) => tag.key === key && tag.value === value));
    if (matching.length === 0) continue;
    const spans = matching.map((window) => readSchedule(window, facts).spans).reduce(union, []);
    const ids = matching.map(({ id }) => id).sort();
    return { kind: 'window', level, windows: ids, spans, noticeDays };
  }
  return { kind: 'wait', days: waitDays(settings, facts), because: 'no-window' };
}

/** The wait period in days: what the account has set, or the default where it has set nothing (or nothing sensible). */
function waitDays(settings: { readonly [name: string]: string }, facts: FactBook): number {
  const member = (name: string): number => Number(memberFact(facts, 'fargate.retirement.wait-days', name));
  const set = settings.fargateTaskRetirementWaitPeriod;
  const allowed = ['shortest', 'default', 'longest'].map(member);
  return set !== undefined && /^\d+$/.test(set) && allowed.includes(Number(set)) ? Number(set) : member('default');
}

/** When a task is retired after a notice: one moment by the wait period, or the first opening that is late enough. */
export function retirementPeriod(rule: RetirementRule, noticeAt: string): Period {
  const notice = instantOf(noticeAt);
  if (rule.kind === 'wait') {
    const at = isoOf(notice + rule.days * DAY_MS);
    return { from: at, to: at };
  }
  const earliest = notice + rule.noticeDays * DAY_MS;
  const [opening] = occurrences(rule.spans, earliest, earliest + 8 * DAY_MS);
  if (opening === undefined) return { from: isoOf(earliest), to: isoOf(earliest) };
  return { from: isoOf(Math.max(instantOf(opening.from), earliest)), to: opening.to };
}
