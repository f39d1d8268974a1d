// What the browser tests share: the built site on a port of this machine, and a browser that looks at it.
//
// `cargo xtask test` sets WHYPATH_DIST (the built site) and CHROME (the browser). Run by hand, the tests take the
// dist/ of this checkout and the Chromium on PATH.

import { createReadStream, existsSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, extname, join, normalize, resolve } from 'node:path';
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

/** The page's worker, as Playwright knows it. */
export async function workerOf(page) {
  return page.workers()[0] ?? page.waitForEvent('worker');
}

/** Pastes a text, has it analyzed, and waits for an answer in which it stands. */
export async function ask(page, text) {
  await page.locator('textarea').fill(text);
  await page.locator('#ask').click();
  await page.locator('output', { hasText: text }).waitFor();
}

/** Stops the worker as a reader would, and waits for the next to be ready. */
export async function stopWorker(page) {
  const gone = (await workerOf(page)).waitForEvent('close');
  await page.locator('#stop').click();
  await gone;
  await untilReady(page);
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
