// Each story from paste to finding and picture, and back from the picture to the pasted lines.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { siteAndBrowser } from './harness.mjs';
import { STORIES, Workbench, pasteOf } from './page.mjs';

describe('stories', () => {
  const here = siteAndBrowser();

  for (const { code, kind } of STORIES) {
    test(`${code}: the sample gives its finding and its picture`, async () => {
      const bench = await Workbench.open(here.browser, here.site.url);
      await bench.loadSample(code);
      assert.equal((await bench.findings())[0], code);
      const picture = bench.picture(kind);
      const verdict = await picture.getAttribute('data-verdict');
      assert.ok(await picture.locator('svg.picture').isVisible());
      if ((await bench.finding(code).locator('.verdict').first().innerText()).trim() === 'blocked') {
        assert.equal(verdict, 'blocked');
        assert.ok((await picture.locator('svg.picture .mark.blocked').count()) > 0, 'the picture shows where it stops');
      }
      assert.ok((await picture.locator('svg.picture [data-step]').count()) > 1, 'the picture has steps to click');
      assert.equal(await picture.locator('foreignObject').count(), 0);
      assert.deepEqual(bench.problems, []);
      await bench.page.close();
    });

    test(`${code}: the healthy twin gives no fault`, async () => {
      const bench = await Workbench.open(here.browser, here.site.url);
      await bench.loadSample(code, 'healthy');
      await bench.page.locator('svg.picture').first().waitFor();
      assert.equal(await bench.page.locator('.finding-fault').count(), 0);
      assert.ok(!(await bench.findings()).includes(code));
      assert.equal(await bench.page.locator('svg.picture .mark.blocked').count(), 0);
      await bench.page.close();
    });

    test(`${code}: the same pasted by hand gives the finding`, async () => {
      const bench = await Workbench.open(here.browser, here.site.url);
      await bench.box.fill(pasteOf(code));
      await bench.box.press('Control+Enter');
      await bench.finding(code).waitFor();
      assert.equal(await bench.box.inputValue(), '', 'the box is free for the next output');
      assert.ok(await bench.picture(kind).isVisible());
      await bench.page.close();
    });
  }

  test('a citation marks its lines, and a marked line knows what rests on it', async () => {
    const bench = await Workbench.open(here.browser, here.site.url);
    await bench.loadSample('LB-011');
    const why = bench.page.locator('#finding-0 .whys > li').nth(2);
    const cite = why.locator('.cite').first();
    const [, first, last = first] = /(\d+)(?:–(\d+))?$/.exec(await cite.innerText());
    await cite.click();
    await bench.page.locator(`.line.hit[data-line="${first}"]`).waitFor();
    const marked = await bench.markedLines();
    assert.ok(marked.includes(Number(first)) && marked.includes(Number(last)), `${marked} has ${first} to ${last}`);

    await bench.page.locator(`.line[data-line="${first}"] .tx`).click();
    const back = bench.restsOn.getByRole('button', { name: 'Why 3 of LB-011' });
    await back.waitFor();
    assert.match(await bench.restsOn.innerText(), new RegExp(`Rests on line ${first}\\b`));
    await back.click();
    assert.match(await why.getAttribute('class'), /is-selected/);
  });

  test('a hop marks its lines, and a line leads back to the hop', async () => {
    const bench = await Workbench.open(here.browser, here.site.url);
    await bench.loadSample('LB-011');
    const picture = bench.picture('packet-path');
    const hop = picture.locator('svg [data-step="1"]').first();
    await hop.focus();
    await bench.page.keyboard.press('Enter');
    assert.match(await hop.getAttribute('class'), /\bon\b/);
    const shown = picture.locator('.chosen-step');
    await shown.waitFor();
    const [, line] = /(\d+)(?:–\d+)?$/.exec(await shown.locator('.cite').first().innerText());
    const marked = bench.page.locator(`.line.hit[data-line="${line}"]`);
    await marked.waitFor();
    await marked.locator('.ln').click();
    const back = bench.restsOn.getByRole('button', { name: 'Step 2 of the packet path' });
    await bench.finding('LB-011').locator('.title-button').click();
    assert.equal(await shown.count(), 0);
    await bench.page.locator(`.line[data-line="${line}"]`).waitFor();
    await bench.page.locator(`.line[data-line="${line}"] .ln`).click();
    await back.click();
    await shown.waitFor();
  });

  test('a segment, a problem and a tab show their lines', async () => {
    const bench = await Workbench.open(here.browser, here.site.url);
    await bench.choose([
      { name: 'story.txt', mimeType: 'text/plain', buffer: Buffer.from(pasteOf('LB-011')) },
      { name: 'noise.txt', mimeType: 'text/plain', buffer: Buffer.from('\nthe quick brown fox\njumps over\n') },
    ]);
    await bench.finding('LB-011').waitFor();
    await bench.page.locator('.source', { hasText: 'noise.txt' }).locator('.part').first().click();
    await bench.page.locator('.tab[aria-pressed=true]', { hasText: 'noise.txt' }).waitFor();
    await bench.page.locator('.line.mild', { hasText: 'the quick brown fox' }).waitFor();
    await bench.page.locator('.tab', { hasText: 'story.txt' }).click();
    await bench.page.locator('.line[data-line="1"] .tx', { hasText: 'kubectl' }).waitFor();
  });

  test('sources can be removed, and a sample gives the reader’s own back', async () => {
    const bench = await Workbench.open(here.browser, here.site.url);
    await bench.type('the quick brown fox');
    await bench.settled();
    await bench.page.locator('.not-recognised').waitFor();
    await bench.loadSample('AUTH-010');
    assert.equal((await bench.findings())[0], 'AUTH-010');
    await bench.page.getByRole('button', { name: 'Put them back' }).click();
    await bench.page.locator('.source-name[title="paste 1"]').waitFor();
    await bench.page.locator('.not-recognised').waitFor();
    await bench.clear();
    await bench.page.locator('.welcome').waitFor();
    assert.equal(await bench.page.locator('.source').count(), 0);
  });

  test('the theme is remembered', async () => {
    const bench = await Workbench.open(here.browser, here.site.url);
    const paper = () => bench.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const before = await paper();
    await bench.page.locator('#theme').click();
    const after = await paper();
    assert.notEqual(after, before);
    await bench.page.reload();
    await bench.page.locator('#theme').waitFor();
    assert.equal(await paper(), after);
    await bench.page.locator('#theme').click();
    assert.equal(await paper(), before);
  });
});
