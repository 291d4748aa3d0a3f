import { expect, test } from 'vitest';
import type { Call } from '../../src/commands/command.ts';
import { consolidateCommand } from '../../src/commands/consolidate.ts';
import { decisionsCommand } from '../../src/commands/decisions.ts';
import { files } from '../../src/files.ts';
import { openSolver } from '../../src/solver/index.ts';
import { anEstate, NOW } from '../support/estate.ts';
import { at, leadOf } from './world.ts';

test('what an instance received from a drained one is seen between two scans, and pinned for the replay', async () => {
  let now = NOW;
  const estate = await anEstate({ now: () => now });
  await estate.scan();
  const first = await estate.deps.store.latestSnapshot();
  const region = estate.world.accounts.find(({ name }) => name === 'qcu-1')?.regions.get('eu-west-1');
  const arn = region?.ecs.clusters.find(({ clusterName }) => clusterName === 'tulip')?.clusterArn ?? '';
  const tasks = region?.ecs.tasks.get(arn) ?? [];
  const hosts = region?.ecs.containerInstances.get(arn) ?? [];
  const on = (task: (typeof tasks)[number]) =>
    hosts.find((row) => row.containerInstanceArn === task.containerInstanceArn);
  // One task of vol-surface goes over to an instance that has none of the drained one's.
  const moved = tasks.find(({ group }) => group === 'service:vol-surface');
  const [from, to] = [moved && on(moved), hosts.find((row) => row !== (moved && on(moved)))];
  if (moved === undefined || from === undefined || to === undefined) throw new Error('tulip has changed');
  now = new Date(NOW.getTime() + 3_600_000);
  from.status = 'DRAINING';
  moved.containerInstanceArn = to.containerInstanceArn;
  moved.startedAt = new Date(NOW.getTime() + 1_800_000);
  await estate.scan();

  const { store, library, settings } = estate.deps;
  expect((await store.snapshotsSince('2026-11-24T09:30:00.000Z')).map(({ id }) => id)).toEqual([
    // The last one before that moment comes first.
    first?.id,
    (await store.latestSnapshot())?.id,
  ]);
  expect((await store.snapshot(first?.id ?? ''))?.takenAt).toBe(first?.takenAt);
  expect(await store.snapshot('none')).toBeNull();

  const deps = { ...estate.deps, offline: { files, solver: openSolver() } };
  const call: Call = { id: 'c', actor: 'U1', surface: 'slack', now };
  const { regions } = library;
  const { defaultRegion, minimumSaving } = settings;
  const parsed = consolidateCommand.parse(['tulip'], { today: '2026-11-24', regions, defaultRegion, minimumSaving });
  if (!parsed.ok) throw parsed.error;
  const answered = await consolidateCommand.run(parsed.question, deps, call);
  const kept = at(answered.json, 'result', 'providers', 0, 'kept') as readonly { instance: string; because: string }[];
  expect(kept.find(({ instance }) => instance === to.ec2InstanceId)?.because).toBe(
    `pinned: received tasks of ${from.ec2InstanceId} on 2026-11-24 09:30 UTC: cool-down until 2026-11-25 09:30 UTC`,
  );
  expect(JSON.stringify(at(answered.json, 'notCounted'))).toContain(
    'moves in tulip before 2026-11-24 09:00 UTC: there is no earlier snapshot',
  );
  const id = String(answered.summary.record);
  const replayed = await decisionsCommand.run({ kind: 'replay', id }, deps, call);
  expect(leadOf(replayed)).toContain('Same answer, byte for byte');
});
