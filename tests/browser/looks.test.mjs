// What the page looks like, for people to look at, and what axe-core has against it.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { launchBrowser, serveSite } from './harness.mjs';
import { BUNDLE, tarGz } from './archives.mjs';
import { STORIES, Workbench } from './page.mjs';

const SCREENSHOTS = process.env.WHYPATH_SCREENSHOTS ?? join(import.meta.dirname, '../../target/screenshots');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];
const VIEWS = [
  { name: 'welcome' },
  ...STORIES.map(({ code }) => ({ name: code, code })),
  ...['P10', 'P2'].map((code) => ({ name: code, prepare: (bench) => bench.loadSample(code, 'picture') })),
  { name: 'bundle', prepare: openBundle },
  {
    name: 'folder',
    prepare: async (bench) => {
      const root = await mkdtemp(join(tmpdir(), 'whypath-looks-'));
      for (const [path, content] of [...BUNDLE, ['i-0f3c/.git/HEAD', 'ref: refs/heads/main\n'], ['i-0f3c/.DS_Store', 'Bud1']]) {
        await mkdir(dirname(join(root, path)), { recursive: true });
        await writeFile(join(root, path), content);
      }
      await bench.chooseFolder(join(root, 'i-0f3c'));
      await bench.source('i-0f3c').waitFor();
      await bench.settled();
      await bench.source('i-0f3c').locator('.skipped summary').click();
      await rm(root, { recursive: true, force: true });
    },
  },
  {
    name: 'format',
    prepare: async (bench) => {
      await openBundle(bench);
      await bench.member('i-0f3c/system/motd.txt').click();
      await bench.head(1).locator('.head-format').click();
      await bench.page.locator('.format-choice').waitFor();
    },
  },
];

async function openBundle(bench) {
  const pods = Array.from({ length: 9 }, (_, n) => [`i-0f3c/pods/shop_cart-${n}/cart/restarts.log`, `fox ${n}\n`]);
  const buffer = tarGz([...BUNDLE, ...pods]);
  await bench.choose([{ name: 'eks_i-0f3c_2026-11-24.tar.gz', mimeType: 'application/gzip', buffer }]);
  await bench.settled();
  await bench.member('i-0f3c/networking/iptables-save.txt').click();
  await bench.head(1).waitFor();
  await bench.page.locator('.line[data-line="2"]', { hasText: '*nat' }).waitFor();
}

describe('looks', () => {
  let site;
  let browser;

  before(async () => {
    site = await serveSite();
    browser = await launchBrowser();
    await mkdir(SCREENSHOTS, { recursive: true });
  });

  after(async () => {
    await browser?.close();
    await site?.close();
  });

  for (const { name, code, prepare } of VIEWS) {
    test(`${name}: nothing sticks out, axe-core has nothing serious against it, and here is what it looks like`, async () => {
      const bench = await Workbench.open(browser, site.url);
      const { page } = bench;
      // Animations would be photographed half-way.
      await page.emulateMedia({ reducedMotion: 'reduce' });
      if (code) await bench.loadSample(code);
      await prepare?.(bench);
      for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme });
        for (const size of SIZES) {
          await page.setViewportSize(size);
          const file = join(SCREENSHOTS, `${name}-${size.width}-${colorScheme}.png`);
          await page.screenshot({ path: file, fullPage: size.width < 900 });
          const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          assert.ok(over <= 0, `the page is ${over} pixels wider than a window of ${size.width}`);
          if (size.width > 900) {
            const below = await page.evaluate(() => document.documentElement.scrollHeight - window.innerHeight);
            assert.ok(below <= 0, `the panes scroll, not the page; it is ${below} pixels higher than its window`);
          }
        }
        await page.setViewportSize(SIZES[0]);
        assert.deepEqual(await complaints(page), []);
      }
      if (code) {
        await page.emulateMedia({ colorScheme: 'light' });
        await page.locator('.figure').first().evaluate((figure) => figure.scrollIntoView());
        await page.screenshot({ path: join(SCREENSHOTS, `${name}-picture.png`) });
      }
      // The README's picture: WHYPATH_README=1 takes it anew.
      if (code === STORIES[0].code && process.env.WHYPATH_README) {
        await page.setViewportSize({ width: 2040, height: 1560 });
        await page.locator('.pane-outcome').evaluate((pane) => { pane.scrollTop = 0; });
        await page.screenshot({ path: join(import.meta.dirname, 'screenshots/workbench.png') });
      }
    });
  }
});

/** What axe-core finds that is serious or worse. */
async function complaints(page) {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).slice(0, 3).join(' | ')}`);
  });
}
