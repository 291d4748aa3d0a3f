/** Questions in their file formats, so that a proof can be checked by anybody later (formats: docs/packing.md). */
import { canonicalJson, type Json } from '../canon.ts';
import type { ConsolidateInput } from '../consolidate/model.ts';
import { money } from '../pack/answer.ts';
import type { PackInput } from '../pack/model.ts';

/** `ecs-consolidate/1`, canonical, with a line end. Reading it back gives an equal question. */
export function consolidateFile(input: ConsolidateInput): string {
  const file = {
    format: 'ecs-consolidate/1',
    kind: 'consolidate',
    resources: input.resources,
    money: 'nanoUSDperHour',
    azs: input.azs,
    types: input.types.map(({ name, cap, cost, mayLaunch }) => ({ name, cap, cost: money(cost), launch: mayLaunch })),
    services: input.services,
    instances: input.instances.map((instance) => ({ ...instance, hasProtectedTask: false })),
    policy: input.policy,
  };
  return `${canonicalJson(file as unknown as Json)}\n`;
}

/** `ecs-pack/1`, canonical, with a line end. */
export function packFile(input: PackInput): string {
  const types = input.types.map((type) => ({ ...type, cost: money(type.cost) }));
  const file = { format: 'ecs-pack/1', kind: 'plan', money: 'nanoUSDperHour', ...input, types };
  return `${canonicalJson(file as unknown as Json)}\n`;
}
