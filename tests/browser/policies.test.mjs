// The table of who may talk to whom: from a cell to the policies' lines, and back.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { siteAndBrowser } from './harness.mjs';
import { Workbench } from './page.mjs';

describe('policies', () => {
  const here = siteAndBrowser();

  async function table() {
    const bench = await Workbench.open(here.browser, here.site.url);
    await bench.loadSample('P10', 'picture');
    const picture = bench.picture('policies');
    await picture.waitFor();
    return { bench, picture };
  }

  const cell = (picture, name) => picture.getByRole('button', { name });

  test('a cell shows the lines of the policies that decide, with the mouse', async () => {
    const { bench, picture } = await table();
    const one = cell(picture, 'checkout to payments-api: TCP 8443, by NetworkPolicy shop/checkout and NetworkPolicy payments/payments-api');
    await one.click();
    assert.match(await one.getAttribute('class'), /\bon\b/);
    const shown = picture.locator('.chosen-step');
    await shown.waitFor();
    assert.match(await shown.innerText(), /checkout → payments-api: TCP 8443/);
    // Out of the one and into the other.
    assert.equal(await shown.locator('.cite').count(), 2);
    const [, first] = /(\d+)(?:–\d+)?$/.exec(await shown.locator('.cite').first().innerText());
    await bench.page.locator(`.line.hit[data-line="${first}"]`).waitFor();
    assert.deepEqual(bench.problems, []);
    await bench.page.close();
  });

  test('a cell can be reached and chosen with the keyboard, and its line leads back to it', async () => {
    const { bench, picture } = await table();
    const one = cell(picture, /^web to cart-0: nothing/);
    await one.focus();
    await bench.page.keyboard.press('Tab');
    assert.match(
      await bench.page.evaluate(() => document.activeElement.getAttribute('aria-label')),
      /^web to checkout: TCP 8080/,
    );
    await bench.page.keyboard.press('Enter');
    const shown = picture.locator('.chosen-step');
    await shown.waitFor();
    const [, line] = /(\d+)(?:–\d+)?$/.exec(await shown.locator('.cite').first().innerText());
    const marked = bench.page.locator(`.line.hit[data-line="${line}"]`);
    await marked.waitFor();
    await marked.locator('.ln').click();
    await bench.restsOn.getByRole('button', { name: /^web → checkout: TCP 8080/ }).waitFor();
    await bench.page.close();
  });

  test('what no policy speaks of is not called proved, and nothing is called a fault', async () => {
    const { bench, picture } = await table();
    const open = cell(picture, /^coredns to every address: all ports: no policy concerns it/);
    await open.click();
    assert.match(await picture.locator('.chosen-step').innerText(), /assumed/);
    assert.equal(await picture.locator('figcaption .verdict').count(), 0);
    assert.deepEqual(await bench.findings(), []);
    await bench.page.close();
  });
});
