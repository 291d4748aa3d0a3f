/** `windows` and `windows calendar`: the event windows of the estate, and whom AWS moves when. Reads, never writes. */
import {
  affectedBy,
  type ClusterHead,
  type ClusterView,
  cannotReplaceFirst,
  type DrainRow,
  drainCalendar,
  type FactBook,
  factBook,
  isOnFargate,
  type Json,
  lintRegion,
  reconnectStorms,
  retirementRule,
  type SnapshotHead,
  windowText,
} from '../engine/index.ts';
import { usageError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { type CalendarAnswer, calendarReport, type FargateRow } from '../report/calendar.ts';
import { type ListedWindow, type Uncovered, windowListReport } from '../report/windows-list.ts';
import type { Answered } from './command.ts';
import { accountName, accountNamed, clustersIn, readAs, readCluster } from './estate.ts';
import { clip } from './flags.ts';
import { windowJson, windowsEnvelope } from './windows-json.ts';
import { type LookQuestion, SUBVERBS, showQuestion } from './windows-question.ts';
import { type Asking, clustersOf, quietTimes, type RegionWindows, readWindows } from './windows-world.ts';
import { zoneFrom } from './zones.ts';

type Place = { readonly account: string; readonly region: string };

/** Instances that expect to drain in one opening before people should hear of it. */
const STORM = 5;

/** A word that is nearly a sub-verb, and names no cluster, is a slip: throws a usage error that names the sub-verb. */
export function refuseSlip({ scope }: LookQuestion, head: SnapshotHead | null): void {
  const name = scope.cluster;
  const near = name === null ? null : nearest(name, SUBVERBS);
  if (name === null || near === null || head?.clusters.some((cluster) => cluster.name === name)) return;
  throw usageError('usage_unknown_verb', `windows cannot "${clip(name)}". Did you mean ${near}?`, `windows ${near}`);
}

/** The places and clusters in scope. */
function scopeOf(
  { head }: Asking,
  { scope }: LookQuestion,
): { readonly places: readonly Place[]; readonly clusters: readonly ClusterHead[] } {
  const name = scope.cluster;
  const clusters = clustersIn(head, scope);
  const account = scope.account === null ? null : accountNamed(head, scope.account);
  const all = head.parts.flatMap(({ kind, account: id, region }) =>
    kind === 'region' && region !== null ? [{ account: id, region }] : [],
  );
  const places = all
    .filter((place) => account === null || place.account === account)
    .filter((place) => scope.region === null || place.region === scope.region)
    .filter((place) => name === null || clusters.some((cluster) => isIn(cluster, place)));
  return { places, clusters };
}

const isIn = (cluster: Place, place: Place): boolean =>
  cluster.account === place.account && cluster.region === place.region;

/** Every window in scope with its rows, and what has none. */
export async function answerList(question: LookQuestion, asking: Asking): Promise<Answered> {
  const { deps, call, head } = asking;
  const facts = factBook(deps.library.facts, call.now.toISOString().slice(0, 10));
  const { places, clusters } = scopeOf(asking, question);
  const windows: ListedWindow[] = [];
  const uncovered: Uncovered[] = [];
  const regionRows: { readonly place: string; readonly text: string }[] = [];
  let readAt: string | null = null;
  for (const place of places) {
    const found = await readWindows(asking, place, 'aws');
    if (found === null) continue;
    readAt ??= found.readAt;
    const { region } = found;
    const linted = lintRegion({ ...region, eventWindows: found.windows }, facts);
    const where = `${accountName(head, place.account)}, ${place.region}`;
    regionRows.push(...linted.rows.map(({ text }) => ({ place: where, text })));
    const here = clusters.filter((cluster) => isIn(cluster, place));
    for (const { window, lint } of linted.windows) {
      const views = await clustersOf(asking, place, { targets: window, region });
      const isMeant = question.scope.cluster === null || views.some(({ name }) => name === question.scope.cluster);
      if (!isMeant) continue;
      const affected = affectedBy(window, { instances: region.instances, clusters: views }, facts);
      windows.push({ ...place, accountName: accountName(head, place.account), window, lint, affected });
    }
    for (const cluster of here) uncovered.push(...(await withoutWindow(asking, cluster, { found, facts })));
  }
  const { tz } = question;
  return {
    report: windowListReport({
      windows,
      uncovered,
      regionRows,
      zone: tz === null ? null : zoneFrom(tz, call.now),
      now: call.now.toISOString(),
      readAt,
      takenAt: head.takenAt,
      scope: question.scope,
      missed: head.missed,
      accounts: head.accounts,
    }),
    json: windowsEnvelope({ question: questionJson(question), head, facts }, call, {
      windows: windows.map(({ window, lint, account, region, affected }) => ({
        ...(windowJson(window, { account, region, lint }) as { readonly [key: string]: Json }),
        catches: {
          instances: affected.instances.map(({ id }) => id),
          tasks: affected.tasks,
          services: affected.services,
        },
      })),
      calendar: [],
      proposal: null,
      withoutWindow: uncovered as unknown as Json,
    }),
    exitCode: 0,
    summary: { sub: 'list', windows: windows.length, uncovered: uncovered.length },
  };
}

function questionJson({ kind, scope, tz }: LookQuestion): Json {
  return { sub: kind, ...scope, tz };
}

type Found = { readonly found: RegionWindows; readonly facts: FactBook };

/** Providers of managed instances that no active window is for, and Fargate tasks that retire by the wait period. */
async function withoutWindow(
  { deps, head }: Asking,
  at: ClusterHead,
  { found, facts }: Found,
): Promise<readonly Uncovered[]> {
  const ref = head.parts.find(
    ({ kind, account, region, cluster }) =>
      kind === 'cluster' && isIn(at, { account, region: region ?? '' }) && cluster === at.name,
  );
  if (ref === undefined) return [];
  const part = await readAs(deps, ref, 'cluster');
  const active = found.windows.filter(({ state }) => state === 'active');
  const has = (key: string, value: string): boolean =>
    active.some(({ instanceTags }) => instanceTags.some((tag) => tag.key === key && tag.value === value));
  const account = accountName(head, at.account);
  const bare = has('aws:ecs:clusterName', at.name)
    ? []
    : part.providers
        .filter(({ kind, name }) => kind === 'managed-instances' && !has('aws:ecs:capacityProviderName', name))
        .map(
          ({ name }): Uncovered => ({
            kind: 'provider',
            account,
            region: at.region,
            cluster: at.name,
            provider: name,
            instances: part.containerInstances.filter(({ capacityProvider }) => capacityProvider === name).length,
          }),
        );
  const fargate = at.census.fargate + at.census['fargate-spot'];
  if (fargate === 0) return bare;
  const { settings } = found.region;
  const rule = retirementRule(
    { target: { serviceArn: null, clusterArn: part.arn }, settings, windows: found.windows },
    facts,
  );
  if (rule.kind === 'window') return bare;
  const { days, because } = rule;
  const row: Uncovered = {
    kind: 'fargate',
    account,
    region: at.region,
    cluster: at.name,
    tasks: fargate,
    days,
    because,
  };
  return [...bare, row];
}

/** Drains of managed instances, and how Fargate retires tasks, cluster by cluster. */
export async function answerCalendar(question: LookQuestion, asking: Asking): Promise<Answered> {
  const { deps, call, head } = asking;
  const facts = factBook(deps.library.facts, call.now.toISOString().slice(0, 10));
  const { clusters } = scopeOf(asking, question);
  const quiet = quietTimes(deps, call.now);
  const rows: DrainRow[] = [];
  const fargate: FargateRow[] = [];
  const events: CalendarAnswer['events'][number][] = [];
  const read = new Map<string, RegionWindows | null>();
  for (const at of clusters) {
    const key = `${at.account} ${at.region}`;
    if (!read.has(key)) read.set(key, await readWindows(asking, at, 'aws'));
    const found = read.get(key) ?? null;
    if (found === null) continue;
    const cluster = await readCluster(deps, head, at);
    const { instances } = found.region;
    // AWS keeps no history of windows: whether one is older than an instance is not known.
    const windows = found.windows.map((window) => ({ window, from: null, to: null }));
    rows.push(...drainCalendar({ ...quiet, now: call.now.toISOString(), cluster, instances, windows }, facts));
    const row = fargateRow(cluster, { found, facts });
    if (row !== null) fargate.push(row);
    const ids = new Set(cluster.containerInstances.map(({ ec2InstanceId }) => ec2InstanceId));
    for (const { id, endedAt, events: scheduled } of instances) {
      if (endedAt !== null || !ids.has(id)) continue;
      events.push(...scheduled.map((event) => ({ cluster: at.name, instance: id, ...event })));
    }
  }
  const sorted = rows.sort((a, b) => byText(a.expected.from, b.expected.from) || byText(a.instance, b.instance));
  const answer: CalendarAnswer = {
    rows: sorted,
    fargate,
    events: events.sort((a, b) => byText(a.notBefore ?? '', b.notBefore ?? '')),
    storms: reconnectStorms(
      sorted.filter(({ window }) => window !== null),
      STORM,
    ),
    freezes: quiet.freezes,
    zone: question.tz === null ? null : zoneFrom(question.tz, call.now),
    now: call.now.toISOString(),
    takenAt: head.takenAt,
    scope: question.scope,
    echo: `windows ${showQuestion(question)}`.trim(),
    missed: head.missed,
    accounts: head.accounts,
  };
  return {
    report: calendarReport(answer),
    json: windowsEnvelope({ question: questionJson(question), head, facts }, call, {
      windows: [],
      calendar: sorted.map(rowJson),
      proposal: null,
      fargate: fargate as unknown as Json,
      events: events as unknown as Json,
    }),
    exitCode: 0,
    summary: { sub: 'calendar', rows: rows.length, fargate: fargate.length },
  };
}

function rowJson({ window, ...row }: DrainRow): Json {
  return {
    ...row,
    window: window === null ? null : window.id,
    windowIsCertain: window === null ? null : window.isCertain,
  } as unknown as Json;
}

function fargateRow(cluster: ClusterView, { found, facts }: Found): FargateRow | null {
  const tasks = cluster.tasks.filter(isOnFargate);
  if (tasks.length === 0) return null;
  const { settings } = found.region;
  const windows = found.windows;
  const rule = retirementRule({ target: { serviceArn: null, clusterArn: cluster.arn }, settings, windows }, facts);
  const own = cluster.services.filter(({ arn }) =>
    windows.some(({ instanceTags }) =>
      instanceTags.some(({ key, value }) => key === 'aws:ecs:serviceArn' && value === arn),
    ),
  );
  return {
    cluster: cluster.name,
    tasks: tasks.length,
    rule,
    windows:
      rule.kind === 'wait' ? [] : windows.filter(({ id }) => rule.windows.includes(id)).map((row) => windowText(row)),
    ownWindows: own.map(({ name }) => name),
    cannotReplaceFirst: cannotReplaceFirst(cluster.services, tasks),
  };
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
