/** A region whose Managed Instances come and go with time. */
import type { InstanceEventWindow } from '@aws-sdk/client-ec2';
import { windowsAt } from '../handlers/ec2-window-states.ts';
import type { RegionState } from '../state.ts';
import { type BuiltCluster, buildCluster } from './cluster.ts';
import { type Host, hostTags, makeHost, type Setting } from './hosts.ts';
import { buildRegion, type RegionMaking } from './region.ts';
import type { ClusterSpec } from './specs.ts';
import { hostIn, turnAt, windowFor } from './turns.ts';

/**
 * The region as the world describes it, and from then on with those instances that time has put in their places. What
 * people may change (event windows, settings) is kept over every change of instances.
 */
export function movingRegion(making: RegionMaking, specs: readonly ClusterSpec[]): RegionState {
  const first = buildRegion(making);
  const { eventWindows } = first.ec2;
  let built = { key: JSON.stringify(specs.map(({ hosts }) => hosts)), state: first };
  let seenAt = Number.NaN;
  const current = (): RegionState => {
    const now = making.now().getTime();
    if (now === seenAt) return built.state;
    seenAt = now;
    const moved = specs.map((spec, index) =>
      moveHosts(making.setting, { spec, hosts: making.clusters[index]?.hosts ?? [], eventWindows }, now),
    );
    const key = JSON.stringify(moved.map(({ hosts }) => hosts));
    if (key !== built.key) built = { key, state: rebuilt(making, first, moved) };
    return built.state;
  };
  return {
    ...first,
    get ecs() {
      return current().ecs;
    },
    get ec2() {
      return current().ec2;
    },
  };
}

function rebuilt(making: RegionMaking, first: RegionState, specs: readonly ClusterSpec[]): RegionState {
  const clusters: readonly BuiltCluster[] = specs.map((spec) => buildCluster(making.setting, spec));
  const { ecs, ec2 } = buildRegion({ ...making, clusters });
  return {
    ...first,
    ecs: { ...ecs, settings: first.ecs.settings },
    ec2: { ...ec2, eventWindows: first.ec2.eventWindows },
  };
}

type Fleet = {
  readonly spec: ClusterSpec;
  /** The first instance of each place, in the order of the spec. */
  readonly hosts: readonly Host[];
  readonly eventWindows: readonly InstanceEventWindow[];
};

/** The cluster with the instances it has at `now`. */
function moveHosts(setting: Setting, { spec, hosts, eventWindows }: Fleet, now: number): ClusterSpec {
  const moved = hosts.map((host) => {
    if (host.provider.kind !== 'managed-instances') return host.spec;
    const turn = turnAt(
      {
        launchedAt: host.launchedAt,
        isHeldUp: host.spec.draining === true,
        windowAt: (number, launchedAt) => {
          const there =
            number === 0
              ? host
              : makeHost(
                  setting,
                  spec.name,
                  hostIn(host.spec, { number, launchedAt, isDraining: false }, setting.anchor),
                  host.provider,
                );
          const tags = new Map(hostTags(there).map(({ Key = '', Value = '' }) => [Key, Value]));
          return windowFor(windowsAt(eventWindows, launchedAt), { id: there.instanceId, tags });
        },
      },
      now,
    );
    return hostIn(host.spec, turn, setting.anchor);
  });
  return { ...spec, hosts: moved };
}
