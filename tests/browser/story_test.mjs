// The whole story through the pages alone, told against the pretend server and against the program
// itself with its simulator (RINGBACK_PROGRAM).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { closePage, launch, openPage, patienceMs, picture } from './browser.mjs';
import { startMock } from './mock_server.mjs';
import { startReal, withoutProgram } from './real_server.mjs';
import { askForCall, codeField, heading } from './visitor.mjs';

const visitor = (page) => page.locator('ringback-phone.visitor');
const business = (page) => page.locator('ringback-phone.business');
const button = (phone, name) => phone.getByRole('button', { name, exact: true });
const tail = (phone) => phone.slice(-4);
const numbers = ['+12025550123', '+12025550124', '+12025550125'];

/** The code as the visitor reads it: in the newest text on the phone. */
async function readCode(desk, phone) {
  await desk.locator('ringback-phone.visitor header', { hasText: tail(phone) }).waitFor();
  const banner = visitor(desk).locator('.banner');
  await banner.waitFor();
  const code = /\d{6}/.exec(await banner.innerText())?.[0];
  assert.ok(code, 'the text holds six digits');
  return code;
}

async function prove(form, desk, phone) {
  await askForCall(form, phone);
  await codeField(form).waitFor();
  await codeField(form).pressSequentially(await readCode(desk, phone));
  await codeField(form).waitFor({ state: 'detached' });
}

function tell(name, skip, startServer) {
  describe(name, { skip }, () => {
    let browser;
    let server;
    before(async () => {
      browser = await launch();
      server = await startServer();
    });
    after(async () => {
      await browser?.close();
      await server?.close();
    });
    const baseUrl = () => server.url;

    test('on one page: number, code, business answers and presses 1, visitor answers, they talk', async () => {
      const page = await openPage(browser, `${baseUrl()}/`);
      await prove(page, page, numbers[0]);
      await button(business(page), 'Answer').click();
      await business(page).locator('.caption', { hasText: /press/i }).waitFor();
      await button(business(page), '1').click();
      await heading(page, 'Your phone is ringing').waitFor();
      assert.equal(await page.getByRole('button', { name: 'Cancel the call' }).count(), 0);
      await button(visitor(page), 'Answer').click();
      await heading(page, 'You are connected').waitFor();
      await page.locator('ringback-desk .line.joined').waitFor();
      await picture(page, `story-${name}-connected`);
      await button(visitor(page), 'Hang up').click();
      await heading(page, 'The call is over').waitFor();
      await business(page).locator('.thread').waitFor();
      await closePage(page);
    });

    test('on two pages: the business declines, the form says missed, the business gets the text', async () => {
      const form = await openPage(browser, `${baseUrl()}/`);
      const desk = await openPage(browser, `${baseUrl()}/simulator/`);
      await business(desk).locator('header').waitFor();
      await prove(form, desk, numbers[1]);
      const missed = heading(form, /could not take the call/);
      const decline = button(business(desk), 'Decline');
      for (const deadline = Date.now() + 4 * patienceMs; !(await missed.isVisible()); ) {
        assert.ok(Date.now() < deadline, 'a declined callback becomes missed');
        await Promise.race([missed.waitFor(), decline.click()]).catch(() => undefined);
      }
      await business(desk).locator('.bubble', { hasText: tail(numbers[1]) }).last().waitFor();
      await picture(desk, `story-${name}-missed`);
      await closePage(form);
      await closePage(desk);
    });

    test('cancelled while the business rings: the ringing ends and the visitor is never called', async () => {
      const page = await openPage(browser, `${baseUrl()}/`);
      await prove(page, page, numbers[2]);
      await button(business(page), 'Answer').waitFor();
      await page.getByRole('button', { name: 'Cancel the call' }).click();
      await heading(page, 'Cancelled').waitFor();
      await button(business(page), 'Answer').waitFor({ state: 'detached' });
      const { calls } = await (await page.request.get(`${baseUrl()}/simulator/api/calls`)).json();
      assert.deepEqual(calls.filter((call) => call.to === numbers[2]), []);
      await closePage(page);
    });
  });
}

tell('pretend', false, startMock);
tell('real', withoutProgram, startReal);
