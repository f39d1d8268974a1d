// The worker's life: it may be stopped or break at any time, and the page goes on.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ask, launchBrowser, openPage, serveSite, untilReady, workerOf } from './harness.mjs';

describe('worker', () => {
  let site;
  let browser;

  before(async () => {
    site = await serveSite();
    browser = await launchBrowser();
  });

  after(async () => {
    await browser?.close();
    await site?.close();
  });

  test('a job for a worker that is not ready yet waits for it', async () => {
    const { page, problems } = await openPage(browser, site.url);
    await page.locator('#stop').click();
    await ask(page, 'early');
    assert.deepEqual(problems, []);
  });

  test('a worker that breaks is replaced', async () => {
    const { page } = await openPage(browser, site.url);
    const broken = await workerOf(page);
    const gone = broken.waitForEvent('close');
    await broken.evaluate(() => {
      setTimeout(() => {
        throw new Error('broken on purpose');
      });
    });
    await gone;
    await untilReady(page);
    await ask(page, 'after all');
  });
});
