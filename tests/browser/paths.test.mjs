// Paths that the reader asks for: from where to where, and what if.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { siteAndBrowser } from './harness.mjs';
import { Workbench } from './page.mjs';

describe('paths', () => {
  const here = siteAndBrowser();

  test('the pair that was tried is proposed, and asking for it draws the same path', async () => {
    const bench = await Workbench.open(here.browser, here.site.url);
    const { page } = bench;
    await bench.loadSample('P11');
    assert.equal(await page.locator('#path-from').inputValue(), 'ip:10.42.1.23');
    assert.equal(await page.locator('#path-to').inputValue(), 'ip:10.42.2.99');
    assert.equal(await page.locator('#path-port').inputValue(), '8080');
    const figures = page.locator('.figure[data-kind="packet-path"]');
    const before = await figures.count();
    await page.locator('#path-show').click();
    await page.waitForFunction((count) => document.querySelectorAll('.figure[data-kind="packet-path"]').length > count, before);
    assert.equal(await figures.first().getAttribute('data-verdict'), 'blocked');
    assert.deepEqual(bench.problems, []);
    await page.close();
  });

  test('an end is found by some of its name, and choosing it draws the path', async () => {
    const bench = await Workbench.open(here.browser, here.site.url);
    const { page } = bench;
    await bench.loadSample('P11');
    const to = page.locator('#path-to');
    await to.click();
    await page.locator('#path-to-list [role=option]').first().waitFor();
    await to.fill('instance i-0b7c1d');
    const options = page.locator('#path-to-list [role=option]');
    assert.deepEqual(await options.evaluateAll((all) => all.map((one) => one.dataset.end)), ['instance:i-0b7c1d2e3f4a5b6c7']);
    await to.press('ArrowDown');
    assert.equal(await to.getAttribute('aria-activedescendant'), 'path-to-0');
    await to.press('Enter');
    assert.equal(await to.inputValue(), 'instance:i-0b7c1d2e3f4a5b6c7');
    await page.locator('.figure-of', { hasText: '10.42.1.23 → i-0b7c1d2e3f4a5b6c7' }).first().waitFor();
    // What is none is said in words.
    await to.fill('svc:nothing');
    await to.press('Escape');
    await page.locator('#path-show').click();
    await page.locator('.path-says', { hasText: 'is not an endpoint' }).waitFor();
    assert.deepEqual(bench.problems, []);
    await page.close();
  });

  test('what would open a blocked path can be tried and taken back, and is never shown as pasted', async () => {
    const bench = await Workbench.open(here.browser, here.site.url);
    const { page } = bench;
    await bench.loadSample('P11');
    const figure = bench.picture('packet-path');
    assert.equal(await figure.getAttribute('data-verdict'), 'blocked');
    await figure.locator('.what-if summary').click();
    const remedy = figure.locator('.remedy-button', { hasText: 'sg-07fe12ab34cd56e89 lets TCP 8080 in from sg-0d51c7a2e94b8f630' });
    await remedy.click();
    await page.locator('.figure[data-kind="packet-path"][data-verdict="assumed"]').waitFor();
    assert.match(await figure.locator('.assumptions').innerText(), /^If sg-07fe12ab34cd56e89 lets TCP 8080 in/);
    assert.equal(await figure.locator('svg.picture .mark.blocked').count(), 0);
    await figure.locator('.steps summary').click();
    const rests = figure.locator('.steps li', { hasText: 'If sg-07fe12ab34cd56e89' }).first();
    assert.match(await rests.innerText(), /assumed/);
    await figure.locator('.take-back').click();
    await page.locator('.figure[data-kind="packet-path"][data-verdict="blocked"]').waitFor();
    assert.equal(await figure.locator('.assumptions').count(), 0);

    // A change of the reader's own, and one that is none.
    const own = figure.locator('.what-if-own input');
    await own.fill('200#/SecurityGroups/0/IpPermissionsEgress=[]');
    await own.press('Enter');
    await figure.locator('.assumptions').waitFor();
    await own.fill('nonsense');
    await own.press('Enter');
    await figure.locator('.what-if-says', { hasText: 'is no change' }).waitFor();
    assert.deepEqual(bench.problems, []);
    await page.close();
  });

  test('a screen reader hears of what stops', async () => {
    const bench = await Workbench.open(here.browser, here.site.url);
    await bench.loadSample('P11');
    const said = await bench.page.locator('.status [role=status]').first().innerText();
    assert.match(said, /1 picture shows something that stops/);
    await bench.page.close();
  });
});
