/** Placement constraints as far as they can be answered from a snapshot: an instance's type, zone and architecture. */
import type { ContainerInstance, Service } from '../model-cluster.ts';

/** What a task's constraints leave open. */
export type Allowed = {
  readonly type: (type: { readonly name: string; readonly architecture: string }) => boolean;
  readonly az: (az: string) => boolean;
  /** 1 for `distinctInstance`, else null. */
  readonly perInstance: number | null;
};

type Constraints = Service['placementConstraints'];
type Comparison = { readonly attribute: string; readonly holds: (value: string) => boolean };

/**
 * What the constraints allow on the hosts of one provider, or the expression that cannot be answered (other attributes,
 * `task:…`, alternatives): nothing is then known about where else the tasks may run.
 */
export function readConstraints(
  constraints: Constraints,
  hosts: readonly ContainerInstance[],
): Allowed | { readonly notUnderstood: string } {
  const comparisons: Comparison[] = [];
  let perInstance: number | null = null;
  for (const { type, expression } of constraints) {
    if (type === 'distinctInstance') {
      perInstance = 1;
      continue;
    }
    const read = type === 'memberOf' && expression !== null ? readExpression(expression, hosts) : null;
    if (read === null) return { notUnderstood: expression ?? type };
    comparisons.push(...read);
  }
  const all = (attribute: string, value: string): boolean =>
    comparisons.every((row) => row.attribute !== attribute || row.holds(value));
  return {
    type: ({ name, architecture }) => all('ecs.instance-type', name) && all('ecs.cpu-architecture', architecture),
    az: (az) => all('ecs.availability-zone', az),
    perInstance,
  };
}

const UNDERSTOOD = ['ecs.instance-type', 'ecs.cpu-architecture', 'ecs.availability-zone'];

/** Comparisons that must all hold, or null. Other attributes count only where every host agrees with them. */
function readExpression(expression: string, hosts: readonly ContainerInstance[]): readonly Comparison[] | null {
  const comparisons: Comparison[] = [];
  for (const part of expression.split(/\s+and\s+|&&/i)) {
    const comparison = readComparison(part.trim());
    if (comparison === null) return null;
    if (UNDERSTOOD.includes(comparison.attribute)) comparisons.push(comparison);
    else if (!hosts.every(({ attributes }) => holdsOn(comparison, attributes))) return null;
  }
  return comparisons;
}

function holdsOn({ attribute, holds }: Comparison, attributes: ContainerInstance['attributes']): boolean {
  const value = attributes[attribute];
  return value !== undefined && holds(value);
}

const ATTRIBUTE = String.raw`attribute:([\w.-]+)`;
const EQUAL = new RegExp(String.raw`^${ATTRIBUTE}\s*(==|equals|!=|not_equals)\s*([\w.-]+)$`);
const LIST = new RegExp(String.raw`^${ATTRIBUTE}\s+(in|!in|not_in)\s*\[([\w.,\s-]+)\]$`);
/** A name's beginning and then anything: the pattern people write for a family. */
const PREFIX = new RegExp(String.raw`^${ATTRIBUTE}\s*(?:=~|matches)\s*([\w-]+)\\?(\.?)\*$`);

function readComparison(text: string): Comparison | null {
  const equal = EQUAL.exec(text);
  if (equal?.[1] !== undefined && equal[3] !== undefined) {
    const [, attribute, operator, wanted] = equal;
    return { attribute, holds: (value) => (value === wanted) === (operator === '==' || operator === 'equals') };
  }
  const list = LIST.exec(text);
  if (list?.[1] !== undefined && list[3] !== undefined) {
    const wanted = list[3].split(',').map((word) => word.trim());
    const isIn = list[2] === 'in';
    return { attribute: list[1], holds: (value) => wanted.includes(value) === isIn };
  }
  const prefix = PREFIX.exec(text);
  if (prefix?.[1] !== undefined && prefix[2] !== undefined && prefix[3] === '.') {
    const start = prefix[2];
    return { attribute: prefix[1], holds: (value) => value.startsWith(start) };
  }
  return null;
}
