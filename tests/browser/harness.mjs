// What the browser tests share: the built site on a port of this machine, and a browser that looks at it.
//
// `cargo xtask test` sets WHYPATH_DIST (the built site) and CHROME (the browser). Run by hand, the tests take the
// dist/ of this checkout and the Chromium on PATH.

import { createReadStream, existsSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, extname, join, normalize, resolve } from 'node:path';
import { after, before } from 'node:test';
import { chromium } from 'playwright-core';

const DIST = resolve(process.env.WHYPATH_DIST ?? join(import.meta.dirname, '../../dist'));

// The sandbox needs rights that containers do not have; the rest keeps the browser from calling home.
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/**
 * Serves the built site under `base`, as any static host would: no header but the type.
 * `paths` lists what was asked for, in order.
 */
export async function serveSite(base = '/') {
  if (!existsSync(join(DIST, 'index.html'))) {
    throw new Error(`${DIST} holds no built page: run cargo xtask build`);
  }
  const paths = [];
  const server = createServer(async (request, response) => {
    paths.push(request.url);
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    const file = join(DIST, normalize('/' + path.slice(base.length)), path.endsWith('/') ? 'index.html' : '');
    const found = path.startsWith(base) && (await stat(file).catch(() => null))?.isFile();
    response.writeHead(found ? 200 : 404, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    if (found) createReadStream(file).pipe(response);
    else response.end();
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${server.address().port}${base}`,
    paths,
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(closed));
    },
  };
}

/** A site and a browser for the tests of a `describe`: both are there when its tests run. */
export function siteAndBrowser() {
  const here = {};
  before(async () => {
    here.site = await serveSite();
    here.browser = await launchBrowser();
  });
  after(async () => {
    await here.browser?.close();
    await here.site?.close();
  });
  return here;
}

/** A browser with a profile that nobody used before; `close` removes the profile, too. */
export async function launchBrowser() {
  const profile = await mkdtemp(join(tmpdir(), 'whypath-browser-'));
  const context = await chromium.launchPersistentContext(profile, { executablePath: browserPath(), args: FLAGS });
  return {
    context,
    close: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/**
 * Opens the site in a new tab. `problems` collects what must not happen: errors on the console (a violation of the
 * content security policy is one), exceptions, failed requests. `requests` collects the URL of every request.
 */
export async function openPage(browser, url) {
  const page = await browser.context.newPage();
  const problems = [];
  const requests = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`exception: ${error}`));
  page.on('requestfailed', (request) => problems.push(`failed: ${request.url()}`));
  page.on('response', (response) => {
    if (response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`);
  });
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(url);
  await untilReady(page);
  return { page, problems, requests };
}

/** Waits for the worker, of which the page says in `data-worker` how it is. */
export async function untilReady(page) {
  await page.locator('[data-worker]:not([data-worker=starting])').waitFor({ state: 'attached' });
  const state = await page.locator('[data-worker]').getAttribute('data-worker');
  if (state !== 'ready') throw new Error(`the worker did not start: ${state}`);
}

/** One of the page's two workers, as Playwright knows it: the `analyst`, or the `reader` who keeps the texts. */
export async function workerOf(page, name = 'analyst') {
  for (;;) {
    for (const worker of page.workers()) {
      const its = await worker.evaluate(() => self.name).catch(() => null);
      if (its === name) return worker;
    }
    await page.waitForTimeout(20);
  }
}

/** Pastes a text, has it analyzed, and waits until that is done and the text is shown. */
export async function ask(page, text) {
  await page.locator('#paste').fill(text);
  await page.locator('#analyse').click();
  await page.locator('[data-run=done]').waitFor({ state: 'attached' });
  await page.locator('.line .tx', { hasText: text }).first().waitFor();
}

/** Stops the analyst in the middle of a long job, as a reader would, and waits for the next to be ready. */
export async function stopWorker(page) {
  const gone = (await workerOf(page)).waitForEvent('close');
  await startLongJob(page);
  await page.locator('#cancel').click();
  await gone;
  await untilReady(page);
}

/** Drops so much text that there is time to do something before it is analyzed. */
export async function startLongJob(page) {
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File(['$ kubectl get pods -A\nNAMESPACE NAME READY\n'.repeat(500_000)], 'long.txt'));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  });
}

function browserPath() {
  if (process.env.CHROME) return process.env.CHROME;
  const candidates = process.env.PATH.split(delimiter).flatMap((directory) =>
    ['chromium', 'google-chrome'].map((name) => join(directory, name)),
  );
  const found = candidates.find((candidate) => existsSync(candidate));
  if (!found) throw new Error('no browser: set CHROME to the path of a Chromium or Google Chrome');
  return found;
}
