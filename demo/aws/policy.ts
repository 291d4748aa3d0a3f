import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMutating } from './journal.ts';

/** What a caller is: the bot's own user, or a role that was assumed. */
export type CallerRole = 'user' | 'reader' | 'writer';

/** An action as IAM judges it, with the condition keys that AWS fills for it. */
export type Asked = {
  readonly role: CallerRole;
  readonly isPayer: boolean;
  readonly action: string;
  readonly conditions?: { readonly [key: string]: string };
};

/** Whether the caller may. */
export type Policy = (asked: Asked) => boolean;

type Statement = {
  readonly Effect: string;
  readonly Action: readonly string[];
  readonly Condition?: { readonly StringEquals?: { readonly [key: string]: string } };
};

const IAM = join(import.meta.dirname, '..', '..', 'deploy', 'iam');

/**
 * The very policies that people are asked to deploy decide what the roles may do here, so a permission that is missing
 * there is missing here. The bot's own user may read whatever it likes in its account, and change nothing.
 */
export function createPolicy(): Policy {
  const reader = statementsOf('reader.json');
  const payer = statementsOf('reader-payer.json');
  const writer = statementsOf('writer.json');
  return ({ role, isPayer, action, conditions = {} }) => {
    // Nobody needs a permission to ask who he is.
    if (action === 'sts:GetCallerIdentity') return true;
    if (role === 'user') return !isMutating(action.slice(action.indexOf(':') + 1));
    const statements = role === 'writer' ? writer : isPayer ? [...reader, ...payer] : reader;
    return statements.some((statement) => statement.Action.includes(action) && holds(statement, conditions));
  };
}

function statementsOf(file: string): readonly Statement[] {
  const { Statement: statements } = JSON.parse(readFileSync(join(IAM, file), 'utf8')) as {
    readonly Statement: readonly Statement[];
  };
  const odd = statements.filter(({ Effect }) => Effect !== 'Allow');
  if (odd.length > 0) throw new Error(`the simulated AWS reads Allow only, and ${file} has more`);
  return statements;
}

function holds({ Condition: condition }: Statement, given: { readonly [key: string]: string }): boolean {
  return Object.entries(condition?.StringEquals ?? {}).every(([key, value]) => given[key] === value);
}

/** The second permission that a call needs beside its own: tagging while creating. Null for most calls. */
export function tagging(operation: string, input: unknown): Pick<Asked, 'action' | 'conditions'> | null {
  const { TagSpecifications: tags }: { readonly TagSpecifications?: unknown } = Object(input);
  if (!Array.isArray(tags) || tags.length === 0) return null;
  return { action: 'ec2:CreateTags', conditions: { 'ec2:CreateAction': operation } };
}
