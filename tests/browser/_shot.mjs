import { launchBrowser, openPage, serveSite } from '/work/wt-page/tests/browser/harness.mjs';
import { mkdirSync, readFileSync } from 'node:fs';
const out='/tmp/shots'; mkdirSync(out,{recursive:true});
const site=await serveSite(); const browser=await launchBrowser();
const {page,problems}=await openPage(browser,site.url);
await page.waitForTimeout(300);
const views=[[1440,900],[390,844]];
const snap=async(name)=>{ for(const scheme of ['light','dark']){ await page.emulateMedia({colorScheme:scheme}); for(const [w,h] of views){ await page.setViewportSize({width:w,height:h}); await page.waitForTimeout(120); await page.screenshot({path:`${out}/${name}-${w}-${scheme}.png`,fullPage:w<500}); } } await page.setViewportSize({width:1440,height:900}); };
await snap('welcome');
const samples=await page.locator('.sample').all();
console.log('samples',samples.length);
for(const s of samples){ const code=await s.getAttribute('data-sample'), shows=(await s.getAttribute('data-shows')).split(' ')[0]; console.log(code,shows,(await s.innerText()).trim()); }
for(let i=0;i<samples.length;i++){ const s=page.locator('.sample').nth(i); const code=await s.getAttribute('data-sample'), shows=(await s.getAttribute('data-shows')).split(' ')[0];
 await s.click(); await page.locator('[data-run=done], [data-run=broken]').waitFor({state:'attached'}); await page.waitForTimeout(150);
 console.log(i,code,shows,await page.locator('.finding').evaluateAll(a=>a.map(x=>x.dataset.code)),await page.locator('.figure').evaluateAll(a=>a.map(x=>x.dataset.kind+':'+x.dataset.verdict)));
 await snap(`${i}-${code}-${shows}`);
 await page.locator('.pane-outcome').evaluate(e=>e.scrollTo(0,1e6)); await page.screenshot({path:`${out}/${i}-${code}-${shows}-end.png`});
}
console.log(problems.slice(0,10)); await browser.close(); await site.close();
