import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient, ListClustersCommand, ListServicesCommand } from '@aws-sdk/client-ecs';
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  GetCallerIdentityCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type AwsStandIn, startAwsStandIn } from '../../demo/aws/server.ts';
import { BEFORE_SIGNING, bending } from './bent-request.ts';
import { type Clock, clockAt, EXTERNAL_ID, HUB, HUB_KEY, OTHER, READER_ARN, REGION, tinyWorld } from './tiny-world.ts';

/** Whose key it is decides the account; nothing is believed without a signature. */

let clock: Clock;
let aws: AwsStandIn;
type Keys = { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
const options = (credentials: Keys, region = REGION) => ({ endpoint: aws.url, region, credentials, maxAttempts: 1 });
const sts = (credentials: Keys = HUB_KEY): STSClient => new STSClient(options(credentials));

beforeEach(async () => {
  clock = clockAt('2026-11-24T09:00:00Z');
  aws = await startAwsStandIn({ world: tinyWorld(clock) });
});

afterEach(async () => {
  await aws.close();
});

async function assume(part: Partial<AssumeRoleCommandInput> = {}): Promise<Keys> {
  const asked = {
    RoleArn: READER_ARN,
    RoleSessionName: 'scan',
    ExternalId: EXTERNAL_ID,
    DurationSeconds: 900,
    ...part,
  };
  const { Credentials: keys } = await sts().send(new AssumeRoleCommand(asked));
  return {
    accessKeyId: keys?.AccessKeyId ?? '',
    secretAccessKey: keys?.SecretAccessKey ?? '',
    sessionToken: keys?.SessionToken ?? '',
  };
}

describe('a signature', () => {
  it('made with another secret is refused, in the words of each protocol', async () => {
    const wrong = { ...HUB_KEY, secretAccessKey: 'another secret' };
    const json = new ECSClient(options(wrong)).send(new ListClustersCommand({}));
    await expect(json).rejects.toMatchObject({ name: 'InvalidSignatureException' });
    const ec2 = new EC2Client(options(wrong)).send(new DescribeInstancesCommand({}));
    await expect(ec2).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
    await expect(sts(wrong).send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
    });
  });

  it('of an unknown key is refused', async () => {
    const unknown = { ...HUB_KEY, accessKeyId: 'AKIDNOBODY0000000000' };
    const json = new ECSClient(options(unknown)).send(new ListClustersCommand({}));
    await expect(json).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
    const ec2 = new EC2Client(options(unknown)).send(new DescribeInstancesCommand({}));
    await expect(ec2).rejects.toMatchObject({ name: 'AuthFailure' });
    await expect(sts(unknown).send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
    });
  });

  it('does not cover a body that was changed on the way', async () => {
    const client = new ECSClient(options(HUB_KEY));
    client.middlewareStack.add(
      bending((request) => {
        request.body = '{"maxResults":1 }';
      }),
      // After the signature, which is made in `finalizeRequest` too.
      { step: 'finalizeRequest', priority: 'low', name: 'tamper' },
    );
    const sending = client.send(new ListClustersCommand({ maxResults: 10 }));
    await expect(sending).rejects.toMatchObject({ name: 'InvalidSignatureException' });
  });

  it('covers paths and queries with odd characters', async () => {
    const client = new ECSClient(options(HUB_KEY));
    client.middlewareStack.add(
      bending((request) => {
        Object.assign(request, { path: "/a%20b/(c)'!*", query: { 'x y': "a+b&c='*", a: '1' } });
      }),
      BEFORE_SIGNING,
    );
    expect((await client.send(new ListClustersCommand({}))).clusterArns).toHaveLength(1);
  });

  it('is asked for', async () => {
    const answer = await fetch(aws.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'AmazonEC2ContainerServiceV20141113.ListClusters',
      },
      body: '{}',
    });
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('MissingAuthenticationToken');
    expect(aws.journal[0]?.account).toBeNull();
  });
});

describe('an assumed role', () => {
  it('sees its own account, and the journal says so', async () => {
    const keys = await assume();
    const identity = await sts(keys).send(new GetCallerIdentityCommand({}));
    expect(identity.Account).toBe(OTHER);
    expect(identity.Arn).toBe(`arn:aws:sts::${OTHER}:assumed-role/ecs-advise-reader/scan`);
    expect(aws.journal.map(({ account, operation }) => `${account} ${operation}`)).toEqual([
      `${HUB} AssumeRole`,
      `${OTHER} GetCallerIdentity`,
    ]);
    expect(aws.violations).toEqual([]);
  });

  it.each<[string, Partial<AssumeRoleCommandInput>]>([
    ['another external id', { ExternalId: 'guessed' }],
    ['no external id', { ExternalId: undefined }],
    ['a role that is not there', { RoleArn: `arn:aws:iam::${OTHER}:role/admin` }],
  ])('is refused with %s', async (_what, part) => {
    const name = 'AccessDenied';
    await expect(assume(part)).rejects.toMatchObject({
      name,
      message: `User: arn:aws:iam::${HUB}:user/ecs-advise is not authorized to perform: sts:AssumeRole on resource: ${part.RoleArn ?? READER_ARN}`,
    });
  });

  it.each([
    ['a session name of one character', { RoleSessionName: 'x' }],
    ['a session name of 65', { RoleSessionName: 'x'.repeat(65) }],
    ['a session name with a blank', { RoleSessionName: 'a b' }],
    ['less than 15 minutes', { DurationSeconds: 899 }],
    ['more than 12 hours', { DurationSeconds: 43_201 }],
  ])('is refused with %s', async (_what, part) => {
    await expect(assume(part)).rejects.toMatchObject({ name: 'ValidationError' });
  });

  it('is assumed once by the SDK itself, found through AWS_ENDPOINT_URL, whatever the year of the world', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL', aws.url);
    clock.now = new Date('2020-02-29T12:00:00Z');
    const credentials = fromTemporaryCredentials({
      masterCredentials: HUB_KEY,
      params: { RoleArn: READER_ARN, RoleSessionName: 'scan', ExternalId: EXTERNAL_ID },
      clientConfig: { region: REGION },
    });
    const ecs = new ECSClient({ region: REGION, credentials });
    await ecs.send(new ListClustersCommand({}));
    await ecs.send(new ListClustersCommand({}));
    expect(aws.journal.map(({ account, operation }) => `${account} ${operation}`)).toEqual([
      `${HUB} AssumeRole`,
      `${OTHER} ListClusters`,
      `${OTHER} ListClusters`,
    ]);
  });

  it('needs its token with every call', async () => {
    const { sessionToken: _, ...keys } = await assume();
    const sending = new ECSClient(options(keys)).send(new ListClustersCommand({}));
    await expect(sending).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
  });

  it('ends when the world says so, in the words of each protocol', async () => {
    const keys = await assume({ DurationSeconds: 900 });
    clock.now = new Date('2026-11-24T09:14:59Z');
    await new ECSClient(options(keys)).send(new ListClustersCommand({}));
    clock.now = new Date('2026-11-24T09:15:00Z');
    const json = new ECSClient(options(keys)).send(new ListClustersCommand({}));
    await expect(json).rejects.toMatchObject({ name: 'ExpiredTokenException' });
    const ec2 = new EC2Client(options(keys)).send(new DescribeInstancesCommand({}));
    await expect(ec2).rejects.toMatchObject({ name: 'RequestExpired' });
    await expect(sts(keys).send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: 'ExpiredToken' });
    await expect(assume()).resolves.toBeDefined();
  });
});

describe('a region that the account does not have', () => {
  it('answers as AWS does for one that is switched off', async () => {
    const ecs = new ECSClient(options(HUB_KEY, 'ap-south-2')).send(new ListServicesCommand({ cluster: 'rose' }));
    await expect(ecs).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
    const ec2 = new EC2Client(options(HUB_KEY, 'ap-south-2')).send(new DescribeInstancesCommand({}));
    await expect(ec2).rejects.toMatchObject({ name: 'AuthFailure' });
  });

  it('does not matter to STS', async () => {
    const client = new STSClient(options(HUB_KEY, 'us-east-1'));
    expect((await client.send(new GetCallerIdentityCommand({}))).Account).toBe(HUB);
  });
});
