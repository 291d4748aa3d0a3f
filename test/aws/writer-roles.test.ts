import { readFileSync } from 'node:fs';
import { CreateInstanceEventWindowCommand, DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { WindowCall } from '../../src/approvals/model.ts';
import { WRITER_ACTIONS } from '../../src/aws/operations.ts';
import { readWriterAccess } from '../../src/aws/writer-access.ts';
import { create, NO_TARGETS, openWriterBench, REAL, type WriterBench } from './writer-bench.ts';

/** The writer role allows what the bot writes, no more and no less; the reader role writes nothing at all. */

const DEPLOY = new URL('../../deploy/', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, DEPLOY), 'utf8');

type Policy = {
  readonly Statement: readonly {
    readonly Effect: string;
    readonly Action: readonly string[];
    readonly Condition?: unknown;
  }[];
};
const policy = JSON.parse(read('iam/writer.json')) as Policy;
const [changes, tagging] = policy.Statement;

async function everyWrite({ writer, place }: WriterBench): Promise<void> {
  const { window } = await writer.write(place, create('mine', { owner: 'ana' }), REAL);
  const targets = { ...NO_TARGETS, instanceTags: [{ key: 'team', value: 'quant' }] };
  const calls: readonly WindowCall[] = [
    { op: 'ModifyInstanceEventWindow', window: window ?? '', schedule: { kind: 'cron', cron: '* 1-5 * * SUN' } },
    { op: 'AssociateInstanceEventWindow', window, targets },
    { op: 'DisassociateInstanceEventWindow', window: window ?? '', targets },
    { op: 'DeleteInstanceEventWindow', window: window ?? '' },
  ];
  for (const call of calls) expect((await writer.write(place, call, REAL)).outcome).toBe('done');
}

describe('the writer policy', () => {
  test('allows exactly what the journal of every write shows, and tagging only while creating', async () => {
    const bench = await openWriterBench();
    await everyWrite(bench);
    const written = bench.aws.journal.filter(({ isMutating }) => isMutating);
    const actions = [...new Set(written.map(({ service, operation }) => `${service}:${operation}`))].toSorted();
    expect(changes?.Action).toEqual(actions);
    expect(changes?.Action).toEqual(WRITER_ACTIONS.toSorted());
    expect(tagging).toMatchObject({
      Effect: 'Allow',
      Action: ['ec2:CreateTags'],
      Condition: { StringEquals: { 'ec2:CreateAction': 'CreateInstanceEventWindow' } },
    });
    expect(policy.Statement).toHaveLength(2);
    expect(bench.aws.violations).toEqual([]);
  });

  test('is the same in CloudFormation and Terraform, behind the external id', () => {
    const tags = ['!Ref', '!GetAtt'].map((tag) => ({ tag, resolve: (value: unknown) => value }));
    const template = parse(read('cloudformation/writer-stackset.yml'), { customTags: tags }) as {
      readonly Resources: { readonly [name: string]: { readonly Properties: Record<string, unknown> } };
    };
    const { WriterPolicy, WriterRole } = template.Resources;
    expect(WriterPolicy?.Properties.PolicyDocument).toEqual(policy);
    expect(JSON.stringify(WriterRole?.Properties.AssumeRolePolicyDocument)).toContain('sts:ExternalId');
    const main = read('terraform/writer/main.tf');
    expect([...main.matchAll(/policy = file\("[^"]*\/iam\/([\w.-]+)"\)/g)].map(([, file]) => file)).toEqual([
      'writer.json',
    ]);
    expect(main).toContain('sts:ExternalId');
    const declared = [...read('terraform/writer/variables.tf').matchAll(/^variable "(\w+)"/gm)].map(([, name]) => name);
    const used = new Set([...main.matchAll(/var\.(\w+)/g)].map(([, name]) => name));
    expect([...used].toSorted()).toEqual(declared.toSorted());
  });
});

describe('in the simulated AWS', () => {
  test.each(['reader', 'user'] as const)('the %s may write no window, dry or not', async (who) => {
    const { aws, world, place } = await openWriterBench();
    const account = world.accounts.find(({ id }) => id === place.account);
    const hub = { accessKeyId: world.hub.accessKeyId, secretAccessKey: world.hub.secretAccessKey };
    const options = { endpoint: aws.url, region: place.region, maxAttempts: 1 };
    const { Credentials: keys } = await new STSClient({ ...options, credentials: hub }).send(
      new AssumeRoleCommand({
        RoleArn: account?.readerRoleArn,
        RoleSessionName: 'test',
        ExternalId: account?.externalId,
      }),
    );
    const reader = {
      accessKeyId: keys?.AccessKeyId ?? '',
      secretAccessKey: keys?.SecretAccessKey ?? '',
      sessionToken: keys?.SessionToken ?? '',
    };
    const ec2 = new EC2Client({ ...options, credentials: who === 'user' ? hub : reader });
    for (const DryRun of [true, false]) {
      const CronExpression = '* 1-5 * * SUN';
      const sending = ec2.send(new CreateInstanceEventWindowCommand({ DryRun, Name: 'x', CronExpression }));
      await expect(sending).rejects.toMatchObject({ name: 'UnauthorizedOperation' });
    }
    await expect(ec2.send(new DescribeInstancesCommand({}))).resolves.toBeDefined();
  });
});

describe('the check of the writer roles', () => {
  test('tries every action as a dry run and finds all of them allowed', async () => {
    const { accounts, writer, aws } = await openWriterBench();
    const rows = await readWriterAccess(accounts, writer);
    for (const { id } of accounts) {
      const mine = rows.filter(({ account }) => account === id);
      expect(mine.map(({ what }) => what)).toEqual(['sts:AssumeRole of writerRole', ...WRITER_ACTIONS]);
      expect(mine.filter(({ state }) => state !== 'ok')).toEqual([]);
    }
    expect(aws.journal.filter(({ isMutating }) => isMutating)).toEqual([]);
    expect(aws.violations).toEqual([]);
  });

  test('names the action that is refused, and what to do', async () => {
    const { accounts, writer, aws } = await openWriterBench();
    const always = { answer: { kind: 'access-denied' }, times: Number.POSITIVE_INFINITY } as const;
    aws.addFault({ match: { operation: 'CreateInstanceEventWindow' }, ...always });
    aws.addFault({ match: { operation: 'DeleteInstanceEventWindow' }, ...always });
    const rows = (await readWriterAccess(accounts.slice(0, 1), writer)).filter(({ state }) => state !== 'ok');
    expect(rows.map(({ what, state, fix }) => `${what} ${state}: ${fix}`)).toEqual([
      'ec2:CreateInstanceEventWindow denied: allow it, and ec2:CreateTags while creating, in the writer role (deploy/iam/writer.json)',
      'ec2:DeleteInstanceEventWindow denied: allow it in the writer role (deploy/iam/writer.json)',
    ]);
  });

  test('ends at the door of a role that does not open, and passes over accounts without one', async () => {
    const { accounts, writer, place } = await openWriterBench({
      accounts: (all) =>
        all.map((account) =>
          account.name === 'qcu-2' ? { ...account, externalId: 'wrong' } : { ...account, writerRoleArn: null },
        ),
    });
    const rows = await readWriterAccess(accounts, writer);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ account: place.account, what: 'sts:AssumeRole of writerRole', state: 'denied' });
    expect(rows[0]?.detail).toContain('external id');
  });
});
