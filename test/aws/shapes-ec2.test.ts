import type * as autoScaling from '@aws-sdk/client-auto-scaling';
import type * as ec2 from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import {
  toAutoScalingGroup,
  toCapacityReservation,
  toEc2Instance,
  toEventWindow,
  toSpotPrice,
  toSubnet,
} from '../../src/aws/shapes-ec2.ts';

const bare = { status: null, volumes: [] };
const anInstance = (rest: Partial<ec2.Instance>): ec2.Instance => ({
  InstanceId: 'i-1',
  InstanceType: 'm5.large',
  LaunchTime: new Date('2026-11-01T08:00:00Z'),
  ...rest,
});

describe('an EC2 instance', () => {
  test('without type or launch time is nothing: it could not be priced or aged', () => {
    expect(toEc2Instance(anInstance({ InstanceType: undefined }), bare)).toBeNull();
    expect(toEc2Instance(anInstance({ LaunchTime: new Date('rubbish') }), bare)).toBeNull();
  });

  test('is on demand unless AWS calls it Spot', () => {
    expect(toEc2Instance(anInstance({}), bare)?.lifecycle).toBe('on-demand');
    expect(toEc2Instance(anInstance({ InstanceLifecycle: 'spot' }), bare)?.lifecycle).toBe('spot');
    expect(toEc2Instance(anInstance({ InstanceLifecycle: 'capacity-block' }), bare)?.lifecycle).toBe('on-demand');
  });

  test('names its group by the tag that Auto Scaling writes, and its operator where it has one', () => {
    const Tags = [{ Key: 'aws:autoscaling:groupName', Value: 'rose' }];
    expect(toEc2Instance(anInstance({ Tags }), bare)).toMatchObject({ autoScalingGroup: 'rose', operator: null });
    const Operator = { Managed: true, Principal: 'ecs.amazonaws.com' };
    expect(toEc2Instance(anInstance({ Operator }), bare)).toMatchObject({
      autoScalingGroup: null,
      operator: 'ecs.amazonaws.com',
    });
    expect(toEc2Instance(anInstance({ Operator: { Managed: false } }), bare)?.operator).toBeNull();
  });

  test('carries its volumes and scheduled events in one order', () => {
    const volumes: ec2.Volume[] = [
      { VolumeId: 'vol-2', Size: 80, VolumeType: 'gp3' },
      { VolumeId: 'vol-1', Size: 30, VolumeType: 'gp2' },
      { VolumeId: 'vol-3' },
    ];
    const Events: ec2.InstanceStatusEvent[] = [
      { InstanceEventId: 'e2', Code: 'system-reboot', NotBefore: new Date('2026-12-02T00:00:00Z') },
      { InstanceEventId: 'e1', Code: 'instance-stop', NotBefore: new Date('2026-12-01T00:00:00Z'), Description: 'x' },
    ];
    const converted = toEc2Instance(anInstance({}), { status: { InstanceId: 'i-1', Events }, volumes });
    expect(converted?.volumes).toEqual([
      { id: 'vol-1', sizeGiB: 30, type: 'gp2' },
      { id: 'vol-2', sizeGiB: 80, type: 'gp3' },
    ]);
    expect(converted?.events).toEqual([
      { id: 'e1', code: 'instance-stop', notBefore: '2026-12-01T00:00:00.000Z', notAfter: null, description: 'x' },
      { id: 'e2', code: 'system-reboot', notBefore: '2026-12-02T00:00:00.000Z', notAfter: null, description: '' },
    ]);
  });
});

describe('an Auto Scaling group', () => {
  const group = (rest: Partial<autoScaling.AutoScalingGroup>, templateType: string | null = null) =>
    toAutoScalingGroup(
      {
        AutoScalingGroupName: 'rose',
        MinSize: 0,
        MaxSize: 9,
        DesiredCapacity: 3,
        DefaultCooldown: 300,
        AvailabilityZones: ['eu-west-1b', 'eu-west-1a'],
        HealthCheckType: 'EC2',
        CreatedTime: new Date(0),
        ...rest,
      },
      templateType,
    );
  const running = {
    AvailabilityZone: 'eu-west-1a',
    LifecycleState: 'InService',
    HealthStatus: 'Healthy',
    ProtectedFromScaleIn: false,
  } as const;
  const Instances = [
    { ...running, InstanceId: 'i-2', InstanceType: 'm5.large' },
    { ...running, InstanceId: 'i-1', InstanceType: 'c5.large' },
    { ...running, InstanceId: 'i-3', InstanceType: 'm5.large' },
  ];
  const overriding = (...Overrides: autoScaling.LaunchTemplateOverrides[]) => ({
    MixedInstancesPolicy: { LaunchTemplate: { Overrides } },
  });

  test('takes its types from the policy in order, then from the template, then from what runs', () => {
    const listed = overriding({ InstanceType: 'm7i.large' }, { InstanceType: 'm5.large' });
    expect(group({ ...listed, Instances }, 't3.large')?.instanceTypes).toEqual(['m7i.large', 'm5.large']);
    expect(group({ Instances }, 't3.large')?.instanceTypes).toEqual(['t3.large']);
    expect(group({ Instances })?.instanceTypes).toEqual(['c5.large', 'm5.large']);
    expect(group({})?.instanceTypes).toEqual([]);
  });

  test('that selects by attributes has the types it runs, not the type of its template', () => {
    const byAttributes = overriding({ InstanceRequirements: { VCpuCount: { Min: 2 }, MemoryMiB: { Min: 4096 } } });
    expect(group({ ...byAttributes, Instances }, 't3.large')?.instanceTypes).toEqual(['c5.large', 'm5.large']);
  });

  test('is all on demand unless its policy says otherwise', () => {
    expect(group({})).toMatchObject({ onDemandBaseCapacity: 0, onDemandPercentageAboveBase: 100 });
    const InstancesDistribution = { OnDemandBaseCapacity: 1, OnDemandPercentageAboveBaseCapacity: 0 };
    expect(group({ MixedInstancesPolicy: { InstancesDistribution } })).toMatchObject({
      onDemandBaseCapacity: 1,
      onDemandPercentageAboveBase: 0,
    });
  });

  test('without a size is nothing', () => {
    expect(group({ MaxSize: undefined })).toBeNull();
  });
});

describe('an event window', () => {
  const ranges = (...TimeRanges: ec2.InstanceEventWindowTimeRange[]) =>
    toEventWindow({ InstanceEventWindowId: 'iew-1', TimeRanges })?.timeRanges;

  test('lists its ranges through the week from Sunday on', () => {
    const range = (StartWeekDay: ec2.WeekDay, StartHour: number) =>
      ({ StartWeekDay, StartHour, EndWeekDay: StartWeekDay, EndHour: StartHour + 4 }) as const;
    expect(ranges(range('saturday', 2), range('monday', 10), range('monday', 2), range('sunday', 2))).toMatchObject([
      { startWeekDay: 'sunday', startHour: 2 },
      { startWeekDay: 'monday', startHour: 2 },
      { startWeekDay: 'monday', startHour: 10 },
      { startWeekDay: 'saturday', startHour: 2 },
    ]);
  });

  test('with a hole in a range is nothing', () => {
    expect(ranges({ StartWeekDay: 'monday', StartHour: 2, EndWeekDay: 'monday' })).toBeUndefined();
  });

  test('keeps the targets of whichever kind it has', () => {
    const AssociationTarget = { Tags: [{ Key: 'aws:ecs:clusterName', Value: 'rose' }] };
    expect(
      toEventWindow({ InstanceEventWindowId: 'iew-1', CronExpression: '* 21-23 * * 2,3', AssociationTarget }),
    ).toMatchObject({
      cron: '* 21-23 * * 2,3',
      timeRanges: [],
      instanceTags: [{ key: 'aws:ecs:clusterName', value: 'rose' }],
      instanceIds: [],
      dedicatedHostIds: [],
    });
  });
});

test('a reservation without an end is open-ended, and none free is not the same as not said', () => {
  const reservation = { CapacityReservationId: 'cr-1', InstanceType: 'm5.large', TotalInstanceCount: 4 };
  expect(toCapacityReservation({ ...reservation, AvailableInstanceCount: 0 })).toMatchObject({
    total: 4,
    available: 0,
    endsAt: null,
  });
  expect(toCapacityReservation(reservation)).toBeNull();
});

test('a subnet without a count of free addresses is nothing, a full one has none', () => {
  expect(toSubnet({ SubnetId: 'subnet-a' })).toBeNull();
  expect(toSubnet({ SubnetId: 'subnet-a', AvailableIpAddressCount: 0 })?.availableAddresses).toBe(0);
});

test('a Spot price keeps every digit, and is nothing when it is no price', () => {
  const price: ec2.SpotPrice = { InstanceType: 'm5.large', AvailabilityZone: 'eu-west-1a', Timestamp: new Date(0) };
  expect(toSpotPrice({ ...price, SpotPrice: '0.034500' })?.usdPerHour).toBe('0.034500');
  expect(toSpotPrice({ ...price, SpotPrice: 'n/a' })).toBeNull();
  expect(toSpotPrice(price)).toBeNull();
});
