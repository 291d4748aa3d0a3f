import { existsSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM, openBrowser } from '../../demo/browser.ts';
import type { World } from '../../demo/world.ts';
import { demoWorld } from '../support/product.ts';

const hasBrowser = existsSync(CHROMIUM);
if (!hasBrowser) process.stderr.write(`SKIPPED: the browser test needs Chromium (CHROMIUM or ${CHROMIUM})\n`);

describe.skipIf(!hasBrowser)('the demo in a browser', () => {
  let world: World;
  let browser: Browser;

  beforeAll(async () => {
    world = await demoWorld();
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await world?.stop();
  });

  /** A page of its own as one user in one channel. */
  async function open(user: string, channel: string): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await page.goto(`${world.url}/#channel=${channel}`);
    await page.locator('#channel-name', { hasText: channel }).waitFor();
    const option = page.locator('#user option', { hasText: user });
    await page.locator('#user').selectOption({ value: (await option.getAttribute('value')) ?? '' });
    return page;
  }

  const answers = (page: Page) => page.locator('article[data-from="bot"]');
  const ask = async (page: Page, text: string): Promise<void> => {
    await page.locator('#text').fill(text);
    await page.locator('#text').press('Enter');
  };

  test('an answer is private until it is shared, and its buttons say more', async () => {
    const ana = await open('ana', 'ecs-capacity');
    const ben = await open('ben', 'ecs-capacity');

    await ask(ana, '/ecs-advise capacity --vcpu 2 --memory 8 --tasks 12 --region us-east-1');
    await answers(ana).first().getByText('Stay on Fargate, 2 vCPU / 8 GiB: $1,020.72/mo.').waitFor();
    expect(await answers(ana).first().getByText('Only visible to you').count()).toBe(1);
    expect(await answers(ben).count()).toBe(0);

    await ana.getByRole('button', { name: 'Why not the others' }).click();
    await answers(ana).nth(1).getByText('Would be the advice if').first().waitFor();

    await ana.getByRole('button', { name: 'Show the lines' }).first().click();
    await answers(ana).nth(2).getByText('fargate-vcpu').waitFor();

    await ana.getByRole('button', { name: 'Share in channel' }).first().click();
    await answers(ben).first().getByText('$1,020.72/mo.').waitFor();
    expect(await answers(ben).first().getByText('Only visible to you').count()).toBe(0);
    await ana.close();
    await ben.close();
  });

  test('the form comes filled in, shows an error at its field, and asks again', async () => {
    const cleo = await open('cleo', 'finops');
    await ask(cleo, '/ecs-advise capacity --vcpu 2 --memory 8 --tasks 12 --region us-east-1');
    await answers(cleo).first().getByRole('button', { name: 'Change the question' }).click();
    const form = cleo.locator('#dialog form');
    await form.waitFor();
    const vcpu = form.locator('.field', { hasText: 'vCPU' }).locator('input').first();
    expect(await vcpu.inputValue()).toBe('2');

    await vcpu.fill('minus one');
    await form.locator('[type=submit]').click();
    await form.locator('.field.wrong .error').first().waitFor();

    await vcpu.fill('4');
    await form.locator('[type=submit]').click();
    // 12 x 730 x (4 x 0.04048 + 8 x 0.004445) = 8,760 x 0.19748 = 1,729.92
    await answers(cleo).nth(1).getByText('$1,729.92').first().waitFor();
    await cleo.close();
  });

  test('a bare capacity opens an empty form', async () => {
    const gil = await open('gil', 'general');
    await ask(gil, '/ecs-advise capacity');
    await gil.locator('#dialog form').waitFor();
    await gil.locator('#dialog [data-dismiss]').first().click();
    await gil.locator('#dialog form').waitFor({ state: 'detached' });
    await gil.close();
  });

  test('a wrong flag says what to type, and foreign text stays text', async () => {
    const dai = await open('dai', 'sre');
    await ask(dai, '/ecs-advise capacity --memry 2');
    await answers(dai).first().getByText('Did you mean --memory?').waitFor();

    await ask(dai, '/ecs-advise capacity 12 tasks of <b>rose</b> for <!channel> and <@U1>');
    await answers(dai).nth(1).getByText('not understood').waitFor();
    expect(await answers(dai).nth(1).locator('.blocks b', { hasText: 'rose' }).count()).toBe(0);
    expect(
      world.standIn.messages('sre', 'dai').some(({ from, text }) => from === 'bot' && /<!channel>|<@U1>/.test(text)),
    ).toBe(false);
    await dai.close();
  });

  test('the command line completes verbs and flags', async () => {
    const ana = await open('ana', 'general');
    await ana.locator('#text').pressSequentially('/ecs-advise cap');
    await ana.locator('#suggest').getByText('capacity').first().waitFor();
    await ana.locator('#text').press('Tab');
    expect(await ana.locator('#text').inputValue()).toBe('/ecs-advise capacity ');
    await ana.close();
  });

  test('a change is refused to who asked, approved by two others, and shown as done', async () => {
    await world.scanned();
    const ana = await open('ana', 'sre');
    await ask(ana, '/ecs-advise windows set rose "sundays 10 to 2pm" --tz Europe/London');
    const shared = (page: Page) =>
      answers(page)
        .filter({ has: page.getByRole('button', { name: 'Approve change' }) })
        .last();
    const approve = async (page: Page): Promise<void> => {
      await shared(page).getByRole('button', { name: 'Approve change' }).click();
      await page.locator('#confirm').getByRole('button', { name: 'Approve' }).click();
    };
    await approve(ana);
    await ana.getByText('You asked for this yourself').waitFor();
    const cleo = await open('cleo', 'sre');
    await approve(cleo);
    await cleo.getByText('Your approval counts: 1 of 2').waitFor();
    const dai = await open('dai', 'sre');
    await shared(dai).getByText('approved on').waitFor();
    await approve(dai);
    await ana
      .getByText(/^Done: /)
      .first()
      .waitFor();
    expect(await answers(ana).getByRole('button', { name: 'Approve change' }).count()).toBe(0);
    // rose has a window already, so it is changed in place.
    const writes = world.aws.journal.filter(({ isMutating }) => isMutating).map(({ operation }) => operation);
    expect(writes).toEqual(['ModifyInstanceEventWindow']);
    for (const page of [ana, cleo, dai]) await page.close();
  });

  test('no message the bot sent breaks a limit of Slack', () => {
    expect(world.standIn.calls.length).toBeGreaterThan(0);
    expect(world.standIn.violations).toEqual([]);
  });
});
