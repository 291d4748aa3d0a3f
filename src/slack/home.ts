import type { HomeView } from '@slack/types';
import type { Command } from '../commands/command.ts';
import type { Deps } from '../deps.ts';
import { ENGINE_VERSION } from '../engine/index.ts';
import type { Part } from '../report/report.ts';
import { renderReport } from './blocks.ts';
import type { SlackCheck } from './check.ts';

/** The Home tab: is it connected, what does it know, how is it asked. */
export function homeView(parts: {
  readonly counts: Awaited<ReturnType<Deps['store']['counts']>>;
  readonly slack: SlackCheck;
  readonly regions: readonly string[];
  readonly commands: readonly Command[];
}): HomeView {
  const { counts, slack, regions, commands } = parts;
  const connection =
    slack.error !== null
      ? `not checked (${slack.error.code})`
      : slack.missing.length === 0
        ? 'all that are needed'
        : `missing: ${slack.missing.join(', ')}`;
  const asked = commands.filter(({ surfaces }) => surfaces.includes('slack'));
  const body: Part[] = [
    {
      kind: 'lead',
      text: 'Ask in any channel where a container should run on Amazon ECS and what it costs there. Answers are yours alone until you share them.',
    },
    { kind: 'heading', text: 'How to ask' },
    {
      kind: 'list',
      items: asked.map(({ summary, examples, name }) => ({
        text: [{ text: `/ecs-advise ${examples[0] ?? name}`, style: 'code' }, { text: `  ${summary}` }],
      })),
    },
    { kind: 'heading', text: 'Status' },
    {
      kind: 'fields',
      fields: [
        { label: 'Version', value: ENGINE_VERSION },
        { label: 'Scopes', value: connection },
        { label: 'Saved answers and decisions', value: String(counts.records) },
        { label: 'Latest', value: counts.latestAt ?? 'none yet' },
        { label: 'Regions with prices', value: String(regions.length) },
      ],
    },
  ];
  return { type: 'home', blocks: renderReport({ parts: body, actions: [] }).blocks };
}
