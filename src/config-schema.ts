import { z } from 'zod';
import type { Route } from './approvals/model.ts';
import type { AwsAccount, FleetRole, Settings } from './deps.ts';

/** What may stand in the YAML file. Checks that need two places at once are in `config-checks.ts`. */

export const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;
const REGION_MESSAGE = 'is not a region code such as eu-west-1';
export const ROLE_ARN = /^arn:aws(-[a-z]+)*:iam::(\d{12}):role\/[\w+=,.@/-]{1,512}$/;
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
    .describe('Role that changes event windows; assumed only while an approved change is applied. Without it none is.'),
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

const USER = z.string().regex(/^[UW][A-Z0-9]{2,20}$/, 'is not a Slack member id such as U012AB3CD');
const USER_OR_GROUP = z
  .string()
  .regex(/^[UWS][A-Z0-9]{2,20}$/, 'is no id of a Slack member (U012AB3CD) or user group (S012AB3CD)');
const DAY_OR_MINUTE = z
  .string('must be text such as 2026-12-20')
  .regex(
    /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(T([01]\d|2[0-3]):[0-5]\dZ)?$/,
    'is no day (2026-12-20) or minute (2026-12-20T18:00Z)',
  );
const QUORUM = z.int().min(1).max(10);

const route = z.strictObject({
  name: z.string().min(1).max(64).describe('How messages call the route.'),
  match: z
    .strictObject({
      cluster: z.string().min(1).optional().describe('Name or glob.'),
      account: z.string().min(1).optional().describe('Id or name of one of the accounts above.'),
      role: z.string().min(1).optional().describe('Name of one of the roles above.'),
      tags: z.record(z.string(), z.string()).optional().describe('Tags it must have.'),
    })
    .default({})
    .describe('All that is given must fit. Left out: everything fits; so must the last route.'),
  channel: z
    .string()
    .regex(/^[CG][A-Z0-9]{2,20}$/, 'is not a Slack channel id such as C012AB3CD (not its name)')
    .describe('Id of the channel that proposals are posted to. The bot must be a member.'),
  owners: z.array(USER_OR_GROUP).default([]).describe('Members and user groups that answer for it.'),
  approvers: z
    .array(USER_OR_GROUP)
    .min(1, 'names nobody who may approve')
    .describe('Members and user groups that may approve. Groups are looked up at every click.'),
  quorum: QUORUM.default(1).describe('Approvals needed, unless the kind of change needs more.'),
});

const freeze = z.strictObject({
  name: z.string().min(1).max(100).describe('What people are told.'),
  from: DAY_OR_MINUTE.describe('First day (UTC), or the minute it begins.'),
  to: DAY_OR_MINUTE.describe('Last day (UTC), or the minute it ends.'),
});

const approvals = z.strictObject({
  expiryHours: z.int().min(1).max(720).default(24).describe('Hours after which a proposal without quorum ends.'),
  requesterMayApprove: z
    .boolean()
    .default(false)
    .describe('True for a team of one: the own approval counts. Every message and record says so.'),
  quorum: z
    .strictObject({
      'window.set': QUORUM.default(1).describe('Create or change an event window.'),
      'window.move': QUORUM.default(1).describe('Move targets from one window to another.'),
      'window.delete': QUORUM.default(1).describe('Delete an event window.'),
    })
    .prefault({})
    .describe('Least approvals by kind of change; a route may ask for more.'),
  freezes: z.array(freeze).default([]).describe('Days on which nothing is approved or applied.'),
});

export const fileSchema = z.strictObject({
  accounts: z.array(account).default([]).describe('AWS accounts to read. Without any, live questions are refused.'),
  roles: z.array(role).default([]).describe('Fleet roles: the first that fits a service is its role in reports.'),
  routes: z
    .array(route)
    .default([])
    .describe('Where proposals go and who approves: the first that fits counts; the last one must fit everything.'),
  approvals: approvals.prefault({}).describe('How changes are approved.'),
  readers: z
    .array(USER)
    .optional()
    .describe(
      'Slack member ids that may ask what things cost today: cost, consolidate, capacity cluster. Left out: everybody in the workspace.',
    ),
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
    .describe('True: no change to AWS is ever offered. False: changes are proposed, and applied once approved.'),
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
      quietHours: z
        .array(
          z.strictObject({
            name: z.string().min(1).max(100).describe('What people are told.'),
            hours: z.string().min(1).max(200).describe('In words, e.g. "weekdays 8 to 18".'),
            zone: z.string().default('UTC').describe('Time zone of the hours, e.g. Europe/London.'),
          }),
        )
        .default([])
        .describe('Hours of the week in which nothing should be drained or moved.'),
      protectedServices: z
        .array(z.string().regex(/^[^/\s]+\/[^/\s]+$/, 'is not cluster/service, e.g. rose/quant-*'))
        .default([])
        .describe('cluster/service names or globs whose tasks nothing may move.'),
      coolDownHours: z.int().min(0).max(720).default(24).describe('Hours in which a move is not advised back.'),
      largestShare: z
        .number()
        .gt(0)
        .max(1)
        .default(1)
        .describe("Largest share of a service's tasks on one instance, above 0 up to 1."),
    })
    .prefault({})
    .describe('What every answer respects.'),
});
export type FileConfig = z.infer<typeof fileSchema>;

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

/** The routes as they are matched: accounts by id. */
export function toRoutes({ routes, accounts }: FileConfig): readonly Route[] {
  return routes.map(({ name, match, channel, owners, approvers, quorum }) => {
    const { cluster, account: written, role: fleetRole, tags } = match;
    const id = accounts.find((known) => known.name === written)?.id ?? written;
    return {
      name,
      match: {
        ...(cluster === undefined ? {} : { cluster }),
        ...(id === undefined ? {} : { account: id }),
        ...(fleetRole === undefined ? {} : { role: fleetRole }),
        ...(tags === undefined || isEmpty(tags) ? {} : { tags }),
      },
      channel,
      owners,
      approvers,
      quorum,
    };
  });
}

/** How changes are approved; a freeze ends at the end of its last day. */
export function toApprovals({ approvals: policy, readOnly }: FileConfig): Settings['approvals'] {
  return {
    readOnly,
    expiryHours: policy.expiryHours,
    freezes: policy.freezes.map(({ name, from, to }) => ({ name, from: beginOf(from), to: endOf(to) })),
    quorum: policy.quorum,
    requesterMayApprove: policy.requesterMayApprove,
  };
}

/** What every plan respects. */
export function toGuardrails({ guardrails }: FileConfig): Settings['guardrails'] {
  const { quietHours, protectedServices, coolDownHours, largestShare } = guardrails;
  return {
    quietHours: quietHours.map(({ name, hours, zone }) => ({ name, words: hours, zone })),
    protectedServices,
    coolDownHours,
    largestShare,
  };
}

const DAY_MS = 86_400_000;

/** The instant a freeze begins, '' when there is none such: a day begins at midnight UTC. Instants are compared as text, so both have the same form. */
export function beginOf(text: string): string {
  const at = Date.parse(text.length === 10 ? `${text}T00:00Z` : text);
  return Number.isNaN(at) ? '' : new Date(at).toISOString();
}

/** The instant a freeze ends: a last day is frozen to its end. */
export function endOf(text: string): string {
  const begin = beginOf(text);
  return text.length === 10 && begin !== '' ? new Date(Date.parse(begin) + DAY_MS).toISOString() : begin;
}

/** True for tags without any. */
export function isEmpty(value: string | { readonly [tag: string]: string }): boolean {
  return typeof value === 'object' && Object.keys(value).length === 0;
}
