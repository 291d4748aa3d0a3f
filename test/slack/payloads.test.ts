import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  clickPayload,
  commandBody,
  escapeCommandText,
  homeOpenedBody,
  submitPayload,
} from '../../demo/slack/payloads.ts';
import type { JsonObject } from '../../demo/slack/protocol.ts';

/** What the stand-in sends is held against Slack's published samples: no key that Slack does not send, no other type. */

const SAMPLES = join(import.meta.dirname, '..', '..', '..', 'shared', 'slack', 'samples');
const hasSamples = existsSync(SAMPLES);
if (!hasSamples)
  console.warn(
    "SKIPPED: Slack's payload samples are not at ../shared/slack, so the stand-in was not held against them",
  );

const sample = (name: string): JsonObject =>
  JSON.parse(readFileSync(join(SAMPLES, `${name}.json`), 'utf8')) as JsonObject;
const place = { user: { id: 'U1', name: 'ana' }, channel: { id: 'C1', name: 'sre' } };
const hooked = { triggerId: 't', responseUrl: 'http://127.0.0.1/hook/h1' };

/** Paths of ours that the sample does not have, or has with another type. Lists and free-form parts are not entered. */
function strangers(ours: unknown, theirs: unknown, path = ''): readonly string[] {
  if (typeof ours !== 'object' || ours === null || Array.isArray(ours)) {
    // Samples blank their values; a null of ours stands for a value that is not there.
    return ours === null || typeof ours === typeof theirs ? [] : [`${path}: ${typeof ours}`];
  }
  if (typeof theirs !== 'object' || theirs === null) return [`${path}: object`];
  return Object.entries(ours).flatMap(([key, value]) => {
    const other: unknown = Reflect.get(theirs, key);
    if (other === undefined) return [`${path}/${key}: unknown`];
    return key === 'state' || key === 'blocks' ? [] : strangers(value, other, `${path}/${key}`);
  });
}

describe.skipIf(!hasSamples)('the requests of the Slack stand-in', () => {
  test('a slash command has the fields of the sample', () => {
    const fields = new URLSearchParams(commandBody(place, 'help', hooked));
    expect([...fields.keys()].filter((key) => !(key in sample('SlashCommandPayload')))).toEqual([]);
  });

  test('a click has the fields of the sample, on a private and on a public message', () => {
    for (const onlyFor of [null, 'ana']) {
      const message = {
        ts: '1.1',
        channel: 'sre',
        text: 'x',
        blocks: [],
        onlyFor,
        from: 'bot' as const,
        edited: false,
      };
      const payload = clickPayload(place, hooked, {
        message,
        blockId: 'b',
        button: { type: 'button', action_id: 'a', value: 'v' },
        ts: '1.2',
      });
      // What the bot answers through is not in this sample, though Slack documents it for clicks in messages.
      const { response_url, ...rest } = payload;
      expect(response_url).toBe(hooked.responseUrl);
      const { message: sent, ...others } = rest as { message?: JsonObject };
      expect(strangers(others, sample('BlockActionPayload'))).toEqual([]);
      expect(sent === undefined).toBe(onlyFor !== null);
    }
  });

  test('a submitted form has the fields of the sample', () => {
    const view = {
      id: 'V1',
      user: 'ana',
      hash: 'h',
      kind: 'modal' as const,
      view: { type: 'modal', callback_id: 'c', private_metadata: '' },
    };
    const { response_urls: _urls, ...payload } = submitPayload(place.user, view, {}, 't') as {
      response_urls?: unknown;
    };
    expect(strangers(payload, sample('ViewSubmissionPayload'))).toEqual([]);
  });

  test('an opened Home tab has the fields of the sample', () => {
    expect(strangers(JSON.parse(homeOpenedBody(place.user, 'Ev1', 1)), sample('AppHomeOpenedPayload'))).toEqual([]);
  });
});

test('typed text is escaped, and names of people and channels become ids', () => {
  expect(escapeCommandText('<!channel> & @ana in #sre @anabel', [place.user], [place.channel])).toBe(
    '&lt;!channel&gt; &amp; <@U1|ana> in <#C1|sre> @anabel',
  );
});
