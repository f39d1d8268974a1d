// Folders: which of their files are read, which are named as left out, and what their paths tell.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { BUNDLE, RESOLV_CONF, tarGz } from './archives.mjs';
import { launchBrowser, serveSite } from './harness.mjs';
import { Workbench } from './page.mjs';

describe('folders', () => {
  let site;
  let browser;
  let root;

  before(async () => {
    site = await serveSite();
    browser = await launchBrowser();
    root = await mkdtemp(join(tmpdir(), 'whypath-folders-'));
  });

  after(async () => {
    await browser?.close();
    await site?.close();
    await rm(root, { recursive: true, force: true });
  });

  /** Writes files into a folder; returns its path. */
  async function folder(name, files) {
    for (const [path, content] of files) {
      const file = join(root, name, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    }
    return join(root, name);
  }

  /** What a log collector leaves, unpacked, with what file managers, editors and crashes leave beside it. */
  function bundle(name) {
    return folder(name, [
      ...BUNDLE.map(([path, content]) => [path.replace('i-0f3c/', ''), content]),
      ['namespaces/shop/pods/cart-0/app/app/logs/current.log', 'listening on 8080\nready\n'],
      ['pods.tar.gz', tarGz([['etc/resolv.conf', RESOLV_CONF]])],
      ['.DS_Store', Buffer.from('\0\0\0\x01Bud1')],
      ['.git/HEAD', 'ref: refs/heads/main\n'],
      ['.git/objects/ab/cd', 'x'],
      ['var_log/core.4711', Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01\0', 'latin1'), Buffer.alloc(9 << 20)])],
    ]);
  }

  const READ = [
    'ipamd/ipamd.log',
    'namespaces/shop/pods/cart-0/app/app/logs/current.log',
    'networking/eth0.pcap',
    'networking/iptables-save.txt',
    'networking/resolv.conf',
    'pods.tar.gz/etc/resolv.conf',
    'system/motd.txt',
  ];

  /** Waits until a folder was walked and read. */
  async function settled(bench, name) {
    await bench.source(name).waitFor();
    assert.equal(await bench.settled(), 'done');
  }

  async function isRead(bench, name) {
    await settled(bench, name);
    const members = await bench.members(name);
    assert.deepEqual(Object.keys(members), READ);
    assert.match(members['networking/iptables-save.txt'], /iptables-save/);
    assert.match(members['networking/eth0.pcap'], /capture/);
    const skipped = bench.source(name).locator('.skipped');
    await skipped.locator('summary').click();
    assert.deepEqual(await skipped.locator('li').allInnerTexts().then((all) => all.map((one) => one.replace(/\s+/g, ' ')).sort()), [
      '.DS_Store hidden file, 8 B',
      '.git hidden folder',
      'system/instance.txt empty, 0 B',
      'system/kubelet.bin program, 20 B',
      'var_log/core.4711 program, 9.4 MB',
    ]);
    // Only the path tells what these lines are, as that of an archive's member does.
    assert.match(members[READ[1]], /a log/);
    await bench.member(READ[1]).click();
    await bench.page.locator('.line[data-line="2"]', { hasText: 'ready' }).waitFor();
    assert.equal(await bench.page.locator('.tab[aria-pressed=true]').innerText(), 'current.log');
    assert.deepEqual(bench.problems, []);
  }

  test('a folder, chosen: its files by their paths, and what was left out', async () => {
    const bench = await Workbench.open(browser, site.url);
    await bench.chooseFolder(await bundle('i-0f3c'));
    await isRead(bench, 'i-0f3c');
    await bench.page.close();
  });

  test('a folder, dropped beside a file: the same', async () => {
    const path = await bundle('i-0a1b');
    // A browser does not tell of links that lie in a folder.
    await symlink('..', join(path, 'loop'));
    const file = join(await folder('beside', [['note.txt', '$ cat /etc/resolv.conf\n' + RESOLV_CONF]]), 'note.txt');
    const bench = await Workbench.open(browser, site.url);
    await bench.drop([path, file]);
    await isRead(bench, 'i-0a1b');
    assert.deepEqual(await bench.page.locator('.source-name').allInnerTexts(), ['i-0a1b', 'note.txt']);
    assert.equal(await bench.notice.count(), 0, 'what was said while it was walked is gone');
    await bench.page.getByRole('button', { name: 'Remove i-0a1b' }).click();
    await bench.settled();
    assert.equal(await bench.page.locator('.member').count(), 0);
    await bench.page.close();
  });

  test('a folder of one file is listed, an empty one says so', async () => {
    const bench = await Workbench.open(browser, site.url);
    await mkdir(join(root, 'nothing'));
    await bench.drop([await folder('one', [['etc/resolv.conf', RESOLV_CONF]]), join(root, 'nothing')]);
    await settled(bench, 'one');
    assert.deepEqual(Object.keys(await bench.members('one')), ['etc/resolv.conf']);
    assert.match((await bench.warnings('nothing')).join('\n'), /There is no file in it/);
    assert.deepEqual(bench.problems, []);
    await bench.page.close();
  });

  test('300 entries of a folder, which a browser tells of in pieces, are all found', async () => {
    const some = Array.from({ length: 250 }, (_, n) => [`sub/${String(n).padStart(5, '0')}.log`, `the quick brown fox ${n}\n`]);
    const folders = Array.from({ length: 50 }, (_, n) => [`sub/folder-${n}/resolv.conf`, RESOLV_CONF]);
    const bench = await Workbench.open(browser, site.url);
    await bench.drop([await folder('some', [...some, ...folders])]);
    await settled(bench, 'some');
    assert.match(await bench.source('some').locator('.members-summary').innerText(), /^300 texts in sub\//);
    assert.deepEqual(bench.problems, []);
    await bench.page.close();
  });
});
