// Archives and captures: what is in them, what each of it was read as, and that the page stays at hand.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { BUNDLE, RESOLV_CONF, refused, tar, tarGz, zip } from './archives.mjs';
import { siteAndBrowser } from './harness.mjs';
import { Workbench, pasteOf } from './page.mjs';

const file = (name, buffer) => ({ name, mimeType: 'application/octet-stream', buffer });

describe('files', () => {
  const here = siteAndBrowser();

  async function opened(...files) {
    const bench = await Workbench.open(here.browser, here.site.url);
    await bench.choose(files);
    assert.equal(await bench.settled(), 'done');
    return bench;
  }

  test('a .tar.gz: its members, what each was read as, and which were skipped', async () => {
    const bench = await opened(file('node.tar.gz', tarGz(BUNDLE)));
    const members = await bench.members('node.tar.gz');
    assert.deepEqual(Object.keys(members), BUNDLE.slice(0, 5).map(([path]) => path));
    assert.match(members['i-0f3c/networking/iptables-save.txt'], /iptables-save/);
    assert.match(members['i-0f3c/networking/resolv.conf'], /resolv\.conf/);
    assert.match(members['i-0f3c/networking/eth0.pcap'], /capture/);
    assert.match(members['i-0f3c/ipamd/ipamd.log'], /log/);
    assert.match(members['i-0f3c/system/motd.txt'], /not recognised[^]*1 problem/);
    const skipped = bench.source('node.tar.gz').locator('.skipped');
    assert.match(await skipped.locator('summary').innerText(), /2 files skipped: empty \(1\), program \(1\)/);
    await skipped.locator('summary').click();
    assert.deepEqual(await skipped.locator('li code').allInnerTexts(), [
      'i-0f3c/system/kubelet.bin',
      'i-0f3c/system/instance.txt',
    ]);
    assert.deepEqual(bench.problems, []);
    await bench.page.close();
  });

  test('a member’s text opens at its first output, and has a tab that can be closed', async () => {
    const bench = await opened(file('node.tar.gz', tarGz(BUNDLE)));
    await bench.page.locator('.text-empty', { hasText: 'Choose one of its files' }).waitFor();
    await bench.member('i-0f3c/networking/resolv.conf').click();
    await bench.page.locator('.line.mild[data-line="2"]', { hasText: 'nameserver 10.100.0.10' }).waitFor();
    assert.match(await bench.head(1).innerText(), /resolv\.conf/);
    await bench.member('i-0f3c/ipamd/ipamd.log').click();
    await bench.page.locator('.line[data-line="2"]', { hasText: 'InsufficientFreeAddressesInSubnet' }).waitFor();
    assert.deepEqual(await bench.page.locator('.tab').allInnerTexts(), ['ipamd.log', 'resolv.conf']);
    await bench.page.getByRole('button', { name: 'Close node.tar.gz/i-0f3c/ipamd/ipamd.log' }).click();
    await bench.page.locator('.line[data-line="2"]', { hasText: 'nameserver' }).waitFor();
    assert.deepEqual(bench.problems, []);
    await bench.page.close();
  });

  test('members are found by name, by format, and by not being understood', async () => {
    const many = Array.from({ length: 20 }, (_, index) => [`i-0f3c/pods/${index}/resolv.conf`, RESOLV_CONF]);
    const bench = await opened(file('node.tar.gz', tarGz([...BUNDLE, ...many])));
    const listed = async () => Object.keys(await bench.members('node.tar.gz')).map((path) => path.split('/').slice(1).join('/'));
    assert.equal((await listed()).length, 25);
    const filter = bench.page.locator('#filter');
    await filter.fill('pods 13');
    assert.deepEqual(await listed(), ['pods/13/resolv.conf']);
    await filter.fill('IPTABLES-save');
    assert.deepEqual(await listed(), ['networking/iptables-save.txt']);
    await filter.fill('a log');
    assert.deepEqual(await listed(), ['ipamd/ipamd.log']);
    await filter.fill('');
    await bench.page.getByLabel('Only what was not understood').check();
    assert.deepEqual(await listed(), ['system/motd.txt']);
    await bench.page.getByLabel('Only what was not understood').uncheck();
    assert.equal((await listed()).length, 25);
    await bench.page.close();
  });

  test('several files at once, dropped: a .zip with an archive in it, a .gz, a text, each under its own name', async () => {
    const bench = await Workbench.open(here.browser, here.site.url);
    const dropped = [
      ['ticket.zip', zip([['readme.md', '$ cat /etc/resolv.conf\n' + RESOLV_CONF], ['inner/pod.tar.gz', tarGz([['etc/resolv.conf', RESOLV_CONF]])]])],
      ['story.txt.gz', gzipSync(pasteOf('LB-011'))],
      ['plain.txt', Buffer.from('$ cat /etc/resolv.conf\n' + RESOLV_CONF)],
      ['pods.tar', tar([['a/resolv.conf', RESOLV_CONF], ['b/resolv.conf', RESOLV_CONF]])],
    ];
    await bench.page.evaluate((files) => {
      const data = new DataTransfer();
      for (const [name, base64] of files) {
        data.items.add(new File([Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))], name));
      }
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    }, dropped.map(([name, content]) => [name, content.toString('base64')]));
    await bench.finding('LB-011').waitFor();
    await bench.settled();
    assert.deepEqual(await bench.page.locator('.source-name').allInnerTexts(), dropped.map(([name]) => name));
    assert.deepEqual(Object.keys(await bench.members('ticket.zip')), ['readme.md', 'inner/pod.tar.gz/etc/resolv.conf']);
    assert.deepEqual(Object.keys(await bench.members('pods.tar')), ['a/resolv.conf', 'b/resolv.conf']);
    // What is packed alone is a text like any other.
    assert.ok((await bench.source('story.txt.gz').locator('.part').count()) > 3);
    await bench.finding('LB-011').locator('.cite').first().click();
    await bench.page.locator('.tab[aria-pressed=true]', { hasText: 'story.txt.gz' }).waitFor();
    await bench.marked.first().waitFor();
    // A member's lines are cited under its name.
    await bench.member('inner/pod.tar.gz/etc/resolv.conf').click();
    await bench.page.locator('.line[data-line="3"]', { hasText: 'ndots:5' }).waitFor();
    assert.deepEqual(bench.problems, []);
    await bench.page.close();
  });

  test('a .pcap: a line for each packet, which says what its lines are', async () => {
    const bench = await opened(file('eth0.pcap', refused()));
    const part = bench.source('eth0.pcap').locator('.part');
    assert.equal(await part.count(), 1);
    assert.match(await part.innerText(), /pcap/);
    await part.click();
    await bench.page.locator('.line[data-line="3"]').waitFor();
    const lines = await bench.page.locator('.line .tx').allInnerTexts();
    assert.equal(lines.length, 3, 'a line a packet');
    assert.match(lines[0], /10\.20\.3\.77\.40112 > 10\.20\.1\.12\.443: .*\[S\]/);
    assert.match(lines[1], /10\.20\.1\.12\.443 > 10\.20\.3\.77\.40112: .*\[R\.\]/);
    assert.match(await bench.head(1).innerText(), /its number the packet’s/);
    assert.equal(await bench.head(1).getByRole('button').count(), 0, 'a capture is no text of another format');
    assert.deepEqual(bench.problems, []);
    await bench.page.close();
  });

  test('an archive that is cut gives what it has and says so', async () => {
    const whole = tarGz([['a/resolv.conf', RESOLV_CONF], ['noise.txt', Array.from({ length: 999 }, (_, n) => `noise ${n * n}`).join('\n')]]);
    const bench = await opened(file('cut.tar.gz', whole.subarray(0, whole.length - 400)));
    const said = (await bench.warnings('cut.tar.gz')).join('\n');
    assert.match(said, /breaks off inside of noise\.txt/);
    assert.match((await bench.members('cut.tar.gz'))['a/resolv.conf'], /resolv\.conf/);
    await bench.page.close();
  });

  test('removing an archive takes its members and its tabs away', async () => {
    const bench = await opened(file('node.tar.gz', tarGz(BUNDLE)), file('plain.txt', Buffer.from(RESOLV_CONF)));
    await bench.member('i-0f3c/system/motd.txt').click();
    await bench.page.locator('.line', { hasText: 'the quick brown fox' }).waitFor();
    await bench.page.getByRole('button', { name: 'Remove node.tar.gz' }).click();
    await bench.page.locator('.line', { hasText: 'nameserver' }).waitFor();
    assert.equal(await bench.page.locator('.tab').count(), 1);
    assert.equal(await bench.page.locator('.member').count(), 0);
    await bench.page.close();
  });

  test('20,100 members in 40 MB: the limit is said, the list is short, and clicks are answered', async (context) => {
    const directory = await mkdtemp(join(tmpdir(), 'whypath-files-'));
    const members = Array.from({ length: 20_100 }, (_, index) => [
      `must-gather/pods/${index}.log`,
      index % 2 ? `I1124 15:58:02.101000       1 main.go:${index}] started\n`.repeat(30) : `the quick brown fox ${index}\n`,
    ]);
    const path = join(directory, 'must-gather.tar.gz');
    await writeFile(path, tarGz(members));
    const bench = await Workbench.open(here.browser, here.site.url);
    await bench.page.evaluate(() => {
      window.tasks = [0];
      new PerformanceObserver((list) => list.getEntries().forEach((entry) => window.tasks.push(entry.duration))).observe({
        type: 'longtask',
      });
    });
    await bench.choose([path]);
    const theme = bench.page.locator('#theme');
    while ((await bench.page.locator('.status').getAttribute('data-run')) !== 'done') await theme.click();
    await bench.settled();
    assert.match((await bench.warnings('must-gather.tar.gz')).join('\n'), /20000 members/);
    assert.match(await bench.page.locator('.members-summary').innerText(), /^(19,999|20,000) texts in must-gather\/pods\/, 10,000 not understood/);
    assert.ok((await bench.page.locator('.member').count()) <= 100);
    await bench.page.locator('#filter').fill('19997');
    await bench.member('must-gather/pods/19997.log').click();
    await bench.page.locator('.line[data-line="30"]', { hasText: 'main.go:19997' }).waitFor();
    assert.match(await bench.head(1).innerText(), /log/, 'the last member’s parts are listed, too');
    const slowest = await bench.page.evaluate(() => Math.max(...window.tasks));
    assert.deepEqual(bench.problems, []);
    await bench.page.close();
    await rm(directory, { recursive: true, force: true });
    context.diagnostic(`the longest task of the page took ${slowest} ms`);
  });
});
