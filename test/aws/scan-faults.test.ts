import { describe, expect, test } from 'vitest';
import { type Bench, openBench, type Picture, partOf, partsOf, scan } from './reader.ts';

/** Everything goes wrong once: the scan ends, says exactly what it missed, and never shows a hole as a zero. */

function accountNamed({ world }: Bench, name: string): string {
  return world.accounts.find((account) => account.name === name)?.id ?? '';
}

function headOf({ results }: Picture, cluster: string) {
  return results.find(({ scope }) => scope.cluster === cluster)?.cluster;
}

const clustersOf = ({ results }: Picture): readonly string[] =>
  results.flatMap(({ cluster }) => (cluster === null ? [] : [cluster.name])).toSorted();

describe('an account', () => {
  test('whose role nobody may assume is one miss', async () => {
    const bench = await openBench({ only: 'qcu-1' });
    bench.aws.addFault({
      match: { service: 'sts', operation: 'AssumeRole' },
      answer: { kind: 'access-denied' },
      times: Number.POSITIVE_INFINITY,
    });
    const picture = await scan(bench.reader);
    const account = accountNamed(bench, 'qcu-1');
    expect(picture.missed).toEqual([{ account, region: '', what: 'account', code: 'access-denied' }]);
    // One try for the account and its two regions.
    expect(picture.calls.byOperation).toEqual({ 'sts.AssumeRole': 1 });
  });

  test('with a wrong external id is one miss, and nothing of it is saved', async () => {
    const bench = await openBench({
      accounts: (all) => all.map((one) => (one.name === 'qcu-1' ? { ...one, externalId: 'wrong' } : one)),
    });
    const picture = await scan(bench.reader);
    const account = accountNamed(bench, 'qcu-1');
    expect(picture.missed).toEqual([{ account, region: '', what: 'account', code: 'access-denied' }]);
    expect(clustersOf(picture)).toEqual(['daisy', 'rose']);
    expect(partsOf(picture, { account }, 'region')).toEqual([]);
    expect(picture.calls.byOperation['sts.AssumeRole']).toBe(3);
  });

  test('whose credentials open another account is missed, not mixed up', async () => {
    const bench = await openBench({
      accounts: (all) => all.map((one) => (one.name === 'qcu-2' ? { ...one, readerRoleArn: null } : one)),
    });
    const picture = await scan(bench.reader);
    expect(picture.missed).toEqual([
      { account: accountNamed(bench, 'qcu-2'), region: '', what: 'account', code: 'wrong-account' },
    ]);
    expect(clustersOf(picture)).toEqual(['orchid', 'rose', 'tulip']);
  });
});

describe('a refused action', () => {
  test('is named by every cluster that lacks its answer, whose figures come from elsewhere', async () => {
    const bench = await openBench({ only: 'head-nodes' });
    const account = accountNamed(bench, 'head-nodes');
    bench.aws.addFault({
      match: { account, service: 'ecs', operation: 'ListServices' },
      answer: { kind: 'access-denied' },
      times: Number.POSITIVE_INFINITY,
    });
    const picture = await scan(bench.reader);
    expect(picture.missed).toEqual([
      { account, region: 'eu-west-1', what: 'cluster rose services (ecs:ListServices)', code: 'access-denied' },
    ]);
    // No list, but DescribeClusters counts 32 of them.
    expect(headOf(picture, 'rose')?.services).toBe(32);
    expect(partsOf(picture, { cluster: 'rose' }, 'services').flatMap(({ tasks }) => tasks).length).toBeGreaterThan(0);
    expect(bench.aws.counts.get('ecs:ListServices')).toBe(1);
  });

  test('costs one call: permission does not come by asking again', async () => {
    const bench = await openBench({ only: 'qcu-2' });
    bench.aws.addFault({
      match: { account: accountNamed(bench, 'qcu-2'), operation: 'DescribeVolumes' },
      answer: { kind: 'access-denied' },
      times: Number.POSITIVE_INFINITY,
    });
    const picture = await scan(bench.reader);
    expect(picture.missed).toEqual([
      {
        account: accountNamed(bench, 'qcu-2'),
        region: 'eu-west-1',
        what: 'volumes (ec2:DescribeVolumes)',
        code: 'access-denied',
      },
    ]);
    expect(
      bench.aws.journal.filter(({ operation, code }) => operation === 'DescribeVolumes' && code !== null),
    ).toHaveLength(1);
  });

  test('on the list of clusters leaves nothing of the region that could be mistaken for an empty one', async () => {
    const bench = await openBench({ only: 'qcu-2' });
    const account = accountNamed(bench, 'qcu-2');
    bench.aws.addFault({
      match: { account, operation: 'ListClusters' },
      answer: { kind: 'access-denied' },
      times: Number.POSITIVE_INFINITY,
    });
    const picture = await scan(bench.reader);
    expect(picture.missed).toEqual([{ account, region: 'eu-west-1', what: 'clusters', code: 'access-denied' }]);
    expect(partsOf(picture, { account }, 'region')).toEqual([]);
    expect(partsOf(picture, { account }, 'account')).toHaveLength(1);
  });

  test('on container instances ends no instance that the last scan saw', async () => {
    const bench = await openBench({ only: 'qcu-2' });
    const account = accountNamed(bench, 'qcu-2');
    const before = await scan(bench.reader);
    bench.aws.addFault({
      match: { account, operation: 'ListContainerInstances' },
      answer: { kind: 'access-denied' },
      times: Number.POSITIVE_INFINITY,
    });
    const picture = await scan(bench.reader, before);
    expect(picture.missed.map(({ what }) => what)).toEqual([
      'cluster daisy container instances (ecs:ListContainerInstances)',
    ]);
    const region = { account, cluster: null };
    expect(partOf(picture, region, 'region').instances).toEqual(partOf(before, region, 'region').instances);
    expect(headOf(picture, 'daisy')?.containerInstances).toBe(headOf(before, 'daisy')?.containerInstances);
  });
});

describe('a region', () => {
  test('that never answers is one miss, and holds up no other', async () => {
    const bench = await openBench({ callTimeoutMs: 1_500 });
    const account = accountNamed(bench, 'qcu-1');
    bench.aws.addFault({
      match: { account, region: 'us-east-1', service: 'ecs' },
      answer: { kind: 'silence' },
      times: Number.POSITIVE_INFINITY,
    });
    const picture = await scan(bench.reader);
    expect(picture.missed).toEqual([{ account, region: 'us-east-1', what: 'clusters', code: 'timeout' }]);
    expect(clustersOf(picture)).toEqual(['daisy', 'rose', 'tulip']);
  });

  test('whose EC2 is silent is asked thrice, not once per list', async () => {
    const bench = await openBench({ only: 'qcu-2', callTimeoutMs: 1_500 });
    const account = accountNamed(bench, 'qcu-2');
    bench.aws.addFault({
      match: { account, service: 'ec2' },
      answer: { kind: 'silence' },
      times: Number.POSITIVE_INFINITY,
    });
    const picture = await scan(bench.reader);
    expect(picture.missed.map(({ what, code }) => `${what}: ${code}`)).toEqual([
      'capacity reservations: timeout',
      'event windows: timeout',
      'instances: timeout',
      'network interfaces: timeout',
      'subnets: timeout',
    ]);
    expect(bench.aws.journal.filter((entry) => entry.account === account && entry.service === 'ec2')).toHaveLength(3);
  });

  test('that is out of reach for signing in is gone round', async () => {
    const bench = await openBench({
      callTimeoutMs: 1_500,
      accounts: (all) =>
        all.map((one) => (one.name === 'qcu-1' ? { ...one, regions: ['us-east-1', 'eu-west-1'] } : one)),
    });
    bench.aws.addFault({
      match: { region: 'us-east-1' },
      answer: { kind: 'silence' },
      times: Number.POSITIVE_INFINITY,
    });
    const picture = await scan(bench.reader);
    expect(clustersOf(picture)).toEqual(['daisy', 'rose', 'tulip']);
  });
});

describe('an answer that is none', () => {
  const html = { kind: 'status', status: 500, body: '<html>Bad gateway</html>', contentType: 'text/html' } as const;

  test('is asked for again', async () => {
    const bench = await openBench();
    bench.aws.addFault({ match: { operation: 'DescribeClusters' }, answer: html });
    expect((await scan(bench.reader)).missed).toEqual([]);
  });

  test('is the failure of the endpoint when it stays', async () => {
    const bench = await openBench({ only: 'qcu-2' });
    const account = accountNamed(bench, 'qcu-2');
    bench.aws.addFault({
      match: { account, operation: 'ListTasks' },
      answer: html,
      times: Number.POSITIVE_INFINITY,
    });
    const picture = await scan(bench.reader);
    expect(picture.missed.map(({ what, code }) => `${what}: ${code}`)).toEqual([
      'cluster daisy stopped tasks: endpoint-failed',
      'cluster daisy tasks: endpoint-failed',
    ]);
    // DescribeClusters still counts the tasks.
    expect(headOf(picture, 'daisy')?.tasks).toBe(13);
  });

  test.each([
    ['a page in XML clothes', { ...html, status: 200 }],
    ['a page that says it is XML', { ...html, status: 200, contentType: 'text/xml' }],
    ['an empty answer', { ...html, status: 200, body: '', contentType: 'text/xml' }],
    ['JSON', { ...html, status: 200, body: '{}', contentType: 'application/json' }],
  ])('%s with status 200 is not an EC2 without instances', async (_name, answer) => {
    const bench = await openBench({ only: 'qcu-2' });
    const account = accountNamed(bench, 'qcu-2');
    const before = await scan(bench.reader);
    bench.aws.addFault({
      match: { account, operation: 'DescribeInstances' },
      answer,
      times: Number.POSITIVE_INFINITY,
    });
    const picture = await scan(bench.reader, before);
    expect(picture.missed.map(({ what, code }) => `${what}: ${code}`)).toEqual(['instances: endpoint-failed']);
    const region = { account, cluster: null };
    expect(partOf(picture, region, 'region').instances).toEqual(partOf(before, region, 'region').instances);
  });

  test.each(['{}', '[]', 'null', '"x"', '', '<html></html>'])(
    '%j with status 200 is not an ECS without clusters',
    async (body) => {
      const bench = await openBench({ only: 'qcu-2' });
      const account = accountNamed(bench, 'qcu-2');
      bench.aws.addFault({
        match: { account, operation: 'ListClusters' },
        answer: { kind: 'status', status: 200, body, contentType: 'application/x-amz-json-1.1' },
        times: Number.POSITIVE_INFINITY,
      });
      const picture = await scan(bench.reader);
      expect(picture.missed).toEqual([{ account, region: 'eu-west-1', what: 'clusters', code: 'endpoint-failed' }]);
    },
  );
});

describe('a connection', () => {
  test('that is cut now and then costs nothing but another try', async () => {
    const bench = await openBench();
    for (const operation of ['DescribeServices', 'DescribeTasks', 'DescribeInstances', 'GetMetricData']) {
      bench.aws.addFault({ match: { operation }, answer: { kind: 'hang-up' } });
    }
    expect((await scan(bench.reader)).missed).toEqual([]);
  });
});

describe('a token', () => {
  test('that expires in the middle is renewed once, and nothing is missed', async () => {
    const bench = await openBench({ only: 'head-nodes' });
    const account = accountNamed(bench, 'head-nodes');
    bench.aws.addFault({
      match: { account, service: 'ecs', operation: 'DescribeServices' },
      answer: { kind: 'expired-token' },
      after: 1,
    });
    const picture = await scan(bench.reader);
    expect(picture.missed).toEqual([]);
    expect(picture.calls.byOperation['sts.AssumeRole']).toBe(2);
  });

  test('that is refused again and again is a miss', async () => {
    const bench = await openBench({ only: 'qcu-2' });
    const account = accountNamed(bench, 'qcu-2');
    bench.aws.addFault({
      match: { account, operation: 'DescribeSubnets' },
      answer: { kind: 'expired-token' },
      times: Number.POSITIVE_INFINITY,
    });
    const picture = await scan(bench.reader);
    expect(picture.missed.map(({ what, code }) => `${what}: ${code}`)).toEqual(['subnets: expired-token']);
  });
});

describe('things that vanish', () => {
  test('between list and describe are left out and named', async () => {
    const bench = await openBench();
    const [account] = bench.world.accounts;
    const state = account?.regions.get('eu-west-1');
    const arn = state?.ecs.clusters[0]?.clusterArn ?? '';
    const all = state?.ecs.services.get(arn) ?? [];
    const victim = all[3]?.serviceName ?? '';
    // The list shows one service that is not there any more when it is described.
    const listed = all.map(({ serviceArn }) => serviceArn);
    all.splice(3, 1);
    bench.aws.addFault({
      match: { account: account?.id ?? '', operation: 'ListServices' },
      answer: {
        kind: 'status',
        status: 200,
        body: JSON.stringify({ serviceArns: listed }),
        contentType: 'application/x-amz-json-1.1',
      },
    });
    const picture = await scan(bench.reader);
    expect(picture.missed).toEqual([
      { account: account?.id, region: 'eu-west-1', what: `cluster rose service ${victim}`, code: 'vanished' },
    ]);
    const names = partsOf(picture, { cluster: 'rose' }, 'services').flatMap((part) => part.services);
    expect(names).toHaveLength(31);
  });

  test('cluster and all: deleted after it was listed', async () => {
    const bench = await openBench({ only: 'qcu-2' });
    const account = accountNamed(bench, 'qcu-2');
    for (const operation of ['ListServices', 'ListTasks', 'ListContainerInstances', 'DescribeCapacityProviders']) {
      bench.aws.addFault({
        match: { account, operation },
        answer: { kind: 'error', code: 'ClusterNotFoundException', message: 'Cluster not found.' },
        times: Number.POSITIVE_INFINITY,
      });
    }
    const picture = await scan(bench.reader);
    expect(picture.missed.map(({ what, code }) => `${what}: ${code}`)).toEqual([
      'cluster daisy capacity providers: not-found',
      'cluster daisy container instances: not-found',
      'cluster daisy services: not-found',
      'cluster daisy stopped tasks: not-found',
      'cluster daisy tasks: not-found',
    ]);
  });

  test('instances that EC2 does not know any more do not spoil the answer for the others', async () => {
    const bench = await openBench({ only: 'qcu-2' });
    const state = bench.world.accounts.find(({ name }) => name === 'qcu-2')?.regions.get('eu-west-1');
    const instances = state?.ec2.instances ?? [];
    // Two that do not run are asked for by id: one is stopped, one is gone.
    const [gone, stopped] = instances;
    instances.splice(0, 1);
    const index = instances.indexOf(stopped ?? {});
    instances.splice(index, 1, { ...stopped, State: { Code: 80, Name: 'stopped' } });
    const picture = await scan(bench.reader);
    expect(picture.missed.map(({ what, code }) => `${what}: ${code}`)).toEqual([
      `instance ${gone?.InstanceId}: vanished`,
    ]);
    const part = partOf(picture, { account: accountNamed(bench, 'qcu-2'), cluster: null }, 'region');
    expect(part.instances.find(({ id }) => id === stopped?.InstanceId)?.state).toBe('stopped');
    expect(part.instances).toHaveLength(7);
  });
});

describe('throttling', () => {
  test('at half the documented rate slows the scan down and loses nothing', async () => {
    // The reader believes in limits four times as high as the other side's, so it is refused until it has learned.
    const bench = await openBench({ speed: 40, readerSpeed: 160 });
    for (const operation of ['DescribeTaskDefinition', 'DescribeServices', 'ListTasks']) {
      bench.aws.addFault({ match: { operation }, answer: { kind: 'throttle' }, times: 6, after: 3 });
    }
    const picture = await scan(bench.reader);
    expect(picture.missed).toEqual([]);
    expect(picture.calls.throttled).toBeGreaterThanOrEqual(18);
  });

  test('that never ends is a miss of its own', async () => {
    const bench = await openBench({ only: 'qcu-2' });
    const account = accountNamed(bench, 'qcu-2');
    bench.aws.addFault({
      match: { account, operation: 'ListServices' },
      answer: { kind: 'throttle' },
      times: Number.POSITIVE_INFINITY,
    });
    const picture = await scan(bench.reader);
    expect(picture.missed.map(({ what, code }) => `${what}: ${code}`)).toEqual(['cluster daisy services: throttled']);
    expect(headOf(picture, 'daisy')?.services).toBe(8);
  });
});

describe('a sink', () => {
  test.each(['save', 'previous', 'knownTaskDefinitions', 'saveTaskDefinitions'] as const)(
    'whose %s fails ends the scan with its error',
    async (member) => {
      const bench = await openBench();
      const failure = new Error('the disk is full');
      const fail = () => Promise.reject(failure);
      await expect(scan(bench.reader, undefined, { [member]: fail })).rejects.toBe(failure);
    },
  );
});
