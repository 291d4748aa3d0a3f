import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import planted from '../../demo/aws/world/planted.json' with { type: 'json' };
import { temporaryFolder } from '../store/temporary.ts';
import { aScannedEstate, type Estate, NOW } from '../support/estate.ts';
import { inTerminal } from '../support/product.ts';
import { type BotInTest, readable, startBot } from '../support/slack-double.ts';

let bot: BotInTest | null = null;

afterEach(async () => {
  await bot?.close();
  bot = null;
});

async function startOn(estate: Estate, readers: readonly string[] | null = null): Promise<BotInTest> {
  const { store, aws, settings } = estate.deps;
  return startBot({
    clock: { now: () => NOW },
    store: () => store,
    settings: { ...settings, readers },
    ...(aws === null ? {} : { aws }),
  });
}

type Row = {
  readonly cluster: string;
  readonly name: string;
  readonly kind: string;
  readonly verdict: string;
  readonly instances: number;
  readonly instancesAfter: number;
  readonly usdPerHourBefore: string;
  readonly usdPerHourAfter: string;
  readonly lowerBound: string;
  readonly usdPerMonthSaved: string;
  readonly advice: readonly { readonly setting: string; readonly from: number | null; readonly to: number }[];
  readonly waves: readonly {
    readonly launch: readonly object[];
    readonly move: readonly { readonly service: string; readonly from: string; readonly to: string }[];
    readonly drain: readonly string[];
  }[];
  readonly kept: readonly { readonly instance: string; readonly because: string }[];
};

const finding = (id: string) => {
  const found = planted.find((row) => row.id === id);
  if (found === undefined) throw new Error(`nothing is planted as ${id}`);
  return found;
};

describe('consolidate, on the recorded estate', () => {
  test('every provider is answered, most saving first, and what was planted is found', async () => {
    const estate = await aScannedEstate();
    const { result } = JSON.parse(await inTerminal(estate, 'consolidate', '--json')) as {
      result: { providers: readonly Row[] };
    };
    const rows = result.providers;
    const saved = rows.map(({ usdPerMonthSaved }) => Number(usdPerMonthSaved));
    expect(saved).toEqual([...saved].sort((a, b) => b - a));

    const orchid = finding('never-consolidates-mi-orchid');
    const { scaleInAfter, instances, enough } = orchid.expect;
    expect(rows.find(({ name }) => name === orchid.subject)).toMatchObject({
      cluster: orchid.cluster,
      kind: 'managed-instances',
      instances,
      instancesAfter: enough,
      waves: [],
      advice: [{ setting: 'scaleInAfter', from: scaleInAfter, to: 300 }],
      // 0.306 x 1.12 + 80 GiB x 0.08 / 730 an hour each; 9 of them, then 5.
      usdPerMonthSaved: '1026.34239916',
    });
    const managed = rows.filter(({ kind }) => kind === 'managed-instances');
    expect(managed.length).toBeGreaterThanOrEqual(5);
    for (const { waves } of managed) expect(waves).toEqual([]);

    const tulip = rows.find(({ name }) => name === 'asg-tulip');
    if (tulip === undefined) throw new Error('asg-tulip is missing');
    const drained = tulip.waves.flatMap(({ drain }) => drain);
    expect(tulip.verdict).toBe('save');
    // One at a time: a tenth of ten instances.
    for (const { drain } of tulip.waves) expect(drain.length).toBe(1);
    for (const { move, drain } of tulip.waves) for (const { from } of move) expect(drain).toContain(from);
    // The empty instance is the spare of managed scaling (90 %): ending it would start another.
    const spare = finding('idle-tulip').subject;
    expect(drained).not.toContain(spare);
    expect(tulip.kept.find(({ instance }) => instance === spare)?.because).toContain('managed scaling keeps it');
    expect(tulip.kept.map(({ because }) => because).join()).toContain('runs a protected task of greeks');
    expect(tulip.kept.length + drained.length).toBe(10);
    expect(Number(tulip.usdPerHourAfter)).toBeGreaterThanOrEqual(Number(tulip.lowerBound));
    // 730 h of the difference, exactly.
    const nano = (usd: string): bigint => BigInt(Math.round(Number(usd) * 1e9));
    expect((nano(tulip.usdPerHourBefore) - nano(tulip.usdPerHourAfter)) * 730n).toBe(nano(tulip.usdPerMonthSaved));
  });

  test('Slack shows the waves, sends the proof to the asker alone, and the terminal verifies it', async () => {
    const estate = await aScannedEstate();
    bot = await startOn(estate);
    const message = await bot.say('consolidate tulip');
    const said = readable(message);
    expect(said).toMatch(/^asg-tulip can shrink from 10 to \d instances: saves \$/);
    expect(said).toMatch(/update-container-instances-state --cluster tulip .* --status DRAINING/);
    expect(said).toContain('terminate-instance-in-auto-scaling-group');
    expect(said).toContain('Whatever is moved, the instances cannot cost less than');

    await bot.click(message, 'Show proof');
    const { slack } = bot;
    const sent = (user: string) => slack.messages('ecs-capacity', user).flatMap(({ file }) => file ?? []);
    await vi.waitFor(() => expect(sent('ana')).toHaveLength(2), { timeout: 30_000 });
    const files = sent('ana');
    expect(files.map(({ name }) => name)).toEqual([
      'consolidate-tulip-asg-tulip.input.json',
      'consolidate-tulip-asg-tulip.answer.json',
    ]);
    expect(sent('ben')).toEqual([]);
    const folder = temporaryFolder();
    for (const { name, text } of files) writeFileSync(join(folder, name), text);
    const [input = '', answer = ''] = files.map(({ name }) => join(folder, name));
    expect(JSON.parse(await inTerminal(estate, 'verify', answer, '--input', input, '--json'))).toMatchObject({
      ok: true,
    });
  });

  test('the proof of Managed Instances is written by the terminal, and verified', async () => {
    const estate = await aScannedEstate();
    const folder = join(temporaryFolder(), 'proof');
    const text = await inTerminal(estate, 'consolidate', 'orchid', '--proof', folder);
    expect(text).toContain(
      'Running tasks need 33.5 vCPU and 58 GiB. 4 instances give 32 vCPU, too few. A packing in 5',
    );
    expect(text).toContain('scaleInAfter -1 -> 300');
    expect(text).not.toContain('terminate-instance');
    expect(readdirSync(folder)).toContain('consolidate-orchid-mi-orchid.answer.json');
    const at = (part: string): string => join(folder, `consolidate-orchid-mi-orchid.${part}.json`);
    const verified = await inTerminal(estate, 'verify', at('answer'), '--input', at('input'), '--json');
    expect(JSON.parse(verified)).toMatchObject({ ok: true });
  });

  test('a saving below the minimum is not advised, and says how little it is', async () => {
    const estate = await aScannedEstate({ settings: { minimumSaving: { percent: 10, usdPerMonth: 5000 } } });
    bot = await startOn(estate);
    const said = readable(await bot.say('consolidate tulip'));
    expect(said).toMatch(
      /^Nothing to do in tulip: asg-tulip would save only \$[\d.,]+\/mo, less than 10 % or \$5000\./,
    );
    expect(said).not.toContain('DRAINING');
  });

  test('protected services do not move, and who is no reader is told so', async () => {
    const estate = await aScannedEstate();
    const { settings } = estate.deps;
    const guardrails = { ...settings.guardrails, protectedServices: ['tulip/*'] };
    bot = await startOn({ ...estate, deps: { ...estate.deps, settings: { ...settings, guardrails } } });
    const said = readable(await bot.say('consolidate tulip'));
    expect(said).toMatch(/which the guardrails protect/);
    expect(said).toMatch(/^Nothing to do in tulip/);
    await bot.close();
    bot = await startOn(estate, ['U0000000']);
    expect(readable(await bot.say('consolidate tulip'))).toContain('Only the readers named');
  });
});
