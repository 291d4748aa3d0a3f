import { CostExplorerClient, ListCostAllocationTagsCommand } from '@aws-sdk/client-cost-explorer';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient, ListClustersCommand, ListServicesCommand } from '@aws-sdk/client-ecs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AwsStandIn, startAwsStandIn } from '../../demo/aws/server.ts';
import { clockAt, HUB, HUB_KEY, REGION, tinyWorld } from './tiny-world.ts';

/** Each fault as the unchanged SDK sees it. */

let aws: AwsStandIn;
let options: { endpoint: string; region: string; credentials: typeof HUB_KEY; maxAttempts: number };
let ecs: ECSClient;
const list = () => ecs.send(new ListClustersCommand({}));

beforeEach(async () => {
  aws = await startAwsStandIn({ world: tinyWorld(clockAt('2026-11-24T09:00:00Z')) });
  options = { endpoint: aws.url, region: REGION, credentials: HUB_KEY, maxAttempts: 1 };
  ecs = new ECSClient(options);
});

afterEach(async () => {
  // Faults are on demand: none of them is a departure from AWS's model.
  expect(aws.violations).toEqual([]);
  await aws.close();
});

describe('a fault', () => {
  it('throttles, in the words of each service', async () => {
    aws.addFault({ match: {}, answer: { kind: 'throttle' }, times: Number.POSITIVE_INFINITY });
    await expect(list()).rejects.toMatchObject({ name: 'ThrottlingException' });
    const ec2 = new EC2Client(options).send(new DescribeInstancesCommand({}));
    await expect(ec2).rejects.toMatchObject({ name: 'RequestLimitExceeded' });
    const sts = new STSClient(options).send(new GetCallerIdentityCommand({}));
    await expect(sts).rejects.toMatchObject({ name: 'Throttling' });
    const ce = new CostExplorerClient(options).send(new ListCostAllocationTagsCommand({}));
    await expect(ce).rejects.toMatchObject({ name: 'LimitExceededException' });
  });

  it('once is overcome by the SDK itself', async () => {
    aws.addFault({ match: { operation: 'ListClusters' }, answer: { kind: 'throttle' } });
    const patient = new ECSClient({ ...options, maxAttempts: 2 });
    expect((await patient.send(new ListClustersCommand({}))).clusterArns).toHaveLength(1);
    expect(aws.journal.map(({ status, code }) => [status, code])).toEqual([
      [400, 'ThrottlingException'],
      [200, null],
    ]);
  });

  it('answers with a page of HTML, which is no AWS error', async () => {
    aws.addFault({ match: {}, answer: { kind: 'status', status: 500, body: '<html>bad gateway</html>' } });
    await expect(list()).rejects.toMatchObject({ name: 'SyntaxError', $metadata: { httpStatusCode: 500 } });
    aws.addFault({ match: {}, answer: { kind: 'status', status: 200 } });
    await expect(list()).rejects.toMatchObject({ name: 'SyntaxError' });
  });

  it('answers with a chosen body', async () => {
    const answer = {
      kind: 'status',
      status: 503,
      body: '{"message":"tired"}',
      contentType: 'application/json',
    } as const;
    aws.addFault({ match: {}, answer });
    await expect(list()).rejects.toMatchObject({ message: 'tired', $metadata: { httpStatusCode: 503 } });
  });

  it('hangs up', async () => {
    aws.addFault({ match: {}, answer: { kind: 'hang-up' } });
    await expect(list()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(aws.journal[0]).toMatchObject({ status: 0, code: 'hang-up' });
    await list();
  });

  it('never answers', async () => {
    aws.addFault({ match: {}, answer: { kind: 'silence' } });
    const requestHandler = { requestTimeout: 1000, throwOnRequestTimeout: true };
    const impatient = new ECSClient({ ...options, requestHandler });
    await expect(impatient.send(new ListClustersCommand({}))).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(aws.journal[0]).toMatchObject({ status: 0, code: 'silence' });
    await list();
  });

  it('answers late, and rightly', async () => {
    aws.addFault({ match: {}, answer: { kind: 'slow', ms: 20 } });
    expect((await list()).clusterArns).toHaveLength(1);
    expect(aws.journal[0]?.status).toBe(200);
  });

  it('says that the token expired', async () => {
    aws.addFault({ match: { service: 'ecs' }, answer: { kind: 'expired-token' } });
    await expect(list()).rejects.toMatchObject({ name: 'ExpiredTokenException' });
    aws.addFault({ match: { service: 'ec2' }, answer: { kind: 'expired-token' } });
    const ec2 = new EC2Client(options).send(new DescribeInstancesCommand({}));
    await expect(ec2).rejects.toMatchObject({ name: 'RequestExpired' });
  });

  it('denies access as AWS words it', async () => {
    const times = Number.POSITIVE_INFINITY;
    aws.addFault({ match: { account: HUB }, answer: { kind: 'access-denied' }, times });
    const user = `User: arn:aws:iam::${HUB}:user/ecs-advise is not authorized to perform:`;
    await expect(list()).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: `${user} ecs:ListClusters on resource: * because no identity-based policy allows the ecs:ListClusters action`,
    });
    const ec2 = new EC2Client(options).send(new DescribeInstancesCommand({}));
    await expect(ec2).rejects.toMatchObject({
      name: 'UnauthorizedOperation',
      message: expect.stringContaining(`${user} ec2:DescribeInstances`),
      $metadata: { httpStatusCode: 403 },
    });
    const sts = new STSClient(options).send(new GetCallerIdentityCommand({}));
    await expect(sts).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('is any other error of AWS', async () => {
    const answer = { kind: 'error', code: 'ServerException', message: 'Service unavailable', status: 500 } as const;
    aws.addFault({ match: {}, answer });
    await expect(list()).rejects.toMatchObject({ name: 'ServerException', $metadata: { httpStatusCode: 500 } });
  });
});

describe('when a fault strikes', () => {
  it('is told by account, region, service and operation', async () => {
    const answer = { kind: 'throttle' } as const;
    for (const match of [{ account: '999999999999' }, { region: 'us-east-1' }, { service: 'ec2' }]) {
      aws.addFault({ match, answer });
    }
    aws.addFault({ match: { account: HUB, region: REGION, service: 'ecs', operation: 'ListServices' }, answer });
    await list();
    await expect(ecs.send(new ListServicesCommand({ cluster: 'rose' }))).rejects.toThrow('Rate exceeded');
    await ecs.send(new ListServicesCommand({ cluster: 'rose' }));
  });

  it('is told by how many calls pass before, and how many it strikes', async () => {
    aws.addFault({ match: {}, answer: { kind: 'throttle' }, after: 2, times: 2 });
    const outcomes: string[] = [];
    for (let call = 0; call < 5; call++) {
      outcomes.push(
        await list().then(
          () => 'answered',
          (error: Error) => error.name,
        ),
      );
    }
    expect(outcomes).toEqual(['answered', 'answered', 'ThrottlingException', 'ThrottlingException', 'answered']);
  });

  it('ends when faults are cleared', async () => {
    aws.addFault({ match: {}, answer: { kind: 'throttle' }, times: Number.POSITIVE_INFINITY });
    await expect(list()).rejects.toThrow('Rate exceeded');
    aws.clearFaults();
    await list();
  });
});
