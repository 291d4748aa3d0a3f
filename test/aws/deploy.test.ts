import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { PAYER_ACTIONS, READER_ACTIONS } from '../../src/aws/operations.ts';
import { openBench, scan } from './reader.ts';

/** The role that people are asked to make allows what the bot does: no less, and not one action more. */

const DEPLOY = new URL('../../deploy/', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, DEPLOY), 'utf8');

type Statement = { readonly Effect: string; readonly Action: readonly string[]; readonly Resource: string };
type Policy = { readonly Statement: readonly Statement[] };

function actionsOf({ Statement: statements }: Policy): readonly string[] {
  expect(statements.map(({ Effect }) => Effect)).toEqual(['Allow']);
  return statements.flatMap(({ Action }) => Action);
}

const readerPolicy = actionsOf(JSON.parse(read('iam/reader.json')) as Policy);
const payerPolicy = actionsOf(JSON.parse(read('iam/reader-payer.json')) as Policy);

describe('the reader policy', () => {
  test('is the table of what the bot calls, sorted', () => {
    expect(readerPolicy).toEqual(READER_ACTIONS.toSorted());
    expect(payerPolicy).toEqual(PAYER_ACTIONS.toSorted());
  });

  test('allows reading only', () => {
    for (const action of [...readerPolicy, ...payerPolicy]) expect(action).toMatch(/^[a-z0-9-]+:(Describe|Get|List)/);
  });

  test('allows exactly what the journal of a scan, a bill and a doctor shows', async () => {
    const { aws, reader } = await openBench();
    await scan(reader);
    await reader.access(async () => {});
    const free = async (): Promise<void> => {};
    const period = { from: '2026-11-10', toExclusive: '2026-11-12' };
    await reader.costAndUsage({ ...period, groupBy: ['SERVICE'], filter: {} }, free);
    await reader.savingsPlansUtilisation(period, free);
    const called = [...aws.counts.keys()].filter((action) => !action.startsWith('sts:'));
    expect(called.toSorted()).toEqual([...readerPolicy, ...payerPolicy].toSorted());
    expect(aws.violations).toEqual([]);
    expect(aws.journal.filter(({ isMutating }) => isMutating)).toEqual([]);
  });
});

describe('the templates', () => {
  test('of CloudFormation allow the same', () => {
    const tags = ['!Ref', '!GetAtt', '!Equals'].map((tag) => ({
      tag,
      resolve: (value: unknown) => value,
    }));
    const sequences = tags.map((one) => ({ ...one, collection: 'seq' as const, resolve: (value: unknown) => value }));
    const template = parse(read('cloudformation/reader-stackset.yml'), { customTags: [...tags, ...sequences] }) as {
      readonly Resources: {
        readonly [name: string]: {
          readonly Properties: { readonly PolicyDocument: Policy; readonly AssumeRolePolicyDocument: Policy };
          readonly Condition?: string;
        };
      };
    };
    const { ReaderPolicy, PayerPolicy, ReaderRole } = template.Resources;
    expect(actionsOf(ReaderPolicy?.Properties.PolicyDocument ?? { Statement: [] })).toEqual(readerPolicy);
    expect(actionsOf(PayerPolicy?.Properties.PolicyDocument ?? { Statement: [] })).toEqual(payerPolicy);
    expect(PayerPolicy?.Condition).toBe('ReadsTheBill');
    expect(JSON.stringify(ReaderRole?.Properties.AssumeRolePolicyDocument)).toContain('sts:ExternalId');
  });

  test('of Terraform use the policy files themselves, and ask for the external id', () => {
    const main = read('terraform/reader/main.tf');
    expect([...main.matchAll(/policy = file\("[^"]*\/iam\/([\w.-]+)"\)/g)].map(([, file]) => file)).toEqual([
      'reader.json',
      'reader-payer.json',
    ]);
    expect(main).toContain('sts:ExternalId');
    const declared = [...read('terraform/reader/variables.tf').matchAll(/^variable "(\w+)"/gm)].map(([, name]) => name);
    const used = new Set([...main.matchAll(/var\.(\w+)/g)].map(([, name]) => name));
    expect([...used].toSorted()).toEqual(declared.toSorted());
  });
});
