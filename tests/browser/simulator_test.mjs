// The desk: what each phone shows, what each click sends, and how it bears a restart.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { assertAccessible, atEveryWidth, closePage, launch, openPage, picture } from './browser.mjs';
import { startMock } from './mock_server.mjs';
import { askForCall, codeField, heading } from './visitor.mjs';

const refused = { expected: /Failed to load resource|net::ERR/ };
let browser;
let mock;

before(async () => {
  browser = await launch();
});
after(() => browser.close());
beforeEach(async () => {
  mock = await startMock();
});
afterEach(() => mock.close());

const openDesk = (options) => openPage(browser, `${mock.url}/simulator/`, options);
const visitor = (page) => page.locator('ringback-phone.visitor');
const business = (page) => page.locator('ringback-phone.business');
const glowing = (page) => page.locator('.glow:visible');
const press = (phone, name) => phone.getByRole('button', { name, exact: true }).click();

/** A callback as a program would make it, without the form. */
async function api(path, body, token) {
  const answer = await fetch(`${mock.url}/api/v1${path}`, { method: 'POST', body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }) } });
  return answer.json();
}

async function ringBusiness(phone = '+12025550123') {
  const made = await api('/callbacks', { site: 'default', phone, consent: true });
  await api(`/callbacks/${made.id}/verify`, { code: mock.callbacks.get(made.id).code }, made.token);
  return made.id;
}

test('an empty desk says what to do first, and only that glows', async () => {
  const page = await openDesk();
  await page.getByText('Nothing has happened yet.').waitFor();
  await page.getByText('This phone rings first.').waitFor();
  assert.deepEqual(await glowing(page).allInnerTexts(), ['Ask for a call']);
  assert.equal(await page.getByRole('link', { name: 'Ask for a call' }).getAttribute('href'), '/');
  await assertAccessible(page, 'empty desk');
  await picture(page, 'desk-empty');
  await closePage(page);
});

test('at every moment one thing glows: the sensible next one', async () => {
  const page = await openDesk();
  const made = await api('/callbacks', { site: 'default', phone: '+12025550123', consent: true });
  await visitor(page).locator('.banner').waitFor();
  const { code } = mock.callbacks.get(made.id);
  const glow = async () => (await glowing(page).allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());
  assert.equal((await glow()).length, 1);
  assert.match((await glow())[0], new RegExp(`Tap to use ${code}`));
  await assertAccessible(page, 'a text');
  await visitor(page).locator('.banner').click();
  await visitor(page).getByRole('button', { name: 'Copied' }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), code);
  assert.deepEqual(await glow(), []);
  await api(`/callbacks/${made.id}/verify`, { code }, made.token);
  await business(page).getByText('Incoming call').waitFor();
  assert.deepEqual(await glow(), ['Answer']);
  await picture(page, 'desk-ringing');
  await assertAccessible(page, 'ringing');
  await press(business(page), 'Answer');
  await business(page).getByText('To be connected, press 1.').waitFor();
  assert.deepEqual(await glow(), ['1']);
  await picture(page, 'desk-screening');
  await assertAccessible(page, 'screening');
  await press(business(page), '1');
  await visitor(page).getByText('Incoming call').waitFor();
  assert.deepEqual(await glow(), ['Answer']);
  await press(visitor(page), 'Answer');
  await page.locator('ringback-desk .line.joined').waitFor();
  assert.deepEqual(await glow(), []);
  await picture(page, 'desk-joined');
  await assertAccessible(page, 'joined');
  await press(visitor(page), 'Hang up');
  await page.locator('ringback-desk .line.idle').waitFor();
  await business(page).getByText('Call ended').waitFor();
  await closePage(page);
});

for (const [button, reason] of [['Line is busy', 'business_busy'], ['Let it ring out', 'business_no_answer'],
  ['A machine answers', 'business_machine']]) {
  test(`"${button}" ends the call as ${reason} and the business gets a text`, async () => {
    const page = await openDesk();
    const id = await ringBusiness();
    await business(page).getByRole('button', { name: 'More endings' }).click();
    await picture(page, 'desk-more-endings');
    await press(business(page), button);
    await business(page).locator('.banner', { hasText: 'Missed callback' }).waitFor();
    assert.equal(mock.callbacks.get(id).reason, reason);
    await closePage(page);
  });
}

test('declining sends the text to the business phone, not to the visitor', async () => {
  const page = await openDesk();
  await ringBusiness();
  await press(business(page), 'Decline');
  await business(page).locator('.bubble', { hasText: '+12025550123' }).waitFor();
  assert.equal(await visitor(page).locator('.bubble').count(), 1);
  await picture(page, 'desk-missed');
  await closePage(page);
});

test('a desk opened late shows what happened before', async () => {
  await ringBusiness();
  const page = await openDesk();
  await business(page).getByText('Incoming call').waitFor();
  assert.equal(await visitor(page).locator('.bubble').count(), 1);
  await closePage(page);
});

test('a desk opened after the code came still offers it, until it was used', async () => {
  const made = await api('/callbacks', { site: 'default', phone: '+12025550123', consent: true });
  const page = await openDesk();
  await visitor(page).locator('.banner', { hasText: mock.callbacks.get(made.id).code }).waitFor();
  await api(`/callbacks/${made.id}/verify`, { code: mock.callbacks.get(made.id).code }, made.token);
  await business(page).getByText('Incoming call').waitFor();
  await visitor(page).locator('.banner').waitFor({ state: 'detached' });
  await closePage(page);
});

test('a click on a call that is over says that nothing was done', async () => {
  const page = await openDesk();
  await ringBusiness();
  await business(page).getByText('Incoming call').waitFor();
  await page.route('**/act', (route) => route.fulfill({ status: 409, contentType: 'application/problem+json',
    json: { detail: 'The call is over. Nothing was done.' } }));
  await press(business(page), 'Answer');
  await page.locator('ringback-desk .notice', { hasText: 'The call is over. Nothing was done.' }).waitFor();
  await closePage(page, refused);
});

test('a lost server is said, and a restarted one starts with empty phones', async () => {
  const page = await openDesk();
  await ringBusiness();
  await business(page).getByText('Incoming call').waitFor();
  await mock.stop();
  await page.getByText('The simulator does not answer.').waitFor();
  await picture(page, 'desk-lost');
  mock.calls.length = 0;
  mock.messages.length = 0;
  await mock.start();
  await business(page).getByText('This phone rings first.').waitFor();
  await page.getByText('The simulator does not answer.').waitFor({ state: 'detached' });
  await closePage(page, refused);
});

test('the track tells every request and webhook once, also after a reconnect', async () => {
  const page = await openDesk();
  await ringBusiness();
  const rows = page.locator('ringback-track tbody tr');
  await rows.nth(mock.track.length - 1).waitFor();
  const told = await rows.count();
  mock.dropStreams();
  await press(business(page), 'Answer');
  await rows.nth(told).waitFor();
  assert.equal(await rows.count(), mock.track.length);
  await closePage(page, refused);
});

test('the weather drawer sends all of the faults', async () => {
  const page = await openDesk();
  await page.locator('ringback-weather summary').click();
  await press(page.locator('ringback-weather'), 'Forgetful');
  await page.getByText('Set.', { exact: true }).waitFor();
  assert.deepEqual(mock.faults, { latency_ms: 0, lose_reply_rate: 0.4, error_rate: 0, duplicate_rate: 0, drop_rate: 0.25, reorder_ms: 0, seed: 1 });
  await picture(page, 'desk-weather');
  await assertAccessible(page, 'weather');
  await page.getByLabel('Answers late by').fill('700');
  await page.getByRole('button', { name: 'Forgetful', pressed: false }).waitFor();
  assert.equal(mock.faults.latency_ms, 700);
  await closePage(page);
});

test('on one page the story plays by tapping: the code fills the form in', async () => {
  const page = await openPage(browser, `${mock.url}/`);
  await askForCall(page);
  await codeField(page).waitFor();
  await visitor(page).locator('.banner').click();
  await heading(page, 'We are ringing Harbour Bikes').waitFor();
  await closePage(page);
});

for (const [name, options, script] of [['light', { colorScheme: 'light' }, ''], ['dark', { colorScheme: 'dark' }, ''],
  ['forced-colors', { forcedColors: 'active' }, ''], ['text-200', {}, "document.documentElement.style.fontSize = '200%'"],
  ['right-to-left', {}, "document.documentElement.dir = 'rtl'"]]) {
  test(`the demo page and the desk are whole in ${name}`, async () => {
    await ringBusiness();
    for (const [path, what] of [['/', 'demo'], ['/simulator/', 'desk']]) {
      const page = await openPage(browser, mock.url + path, { viewport: { width: 360, height: 900 }, ...options });
      await page.evaluate(script);
      await page.getByRole('button', { name: 'Business phone' }).click();
      await business(page).getByText('Incoming call').waitFor();
      await atEveryWidth(page, `${what}-${name}`);
      await closePage(page);
    }
  });
}
