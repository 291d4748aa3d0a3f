import * as scaling from '@aws-sdk/client-application-auto-scaling';
import * as autoScaling from '@aws-sdk/client-auto-scaling';
import * as computeOptimizer from '@aws-sdk/client-compute-optimizer';
import * as ec2 from '@aws-sdk/client-ec2';
import * as ecs from '@aws-sdk/client-ecs';
import * as savingsPlans from '@aws-sdk/client-savingsplans';
import * as quotas from '@aws-sdk/client-service-quotas';
import { NormalizedSchema } from '@smithy/core/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  toAutoScalingGroup,
  toCapacityReservation,
  toEc2Instance,
  toEventWindow,
  toSpotPrice,
  toSubnet,
} from '../../src/aws/shapes-ec2.ts';
import { toCapacityProvider, toCluster, toContainerInstance } from '../../src/aws/shapes-ecs.ts';
import { toComputeOptimizerFinding, toQuota, toSavingsPlan } from '../../src/aws/shapes-other.ts';
import { toScaling, toService } from '../../src/aws/shapes-service.ts';
import { toRunSample, toTask, toTaskDefinition } from '../../src/aws/shapes-task.ts';
import { canonicalJson, type Json } from '../../src/engine/index.ts';

/** Anything that the SDK's own schemas allow, each member perhaps missing, however odd its value. */

const ODD_TEXT = fc.oneof(
  fc.constantFrom('', '__proto__', 'constructor', '<arn:1>', '0', '1 vCPU', '.5 GB', '0.0345', 'ACTIVE', 'ENABLED'),
  fc.constantFrom('arn:aws:ecs:eu-west-1:1:task-definition/web:7', 'arn:aws:ecs:eu-west-1:1:service/rose/web'),
  fc.constantFrom('containerInsights', 'CPU', 'PORTS', 'GPU', 'STRINGSET', 'host', 'Compute', 'Overprovisioned'),
  fc.constantFrom('2026-11-24T00:00:00Z', '2026-13-45T99:00:00Z', '1-70000', '8000-8010', 'SPOT', 'a_new_word'),
  fc.string(),
);
/** Members that must be well-formed before the rest of a thing is looked at. */
const WELL_FORMED: readonly (readonly [member: RegExp, text: fc.Arbitrary<string>])[] = [
  [/^serviceArn$/, fc.constant('arn:aws:ecs:eu-west-1:1:service/rose/web')],
  [/^taskDefinitionArn$/, fc.constant('arn:aws:ecs:eu-west-1:1:task-definition/web:7')],
  [/Arn$|Id$|Name$|Code$|InstanceType$|^AvailabilityZone$/, fc.string({ minLength: 1 })],
  [/^SpotPrice$|^commitment$/, fc.constantFrom('0.0345', '12')],
  [/^start$|^end$/, fc.constantFrom('2026-11-24T00:00:00Z', '2029-11-23')],
  [/^currency$/, fc.constant('USD')],
  [/^finding$/, fc.constantFrom('Optimized', 'Underprovisioned', 'OVER_PROVISIONED')],
  [/^status$|^lastStatus$/, fc.constantFrom('ACTIVE', 'PRIMARY', 'STOPPED')],
  [/^(Start|End)WeekDay$/, fc.constantFrom('sunday', 'friday')],
];

const ODD_NUMBER = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -5, max: 70_000 }) },
  fc.double(),
  fc.constantFrom(0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e300),
);
const ODD_DATE = fc.oneof(fc.date(), fc.constant(new Date(Number.NaN)));

/** Deep enough to reach every member that a conversion reads. */
const DEPTH = 6;

function outputOf(schema: NormalizedSchema, depth: number): fc.Arbitrary<unknown> {
  if (schema.isTimestampSchema()) return ODD_DATE;
  if (schema.isNumericSchema()) return ODD_NUMBER;
  if (schema.isBooleanSchema()) return fc.boolean();
  if (schema.isStringSchema()) return ODD_TEXT;
  if (depth === 0) return fc.constant(undefined);
  if (schema.isListSchema()) return fc.array(outputOf(schema.getValueSchema(), depth - 1), { maxLength: 3 }).map(dense);
  if (schema.isMapSchema()) return fc.dictionary(ODD_TEXT, outputOf(schema.getValueSchema(), depth - 1));
  if (!schema.isStructSchema()) return fc.constant(undefined);
  const members = [...schema.structIterator()].map(([name, member]) => [name, memberOf(name, member, depth)] as const);
  // Mostly there, or hardly any answer would be whole.
  const present = members.map(([name, value]) => [name, fc.option(value, { nil: undefined, freq: 12 })] as const);
  return fc.record(Object.fromEntries(present));
}

function memberOf(name: string, schema: NormalizedSchema, depth: number): fc.Arbitrary<unknown> {
  const [, wellFormed] = WELL_FORMED.find(([member]) => member.test(name)) ?? [];
  const odd = outputOf(schema, depth - 1);
  if (wellFormed === undefined || !schema.isStringSchema()) return odd;
  return fc.oneof({ weight: 8, arbitrary: wellFormed }, { weight: 1, arbitrary: odd });
}

/** The SDK leaves nulls out of lists. */
function dense(items: readonly unknown[]): readonly unknown[] {
  return items.filter((item) => item !== undefined);
}

const anything = (schema: unknown): fc.Arbitrary<never> =>
  outputOf(NormalizedSchema.of(schema as Parameters<typeof NormalizedSchema.of>[0]), DEPTH) as fc.Arbitrary<never>;

const CONVERSIONS: readonly {
  readonly name: string;
  readonly output: fc.Arbitrary<never>;
  readonly convert: (output: never) => unknown;
}[] = [
  {
    name: 'a cluster',
    output: anything(ecs.Cluster$),
    convert: (output) => toCluster(output, { providers: [], containerInstances: [], shards: 1 }),
  },
  { name: 'a capacity provider', output: anything(ecs.CapacityProvider$), convert: toCapacityProvider },
  { name: 'a container instance', output: anything(ecs.ContainerInstance$), convert: toContainerInstance },
  { name: 'a service', output: anything(ecs.Service$), convert: (output) => toService(output, null) },
  { name: 'a task definition', output: anything(ecs.TaskDefinition$), convert: toTaskDefinition },
  {
    name: 'a task with its protection',
    output: fc.tuple(anything(ecs.Task$), anything(ecs.ProtectedTask$)) as fc.Arbitrary<never>,
    convert: ([task, protection]: [ecs.Task, ecs.ProtectedTask]) => toTask(task, protection),
  },
  { name: 'a run sample', output: anything(ecs.Task$), convert: toRunSample },
  {
    name: 'an EC2 instance with its status and volumes',
    output: fc.tuple(
      anything(ec2.Instance$),
      anything(ec2.InstanceStatus$),
      fc.array(anything(ec2.Volume$), { maxLength: 3 }),
    ) as fc.Arbitrary<never>,
    convert: ([instance, status, volumes]: [ec2.Instance, ec2.InstanceStatus, ec2.Volume[]]) =>
      toEc2Instance(instance, { status, volumes }),
  },
  {
    name: 'an Auto Scaling group',
    output: anything(autoScaling.AutoScalingGroup$),
    convert: (output) => toAutoScalingGroup(output, null),
  },
  { name: 'a capacity reservation', output: anything(ec2.CapacityReservation$), convert: toCapacityReservation },
  { name: 'an event window', output: anything(ec2.InstanceEventWindow$), convert: toEventWindow },
  { name: 'a subnet', output: anything(ec2.Subnet$), convert: toSubnet },
  { name: 'a Spot price', output: anything(ec2.SpotPrice$), convert: toSpotPrice },
  {
    name: 'a scalable target with its policies',
    output: fc.tuple(
      anything(scaling.ScalableTarget$),
      fc.array(anything(scaling.ScalingPolicy$), { maxLength: 3 }),
    ) as fc.Arbitrary<never>,
    convert: ([target, policies]: [scaling.ScalableTarget, scaling.ScalingPolicy[]]) => toScaling(target, policies),
  },
  { name: 'a quota', output: anything(quotas.ServiceQuota$), convert: (output) => toQuota(output, 'applied') },
  { name: 'a Savings Plan', output: anything(savingsPlans.SavingsPlan$), convert: toSavingsPlan },
  {
    name: 'a finding of Compute Optimizer',
    output: anything(computeOptimizer.ECSServiceRecommendation$),
    convert: toComputeOptimizerFinding,
  },
];

describe('whatever AWS answers', () => {
  test.each(CONVERSIONS)('$name is converted to plain JSON or null, and never throws', ({ output, convert }) => {
    let whole = 0;
    fc.assert(
      fc.property(output, (answer) => {
        const converted = convert(answer);
        if (converted !== null) whole += 1;

        // Throws on NaN and infinities, which no record could hold.
        expect(JSON.parse(canonicalJson(converted as Json))).toEqual(converted);
        expect(holdsUndefined(converted)).toBe(false);
      }),
      { numRuns: 300 },
    );
    // Else the property would say little.
    expect(whole).toBeGreaterThan(0);
  });

  test.each(CONVERSIONS)('$name without any member is null', ({ output, convert }) => {
    const [sample] = fc.sample(output, 1) as unknown[];
    const empty = Array.isArray(sample) ? sample.map((part) => (Array.isArray(part) ? [] : {})) : {};
    expect((convert as (nothing: unknown) => unknown)(empty)).toBeNull();
  });
});

/** The model says null where AWS says nothing: an absent member would be lost on the way through JSON. */
function holdsUndefined(value: unknown): boolean {
  if (value === undefined) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsUndefined);
}
