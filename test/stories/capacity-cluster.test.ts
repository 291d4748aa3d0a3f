import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { nanoUsd } from '../../src/engine/index.ts';
import { temporaryFolder } from '../store/temporary.ts';
import { aScannedEstate, type Estate, NOW } from '../support/estate.ts';
import { environmentOf, inTerminal, runProduct } from '../support/product.ts';
import { type BotInTest, readable, startBot } from '../support/slack-double.ts';

let bot: BotInTest | null = null;

afterEach(async () => {
  await bot?.close();
  bot = null;
});

async function scannedEstate(): Promise<{ readonly estate: Estate; readonly bot: BotInTest }> {
  const estate = await aScannedEstate();
  const { store, aws, settings } = estate.deps;
  const started = await startBot({
    clock: { now: () => NOW },
    store: () => store,
    settings,
    ...(aws === null ? {} : { aws }),
  });
  bot = started;
  return { estate, bot: started };
}

type Result = {
  readonly recommended: string | null;
  readonly options: readonly { readonly kind: string; readonly usdPerMonth: string | null }[];
  readonly cluster: {
    readonly services: number;
    readonly tasks: number;
    readonly today: { readonly usdPerMonth: string; readonly rows: readonly { readonly usdPerMonth: string }[] };
    readonly threeNumbers: { readonly asEcsPlaces: string; readonly bestPacking: string; readonly boundAnyMix: string };
  };
};

const dollars = (usd: string): string =>
  Number(usd).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

describe('capacity cluster', () => {
  test('Slack and the terminal give tulip the same numbers, and the parts of today add up', {
    timeout: 180_000,
  }, async () => {
    const { estate, bot: slack } = await scannedEstate();
    const said = readable(await slack.say('capacity cluster tulip'));
    const { result } = JSON.parse(await inTerminal(estate, 'capacity', 'cluster', 'tulip', '--json')) as {
      readonly result: Result;
    };
    // 8 + 3 + 6 + 6 + 2 + 1 + 1 + 2 tasks of eight services; node-watch is a daemon.
    expect(result.cluster).toMatchObject({ services: 8, tasks: 29 });
    const { today } = result.cluster;
    expect(today.rows.reduce((sum, row) => sum + nanoUsd(row.usdPerMonth), 0n)).toBe(nanoUsd(today.usdPerMonth));
    expect(said).toContain(`$${dollars(today.usdPerMonth)}/mo`);
    for (const { usdPerMonth } of result.options)
      if (usdPerMonth !== null) expect(said).toContain(dollars(usdPerMonth));
    const { asEcsPlaces, bestPacking, boundAnyMix } = result.cluster.threeNumbers;
    expect(nanoUsd(boundAnyMix) <= nanoUsd(bestPacking) && nanoUsd(bestPacking) <= nanoUsd(asEcsPlaces)).toBe(true);
    expect(said).toContain('8 services with 29 tasks in tulip');
    // legacy-ui runs in bridge mode, flow-watch loads eBPF: neither can go to Fargate.
    expect(said).toMatch(/legacy-ui needs an Auto Scaling group/);
    expect(said).toMatch(/flow-watch needs a Managed Instances provider/);
  });

  test('the proof comes as files that verify accepts, and one edited byte is found', { timeout: 180_000 }, async () => {
    const { estate, bot: slack } = await scannedEstate();
    const answer = await slack.say('capacity cluster tulip');
    await slack.click(answer, 'Show proof');
    const sent = () =>
      slack.slack.messages('ecs-capacity', 'ana').flatMap(({ file }) => (file === undefined ? [] : [file]));
    // Two files for each of two providers, and for any mix: flow-watch runs on Managed Instances only, the others on
    // Auto Scaling groups, so there are two of those.
    const files = await vi.waitFor(
      () => {
        expect(sent()).toHaveLength(8);
        return sent();
      },
      { timeout: 60_000, interval: 50 },
    );
    const names = files.map(({ name }) => name);
    expect(names).toContain('capacity-tulip-any-mix.answer.json');
    expect(names).toContain('capacity-tulip-any-mix-2.answer.json');
    const folder = temporaryFolder();
    for (const { name, text } of files) writeFileSync(join(folder, name), text);
    const input = join(folder, 'capacity-tulip-any-mix.input.json');
    const file = join(folder, 'capacity-tulip-any-mix.answer.json');
    expect(JSON.parse(await inTerminal(estate, 'verify', file, '--input', input, '--json'))).toMatchObject({
      ok: true,
    });
    const text = files.find(({ name }) => name === 'capacity-tulip-any-mix.answer.json')?.text ?? '';
    writeFileSync(
      file,
      text.replace(/"lowerBound":"?(\d)/, (found) => found.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10))),
    );
    const refused = await runProduct(['verify', file, '--input', input, '--json'], environmentOf(estate));
    expect(refused.code).toBe(1);
  });

  test('the saved plan replays byte for byte', { timeout: 180_000 }, async () => {
    const { estate, bot: slack } = await scannedEstate();
    await slack.say('capacity cluster daisy');
    const replayed = JSON.parse(await inTerminal(estate, 'decisions', 'replay', 'latest', '--json')) as {
      readonly result: { readonly replay: { readonly same: boolean; readonly verified: boolean } };
    };
    expect(replayed.result.replay).toMatchObject({ same: true, verified: true });
    expect(readable(await slack.say('decisions list'))).toContain('capacity cluster daisy');
  });

  test('what cannot be asked is answered in one line', { timeout: 60_000 }, async () => {
    const { bot: slack } = await scannedEstate();
    expect(readable(await slack.say('capacity cluster tulp'))).toContain('Did you mean tulip?');
    expect(readable(await slack.say('capacity cluster'))).toContain('needs the name of a cluster');
    expect(readable(await slack.say('capacity cluster rose/quant-api'))).toContain('capacity service rose/quant-api');
    expect(readable(await slack.say('capacity cluster tulip --providers 21'))).toContain('1 to 20');
    expect(readable(await slack.say('capacity cluster tulip --proof out'))).toContain('in a terminal only');
  });
});
