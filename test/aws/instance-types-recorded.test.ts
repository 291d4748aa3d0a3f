import { describe, expect, test } from 'vitest';
import { openLibrary } from '../../src/data.ts';
import { hasRecordings, recordedFiles } from './recordings.ts';
import { at } from './shapes-expected.ts';

describe.skipIf(!hasRecordings)('instance types that EC2 described itself', () => {
  const prices = openLibrary().prices('us-east-1');
  const described = recordedFiles('ec2-instance-types').map(({ file, json }) => ({ file, json }));

  test.each(described)('$file agrees with the sizes that instances are priced by', ({ json }) => {
    const known = prices.types.find(({ name }) => name === at(json, 'InstanceType'));

    expect(known).toMatchObject({
      vcpu: at(json, 'VCpuInfo.DefaultVCpus'),
      memoryMiB: at(json, 'MemoryInfo.SizeInMiB'),
      bareMetal: at(json, 'BareMetal'),
      burstable: at(json, 'BurstablePerformanceSupported'),
      enis: at(json, 'NetworkInfo.MaximumNetworkInterfaces'),
    });
    expect(at(json, 'ProcessorInfo.SupportedArchitectures')).toContain(known?.architecture);
    expect(known?.gpu?.count ?? 0).toBe(
      (at(json, 'GpuInfo.Gpus') as readonly { Count: number }[] | undefined)?.[0]?.Count ?? 0,
    );
  });

  test('are more than none', () => {
    expect(described.length).toBeGreaterThan(0);
  });
});
