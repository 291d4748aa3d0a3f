/** One change to event windows in sentences for people: who is hit, when it takes hold, what is wrong, what it runs into. */
import { numberFact } from '../fact-values.ts';
import type { FactBook } from '../facts.ts';
import type { EventWindow, RegionPart } from '../model.ts';
import type { ClusterView } from '../model-cluster.ts';
import { type Affected, affectedBy, affectedTexts } from './affected.ts';
import { joined, scheduleParts, targetTexts, type WindowChange, windowsAfter, windowText } from './change.ts';
import { type Clash, type Quiet, windowClashes } from './clashes.ts';
import { DAY_MS, instantOf, isoOf } from './instant.ts';
import { lintRegion } from './lint.ts';
import { type LintRow, sortedRows } from './rules.ts';
import { type ShardAdvice, type ShardOf, shardAdvice } from './shard-advice.ts';
import { scheduleSpans, scheduleText } from './show.ts';
import { isForFargate, type Targets } from './targets.ts';
import type { WeekSpan } from './week.ts';
import { UTC } from './zone.ts';

/** The world around a change, as it was last read. */
export type WindowWorld = Quiet & {
  readonly now: string;
  /** All windows of the region. */
  readonly windows: readonly EventWindow[];
  readonly region: Pick<RegionPart, 'instances' | 'settings'>;
  /** Clusters that the change may reach into. */
  readonly clusters: readonly ClusterView[];
  /** Shards of head nodes in those clusters. */
  readonly shards: readonly ShardOf[];
};

/** Sentences about one change; lint and clashes worst first. */
export type ChangeBriefing = {
  readonly title: string;
  readonly affected: readonly string[];
  readonly takesHold: readonly string[];
  readonly lint: readonly { readonly severity: LintRow['severity']; readonly text: string }[];
  readonly clashes: readonly string[];
};

export type BriefedChange = {
  readonly briefing: ChangeBriefing;
  readonly lint: readonly LintRow[];
  readonly affected: Affected;
  readonly shards: readonly ShardAdvice[];
};

/** How far ahead freezes are looked for, and quiet hours, which come round every week. */
const FREEZE_DAYS = 365;
const QUIET_DAYS = 35;

/** Everything people are told about a change. `rows` = what was found wrong with the words it was made from. */
export function briefChange(
  change: WindowChange,
  world: WindowWorld,
  { facts, rows = [] }: { readonly facts: FactBook; readonly rows?: readonly LintRow[] },
): BriefedChange {
  const targets = targetsOf(change);
  const affected = affectedBy(targets, { instances: world.region.instances, clusters: world.clusters }, facts);
  const spans = spansAfter(change);
  const shards =
    spans.length === 0 ? [] : shardAdvice({ targets, spans, windows: world.windows, shards: world.shards });
  const lint = sortedRows([...rows, ...lintAfter(change, world, facts)]);
  return {
    affected,
    lint,
    shards,
    briefing: {
      title: titleOf(change),
      affected: affectedTexts(affected, targetTexts(targets)),
      takesHold: takesHold(change, { affected, world, facts }),
      lint: lint.map(({ severity, text }) => ({ severity, text })),
      clashes: [
        ...clashTexts(spans, world),
        ...formTexts(change),
        ...deployingTexts(affected),
        ...shards.flatMap(({ sentences }) => sentences),
      ],
    },
  };
}

/** One line that says what the change does. */
export function titleOf(change: WindowChange): string {
  switch (change.kind) {
    case 'window.set': {
      const { before, after } = change;
      const when = `${scheduleText(scheduleParts(after.schedule), UTC, NEVER).utc} UTC`;
      const whom = named(after.targets);
      if (before === null) return `New window for ${whom}: ${when}`;
      return `Set window ${windowText(before)} of ${whom} to ${when}`;
    }
    case 'window.move':
      return `Move ${named(change.targets)} from window ${windowText(change.from)} to ${windowText(change.to)}`;
    case 'window.delete':
      return `Delete window ${windowText(change.before)} of ${named(change.before)}`;
    default:
      return change satisfies never;
  }
}

/** UTC has no clock change, so any moment will do. */
const NEVER = '1970-01-01T00:00:00.000Z';

function named(targets: Targets): string {
  const [first, ...more] = targetTexts(targets);
  if (first === undefined) return 'nothing';
  return more.length === 0 ? first : `${first} and ${more.length} more`;
}

/** Whose window changes. */
export function targetsOf(change: WindowChange): Targets {
  switch (change.kind) {
    case 'window.set':
      return change.before === null ? change.after.targets : joined(change.before, change.after.targets);
    case 'window.move':
      return change.targets;
    case 'window.delete':
      return change.before;
    default:
      return change satisfies never;
  }
}

/** When the targets are covered afterwards. */
function spansAfter(change: WindowChange): readonly WeekSpan[] {
  if (change.kind === 'window.set') return scheduleSpans(scheduleParts(change.after.schedule));
  return change.kind === 'window.move' ? scheduleSpans(change.to) : [];
}

/** What the rules say of the changed windows, beside all others of the region. */
function lintAfter(change: WindowChange, world: WindowWorld, facts: FactBook): readonly LintRow[] {
  const { windows, changed } = windowsAfter(world.windows, change);
  const { instances, settings } = world.region;
  const linted = lintRegion({ eventWindows: windows, instances, settings }, facts);
  const ids = new Set(changed.map(({ id }) => id));
  const isNew = change.kind === 'window.set' && change.before === null;
  return [
    ...linted.windows.filter(({ window }) => ids.has(window.id)).flatMap(({ lint }) => lint),
    ...(isNew ? linted.rows : []),
  ];
}

type Told = { readonly affected: Affected; readonly world: WindowWorld; readonly facts: FactBook };

function takesHold(change: WindowChange, { affected, world, facts }: Told): readonly string[] {
  const targets = targetsOf(change);
  const sentences: string[] = [];
  if (change.kind === 'window.move') {
    sentences.push('Between the two calls, for a second or so, the targets are in no window.');
  }
  if (isForFargate(targets)) {
    const days = numberFact(facts, 'fargate.retirement.window-notice-days');
    const setting = world.region.settings.fargateEventWindows ?? 'not set';
    sentences.push(
      `Fargate plans retirements by the windows that it finds when it announces them, at least ${days} days ahead.`,
    );
    if (setting !== 'enabled') {
      sentences.push(
        `Fargate ignores windows until the account setting is on: aws ecs put-account-setting-default --region ${change.place.region} --name fargateEventWindows --value enabled`,
      );
    }
  } else {
    facts.cite('windows.mi.read-at-launch');
    sentences.push(...instanceTexts(affected));
  }
  if (change.kind === 'window.delete') {
    sentences.push('Whatever comes after it has no window: AWS chooses the time.');
  } else {
    facts.cite('windows.mi.best-effort');
    sentences.push('Best effort on the side of AWS: security fixes and failing hardware keep to no window.');
  }
  return sentences;
}

function instanceTexts({ instances, managed, lastGone }: Affected): readonly string[] {
  const others = instances.length - managed;
  const own =
    others === 0
      ? []
      : [
          `For the ${others} instances of your own it steers only events that AWS schedules from now on (reboot, stop, retirement).`,
        ];
  if (managed === 0)
    return [...own, ...(others > 0 ? [] : ['No instance is matched today; those launched later are.'])];
  const keep =
    managed === 1
      ? 'The one that runs now keeps the window it was launched under; it'
      : `The ${managed} that run now keep the window they were launched under; the last`;
  return [`It reaches only instances launched after the change. ${keep} is gone by ${lastGone}.`, ...own];
}

function clashTexts(spans: readonly WeekSpan[], world: WindowWorld): readonly string[] {
  const start = instantOf(world.now);
  const until = (days: number) => ({ from: world.now, to: isoOf(start + days * DAY_MS) });
  const freezes = windowClashes(spans, until(FREEZE_DAYS), { freezes: world.freezes, quietHours: [] });
  const quiet = windowClashes(spans, until(QUIET_DAYS), { freezes: [], quietHours: world.quietHours });
  return [
    ...byName(freezes).map(
      ([name, { first, number }]) =>
        `Freeze "${name}": ${openings(number)} into it, the first on ${moment(first)}. A freeze stops us, not AWS.`,
    ),
    ...byName(quiet).map(
      ([name, { first, number }]) =>
        `Quiet hours "${name}": ${openings(number)} into them in the next five weeks, the first on ${moment(first)}.`,
    ),
  ];
}

function openings(number: number): string {
  return number === 1 ? '1 opening reaches' : `${number} openings reach`;
}

function moment(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

function byName(clashes: readonly Clash[]): readonly (readonly [string, { first: string; number: number }])[] {
  const found = new Map<string, { first: string; number: number }>();
  for (const { name, from } of clashes) {
    const there = found.get(name);
    if (there === undefined) found.set(name, { first: from, number: 1 });
    else there.number += 1;
  }
  return [...found];
}

/** AWS documents neither that Modify may change the form of a window nor that it may not. */
function formTexts(change: WindowChange): readonly string[] {
  if (change.kind !== 'window.set' || change.before === null || change.before.cron === null) return [];
  if (change.after.schedule.kind === 'cron') return [];
  return [
    'No cron expression can say these hours, and the window has one now. Whether AWS takes time ranges for it is not documented: the dry run before the change tells.',
  ];
}

function deployingTexts({ deploying }: Affected): readonly string[] {
  if (deploying.length === 0) return [];
  const names = deploying.slice(0, 3).join(', ');
  const more = deploying.length > 3 ? ` and ${deploying.length - 3} more` : '';
  return [`Being deployed right now: ${names}${more}.`];
}
