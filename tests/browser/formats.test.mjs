// Choosing what a part of a text is read as, and taking it back; the list of what was not understood.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RESOLV_CONF, tarGz } from './archives.mjs';
import { siteAndBrowser } from './harness.mjs';
import { Workbench } from './page.mjs';

const NOISE = 'the quick brown fox\njumps over the lazy dog\n';
const PASTE = `$ ./collect\n${NOISE}$ cat /etc/resolv.conf\n${RESOLV_CONF}`;

describe('formats', () => {
  const here = siteAndBrowser();

  async function pasted(text) {
    const bench = await Workbench.open(here.browser, here.site.url);
    await bench.type(text);
    assert.equal(await bench.settled(), 'done');
    await bench.head(1).waitFor();
    return bench;
  }

  test('each part has a head with its format and how sure that is', async () => {
    const bench = await pasted(PASTE);
    assert.match(await bench.head(1).innerText(), /not recognised/);
    assert.match(await bench.head(4).innerText(), /resolv\.conf.*\b\d+ % sure/s);
    // Heads stand between lines and are none.
    assert.deepEqual(
      await bench.page.locator('.line').evaluateAll((all) => all.map((line) => line.dataset.line)),
      ['1', '2', '3', '4', '5', '6', '7'],
    );
    await bench.page.close();
  });

  test('a format is chosen, is said to be chosen, and is taken back', async () => {
    const bench = await pasted(PASTE);
    assert.equal((await bench.warnings('paste 1')).length, 2);
    await bench.chooseFormat(1, 'log', 'a log');
    assert.match(await bench.head(1).innerText(), /a log.*chosen by you/s);
    assert.match(await bench.notice.innerText(), /Lines 1 to 3 of paste 1: now read as a log/);
    assert.deepEqual(await bench.warnings('paste 1'), []);
    await bench.notice.getByRole('button', { name: 'Undo' }).click();
    await bench.settled();
    await bench.head(1).filter({ hasText: 'not recognised' }).waitFor();
    assert.equal((await bench.warnings('paste 1')).length, 2);

    // The same by the head's own button, after another analysis.
    await bench.chooseFormat(4, 'unknown', 'lines only');
    await bench.head(4).filter({ hasText: 'chosen by you' }).waitFor();
    await bench.type(RESOLV_CONF);
    await bench.settled();
    await bench.page.locator('.tab', { hasText: 'paste 1' }).click();
    assert.match(await bench.head(4).innerText(), /not recognised.*chosen by you/s);
    await bench.head(4).getByRole('button', { name: 'Undo' }).click();
    await bench.settled();
    await bench.head(4).filter({ hasText: '% sure' }).waitFor();
    assert.deepEqual(bench.problems, []);
    await bench.page.close();
  });

  test('a part is joined to the one above, and parted again', async () => {
    const bench = await pasted(PASTE);
    await bench.chooseFormat(4, 'join', 'above');
    await bench.head(4).waitFor({ state: 'detached' });
    assert.match(await bench.head(1).innerText(), /chosen by you/);
    await bench.head(1).getByRole('button', { name: 'Undo' }).click();
    await bench.head(4).waitFor();
    await bench.page.close();
  });

  test('a new output begins where the reader says', async () => {
    const bench = await pasted(PASTE);
    await bench.head(1).locator('.head-format').click();
    await bench.page.locator('#format-from').fill('3');
    assert.match(await bench.page.locator('#format-choice-title').innerText(), /Read line 3 as/);
    assert.equal(await bench.page.locator('.format[data-format="join"]').count(), 0);
    await bench.page.locator('#format-words').fill('a log');
    await bench.page.locator('.format[data-format="log"]').click();
    await bench.head(3).filter({ hasText: 'chosen by you' }).waitFor();
    assert.match(await bench.head(3).innerText(), /a log/);
    assert.match(await bench.head(1).innerText(), /not recognised: choose a format/);
    await bench.head(3).getByRole('button', { name: 'Undo' }).click();
    await bench.head(3).waitFor({ state: 'detached' });
    await bench.page.close();
  });

  test('it is done by keyboard alone, and Escape changes nothing', async () => {
    const bench = await pasted(PASTE);
    const { page } = bench;
    const button = bench.head(1).locator('.head-format');
    await button.focus();
    await page.keyboard.press('Enter');
    await page.locator('#format-words:focus').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.format-choice').waitFor({ state: 'detached' });
    await page.locator('#head-1:focus').waitFor();
    await page.keyboard.press('Enter');
    await page.locator('#format-words:focus').waitFor();
    await page.keyboard.type('corefile');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.dataset.format), 'corefile');
    await page.keyboard.press('Enter');
    await bench.settled();
    await bench.head(1).filter({ hasText: 'chosen by you' }).waitFor();
    await page.locator('#head-1:focus').waitFor();
    await page.close();
  });

  test('a format is chosen for a member of an archive, with the panes one below the other', async () => {
    const bench = await Workbench.open(here.browser, here.site.url);
    await bench.page.setViewportSize({ width: 390, height: 844 });
    await bench.choose([
      {
        name: 'node.tar.gz',
        mimeType: 'application/gzip',
        buffer: tarGz([['a/motd.txt', NOISE], ['b/resolv.conf', RESOLV_CONF]]),
      },
    ]);
    await bench.settled();
    await bench.member('a/motd.txt').click();
    await bench.chooseFormat(1, 'log', 'log');
    await bench.head(1).filter({ hasText: 'chosen by you' }).waitFor();
    assert.match((await bench.members('node.tar.gz'))['a/motd.txt'], /a log/);
    const over = await bench.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(over <= 0, `nothing is wider than the window: ${over}`);
    assert.deepEqual(bench.problems, []);
    await bench.page.close();
  });

  test('what was not understood is listed with its lines, and each opens them', async () => {
    const parts = Array.from({ length: 60 }, (_, n) => `$ ./collect ${n}\nthe quick brown fox ${n}\njumps over\n`);
    const bench = await pasted(`${parts.join('')}$ cat /etc/resolv.conf\n${RESOLV_CONF}`);
    const source = bench.source('paste 1');
    await source.getByText('Not understood: 60').waitFor();
    const problems = source.locator('.problem');
    assert.equal(await problems.count(), 10);
    await source.getByRole('button', { name: 'Show the other 50 problems' }).click();
    assert.equal(await problems.count(), 60);
    assert.match(await problems.nth(41).innerText(), /not recognised[^]*125–126/);
    await problems.nth(41).getByRole('button').click();
    await bench.page.locator('.line.mild[data-line="125"]', { hasText: 'the quick brown fox 41' }).waitFor();
    await bench.page.getByLabel('Only what was not understood').check();
    await bench.page.locator('#filter').fill('./collect 41');
    assert.equal(await source.locator('li:not(.problem) .part').count(), 1);
    await bench.page.close();
  });
});
