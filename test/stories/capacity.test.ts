import { afterEach, describe, expect, test } from 'vitest';
import { runProduct } from '../support/product.ts';
import { type BotInTest, readable, startBot } from '../support/slack-double.ts';

let bot: BotInTest | null = null;

afterEach(async () => {
  await bot?.close();
  bot = null;
});

type Option = { readonly kind: string; readonly usdPerMonth: string | null };

async function inTerminal(args: readonly string[]): Promise<readonly Option[]> {
  const env = { ...process.env, DATABASE_URL: 'sqlite::memory:', AWS_REGION: '' };
  const { stdout } = await runProduct([...args, '--json'], env);
  return (JSON.parse(stdout) as { result: { options: readonly Option[] } }).result.options;
}

/** `1020.72` -> `$1,020.72` */
const dollars = (usd: string): string =>
  `$${Number(usd).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;

describe('one question, two surfaces', () => {
  test.each([
    [
      'twelve web tasks of 2 vCPU and 8 GiB',
      'capacity --vcpu 2 --memory 8 --tasks 12 --region us-east-1 --as-of 2026-11-24',
      // Fargate: 12 x (2 x 0.04048 + 8 x 0.004445) x 730 = 1,020.72
      // Managed Instances: 3 x r5a.2xlarge with fee and disk, 1,127.87; the same without the fee in an ASG, 997.08
      ['$1,020.72', '$1,127.87', '$997.08'],
    ],
    [
      '20,000 short tasks a night',
      'capacity --vcpu 1 --memory 2 --run 40s --pull 25s --per-day 20000 --between 01:00-04:00 --region us-east-1 --as-of 2026-11-24',
      // Fargate: 20,000 x 365/12 x 65 s x (0.04048 + 2 x 0.004445) / 3600 = 542.27; best MI: c6a.4xlarge, Poisson
      ['$542.27', '$479.76'],
    ],
  ])('%s: Slack and the terminal give the same numbers', async (_name, question, known) => {
    bot = await startBot();
    const answer = await bot.say(question);
    const options = await inTerminal(question.split(' '));

    expect(answer.onlyFor).toBe('ana');
    const prices = options.flatMap(({ usdPerMonth }) => (usdPerMonth === null ? [] : [dollars(usdPerMonth)]));
    expect(prices.length).toBeGreaterThan(1);
    for (const price of [...prices, ...known]) expect(readable(answer)).toContain(price);
  });

  test('another day gives another answer, with the fact that made the difference', async () => {
    bot = await startBot();
    const spot = 'capacity --vcpu 4 --memory 8 --tasks 10 --interruptible --region us-east-1';
    const then = readable(await bot.say(`${spot} --as-of 2025-12-04`));
    const now = readable(await bot.say(`${spot} --as-of 2026-11-24`));

    // Managed Instances got Spot on 2025-12-18.
    expect(then).toMatch(/No:\* \*Managed Instances Spot:\*.*\[[a-z.-]+\]/);
    expect(now).toMatch(/Managed Instances Spot( ✓)? \| /);
  });

  test('plain words are echoed as flags, and the guesses are marked', async () => {
    bot = await startBot();
    const answer = readable(
      await bot.say('capacity 500 little 40 second jobs a day, should we go to managed instances?'),
    );

    expect(answer).toContain('I read that as `capacity --vcpu 1 --memory 2 --run 40s');
    expect(answer).toMatch(/guess/);
  });

  test('an impossible size is an answer: every option is refused with a reason', async () => {
    bot = await startBot();
    const answer = readable(await bot.say('capacity --vcpu 10000 --memory 2 --region us-east-1'));

    expect(answer.match(/No:/g)?.length).toBeGreaterThanOrEqual(3);
  });
});

describe('bad input', () => {
  test.each([
    ['a negative size', 'capacity --vcpu -1 --memory 2'],
    ['no number', 'capacity --vcpu NaN --memory 2'],
    ['no tasks', 'capacity --vcpu 1 --memory 2 --tasks 0'],
    ['a size in TB', 'capacity --vcpu 1 --memory 2TB'],
    ['half a time window', 'capacity --vcpu 1 --memory 2 --run 40s --per-day 5 --between 4:00'],
    ['a region that is none', 'capacity --vcpu 1 --memory 2 --region mars-1'],
    ['a flag that is none', 'capacity --vcpu 1 --memry 2'],
    ['5,000 characters', `capacity ${'x'.repeat(5_000)}`],
    ['a verb that is none', 'capcity --vcpu 1 --memory 2'],
  ])('%s: the asker alone is told what to type instead', async (_name, text) => {
    bot = await startBot();
    const answer = await bot.say(text);

    expect(answer.onlyFor).toBe('ana');
    expect(readable(answer)).toMatch(/Try: /);
    const reference = /Reference ([0-9a-f]{8})/.exec(readable(answer))?.[1];
    expect(bot.log.some((line) => line.id === reference && line.outcome === 'usage')).toBe(true);
  });

  test('a mistyped word comes with a button that runs it put right', async () => {
    bot = await startBot();
    const refused = await bot.say('capcity --vcpu 1 --memry 2 --tasks 12');
    const second = await bot.click(refused, 'Run capacity --vcpu 1 --memry 2 --tasks 12');
    const answer = await bot.click(second, 'Run capacity --vcpu 1 --memory 2 --tasks 12');

    expect(readable(answer)).toContain('I read that as `capacity --vcpu 1 --memory 2 --tasks 12');
  });

  test('mentions inside a text call nobody', async () => {
    bot = await startBot();
    const answer = await bot.say('capacity --region <!channel> --types <@U1> @here *x* `y`');

    expect(JSON.stringify(answer)).not.toMatch(/<!|<@U1|@here/);
    expect(answer.onlyFor).toBe('ana');
  });
});
