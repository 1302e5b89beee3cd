// The pages as the program itself serves them: its headers, its words, its restarts.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assertAccessible, closePage, launch, openPage, picture } from './browser.mjs';
import { startReal, withoutProgram } from './real_server.mjs';
import { askForCall, codeField, heading, notice, phoneField } from './visitor.mjs';

const refused = { expected: /Failed to load resource|net::ERR/ };
const visitor = (page) => page.locator('ringback-phone.visitor');
const business = (page) => page.locator('ringback-phone.business');
const button = (phone, name) => phone.getByRole('button', { name, exact: true });
const glowing = async (page) =>
  (await page.locator('.glow:visible').allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());

/** Tab until the wanted thing has the focus, as a person without a mouse does. */
async function tabTo(page, wanted) {
  const most = 60;
  for (let steps = 0; steps < most; ++steps) {
    const here = await page.evaluate(() => {
      let element = document.activeElement;
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
      return (element?.getAttribute('name') ?? element?.innerText ?? '').replace(/\s+/g, ' ').trim();
    });
    if (wanted.test(here)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`the keyboard never reaches ${wanted}`);
}

describe('the program', { skip: withoutProgram }, () => {
  let browser;
  let server;
  before(async () => {
    browser = await launch();
    server = await startReal();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  test('a number of no telephone and one of another country are explained at the field', async () => {
    const page = await openPage(browser, server.url);
    for (const wrong of ['12', 'call me maybe', '+44 20 7946 0018']) {
      await askForCall(page, wrong);
      await page.locator('.wrong #phone-hint', { hasText: /nothing was sent or dialled\.\s*$/ }).waitFor();
      await phoneField(page).fill('');
    }
    await assertAccessible(page, 'a wrong number');
    await closePage(page, refused);
  });

  test('a wrong code is told with the tries left, the right one after it still works', async () => {
    const page = await openPage(browser, server.url);
    await askForCall(page, '+12025550131');
    await codeField(page).waitFor();
    const banner = visitor(page).locator('.banner', { hasText: /\d{6}/ });
    await banner.waitFor();
    const code = /\d{6}/.exec(await banner.innerText())[0];
    await codeField(page).pressSequentially(code === '000000' ? '000001' : '000000');
    await page.locator('.wrong #code-hint', { hasText: /4/ }).waitFor();
    await codeField(page).pressSequentially(code);
    await heading(page, /We are ringing/).waitFor();
    await page.getByRole('button', { name: 'Cancel the call' }).click();
    await heading(page, 'Cancelled').waitFor();
    await closePage(page, refused);
  });

  test('a newcomer who clicks only what glows gets to the call', async () => {
    const page = await openPage(browser, server.url);
    const glow = page.locator('.glow:visible');
    await glow.filter({ hasText: 'Use this number' }).click();
    assert.match(await phoneField(page).inputValue(), /^\+1 202 555 /);
    await page.keyboard.press('Enter');
    await glow.filter({ hasText: 'Tap to use' }).waitFor();
    assert.equal((await glowing(page)).length, 1);
    await glow.click();
    for (const [phone, name] of [[business(page), 'Answer'], [business(page), '1'], [visitor(page), 'Answer']]) {
      const next = phone.locator('.glow', { hasText: name });
      await next.waitFor();
      assert.deepEqual(await glowing(page), [name]);
      await next.click();
    }
    await heading(page, 'You are connected').waitFor();
    assert.deepEqual(await glowing(page), []);
    await assertAccessible(page, 'connected');
    await button(business(page), 'Hang up').click();
    await heading(page, 'The call is over').waitFor();
    await closePage(page);
  });

  test('the whole story is told by keyboard alone', async () => {
    const page = await openPage(browser, server.url);
    await phoneField(page).waitFor();
    await tabTo(page, /^phone$/);
    await page.keyboard.type('202 555 0133');
    await page.keyboard.press('Enter');
    await codeField(page).waitFor();
    await visitor(page).locator('.banner', { hasText: /Tap to use/ }).waitFor();
    await tabTo(page, /Tap to use/);
    await page.keyboard.press('Enter');
    for (const [phone, name] of [[business(page), 'Answer'], [business(page), '1'], [visitor(page), 'Answer'], [visitor(page), 'Hang up']]) {
      const key = button(phone, name);
      await key.waitFor();
      if (name === '1') await phone.locator('.caption', { hasText: /press/i }).waitFor();
      await key.focus();
      await page.keyboard.press('Enter');
    }
    await heading(page, 'The call is over').waitFor();
    await closePage(page);
  });

  test('killed and started again while one watches: form and desk mend themselves', async () => {
    const form = await openPage(browser, server.url);
    const desk = await openPage(browser, `${server.url}/simulator/`);
    await askForCall(form, '+12025550134');
    await codeField(form).waitFor();
    await visitor(form).locator('.banner', { hasText: /Tap to use/ }).click();
    await business(form).getByText('Incoming call').waitFor();
    await server.kill();
    await notice(form, 'Connection lost').waitFor();
    await desk.getByText('The simulator does not answer.').waitFor();
    await picture(form, 'real-lost');
    await assertAccessible(form, 'lost');
    await server.start();
    await notice(form, 'Connection lost').waitFor({ state: 'detached' });
    await desk.getByText('The simulator does not answer.').waitFor({ state: 'detached' });
    // The exchange of before is gone and its call with it; the callback is not, and obeys.
    await form.getByRole('button', { name: 'Cancel the call' }).click();
    await heading(form, 'Cancelled').waitFor();
    await picture(form, 'real-mended');
    await closePage(form, refused);
    await closePage(desk, refused);
  });

  test('every page is whole under the headers of the program', async () => {
    for (const path of ['/', '/simulator/', '/privacy', '/terms', '/docs/api', '/docs/problems/state_conflict']) {
      const page = await openPage(browser, server.url + path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await assertAccessible(page, path);
      await closePage(page);
    }
  });

  test('every link of ours leads to a page of the program', async () => {
    const seen = new Set(['/']);
    for (const path of seen) {
      const answer = await fetch(server.url + path);
      assert.equal(answer.status, 200, path);
      const text = await answer.text();
      if (!answer.headers.get('content-type').startsWith('text/html')) continue;
      for (const [, href] of text.matchAll(/<a [^>]*href="(\/[^"#]*)/g)) seen.add(href);
    }
    assert.ok(seen.size > 25);
  });
});
