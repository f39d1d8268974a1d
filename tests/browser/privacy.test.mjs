// The promise that nothing pasted leaves the page, kept by the browser and not only by good behaviour.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ask, openPage, serveSite, siteAndBrowser, stopWorker, workerOf } from './harness.mjs';
import { STORIES, Workbench } from './page.mjs';

// Runs in the page or in a worker: tries every way to connect, and says for each whether it was refused.
const tryToConnect = async (url) => {
  const refusedBy = [];
  self.addEventListener('securitypolicyviolation', (event) => refusedBy.push(event.effectiveDirective));
  const ends = (target, events) =>
    new Promise((resolve) => events.forEach((name) => target.addEventListener(name, () => resolve(name))));
  const outcomes = {
    fetch: await fetch(url).then(
      () => 'connected',
      () => 'refused',
    ),
    xhr: await new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.onload = () => resolve('connected');
      request.onerror = () => resolve('refused');
      request.open('POST', url);
      request.send('paste');
    }),
    // Refused at once, or with an event a moment later, as the browser likes.
    socket: await (async () => {
      try {
        const name = await ends(new WebSocket(url.replace('http', 'ws')), ['open', 'error']);
        return name === 'open' ? 'connected' : 'refused';
      } catch {
        return 'refused';
      }
    })(),
    events: await (async () => {
      try {
        const name = await ends(new EventSource(url), ['open', 'error']);
        return name === 'open' ? 'connected' : 'refused';
      } catch {
        return 'refused';
      }
    })(),
  };
  // True means no more than that the browser took it; whether it sends it shows at the server.
  navigator.sendBeacon?.(url, 'paste');
  await new Promise((resolve) => setTimeout(resolve, 100));
  return { outcomes, refusedBy: [...new Set(refusedBy)] };
};

const REFUSED = {
  outcomes: { fetch: 'refused', xhr: 'refused', socket: 'refused', events: 'refused' },
  refusedBy: ['connect-src'],
};

describe('privacy', () => {
  const here = siteAndBrowser();

  test('the page starts without an error, and asks nobody but its own host', async () => {
    const { problems, requests } = await openPage(here.browser, here.site.url);
    assert.deepEqual(problems, []);
    const elsewhere = requests.filter((url) => !url.startsWith(here.site.url) && !url.startsWith('blob:'));
    assert.deepEqual(elsewhere, []);
  });

  test('the worker answers, and starts again, without a request', async () => {
    const { page, problems, requests } = await openPage(here.browser, here.site.url);
    const before = [here.site.paths.length, requests.filter((url) => !url.startsWith('blob:')).length];

    await ask(page, 'one');
    await stopWorker(page);
    await ask(page, 'two');

    const after = [here.site.paths.length, requests.filter((url) => !url.startsWith('blob:')).length];
    assert.deepEqual(after, before);
    assert.deepEqual(problems, []);
  });

  test('no story makes a request', async () => {
    const bench = await Workbench.open(here.browser, here.site.url);
    const before = [here.site.paths.length, bench.networkRequests()];
    for (const { code } of STORIES) {
      await bench.loadSample(code);
      await bench.finding(code).locator('.cite').first().click();
      await bench.page.locator('.line.hit').first().waitFor();
    }
    assert.deepEqual([here.site.paths.length, bench.networkRequests()], before);
    assert.deepEqual(bench.problems, []);
  });

  test('the page cannot connect to anything once it has started', async () => {
    const { page } = await openPage(here.browser, here.site.url);
    assert.deepEqual(await page.evaluate(tryToConnect, `${here.site.url}leak-of-the-page`), REFUSED);
    assertNothingLeaked(here.site);
  });

  test('the workers cannot connect to anything, nor can the one after the first', async () => {
    const { page } = await openPage(here.browser, here.site.url);
    const reader = await workerOf(page, 'reader');
    assert.deepEqual(await reader.evaluate(tryToConnect, `${here.site.url}leak-of-the-reader`), REFUSED);
    const first = await workerOf(page);
    assert.deepEqual(await first.evaluate(tryToConnect, `${here.site.url}leak-of-the-worker`), REFUSED);

    await stopWorker(page);
    const second = await workerOf(page);
    assert.deepEqual(await second.evaluate(tryToConnect, `${here.site.url}leak-of-the-next-worker`), REFUSED);
    assertNothingLeaked(here.site);
  });

  test('the page starts from any directory of a host', async () => {
    const elsewhere = await serveSite('/some/where/');
    try {
      const { page, problems } = await openPage(here.browser, elsewhere.url);
      await ask(page, 'here, too');
      assert.deepEqual(problems, []);
    } finally {
      await elsewhere.close();
    }
  });
});

function assertNothingLeaked(site) {
  assert.deepEqual(
    site.paths.filter((path) => path.includes('leak')),
    [],
  );
}
