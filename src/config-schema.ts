import { z } from 'zod';
import type { AwsAccount, FleetRole } from './deps.ts';

/** What may stand in the YAML file. Checks that need two places at once are in `crossChecks`. */

export const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;
const REGION_MESSAGE = 'is not a region code such as eu-west-1';
const ROLE_ARN = /^arn:aws(-[a-z]+)*:iam::(\d{12}):role\/[\w+=,.@/-]{1,512}$/;
const ROLE_MESSAGE = 'is not the ARN of a role such as arn:aws:iam::111122223333:role/ecs-advise-reader';

const account = z.strictObject({
  id: z
    .string('must be text: write the 12 digits in quotes, or YAML drops zeros at their start')
    .regex(/^\d{12}$/, 'is not an account id of 12 digits')
    .describe('12 digits, in quotes.'),
  name: z.string().min(1).max(64).describe('How answers call the account.'),
  readerRole: z
    .string()
    .regex(ROLE_ARN, ROLE_MESSAGE)
    .optional()
    .describe('Role that reads. Without it the credentials of the process itself are used for this account.'),
  writerRole: z
    .string()
    .regex(ROLE_ARN, ROLE_MESSAGE)
    .optional()
    .describe('Role that changes event windows. This version makes no change and never assumes it.'),
  externalId: z
    .string()
    .regex(/^[\w+=,.@:/-]{2,1224}$/, 'is not an external id (2 to 1224 letters, digits and +=,.@:/-_)')
    .optional()
    .describe("External id that the role's trust policy asks for."),
  regions: z.array(z.string().regex(REGION, REGION_MESSAGE)).min(1, 'names no region').describe('Regions to read.'),
  payer: z.boolean().default(false).describe('True for the account whose Cost Explorer sees all accounts.'),
});

const role = z.strictObject({
  name: z.string().min(1).max(64).describe('How reports call the group.'),
  match: z
    .strictObject({
      cluster: z.string().min(1).optional().describe('Name or glob.'),
      service: z.string().min(1).optional().describe('Name or glob.'),
      tags: z.record(z.string(), z.string()).optional().describe('Tags the service must have.'),
    })
    .refine((match) => Object.keys(match).length > 0, 'must name a cluster, a service or tags')
    .describe('All that is given must fit.'),
});

export const fileSchema = z.strictObject({
  accounts: z.array(account).default([]).describe('AWS accounts to read. Without any, live questions are refused.'),
  roles: z.array(role).default([]).describe('Fleet roles: the first that fits a service is its role in reports.'),
  readers: z
    .array(z.string().regex(/^[UW][A-Z0-9]{2,20}$/, 'is not a Slack member id such as U012AB3CD'))
    .optional()
    .describe('Slack member ids that may ask for cost and sizes. Left out: everybody in the workspace.'),
  costExplorer: z
    .strictObject({
      requestsPerMonth: z
        .int()
        .min(0)
        .max(1_000_000)
        .default(500)
        .describe('Most requests in a calendar month (UTC). Each costs USD 0.01; every page is a request.'),
    })
    .prefault({})
    .describe('What may be spent on asking for the bill.'),
  aws: z
    .strictObject({
      pace: z
        .number()
        .min(0.05)
        .max(1_000)
        .default(1)
        .describe(
          'Request rate of scans: 1 is half of what AWS documents, which leaves the other half to your pipelines. Lower is gentler; above 2 AWS throttles. Only an AWS stand-in takes more.',
        ),
    })
    .prefault({})
    .describe('How AWS is asked.'),
  schedules: z
    .strictObject({
      scanEveryMinutes: z
        .int()
        .min(0)
        .max(10_080)
        .default(60)
        .describe('Minutes between the starts of two scans; 0 = scan only when told to.'),
    })
    .prefault({})
    .describe('When the bot works by itself.'),
  defaultRegion: z
    .string()
    .regex(REGION, REGION_MESSAGE)
    .optional()
    .describe(
      'Region of questions that name none. Wins over AWS_REGION; without either it is us-east-1, marked as a guess.',
    ),
  readOnly: z
    .boolean()
    .default(true)
    .describe('True: no change to AWS is ever offered. This version offers none either way.'),
  guardrails: z
    .strictObject({
      minimumSaving: z
        .strictObject({
          percent: z
            .number()
            .min(0)
            .max(100)
            .default(10)
            .describe('Percent of the cost of the option that would be left.'),
          usdPerMonth: z.number().min(0).max(1_000_000_000).default(25).describe('US dollars a month.'),
        })
        .prefault({})
        .describe('An option with more duties or more risk is advised only when it saves at least both.'),
    })
    .prefault({})
    .describe('What every answer respects.'),
});
export type FileConfig = z.infer<typeof fileSchema>;

export type CrossProblem = {
  readonly keys: readonly (string | number)[];
  readonly what: string;
  readonly fix: string;
};

/** Faults that show only when several places are seen together. */
export function crossChecks({ accounts, roles }: FileConfig): readonly CrossProblem[] {
  const problems: CrossProblem[] = [];
  for (const [index, { id, name, readerRole, writerRole, payer, regions }] of accounts.entries()) {
    const at = (key: string): readonly (string | number)[] => ['accounts', index, key];
    const before = accounts.slice(0, index);
    if (before.some((other) => other.id === id)) {
      problems.push({ keys: at('id'), what: `${id} stands twice`, fix: 'list an account once, with all its regions' });
    }
    if (before.some((other) => other.name === name)) {
      problems.push({ keys: at('name'), what: `"${name}" stands twice`, fix: 'give each account its own name' });
    }
    if (new Set(regions).size < regions.length) {
      problems.push({ keys: at('regions'), what: 'names a region twice', fix: 'list each region once' });
    }
    for (const [key, arn] of Object.entries({ readerRole, writerRole })) {
      if (arn === undefined || ROLE_ARN.exec(arn)?.[2] === id) continue;
      problems.push({
        keys: at(key),
        what: `belongs to another account than ${id}`,
        fix: 'copy the role of this account',
      });
    }
    if (payer && before.some((other) => other.payer)) {
      problems.push({ keys: at('payer'), what: 'is true twice', fix: 'leave it true for one account' });
    }
  }
  for (const [index, { name }] of roles.entries()) {
    if (!roles.slice(0, index).some((other) => other.name === name)) continue;
    problems.push({
      keys: ['roles', index, 'name'],
      what: `"${name}" stands twice`,
      fix: 'put both matches under other names',
    });
  }
  return problems;
}

/** The accounts as the AWS side takes them. */
export function toAccounts({ accounts }: FileConfig): readonly AwsAccount[] {
  return accounts.map(({ id, name, readerRole, writerRole, externalId, regions, payer }) => ({
    id,
    name,
    readerRoleArn: readerRole ?? null,
    writerRoleArn: writerRole ?? null,
    externalId: externalId ?? null,
    regions,
    payer,
  }));
}

export function toRoles({ roles }: FileConfig): readonly FleetRole[] {
  return roles.map(({ name, match: { cluster, service, tags } }) => ({
    name,
    match: {
      ...(cluster === undefined ? {} : { cluster }),
      ...(service === undefined ? {} : { service }),
      ...(tags === undefined ? {} : { tags }),
    },
  }));
}
