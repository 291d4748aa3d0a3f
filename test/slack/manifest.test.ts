import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { socketManifest } from '../../scripts/socket-manifest.ts';
import { COMMANDS } from '../../src/commands/index.ts';
import { NEEDED_SCOPES } from '../../src/slack/check.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const SCHEMAS = join(ROOT, '..', 'shared', 'slack');
const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');

type Manifest = {
  readonly _metadata: { readonly major_version: number };
  readonly features: { readonly slash_commands: readonly { readonly command: string; readonly usage_hint: string }[] };
  readonly oauth_config: { readonly scopes: { readonly bot: readonly string[] } };
  readonly settings: { readonly event_subscriptions: { readonly bot_events: readonly string[] } };
};
const manifests = ['manifest.yml', 'manifest.socket.yml'].map((name) => [name, parse(read(name)) as Manifest] as const);

describe('the app manifest', () => {
  test('has a Socket Mode variant that is made from it', () => {
    expect(read('manifest.socket.yml')).toBe(socketManifest(read('manifest.yml')));
  });

  // The schema takes any name for a scope or an event, so these are compared with what the code uses.
  test.each(manifests)('%s asks for the scopes that the code checks, and no others', (_name, manifest) => {
    expect([...manifest.oauth_config.scopes.bot].sort()).toEqual([...NEEDED_SCOPES].sort());
  });

  test.each(manifests)('%s subscribes to the events that have a listener', (_name, manifest) => {
    const listened = [...read('src/slack/app.ts').matchAll(/app\.event\('([a-z_]+)'/g)].map(([, name]) => name);
    expect(manifest.settings.event_subscriptions.bot_events).toEqual(listened);
  });

  test.each(manifests)('%s has one command, whose hint names verbs that exist', (_name, manifest) => {
    expect(manifest.features.slash_commands.map(({ command }) => command)).toEqual(['/ecs-advise']);
    const verbs = (manifest.features.slash_commands[0]?.usage_hint ?? '')
      .split('|')
      .map((hint) => hint.trim().split(' ')[0]);
    const known = COMMANDS.filter(({ surfaces }) => surfaces.includes('slack')).map(({ name }) => name);
    expect(verbs.filter((verb) => verb === undefined || !known.includes(verb))).toEqual([]);
  });

  const hasSchemas = existsSync(SCHEMAS);
  if (!hasSchemas)
    console.warn(
      `SKIPPED: Slack's manifest schema is not at ../shared/slack, so the manifests were not held against it`,
    );
  test.skipIf(!hasSchemas).each(manifests)(
    '%s is valid by the schema of Slack, as version 1 and 2',
    (_name, manifest) => {
      const schema = (name: string): object => JSON.parse(readFileSync(join(SCHEMAS, name), 'utf8')) as object;
      const ajv = new Ajv({ strict: false, allErrors: true });
      formats.default(ajv);
      const base = 'https://raw.githubusercontent.com/slackapi/manifest-schema/v0.5.0/schemas';
      for (const version of ['1.0.0', '2.0.0']) {
        ajv.addSchema(schema(`manifest.schema.${version}.json`), `${base}/manifest.schema.${version}.json`);
      }
      const validate = ajv.compile(schema('manifest.schema.json'));

      for (const major_version of [1, 2]) {
        validate({ ...manifest, _metadata: { major_version } });
        expect(validate.errors).toBeNull();
      }
      // The judge is awake: a key that does not exist is refused.
      expect(validate({ ...manifest, nonsense: true })).toBe(false);
    },
  );
});
