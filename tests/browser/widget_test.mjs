// The form at its edges: what is refused, lost, late or cut, and what it says then.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { assertAccessible, atEveryWidth, closePage, launch, openPage, patienceMs, picture } from './browser.mjs';
import { startMock } from './mock_server.mjs';
import { askAndProve, askForCall, codeField, heading, notice, phoneField } from './visitor.mjs';

// The browser itself logs every answer above 399 and every refused connection.
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

const openForm = (options) => openPage(browser, `${mock.url}/production`, options);
const sent = (path) => mock.requests.filter((one) => one.method === 'POST' && path.test(one.path));
const creates = () => sent(/\/callbacks$/);
const verifies = () => sent(/\/verify$/);

async function until(condition, what) {
  const deadline = Date.now() + patienceMs;
  while (!(await condition())) {
    assert.ok(Date.now() < deadline, `never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const focusedName = (page) =>
  page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.getAttribute('name'));

test('an empty number is refused at the field and nothing is sent', async () => {
  const page = await openForm();
  await phoneField(page).press('Enter');
  await page.locator('#phone-hint', { hasText: 'Type the number we can call. Nothing was sent.' }).waitFor();
  assert.equal(await phoneField(page).getAttribute('aria-invalid'), 'true');
  assert.equal(await focusedName(page), 'phone');
  assert.equal(creates().length, 0);
  await closePage(page);
});

test('a number the server refuses is explained at the field in its words', async () => {
  const page = await openForm();
  await askForCall(page, 'call me maybe');
  await page.locator('#phone-hint', { hasText: 'This is not a phone number. Nothing was sent' }).waitFor();
  await askForCall(page, '+44 20 7946 0018');
  await page.locator('#phone-hint', { hasText: 'We call numbers in the United States only' }).waitFor();
  assert.equal(await focusedName(page), 'phone');
  await closePage(page, refused);
});

test('an unanswered request says what is not known, and pressing again carries the same key', async () => {
  const page = await openForm();
  mock.fail('POST /callbacks', 'hang_up');
  await askForCall(page);
  await notice(page, 'you will not be called twice').waitFor();
  await page.getByRole('button', { name: 'Call me back' }).click();
  await codeField(page).waitFor();
  const keys = creates().map((one) => one.headers['idempotency-key']);
  assert.equal(new Set(keys).size, 1);
  assert.equal(mock.callbacks.size, 1);
  await closePage(page, refused);
});

test('another number after an unanswered request carries another key', async () => {
  const page = await openForm();
  mock.fail('POST /callbacks', 'hang_up');
  await askForCall(page);
  await notice(page, 'you will not be called twice').waitFor();
  await askForCall(page, '(202) 555-0124');
  await codeField(page).waitFor();
  const keys = creates().map((one) => one.headers['idempotency-key']);
  assert.equal(new Set(keys).size, 2);
  await closePage(page, refused);
});

test('a request still in work is asked for again by itself', async () => {
  const page = await openForm();
  const inWork = { status: 409, code: 'idempotency_conflict', detail: 'Still in work.' };
  mock.fail('POST /callbacks', inWork, inWork);
  await askForCall(page);
  await codeField(page).waitFor();
  assert.equal(creates().length, 3);
  await closePage(page, refused);
});

test('a spent budget is told as it is', async () => {
  const page = await openForm();
  mock.fail('POST /callbacks', { status: 503, code: 'budget_reached', retry_after: 3600,
    detail: 'No more calls can be made today. Nobody was called. Try again tomorrow.' });
  await askForCall(page);
  await notice(page, 'No more calls can be made today').waitFor();
  await picture(page, 'form-budget');
  await closePage(page, refused);
});

test('the request says consent, and only what was filled in', async () => {
  const page = await openForm();
  await page.getByRole('button', { name: 'Add a message' }).click();
  await page.getByLabel('What is it about').fill('A flat tyre');
  await askForCall(page);
  await codeField(page).waitFor();
  assert.deepEqual(creates()[0].body,
    { site: 'default', phone: '(202) 555-0123', message: 'A flat tyre', locale: 'en-US', consent: true });
  await closePage(page);
});

test('the honeypot is out of reach for people and reported for machines', async () => {
  const page = await openForm();
  await phoneField(page).waitFor();
  assert.equal(await page.getByRole('textbox', { name: 'Leave this empty' }).count(), 0);
  await page.locator('ring-back [name=website]').evaluate((field) => (field.value = 'http://spam'));
  await askForCall(page);
  await codeField(page).waitFor();
  assert.equal(creates()[0].body.website, 'http://spam');
  await closePage(page);
});

test('the small print tells who calls from where and when', async () => {
  Object.assign(mock.site, { open: false, next_opening: '2026-11-23T14:00:00Z', timezone: 'America/New_York' });
  const page = await openForm({ timezoneId: 'Europe/Paris' });
  await page.clock.setFixedTime(new Date('2026-11-21T10:00:00Z'));
  await page.reload();
  const print = page.locator('ring-back .print');
  await print.waitFor();
  const text = await print.innerText();
  assert.match(text, /closed now and open Monday 3:00.PM, your time/);
  assert.match(text, /\+1 202 555 0100/);
  assert.match(text, /asks Harbour Bikes to text a code to your number and call it/);
  await page.getByText('Closed now', { exact: true }).waitFor();
  await closePage(page);
});

test('the sixth digit sends the code once, even when Enter follows at once', async () => {
  const page = await openForm();
  await askForCall(page);
  await codeField(page).waitFor();
  mock.dialAfterVerify = false;
  const [callback] = mock.callbacks.values();
  await codeField(page).pressSequentially(callback.code);
  await page.keyboard.press('Enter');
  await heading(page, 'Your call is next').waitFor();
  assert.equal(verifies().length, 1);
  await closePage(page);
});

test('a wrong code says how many tries are left and keeps the field in hand', async () => {
  const page = await openForm();
  await askForCall(page);
  await codeField(page).waitFor();
  const [callback] = mock.callbacks.values();
  const wrong = callback.code === '000000' ? '000001' : '000000';
  await codeField(page).pressSequentially(wrong);
  await page.locator('#code-hint', { hasText: 'You can try 4 more times; nobody was called.' }).waitFor();
  assert.equal(await focusedName(page), 'code');
  await picture(page, 'form-code-wrong');
  await assertAccessible(page, 'wrong code');
  await page.keyboard.type(callback.code);
  await codeField(page).waitFor({ state: 'detached' });
  assert.equal(verifies().length, 2);
  await closePage(page, refused);
});

test('an expired code opens the way to a new one', async () => {
  const page = await openForm();
  await askForCall(page);
  mock.fail('POST /callbacks/{id}/verify', { status: 410, code: 'code_expired', detail: 'This code ran out. Ask for a new one; nobody was called.' });
  await codeField(page).pressSequentially('123456');
  await page.locator('#code-hint', { hasText: 'This code ran out' }).waitFor();
  await page.getByRole('button', { name: 'Send a new code' }).click();
  await page.locator('#code-hint', { hasText: 'Only the newest code works' }).waitFor();
  assert.equal(sent(/\/resend$/).length, 1);
  assert.equal(mock.messages.length, 2);
  await closePage(page, refused);
});

test('a new code can be asked for only after the wait, which is counted down', async () => {
  const page = await openForm();
  await askForCall(page);
  const wait = page.getByRole('button', { name: /New code in (1:00|0:\d\d)/ });
  await wait.waitFor();
  assert.equal(await wait.getAttribute('aria-disabled'), 'true');
  await wait.click({ force: true });
  assert.equal(sent(/\/resend$/).length, 0);
  await closePage(page);
});

test('a code whose answer was lost is found proven by its stream', async () => {
  const page = await openForm();
  await askForCall(page);
  await codeField(page).waitFor();
  mock.dialAfterVerify = false;
  mock.fail('POST /callbacks/{id}/verify', 'hang_up');
  await codeField(page).pressSequentially([...mock.callbacks.values()][0].code);
  await heading(page, 'Your call is next').waitFor();
  assert.equal(verifies().length, 1);
  await closePage(page, refused);
});

test('without a stream too: sending the code again finds it proven', async () => {
  const page = await openForm();
  await page.route('**/events', (route) => route.abort());
  await askForCall(page);
  await codeField(page).waitFor();
  mock.dialAfterVerify = false;
  mock.fail('POST /callbacks/{id}/verify', 'hang_up');
  await codeField(page).pressSequentially([...mock.callbacks.values()][0].code);
  await page.locator('#code-hint', { hasText: 'press Confirm to send it again' }).waitFor();
  await page.getByRole('button', { name: 'Confirm' }).click();
  await heading(page, 'Your call is next').waitFor();
  await closePage(page, refused);
});

test('changing the number withdraws the request and keeps what was typed', async () => {
  const page = await openForm();
  await askForCall(page);
  await page.getByRole('button', { name: 'Change number' }).click();
  await phoneField(page).waitFor();
  assert.equal(await phoneField(page).inputValue(), '(202) 555-0123');
  await until(() => [...mock.callbacks.values()][0].state === 'cancelled', 'the request is withdrawn');
  await closePage(page);
});

test('joining an earlier request goes on with that one', async () => {
  const page = await openForm();
  mock.dialAfterVerify = false;
  const first = await askAndProve(page, mock);
  const other = await openForm();
  await askForCall(other);
  await codeField(other).waitFor();
  const second = [...mock.callbacks.values()].at(-1);
  await other.route('**/verify', (route) => {
    const { token, code, phone, key, ...doc } = mock.callbacks.get(first);
    return route.fulfill({ json: { ...doc, token } });
  });
  await codeField(other).fill(second.code);
  await heading(other, 'Your call is next').waitFor();
  mock.push(first, { state: 'connected', phase: null });
  await heading(other, 'You are connected').waitFor();
  await closePage(page);
  await closePage(other);
});

// Every state a document can say: heading, word of the state, stage it stands at, button beneath.
const looks = [
  [{ state: 'scheduled', phase: 'opening', scheduled_for: '2030-01-07T14:00:00Z' }, /We call/, 'Scheduled', 'Waiting for the time', 'Cancel the call'],
  [{ state: 'scheduled', phase: 'retry', reason: 'business_busy' }, /was not reached yet/, 'Scheduled', 'Waiting for the time', 'Cancel the call'],
  [{ state: 'queued', phase: null, position: 3 }, /You are number 3 in line/, 'In line', 'Waiting for a free line', 'Cancel the call'],
  [{ state: 'calling', phase: 'ringing_business' }, /We are ringing/, 'Calling', 'Ringing Harbour Bikes', 'Cancel the call'],
  [{ state: 'calling', phase: 'screening' }, /picked up/, 'Calling', 'Harbour Bikes picked up', 'Cancel the call'],
  [{ state: 'calling', phase: 'in_doubt' }, /We are checking a call/, 'Checking', 'Checking whether it rang', 'Cancel the call'],
  [{ state: 'calling', phase: 'ringing_visitor' }, /Your phone is ringing/, 'Calling', 'Ringing you', null],
  [{ state: 'connected', phase: null }, /You are connected/, 'Connected', 'Connected', null],
  [{ state: 'completed', phase: null }, /The call is over/, 'Done', null, 'Ask for another call'],
  [{ state: 'missed', phase: null, reason: 'business_no_answer', message: null }, /could not take the call/, 'Missed', 'Harbour Bikes was not reached', 'Ask again'],
  [{ state: 'missed', phase: null, reason: 'visitor_busy', message: null }, /We did not reach you/, 'Missed', 'Your phone was not answered', 'Ask again'],
  [{ state: 'failed', phase: null, reason: 'number_blocked', message: null }, /cannot be made/, 'Failed', 'Harbour Bikes was not reached', 'Ask again'],
  [{ state: 'cancelled', phase: null, reason: 'by_operator', message: null }, /Cancelled/, 'Cancelled', 'Cancelled', 'Ask again'],
  [{ state: 'expired', phase: null, reason: 'too_old', message: null }, /too old/, 'Expired', 'Harbour Bikes was not reached', 'Ask again'],
];

for (const [document, title, word, stage, button] of looks) {
  const name = [document.state, document.phase, document.reason].filter(Boolean).join(' ');
  test(`${name} is told in a heading, a word with a shape, and a stage`, async () => {
    const page = await openForm();
    mock.dialAfterVerify = false;
    const id = await askAndProve(page, mock);
    await heading(page, 'Your call is next').waitFor();
    mock.push(id, document);
    await heading(page, title).waitFor();
    const state = page.locator('ring-back .state');
    assert.equal((await state.innerText()).trim(), word);
    assert.equal(await state.locator('svg').count(), 1);
    if (stage !== null) {
      const current = page.locator('ring-back .track .current, ring-back .track .stopped');
      assert.match(await current.innerText(), new RegExp(`^${stage}`));
    }
    assert.ok((await page.locator('ring-back .lead').innerText()).length > 10, 'one plain sentence');
    const buttons = await page.locator('ring-back .foot button').allInnerTexts();
    assert.deepEqual(buttons.map((text) => text.trim()), button === null ? [] : [button]);
    await picture(page, `form-${name.replaceAll(' ', '-')}`);
    await assertAccessible(page, name);
    await closePage(page);
  });
}

test('cancel ends it, and asking again starts from the number', async () => {
  const page = await openForm();
  const id = await askAndProve(page, mock);
  await page.getByRole('button', { name: 'Cancel the call' }).click();
  await heading(page, 'Cancelled').waitFor();
  assert.equal(mock.callbacks.get(id).state, 'cancelled');
  await page.getByRole('button', { name: 'Ask again' }).click();
  await phoneField(page).waitFor();
  assert.equal(await focusedName(page), 'phone');
  await closePage(page);
});

test('a cancel that came too late says why and takes the button away', async () => {
  const page = await openForm();
  await askAndProve(page, mock);
  mock.fail('POST /callbacks/{id}/cancel', { status: 409, code: 'state_conflict',
    detail: 'Your phone is being rung already. Decline it on your phone.' });
  await page.getByRole('button', { name: 'Cancel the call' }).click();
  await notice(page, 'Your phone is being rung already. Decline it on your phone.').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Cancel the call' }).count(), 0);
  await closePage(page, refused);
});

test('a cut connection is said quietly, mends itself and resumes where it was', async () => {
  const page = await openForm();
  mock.dialAfterVerify = false;
  const id = await askAndProve(page, mock);
  await heading(page, 'Your call is next').waitFor();
  await mock.stop();
  await notice(page, 'Connection lost. Reconnecting by itself').waitFor();
  await picture(page, 'form-connection-lost');
  mock.push(id, { state: 'connected', phase: null });
  await mock.start();
  await heading(page, 'You are connected').waitFor();
  await notice(page, 'Connection lost').waitFor({ state: 'detached' });
  const last = mock.requests.findLast((one) => one.path.endsWith('/events'));
  assert.match(last.headers['last-event-id'], /^\d+$/);
  assert.match(last.headers.authorization, /^Bearer /);
  await closePage(page, refused);
});

test('a server that restarted without its memory is admitted, with a way on', async () => {
  const page = await openForm();
  mock.dialAfterVerify = false;
  await askAndProve(page, mock);
  await heading(page, 'Your call is next').waitFor();
  await mock.stop();
  mock.callbacks.clear();
  await mock.start();
  await notice(page, 'The server no longer knows this request').waitFor();
  await page.getByRole('button', { name: 'Ask again' }).click();
  await phoneField(page).waitFor();
  await closePage(page, refused);
});

test('a form that cannot load says so and loads when asked again', async () => {
  const page = await openForm();
  await page.route('**/api/v1/sites/default', (route) => route.abort());
  await page.reload();
  await heading(page, 'The form is not available').waitFor();
  await picture(page, 'form-unavailable');
  await assertAccessible(page, 'unavailable');
  await page.unroute('**/api/v1/sites/default');
  await page.getByRole('button', { name: 'Try again' }).click();
  await phoneField(page).waitFor();
  await closePage(page, refused);
});

test('nothing stays in the browser: no cookie, no storage', async () => {
  const page = await openForm();
  const id = await askAndProve(page, mock);
  mock.push(id, { state: 'completed', phase: null });
  await heading(page, 'The call is over').waitFor();
  assert.equal(await page.evaluate(() => localStorage.length + sessionStorage.length), 0);
  assert.deepEqual(await page.context().cookies(), []);
  await closePage(page);
});

test('the visitor may have a wrong clock: the wait is counted all the same', async () => {
  const page = await openForm();
  await page.clock.setFixedTime(new Date('2019-01-01T00:00:00Z'));
  await askForCall(page);
  await page.getByRole('button', { name: /New code in (1:00|0:\d\d)/ }).waitFor();
  await closePage(page);
});

for (const width of [360, 768]) {
  test(`the card keeps its height and its place at ${width} px`, async () => {
    const page = await openForm({ viewport: { width, height: 900 } });
    await phoneField(page).waitFor();
    const box = () => page.locator('ring-back').evaluate((form) => {
      const { x, y, width, height } = form.getBoundingClientRect();
      return { x: x + scrollX, y: y + scrollY, width, height };
    });
    const boxes = [await box()];
    mock.fail('POST /callbacks', { status: 503, code: 'budget_reached', detail: 'No more calls can be made today. Nobody was called. Try again tomorrow.' });
    await askForCall(page);
    await notice(page, 'No more calls').waitFor();
    boxes.push(await box());
    await askForCall(page);
    await codeField(page).waitFor();
    boxes.push(await box());
    mock.dialAfterVerify = false;
    await codeField(page).fill([...mock.callbacks.values()][0].code);
    await heading(page, 'Your call is next').waitFor();
    boxes.push(await box());
    await mock.stop();
    await notice(page, 'Connection lost').waitFor();
    boxes.push(await box());
    await mock.start();
    await notice(page, 'Connection lost').waitFor({ state: 'detached' });
    mock.push([...mock.callbacks.keys()][0], { state: 'missed', phase: null, reason: 'business_no_answer' });
    await heading(page, /could not take/).waitFor();
    boxes.push(await box());
    assert.deepEqual(boxes.slice(1), boxes.slice(0, -1));
    await closePage(page, refused);
  });
}

test('the whole form works by keyboard alone', async () => {
  const page = await openForm();
  await phoneField(page).waitFor();
  for (let steps = 0; (await focusedName(page)) !== 'phone'; ++steps) {
    assert.ok(steps < 10, 'the number field is reached by Tab');
    await page.keyboard.press('Tab');
  }
  await page.keyboard.type('2025550123');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await page.keyboard.press('Tab');
  assert.equal(await focusedName(page), 'name');
  await page.keyboard.type('Ada');
  await page.keyboard.press('Enter');
  await codeField(page).waitFor();
  await until(async () => (await focusedName(page)) === 'code', 'focus is in the code field');
  const [callback] = mock.callbacks.values();
  assert.equal(creates()[0].body.name, 'Ada');
  await page.keyboard.type(callback.code);
  await heading(page, /We are ringing/).waitFor();
  const focused = () => page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.tagName);
  await until(async () => (await focused()) === 'H2', 'focus is on the heading');
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'BUTTON');
  await page.keyboard.press('Enter');
  await heading(page, 'Cancelled').waitFor();
  await closePage(page);
});

for (const kind of ['classic', 'module']) {
  test(`the form works on a page of another origin as a ${kind} script`, async () => {
    const host = `http://127.0.0.1:${mock.port}`;
    mock.allowedOrigin = host;
    const context = await browser.newContext();
    mock.hostPages.set('/shop', `<!doctype html><title>Shop</title><style>:root{color-scheme:dark}</style>
      <ring-back></ring-back><script ${kind === 'module' ? 'type="module"' : ''} src="${mock.url}/w/ringback.js"></script>`);
    const page = await context.newPage();
    page.setDefaultTimeout(patienceMs);
    await page.goto(`${host}/shop`);
    mock.dialAfterVerify = false;
    const id = await askAndProve(page, mock);
    await heading(page, 'Your call is next').waitFor();
    mock.push(id, { state: 'connected', phase: null });
    await heading(page, 'You are connected').waitFor();
    const ink = await page.locator('ring-back .card').evaluate((card) => getComputedStyle(card).backgroundColor);
    assert.equal(ink, 'rgb(15, 21, 19)', 'colours follow the host page');
    await context.close();
  });
}

const appearances = [
  ['light', { colorScheme: 'light' }, ''],
  ['dark', { colorScheme: 'dark' }, ''],
  ['forced-colors', { forcedColors: 'active' }, ''],
  ['still', { reducedMotion: 'reduce' }, ''],
  ['text-200', {}, "document.documentElement.style.fontSize = '200%'"],
  ['right-to-left', {}, "document.documentElement.dir = 'rtl'"],
];

for (const [name, options, script] of appearances) {
  test(`the form is whole in ${name}`, async () => {
    const page = await openForm(options);
    await phoneField(page).waitFor();
    await page.evaluate(script);
    await atEveryWidth(page, `form-${name}-number`);
    await page.getByRole('button', { name: 'Add a message' }).click();
    await atEveryWidth(page, `form-${name}-message`);
    await askForCall(page);
    await codeField(page).waitFor();
    await atEveryWidth(page, `form-${name}-code`);
    await closePage(page);
  });
}
