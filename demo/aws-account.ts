/** What the unchanged bot is told about the simulated AWS: a configuration file and the SDK's own environment. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { AwsWorld } from './aws/state.ts';
import type { StandIn } from './slack/stand-in.ts';

export type AwsWiring = {
  /** Address of the simulated AWS. */
  readonly url: string;
  readonly hub: AwsWorld['hub'];
  /** The bot's configuration file. */
  readonly configPath: string;
};

/** Where proposals go and who approves them, by names of the workspace. */
export type RouteWish = {
  readonly name: string;
  readonly match?: { readonly cluster?: string; readonly account?: string; readonly role?: string };
  readonly channel: string;
  /** Names of people, or ids of user groups. */
  readonly approvers: readonly string[];
  readonly quorum: number;
};

export type Deciders = {
  readonly slack: Pick<StandIn, 'people' | 'rooms'>;
  readonly routes: readonly RouteWish[];
  /** Further keys of the file. */
  readonly more?: { readonly [key: string]: unknown };
};

/**
 * Writes the configuration a team with these accounts would write; returns where it lies. Without deciders nothing may
 * be changed.
 */
export function writeConfig(folder: string, world: AwsWorld, deciders: Deciders | null = null): string {
  const configPath = join(folder, 'ecs-advise.yaml');
  const accounts = world.accounts.map(({ id, name, readerRoleArn, writerRoleArn, externalId, regions }) => ({
    id,
    name,
    readerRole: readerRoleArn,
    ...(deciders === null ? {} : { writerRole: writerRoleArn }),
    externalId,
    regions: [...regions.keys()],
    ...(id === world.payer ? { payer: true } : {}),
  }));
  const roles = [
    { name: 'head-node', match: { cluster: 'rose' } },
    { name: 'shard-of: daisy', match: { cluster: 'daisy', tags: { role: 'shard' } } },
    { name: 'qcu', match: { service: '*' } },
  ];
  const file = { accounts, roles, defaultRegion: 'eu-west-1', ...(deciders === null ? {} : decisionKeys(deciders)) };
  writeFileSync(configPath, stringify(file));
  return configPath;
}

function decisionKeys({ slack, routes, more = {} }: Deciders): { readonly [key: string]: unknown } {
  const idOf = (list: readonly { readonly id: string; readonly name: string }[], name: string): string =>
    list.find((entry) => entry.name === name)?.id ?? name;
  return {
    readOnly: false,
    routes: routes.map((route) => ({
      ...route,
      channel: idOf(slack.rooms, route.channel),
      approvers: route.approvers.map((name) => idOf(slack.people, name)),
    })),
    ...more,
  };
}

/** The SDK's variables that point it at the simulated AWS, with whatever else the shell may hold taken out. */
export function awsEnvironment(wiring: AwsWiring | null): NodeJS.ProcessEnv {
  const inherited = Object.keys(process.env).filter((name) => /^AWS_|^ECS_ADVISE_CONFIG$/.test(name));
  const without = Object.fromEntries(inherited.map((name) => [name, undefined]));
  if (wiring === null) return without;
  return {
    ...without,
    AWS_ENDPOINT_URL: wiring.url,
    AWS_ACCESS_KEY_ID: wiring.hub.accessKeyId,
    AWS_SECRET_ACCESS_KEY: wiring.hub.secretAccessKey,
    AWS_REGION: 'eu-west-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    ECS_ADVISE_CONFIG: wiring.configPath,
  };
}
