/** ECS: task definitions, by revision. */
import type {
  DescribeTaskDefinitionRequest,
  DescribeTaskDefinitionResponse,
  ListTaskDefinitionsRequest,
  ListTaskDefinitionsResponse,
  TaskDefinition,
} from '@aws-sdk/client-ecs';
import type { RegionState } from '../state.ts';
import { ecsArn, ecsPage } from './ecs-lookup.ts';
import { AwsFault, type HandlerContext } from './types.ts';

type Revisions = RegionState['ecs']['taskDefinitions'];

/** Revisions of each family, oldest first. Made once: revisions are only ever added, and then the number differs. */
const families = new WeakMap<Revisions, Families>();

type Families = {
  readonly size: number;
  readonly byFamily: ReadonlyMap<string, readonly string[]>;
  /** All ARNs by family and revision, and the other way round. */
  readonly ascending: readonly string[];
  readonly descending: readonly string[];
};

function familiesOf(revisions: Revisions): Families {
  const known = families.get(revisions);
  if (known !== undefined && known.size === revisions.size) return known;
  const byFamily = new Map<string, string[]>();
  for (const [arn, { definition }] of revisions) {
    const family = definition.family ?? '';
    const list = byFamily.get(family);
    if (list === undefined) byFamily.set(family, [arn]);
    else list.push(arn);
  }
  const revisionOf = (arn: string): number => revisions.get(arn)?.definition.revision ?? 0;
  for (const list of byFamily.values()) list.sort((a, b) => revisionOf(a) - revisionOf(b));
  const ascending = [...byFamily].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, list]) => list);
  const made: Families = { size: revisions.size, byFamily, ascending, descending: ascending.toReversed() };
  families.set(revisions, made);
  return made;
}

function statusOf(definition: TaskDefinition | undefined): string {
  return definition?.status ?? 'ACTIVE';
}

/** DescribeTaskDefinition: `family` means its newest active revision. Throws `ClientException` for unknown ones. */
export function describeTaskDefinition(
  input: DescribeTaskDefinitionRequest,
  context: HandlerContext,
): DescribeTaskDefinitionResponse {
  const revisions = context.region.ecs.taskDefinitions;
  const found = revisions.get(arnOf(input.taskDefinition ?? '', context));
  if (found === undefined) throw new AwsFault('ClientException', 'Unable to describe task definition.');
  const withTags = input.include?.includes('TAGS') === true;
  return { taskDefinition: found.definition, tags: withTags ? found.tags : undefined };
}

function arnOf(identifier: string, context: HandlerContext): string {
  if (identifier.startsWith('arn:')) return identifier;
  if (identifier.includes(':')) return ecsArn(context, `task-definition/${identifier}`);
  const revisions = context.region.ecs.taskDefinitions;
  const family = familiesOf(revisions).byFamily.get(identifier) ?? [];
  return family.findLast((arn) => statusOf(revisions.get(arn)?.definition) === 'ACTIVE') ?? '';
}

/** ListTaskDefinitions: ARNs by family and revision, of one family with `familyPrefix` (its full name, for ECS). */
export function listTaskDefinitions(
  input: ListTaskDefinitionsRequest,
  context: HandlerContext,
): ListTaskDefinitionsResponse {
  const revisions = context.region.ecs.taskDefinitions;
  const { byFamily, ascending, descending } = familiesOf(revisions);
  const wanted = input.status ?? 'ACTIVE';
  const isDown = input.sort === 'DESC';
  const ofFamily = input.familyPrefix === undefined ? null : (byFamily.get(input.familyPrefix) ?? []);
  const page = ecsPage(
    ofFamily === null ? (isDown ? descending : ascending) : isDown ? ofFamily.toReversed() : ofFamily,
    {
      operation: 'ListTaskDefinitions',
      input,
      context,
      standard: 100,
      most: 100,
      key: (arn) => arn,
      matches: (arn) => statusOf(revisions.get(arn)?.definition) === wanted,
    },
  );
  return { taskDefinitionArns: page.items, nextToken: page.nextToken };
}
