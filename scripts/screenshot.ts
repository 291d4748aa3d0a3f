/**
 * Pictures of the demo: `npx tsx scripts/screenshot.ts` makes docs/images/demo.png for the README;
 * `--out FOLDER` makes one of each "try these" question instead. Needs Chromium (CHROMIUM or /usr/bin/chromium).
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { openBrowser } from '../demo/browser.ts';
import { TRY_THESE } from '../demo/workspace.ts';
import { startWorld } from '../demo/world.ts';

const README_PICTURE = join(import.meta.dirname, '..', 'docs', 'images');
const README_QUESTION = 'Where should quant-api run?';
const SIZE = { width: 1280, height: 1000 };

async function ask(page: Page, label: string): Promise<void> {
  const before = await page.locator('article[data-from="bot"]').count();
  await page.locator('[data-try]', { hasText: label }).click();
  await page.locator('article[data-from="bot"]').nth(before).getByText('Reference').waitFor();
}

const { values } = parseArgs({ options: { out: { type: 'string' } } });
const folder = values.out ?? README_PICTURE;
mkdirSync(folder, { recursive: true });
const world = await startWorld(0);
await world.scanned();
const browser = await openBrowser();
try {
  for (const [index, { label }] of TRY_THESE.entries()) {
    const isReadme = values.out === undefined;
    if (isReadme && label !== README_QUESTION) continue;
    const page = await browser.newPage({ viewport: SIZE, colorScheme: 'light' });
    await page.goto(`${world.url}/#channel=${['ecs-capacity', 'finops', 'sre', 'general'][index % 4]}`);
    await ask(page, label);
    await page.screenshot({ path: join(folder, isReadme ? 'demo.png' : `${index + 1}.png`) });
    await page.close();
  }
} finally {
  await browser.close();
  await world.stop();
}
