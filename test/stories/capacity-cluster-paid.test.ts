import { afterEach, describe, expect, test } from 'vitest';
import { nanoUsd } from '../../src/engine/index.ts';
import { anEstate, NOW } from '../support/estate.ts';
import { type BotInTest, readable, startBot } from '../support/slack-double.ts';

let bot: BotInTest | null = null;

afterEach(async () => {
  await bot?.close();
  bot = null;
});

type Option = {
  readonly kind: string;
  readonly usdPerMonth: string | null;
  readonly usdPerMonthAfterCommitments: string | null;
  readonly reasons: readonly { readonly rule: string }[];
  readonly providers: readonly { readonly kind: string; readonly reserved: number }[];
};
type Saved = {
  readonly answer: {
    readonly result: {
      readonly options: readonly Option[];
      readonly cluster: {
        readonly reserved: readonly unknown[];
        readonly todayCovered: { readonly reservedUsdPerMonth: string } | null;
      };
    };
  };
};

describe('capacity cluster, with what is paid for already', () => {
  test('orchid keeps its reserved instances, and Spot takes only what runs there or is named', {
    timeout: 180_000,
  }, async () => {
    const estate = await anEstate();
    await estate.scan();
    const { store, aws, settings } = estate.deps;
    bot = await startBot({
      clock: { now: () => NOW },
      store: () => store,
      settings,
      ...(aws === null ? {} : { aws }),
    });
    const said = readable(await bot.say('capacity cluster orchid'));
    const [record] = await store.records({ limit: 1 });
    if (record === undefined) throw new Error('nothing was saved');
    const { result } = (record.body as unknown as Saved).answer;
    // Two r7i.2xlarge of orchid run in a reservation: 2 x 0.5292 x 730 = 772.632 a month are paid either way.
    expect(result.cluster.reserved).toEqual([
      { instanceType: 'r7i.2xlarge', empty: 0, used: 2, zones: ['us-east-1a'] },
    ]);
    expect(result.cluster.todayCovered?.reservedUsdPerMonth).toBe('772.632');
    expect(said).toContain('Commitments pay $772.63/mo of it today');
    const option = (kind: string) => result.options.find((row) => row.kind === kind);
    expect(option('mi-reserved')?.providers).toContainEqual(
      expect.objectContaining({ kind: 'mi-reserved', reserved: 2 }),
    );
    expect(nanoUsd(option('mi-reserved')?.usdPerMonth ?? '0')).toBeLessThan(
      nanoUsd(option('mi-on-demand')?.usdPerMonth ?? '0'),
    );
    expect(said).toContain('May be interrupted: backtest.');

    const more = readable(await bot.say("capacity cluster orchid --spot-services 'curve-*,orchid-admin'"));
    expect(more).toContain('May be interrupted: backtest, curve-build.');
    expect(more).toContain('orchid-admin stays off Spot: it has one task, and an interruption stops it.');
    expect(readable(await bot.say('capacity cluster orchid --savings-plan-term 3y'))).toContain(
      '--savings-plan-term needs --savings-plan-usd-per-hour',
    );
  });
});
