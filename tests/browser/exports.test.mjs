// What leaves the page is byte for byte what the terminal writes.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { launchBrowser, serveSite } from './harness.mjs';
import { STORIES, Workbench, pasteOf } from './page.mjs';

const PROGRAM = process.env.WHYPATH_BIN && resolve(process.env.WHYPATH_BIN);

describe('exports', { skip: PROGRAM ? false : 'WHYPATH_BIN names no program to compare with' }, () => {
  let site;
  let browser;
  let directory;

  before(async () => {
    site = await serveSite();
    browser = await launchBrowser();
    await browser.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    directory = await mkdtemp(join(tmpdir(), 'whypath-export-'));
  });

  after(async () => {
    await browser?.close();
    await site?.close();
    if (directory) await rm(directory, { recursive: true, force: true });
  });

  for (const { code } of STORIES) {
    test(`${code}: SVG, Mermaid and Markdown`, async () => {
      const file = 'story.txt';
      await writeFile(join(directory, file), pasteOf(code));
      const terminal = (format) =>
        execFileSync(PROGRAM, ['diagnose', file, format], { cwd: directory, encoding: 'utf8' });

      const bench = await Workbench.open(browser, site.url);
      await bench.choose([join(directory, file)]);
      await bench.finding(code).waitFor();
      const picture = bench.page.locator('.figure').first();

      const [download] = await Promise.all([
        bench.page.waitForEvent('download'),
        picture.locator('[data-export=svg]').click(),
      ]);
      assert.match(download.suggestedFilename(), /^whypath-.*\.svg$/);
      assert.equal(await readFile(await download.path(), 'utf8'), terminal('--svg'));

      assert.equal(await copied(bench, picture.getByRole('button', { name: 'Copy the picture as Mermaid' })), terminal('--mermaid'));
      assert.equal(
        await copied(bench, picture.getByRole('button', { name: 'Copy the whole report as Markdown' })),
        terminal('--markdown'),
      );
      assert.deepEqual(bench.problems, []);
    });
  }
});

async function copied(bench, button) {
  await bench.page.bringToFront();
  await button.click();
  await button.filter({ hasText: 'Copied' }).waitFor();
  return bench.page.evaluate(() => navigator.clipboard.readText());
}
