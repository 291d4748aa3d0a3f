import { afterEach, describe, expect, test } from 'vitest';
import planted from '../../demo/aws/world/planted.json' with { type: 'json' };
import { anEstate, aScannedEstate, type Estate, NOW } from '../support/estate.ts';
import { inTerminal } from '../support/product.ts';
import { type BotInTest, readable, startBot } from '../support/slack-double.ts';

let bot: BotInTest | null = null;

afterEach(async () => {
  await bot?.close();
  bot = null;
});

/** The bot on the estate's own database, behind real HTTP. */
async function startOn(estate: Estate): Promise<BotInTest> {
  const { store, aws, settings } = estate.deps;
  return startBot({ clock: { now: () => NOW }, store: () => store, settings, ...(aws === null ? {} : { aws }) });
}

/** A JSON answer of the real command line on the same database and endpoint. */
async function jsonOf(estate: Estate, line: string) {
  const answer: unknown = JSON.parse(await inTerminal(estate, ...line.split(' '), '--json'));
  return answer as { readonly result: Record<string, never>; readonly snapshot: { readonly id: string } };
}

const finding = (id: string) => {
  const found = planted.find((row) => row.id === id);
  if (found === undefined) throw new Error(`nothing is planted as ${id}`);
  return found;
};

describe('the recorded estate, scanned over the real SDK', () => {
  test('status says what is seen, how old it is, and that nothing was missed', async () => {
    const estate = await anEstate();
    bot = await startOn(estate);
    expect(readable(await bot.say('status'))).toMatch(/No scan has finished yet/);

    const { head } = await estate.scan();
    const answer = readable(await bot.say('status'));

    expect(head.missed).toEqual([]);
    expect(answer).toMatch(/I see 3 accounts, 4 clusters, \d+ services, \d+ tasks as of 0 s ago; nothing was missed\./);
    for (const cluster of ['rose', 'tulip', 'orchid', 'daisy']) expect(answer).toContain(`| ${cluster} |`);
    expect(answer).toContain('0 of 500 to Cost Explorer');
    for (const { tasks, census } of head.clusters) {
      expect(Object.values(census).reduce((sum, count) => sum + count, 0)).toBe(tasks);
    }
  });

  test('a live question before the first scan says what to do, and is no zero', async () => {
    const estate = await anEstate();
    bot = await startOn(estate);
    for (const line of ['cost', 'rightsize', 'capacity service rose/quant-api']) {
      expect(readable(await bot.say(line))).toMatch(/No scan has finished yet[\s\S]*ecs-advise scan/);
    }
  });

  test('capacity service fills the question from what runs, says so, and prices it', async () => {
    const estate = await aScannedEstate();
    bot = await startOn(estate);
    const answer = readable(await bot.say('capacity service rose/quant-api'));
    // 12 tasks of 2 vCPU / 8 GiB in eu-west-1: 12 x (2 x 0.04048 + 8 x 0.004445) x 730 = 1,020.72
    expect(answer).toContain('$1,020.72');
    expect(answer).toContain('rose/quant-api in head-nodes, today on Fargate');
    expect(answer).toContain('capacity --vcpu 2 --memory 8 --tasks 12');
    expect(answer).toMatch(/Autoscaling keeps it between \d+ and \d+ tasks/);
  });

  test('a batch family is known by its stopped tasks; without any it says which flags to give', async () => {
    const estate = await aScannedEstate();
    bot = await startOn(estate);
    // Planted: a start every 30 s, 40 s of run, 25 s of pull.
    expect(finding('batch-price-batch').expect).toMatchObject({ startsPerHour: 120, runSeconds: 40, pullSeconds: 25 });
    const answer = readable(await bot.say('capacity service rose/price-batch'));
    expect(answer).toMatch(/--run (39|40|41)s --pull (24|25|26)s --per-day 28\d\d/);
    const unknown = readable(await bot.say('capacity service rose/family:no-such-family'));
    expect(unknown).toMatch(/no run history of no-such-family[\s\S]*--per-day 500 --run 40s --pull 25s/i);
  });

  test('a service that is not there is answered with the nearest name', async () => {
    const estate = await aScannedEstate();
    bot = await startOn(estate);
    expect(readable(await bot.say('capacity service rose/quant-ap'))).toContain('Did you mean quant-api?');
    expect(readable(await bot.say('capacity service quant-api'))).toContain('needs a cluster and a service');
    expect(readable(await bot.say('cost ros'))).toContain('Did you mean rose?');
    expect(readable(await bot.say('cost --account head-node'))).toContain('Did you mean head-nodes?');
  });
});

describe('cost', () => {
  test('Slack and the terminal say the same, to the cent, and the groups add up', async () => {
    const estate = await aScannedEstate();
    bot = await startOn(estate);
    const said = readable(await bot.say('cost --from 2026-11-17 --to 2026-11-23'));
    const { result } = await jsonOf(estate, 'cost --from 2026-11-17 --to 2026-11-23 --by service,kind');
    const { groups, totalBilledUsd, totalModelledUsd, differenceUsd, unattributedUsd } = result as unknown as {
      groups: readonly { billedUsd: string; modelledUsd: string }[];
      totalBilledUsd: string;
      totalModelledUsd: string;
      differenceUsd: string;
      unattributedUsd: string;
    };
    const nano = (usd: string): bigint => {
      const [whole = '0', fraction = ''] = usd.replace('-', '').split('.');
      const size = BigInt(whole + fraction.padEnd(9, '0'));
      return usd.startsWith('-') ? -size : size;
    };
    const sum = (of: 'billedUsd' | 'modelledUsd') => groups.reduce((total, row) => total + nano(row[of]), 0n);
    expect(sum('billedUsd') + nano(unattributedUsd)).toBe(nano(totalBilledUsd));
    expect(sum('modelledUsd')).toBe(nano(totalModelledUsd));
    expect(nano(totalBilledUsd) - nano(totalModelledUsd)).toBe(nano(differenceUsd));
    const dollars = (usd: string) =>
      Number(usd).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    expect(said).toContain(`$${dollars(totalBilledUsd)} billed, $${dollars(totalModelledUsd)} modelled`);
  });

  test('what differs between bill and model is what was planted, and no more', async () => {
    const estate = await aScannedEstate();
    bot = await startOn(estate);
    const said = readable(await bot.say('cost --from 2026-11-17 --to 2026-11-23'));
    // Untagged docs-site: 0.29622 a day x 7 = 2.07.
    expect(said).toContain('$2.07 billed without a place');
    // 64.7136 a day x 7 = 452.9952.
    expect(said).toMatch(/Reserved capacity for m7i\.4xlarge that nothing uses, eu-west-1: \$453\.00/);
    expect(said).toContain(`${finding('idle-tulip').subject} (m6a.2xlarge) runs nothing but daemons`);
    // 0.39814842 an hour x 168 = 66.89 of the plan unused.
    expect(said).toContain('$1.20 an hour committed, $0.80 used on average; $66.89 unused');
    expect(said).toContain('Not in the model, because the tasks begin and end between two scans: rose/price-batch');
  });

  test('Cost Explorer is asked once for a day, and the cap stops it with words', async () => {
    const estate = await anEstate({ settings: { costExplorerCap: 7 } });
    await estate.scan();
    bot = await startOn(estate);
    const asked = (): number =>
      [...estate.aws.counts].filter(([name]) => name.startsWith('ce:')).reduce((sum, [, n]) => sum + n, 0);

    await bot.say('cost --from 2026-11-17 --to 2026-11-23');
    const once = asked();
    await bot.say('cost --from 2026-11-17 --to 2026-11-23');
    await bot.say('cost rose --from 2026-11-18 --to 2026-11-20');
    // One for all usage types, one for each of four clusters, one for the Savings Plan.
    expect([once, asked()]).toEqual([6, 6]);

    const capped = readable(await bot.say('cost --from 2026-11-10 --to 2026-11-23'));
    expect(asked()).toBe(7);
    expect(capped).toContain("This month's 7 paid Cost Explorer requests are used up");
    expect(capped).toContain('7 of 7 this month');
  });

  test('only readers may see it, asked or saved, and others are told whom to ask', async () => {
    const estate = await aScannedEstate();
    const { settings } = estate.deps;
    bot = await startBot({
      clock: { now: () => NOW },
      store: () => estate.deps.store,
      settings: { ...settings, readers: ['U0000000'] },
      ...(estate.deps.aws === null ? {} : { aws: estate.deps.aws }),
    });
    expect(readable(await bot.say('cost'))).toContain('Only the readers named in the configuration may see cost');
    expect(readable(await bot.say('capacity cluster tulip'))).toContain('may see the cost of a cluster');
    await jsonOf(estate, 'cost');
    expect(readable(await bot.say('decisions show latest'))).toContain('Only the readers named');
    const listed = readable(await bot.say('decisions list'));
    expect(listed).toContain('| cost --from 2026-11-17 --to 2026-11-23 --by cluster |');
    expect(listed).not.toContain('$');
    expect(readable(await bot.say('rightsize'))).toContain('can be smaller');
  });

  test('the whole table comes as a file, to the asker alone', async () => {
    const estate = await aScannedEstate();
    bot = await startOn(estate);
    await bot.say('cost --by service,kind --csv');
    const files = bot.slack.messages('ecs-capacity', 'ana').filter(({ file }) => file !== undefined);
    expect(files.map(({ onlyFor, file }) => [onlyFor, file?.name])).toEqual([['ana', 'cost-2026-11-24.csv']]);
    const rows = files[0]?.file?.text.trimEnd().split('\r\n') ?? [];
    expect(rows[0]).toContain('billedUsd,modelledUsd');
    expect(rows.length).toBeGreaterThan(50);
    expect(bot.slack.messages('ecs-capacity', 'ben').filter(({ file }) => file !== undefined)).toEqual([]);
  });
});

describe('rightsize', () => {
  test('finds every planted size, with the planted saving, and claims nothing else', async () => {
    const estate = await aScannedEstate();
    const { result } = await jsonOf(estate, 'rightsize');
    const { rows, skipped } = result as unknown as {
      rows: readonly {
        cluster: string;
        service: string;
        from: object;
        to: object;
        usdPerMonthSaved: string;
        blindSpots: readonly string[];
      }[];
      skipped: readonly { service: string; reason: string }[];
    };
    const sized = planted.filter(({ kind }) => kind === 'oversized' || kind === 'undersized');
    expect(sized.length).toBeGreaterThanOrEqual(3);
    expect(rows.map(({ service, from, to, usdPerMonthSaved }) => ({ service, from, to, usdPerMonthSaved }))).toEqual(
      sized
        .map(({ subject, expect: { from, to, usdPerMonthSaved } }) => ({
          service: subject,
          from,
          to,
          usdPerMonthSaved,
        }))
        .sort((a, b) => Number(b.usdPerMonthSaved) - Number(a.usdPerMonthSaved)),
    );
    const left = planted.filter(({ verb, expect: told }) => verb === 'rightsize' && 'skipped' in told);
    for (const { subject, expect: told } of left) {
      expect(skipped).toContainEqual(
        expect.objectContaining({ service: subject, reason: (told as { skipped?: string }).skipped }),
      );
    }
    expect(rows[0]?.blindSpots.join(' ')).toMatch(/target tracking/);
  });

  test('says where Compute Optimizer is off', async () => {
    const estate = await aScannedEstate();
    bot = await startOn(estate);
    expect(readable(await bot.say('rightsize'))).toContain('Compute Optimizer is off in qcu-2');
  });
});

test('text from AWS reaches Slack escaped', async () => {
  const estate = await aScannedEstate();
  bot = await startOn(estate);
  for (const line of ['status', 'cost --by service', 'rightsize', 'capacity service tulip/tulip-admin']) {
    const message = JSON.stringify((await bot.say(line)).blocks);
    expect(message).not.toMatch(/<script|<b>|<admin>|<@U0ANA00001>/);
  }
});
