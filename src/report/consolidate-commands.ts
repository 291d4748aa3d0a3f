/** The commands that carry out one wave; ecs-advise itself never runs them. */
import type { ProviderAdvice } from '../engine/index.ts';

/** Container instances that one call of UpdateContainerInstancesState takes. */
const MOST_PER_CALL = 10;

/**
 * Shell lines for wave `at`: start what is new, drain, wait until the tasks have left, end the instances with the
 * group's wish lowered. Empty when there is no such wave.
 */
export function waveCommands(
  advice: ProviderAdvice & { readonly cluster: string; readonly region: string },
  at: number,
): readonly string[] {
  const { waves, hosts, group, cluster, region, desiredCapacity } = advice;
  const wave = waves[at];
  if (wave === undefined || group === null) return [];
  const where = `--region ${region}`;
  const ids = wave.drain.map((id) => lastPart(hosts[id]?.containerInstance ?? id));
  const calls: string[] = [];
  const before = (desiredCapacity ?? advice.instances) + changeBefore(waves, at);
  if (wave.launch.length > 0) {
    calls.push(
      `aws autoscaling set-desired-capacity --auto-scaling-group-name ${word(group)} --desired-capacity ${before + wave.launch.length} ${where}`,
    );
  }
  for (let first = 0; first < ids.length; first += MOST_PER_CALL) {
    const some = ids.slice(first, first + MOST_PER_CALL).join(' ');
    calls.push(
      `aws ecs update-container-instances-state --cluster ${word(cluster)} --container-instances ${some} --status DRAINING ${where}`,
      `aws ecs describe-container-instances --cluster ${word(cluster)} --container-instances ${some} --query 'containerInstances[].[ec2InstanceId,runningTasksCount]' --output text ${where}`,
    );
  }
  for (const id of wave.drain) {
    calls.push(
      `aws autoscaling terminate-instance-in-auto-scaling-group --instance-id ${id} --should-decrement-desired-capacity ${where}`,
    );
  }
  return calls;
}

function changeBefore(waves: ProviderAdvice['waves'], at: number): number {
  return waves.slice(0, at).reduce((sum, { launch, drain }) => sum + launch.length - drain.length, 0);
}

function lastPart(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** As one word of a shell. */
function word(text: string): string {
  return /^[\w.@%+=:,/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
