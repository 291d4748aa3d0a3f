/** The waves of one Auto Scaling group: a table, how tasks will land, and the commands of the first wave. */
import type { ProviderAdvice } from '../engine/index.ts';
import { waveCommands } from './consolidate-commands.ts';
import { grouped } from './money.ts';
import type { Part } from './report.ts';
import { plural } from './scan.ts';

/** One provider's advice with its place. */
export type PlacedAdvice = ProviderAdvice & {
  readonly account: string;
  readonly region: string;
  readonly cluster: string;
};

const WAVES_SHOWN = 12;

/** Nothing when nothing is advised. */
export function waveParts(row: PlacedAdvice): readonly Part[] {
  const { waves } = row;
  if (row.verdict !== 'save' || waves.length === 0) return [];
  const left = (title: string) => ({ title, align: 'left' as const });
  const right = (title: string) => ({ title, align: 'right' as const });
  const shown = waves.slice(0, WAVES_SHOWN);
  const rest = waves.length - shown.length;
  const commands = waveCommands(row, 0);
  return [
    {
      kind: 'table',
      columns: [
        right('Wave'),
        left('Start'),
        left('Drain, then end'),
        right('Tasks'),
        right('Instances'),
        left('Landing'),
      ],
      rows: shown.map((wave, at) => [
        String(at + 1),
        startWords(wave),
        wave.drain.length === 0 ? '-' : wave.drain.map((id) => hostWords(row, id)).join(', '),
        grouped(wave.move.reduce((sum, { count }) => sum + count, 0)),
        String(wave.instancesAfter),
        landingWords(wave),
      ]),
      ...(rest === 0 ? {} : { more: `${plural(rest, 'more wave')}: --json has them all.` }),
    },
    { kind: 'paragraph', text: landingText(waves) },
    { kind: 'heading', text: 'Wave 1, by hand' },
    { kind: 'preformatted', text: commands.join('\n') },
    {
      kind: 'paragraph',
      text: `End an instance when no task but daemons runs on it.${waves.length > 1 ? ' Then scan, and ask again for the next wave.' : ''} I run none of these.`,
    },
  ];
}

function startWords({ launch }: PlacedAdvice['waves'][number]): string {
  const counts = new Map<string, number>();
  for (const { type, az } of launch) counts.set(`${type} in ${az}`, (counts.get(`${type} in ${az}`) ?? 0) + 1);
  return launch.length === 0 ? '-' : [...counts].map(([what, count]) => `${count} x ${what}`).join(', ');
}

function hostWords({ hosts }: PlacedAdvice, id: string): string {
  const host = hosts[id];
  return host === undefined ? id : `${id} (${host.type}, ${host.az})`;
}

function landingWords({ landing, move }: PlacedAdvice['waves'][number]): string {
  if (move.length === 0) return 'nothing moves';
  if (landing.placed < landing.plays) return `room in ${landing.placed} of ${landing.plays}`;
  return landing.asPlanned === landing.plays
    ? 'as planned'
    : `room always, as planned in ${landing.asPlanned} of ${landing.plays}`;
}

/** ECS places; the plan shows that it can. */
function landingText(waves: PlacedAdvice['waves']): string {
  const open = waves.flatMap(({ landing }, at) =>
    landing.placed < landing.plays ? [`wave ${at + 1} (${landing.withoutRoom.join(', ')})`] : [],
  );
  const plays = Math.max(...waves.map(({ landing }) => landing.plays));
  const first = `ECS decides where a task lands. Played up to ${plays} times by each service's own placement strategy`;
  if (open.length === 0) return `${first}, every task found room.`;
  return `${first}, some tasks found no room at once in ${open.join('; ')}: they wait, and their instance stays until there is room. Ask again after each wave.`;
}
