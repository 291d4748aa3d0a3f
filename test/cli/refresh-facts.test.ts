import { describe, expect, test } from 'vitest';
import { anEstateWith } from '../support/prices.ts';
import { environmentOf, runProduct } from '../support/product.ts';

describe('ecs-advise refresh-facts', () => {
  test('prints JSON, a line a region on standard error, and ends with 0, 75 or 2', async () => {
    const estate = await anEstateWith({ 'EU-BoxUsage:m7i.large': '0.15' });
    const run = (...args: string[]) => runProduct(['refresh-facts', ...args], environmentOf(estate));
    const good = await run('--json');
    expect({ ...good, stdout: '' }).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/eu-west-1, \d+ prices\n/),
    });
    expect(JSON.parse(good.stdout)).toMatchObject({
      format: 'ecs-advise.refresh-facts/1',
      regions: expect.arrayContaining([
        expect.objectContaining({
          region: 'eu-west-1',
          changes: [{ name: 'ec2.m7i.large', before: '0.11235', now: '0.15' }],
        }),
      ]),
    });

    estate.aws.addFault({
      match: { service: 'pricing' },
      answer: { kind: 'access-denied' },
      times: Number.POSITIVE_INFINITY,
    });
    const bad = await run();
    expect(bad.code).toBe(75);
    expect(bad.stdout).toContain('No price was refreshed');
    expect(bad.stdout.replaceAll(/\s+/g, ' ')).toContain('AWS does not allow pricing:GetProducts');
    expect((await run('--all')).code).toBe(2);
  }, 60_000);
});
