/** What the unchanged bot is told about the simulated AWS: a configuration file and the SDK's own environment. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { AwsWorld } from './aws/state.ts';

export type AwsWiring = {
  /** Address of the simulated AWS. */
  readonly url: string;
  readonly hub: AwsWorld['hub'];
  /** The bot's configuration file. */
  readonly configPath: string;
};

/** Writes the configuration a team with these accounts would write; returns where it lies. */
export function writeConfig(folder: string, world: AwsWorld): string {
  const configPath = join(folder, 'ecs-advise.yaml');
  const accounts = world.accounts.map(({ id, name, readerRoleArn, externalId, regions }) => ({
    id,
    name,
    readerRole: readerRoleArn,
    externalId,
    regions: [...regions.keys()],
    ...(id === world.payer ? { payer: true } : {}),
  }));
  const roles = [
    { name: 'head-node', match: { cluster: 'rose' } },
    { name: 'shard-of: daisy', match: { cluster: 'daisy', service: 'daisy-*' } },
    { name: 'qcu', match: { service: '*' } },
  ];
  writeFileSync(configPath, stringify({ accounts, roles, defaultRegion: 'eu-west-1' }));
  return configPath;
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
