// The workbench as its readers see it: what can be done on it, and what it shows.

import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { openPage } from './harness.mjs';

const CASES = join(import.meta.dirname, '../../analyzers/cases');

/** The stories that the page tells: the rule's code, and the kind of its picture. */
export const STORIES = [
  { code: 'LB-011', kind: 'packet-path' },
  { code: 'DNS-005', kind: 'dns' },
  { code: 'AUTH-010', kind: 'auth' },
];

/** The first input on a rule's page that triggers it and is offered as a sample: read from the page's own source. */
export function pasteOf(code) {
  const text = readFileSync(join(CASES, code.split('-')[0], `${code}.md`), 'utf8');
  const [, , paste] = /^(`{3,})case (?=[^\n]*kind=trigger)(?=[^\n]*sample=)[^\n]*\n([\s\S]*?\n)\1$/m.exec(text) ?? [];
  if (!paste) throw new Error(`${code} has no sample that triggers it`);
  return paste;
}

/** Every case of every rule's page: the rule's code, the case's id and kind, and its input. */
export function casesOfAllPages() {
  const pages = readdirSync(CASES, { recursive: true }).filter((name) => name.endsWith('.md')).sort();
  return pages.flatMap((page) => {
    const text = readFileSync(join(CASES, page), 'utf8');
    const found = [...text.matchAll(/^(`{3,})case ([^\n]*)\n([\s\S]*?\n)\1$/gm)];
    if (found.length === 0) throw new Error(`${page} has no cases`);
    return found.map(([, , info, paste]) => ({
      code: basename(page, '.md'),
      id: /\bid=(\S+)/.exec(info)[1],
      kind: /\bkind=(\S+)/.exec(info)[1],
      paste,
    }));
  });
}

export class Workbench {
  constructor({ page, problems, requests }) {
    Object.assign(this, { page, problems, requests });
    this.box = page.locator('#paste');
    this.notice = page.locator('.notice');
    this.text = page.locator('.text');
    this.marked = page.locator('.line.hit');
    this.restsOn = page.locator('.rests-on');
  }

  static async open(browser, url) {
    return new Workbench(await openPage(browser, url));
  }

  /** Waits until nothing is being done, and returns the word for what came of it. */
  async settled(timeout = 120_000) {
    const status = this.page.locator('.status[data-run]:not([data-run=starting], [data-run=working])');
    await status.waitFor({ state: 'attached', timeout });
    await this.page.locator('[data-parts=coming]').waitFor({ state: 'detached' });
    return status.getAttribute('data-run');
  }

  async loadSample(code, shows = 'fault') {
    await this.page.locator(`[data-sample="${code}"][data-shows="${shows}"]`).first().click();
    await this.settled();
  }

  async type(text) {
    await this.box.fill(text);
    await this.page.locator('#analyse').click();
  }

  /** Chooses files: paths, or `{ name, mimeType, buffer }`. */
  async choose(files) {
    await this.page.locator('#files').setInputFiles(files);
  }

  /** Chooses a folder of this machine. */
  async chooseFolder(path) {
    await this.page.locator('#folder').setInputFiles(path);
  }

  /** Drops files and folders of this machine, as a file manager does. */
  async drop(paths) {
    const devtools = await this.page.context().newCDPSession(this.page);
    const data = { items: [], files: paths, dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop']) {
      await devtools.send('Input.dispatchDragEvent', { type, x: 200, y: 200, data });
    }
    await devtools.detach();
  }

  async clear() {
    const clear = this.page.locator('#clear');
    if (await clear.isVisible()) await clear.click();
    else await this.page.getByRole('button', { name: /^Remove / }).click();
  }

  /** The codes of the findings, causes first. */
  findings() {
    return this.page.locator('.finding').evaluateAll((all) => all.map((finding) => finding.dataset.code));
  }

  finding(code) {
    return this.page.locator(`.finding[data-code="${code}"]`).first();
  }

  picture(kind) {
    return this.page.locator(`.figure[data-kind="${kind}"]`).first();
  }

  /** Marked line numbers that can be seen. */
  markedLines() {
    return this.marked.evaluateAll((all) => all.map((line) => Number(line.dataset.line)));
  }

  source(name) {
    return this.page.locator('.source', { has: this.page.locator(`.source-name[title="${name}"]`) });
  }

  /** What the page says of a source: its parts that were not recognised, and its problems. */
  async warnings(name) {
    return this.source(name).locator('.warn').allInnerTexts();
  }

  /** The listed members of an archive, by path, with what the page says of each. */
  async members(name) {
    const members = this.source(name).locator('.member');
    return Object.fromEntries(await members.evaluateAll((all) => all.map((one) => [one.dataset.member, one.innerText])));
  }

  member(path) {
    return this.page.locator(`.member[data-member="${path}"]`);
  }

  /** What stands above the part that begins on a line of the text that is shown. */
  head(line) {
    return this.page.locator(`.head[data-head="${line}"]`);
  }

  /** Has the part that begins on a line read as a format, which is looked for by `words`. */
  async chooseFormat(line, format, words) {
    await this.head(line).locator('.head-format').click();
    await this.page.locator('#format-words').fill(words);
    await this.page.locator(`.format[data-format="${format}"]`).click();
    await this.page.locator('.format-choice').waitFor({ state: 'detached' });
    await this.settled();
  }

  /** Network requests so far; blobs never leave the browser. */
  networkRequests() {
    return this.requests.filter((url) => !url.startsWith('blob:') && !url.startsWith('data:')).length;
  }
}
