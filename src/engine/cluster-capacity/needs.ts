/** What a task definition needs that not every place gives. */
import type { Need } from '../capacity/types.ts';
import type { TaskDefinition } from '../model-cluster.ts';

/** Capabilities that loading eBPF programs takes. */
const EBPF = ['BPF', 'SYS_ADMIN', 'PERFMON'];

/** The needs that follow from the definition alone; each once, in the order found. */
export function taskNeeds(definition: TaskDefinition): ReadonlySet<Need> {
  const { containers, networkMode, volumes, placementConstraints, requiresCompatibilities } = definition;
  const needs = new Set<Need>();
  if (containers.some(({ privileged }) => privileged)) needs.add('privileged');
  if (containers.some(({ linuxCapabilities }) => linuxCapabilities.some((name) => EBPF.includes(name)))) {
    needs.add('ebpf');
  }
  if (networkMode === 'host') needs.add('host-network');
  // On EC2 no mode means bridge; a definition that Fargate accepts is awsvpc.
  const isBridge = networkMode === 'bridge' || (networkMode === null && !requiresCompatibilities.includes('FARGATE'));
  if (isBridge) needs.add('bridge-network');
  if (volumes.some(({ kind }) => kind === 'docker')) needs.add('docker-volume');
  if (placementConstraints.length > 0) needs.add('placement-constraint');
  return needs;
}
