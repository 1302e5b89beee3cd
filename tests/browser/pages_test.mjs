// The text pages: whole, reachable from each other, and free of anything the CSP would refuse.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { problems } from '../../web/tools/problems.mjs';
import { atEveryWidth, closePage, launch, openPage } from './browser.mjs';
import { startMock } from './mock_server.mjs';

const dist = fileURLToPath(new URL('../../web/dist/', import.meta.url));
let browser;
let mock;

before(async () => {
  browser = await launch();
  mock = await startMock();
});
after(async () => {
  await browser.close();
  await mock.close();
});

test('no page carries an inline script, style or handler', () => {
  for (const name of readdirSync(dist, { recursive: true }).filter((one) => one.endsWith('.html'))) {
    const page = readFileSync(dist + name, 'utf8');
    assert.doesNotMatch(page, /<script(?![^>]*\bsrc=)/, name);
    assert.doesNotMatch(page, /<style|\sstyle=|\son\w+=/, name);
    assert.doesNotMatch(page, /<[^>]+(?:src|href)="https?:/, name);
  }
});

test('every problem has its page', () => {
  assert.equal(problems.length, 21);
  for (const [code, status, title] of problems) {
    const page = readFileSync(`${dist}docs/problems/${code}.html`, 'utf8');
    assert.ok(page.includes(`<h1>${title}</h1>`) && page.includes(`${status} <code>${code}</code>`), code);
  }
});

for (const path of ['/privacy', '/terms', '/docs/api', '/docs/problems/state_conflict', '/production']) {
  test(`${path} is whole at every width, light and dark`, async () => {
    const page = await openPage(browser, mock.url + path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      await atEveryWidth(page, `page${path.replaceAll('/', '-')}-${colorScheme}`);
    }
    await closePage(page);
  });
}

test('every link of ours leads to a page', async () => {
  const page = await openPage(browser, mock.url);
  const seen = new Set(['/']);
  for (const path of seen) {
    if (path === '/docs/openapi.yaml') continue;
    const answer = await page.request.get(mock.url + path);
    assert.equal(answer.status(), 200, path);
    for (const [, href] of (await answer.text()).matchAll(/<a [^>]*href="(\/[^"#]*)/g)) seen.add(href);
  }
  assert.ok(seen.size > 25);
  await closePage(page);
});
