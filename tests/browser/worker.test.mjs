// The worker's life: it may be stopped or break at any time, and the page goes on.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ask, openPage, siteAndBrowser, startLongJob, untilReady, workerOf } from './harness.mjs';

describe('worker', () => {
  const here = siteAndBrowser();

  test('a job for a worker that is not ready yet waits for it', async () => {
    const { page, problems } = await openPage(here.browser, here.site.url);
    await startLongJob(page);
    await page.locator('#cancel').click();
    await ask(page, 'early');
    assert.deepEqual(problems, []);
  });

  test('an analyst that breaks is replaced', async () => {
    const { page } = await openPage(here.browser, here.site.url);
    await breakWorker(page, 'analyst');
    await untilReady(page);
    await ask(page, 'after all');
  });

  test('an analyst that breaks in the middle of a job is said to have', async () => {
    const { page } = await openPage(here.browser, here.site.url);
    const analyst = await workerOf(page);
    const gone = analyst.waitForEvent('close');
    // As a program does that runs out of memory: in its own listener, while the page waits for an answer.
    await analyst.evaluate(() => {
      self.onmessage = () => {
        throw new Error('broken on purpose');
      };
    });
    await startLongJob(page);
    await gone;
    await page.locator('.trouble', { hasText: 'broke off' }).waitFor();
    await page.getByRole('button', { name: 'Remove long.txt' }).click();
    await ask(page, 'after all');
    assert.equal(await page.locator('.trouble').count(), 0);
  });

  test('a reader that breaks is replaced, and the texts are shown again', async () => {
    const { page } = await openPage(here.browser, here.site.url);
    await ask(page, 'still here');
    await breakWorker(page, 'reader');
    await page.locator('.notice', { hasText: 'started again' }).waitFor();
    await page.locator('.line .tx', { hasText: 'still here' }).waitFor();
  });
});

async function breakWorker(page, name) {
  const worker = await workerOf(page, name);
  const gone = worker.waitForEvent('close');
  await worker.evaluate(() => {
    setTimeout(() => {
      throw new Error('broken on purpose');
    });
  });
  await gone;
}
