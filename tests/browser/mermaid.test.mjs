// The Mermaid export is what Mermaid itself takes: its own parser reads the picture of every case of every rule's page.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { JSDOM } from 'jsdom';
import { casesOfAllPages } from './page.mjs';

/** What Mermaid takes to be there because it runs in a page. */
const OF_THE_BROWSER = ['window', 'document', 'Element'];

const PROGRAM = process.env.WHYPATH_BIN && resolve(process.env.WHYPATH_BIN);

describe('Mermaid', { skip: PROGRAM ? false : 'WHYPATH_BIN names no program that writes it' }, () => {
  const cases = casesOfAllPages();
  let mermaid;
  let directory;

  before(async () => {
    // Mermaid cleans labels with DOMPurify, which works on a document.
    const { window } = new JSDOM('');
    for (const name of OF_THE_BROWSER) globalThis[name] = window[name];
    ({ default: mermaid } = await import('mermaid'));
    mermaid.initialize({ startOnLoad: false });
    directory = mkdtempSync(join(tmpdir(), 'whypath-mermaid-'));
  });

  after(() => {
    for (const name of OF_THE_BROWSER) delete globalThis[name];
    if (directory) rmSync(directory, { recursive: true, force: true });
  });

  const drawn = (name, paste) => {
    const file = join(directory, `${name}.txt`);
    writeFileSync(file, paste);
    return execFileSync(PROGRAM, ['diagnose', file, '--mermaid'], { encoding: 'utf8' });
  };

  for (const { code, id, kind, paste } of cases) {
    test(`${code} ${id}`, async (t) => {
      const source = drawn(`${code}-${id}`, paste);
      if (source.trim() === '') {
        assert.notEqual(kind, 'trigger', 'what a finding is shown by has a picture');
        t.skip('there is no flow in this paste, so no picture');
        return;
      }
      const { diagramType } = await mermaid.parse(source);
      assert.match(diagramType, /^(flowchart|sequence)/);
    });
  }

  test('a broken diagram is refused', async () => {
    const { code, id, paste } = cases.find(({ kind }) => kind === 'trigger');
    const source = drawn(`${code}-${id}-broken`, paste);
    await assert.rejects(mermaid.parse(`${source}\n  ]] -->> ((`));
    const [first] = source.split('\n').filter((line) => /^\s*(flowchart|sequenceDiagram)/.test(line));
    await assert.rejects(mermaid.parse(source.replace(first, 'no kind of diagram')));
  });
});
