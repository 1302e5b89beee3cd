// Asking for a callback: the form's fields, the document, the token, repeats and robots.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { bearer, visitorNumber } from './support/client.mjs';
import { expectDocument, expectFieldError, expectProblem } from './support/expect.mjs';
import { Program } from './support/program.mjs';

describe('asking for a callback', () => {
  let program, client;
  after(() => program?.end());
  before(async () => {
    program = await Program.start(null, { 'visitor.allowed_countries': 'US,GB' });
    client = program.client;
  });

  test('fields that are wrong are all named at once', async () => {
    const answer = await client.post('/api/v1/callbacks', {
      site: 'default', name: 'x'.repeat(81), email: 'nobody', message: 'm'.repeat(501), when: 'soon',
    });
    const { errors } = expectProblem(answer, 'validation_failed', program.url);
    const found = Object.fromEntries(errors.map((error) => [error.field, error.code]));
    assert.equal(found.phone, 'required');
    assert.equal(found.consent, 'required');
    assert.equal(found.name, 'too_long');
    assert.equal(found.message, 'too_long');
    assert.equal(found.when, 'not_a_slot');
    assert.ok(found.email);
  });

  const phones = [
    ['', 'required'], ['   ', 'phone_invalid'], ['12', 'phone_invalid'], ['+1 555 555 0100', 'phone_invalid'], ['+12025550123;ext=5', 'phone_invalid'],
    ['+1 202 555 0123 ext. 5', 'phone_invalid'], ['+1 202 555 0123 x5', 'phone_invalid'], ['tel:+12025550123', 'phone_invalid'],
    ['1-800-FLOWERS', 'phone_invalid'], ['+1202555012', 'phone_invalid'], ['sip:a@b.example', 'phone_invalid'], ['hello', 'phone_invalid'],
    ['+19005551234', 'phone_not_allowed'], ['+18005551234', 'phone_not_allowed'], ['+18765551234', 'phone_not_allowed'],
    ['+870773111632', 'phone_not_allowed'], ['+881612345678', 'phone_not_allowed'], ['+447012345678', 'phone_not_allowed'],
    ['+448451234567', 'phone_not_allowed'], ['+443001234567', 'phone_not_allowed'], ['+4915112345678', 'phone_not_allowed'],
  ];
  for (const [phone, code] of phones) {
    test(`the number ${JSON.stringify(phone)} is ${code}`, async () => {
      const answer = await client.create(phone);
      if (phone.trim() === '') expectFieldError(answer, 'phone');
      else expectFieldError(answer, 'phone', code);
    });
  }

  test('values of another type are told, never a 5xx', async () => {
    for (const [field, value] of [['phone', 5], ['phone', []], ['name', {}], ['email', true], ['message', 7], ['consent', 'yes'], ['consent', 1],
      ['when', 12], ['site', []], ['locale', 1], ['website', {}], ['verified', 'true']]) {
      const answer = await client.create('+12025550123', { [field]: value });
      assert.equal(answer.status, 422, `${field} ${JSON.stringify(value)}: ${answer.text}`);
      expectFieldError(answer, field);
    }
  });

  test('consent that is absent or false is required', async () => {
    for (const consent of [undefined, false, null]) expectFieldError(await client.create('+12025550123', { consent }), 'consent', 'required');
  });

  test('control characters are refused in every text', async () => {
    for (const field of ['name', 'email', 'message', 'phone']) {
      const text = field === 'phone' ? '+1202555\u00070123' : 'a\u0007b';
      assert.equal((await client.create('+12025550123', { [field]: text })).status, 422, field);
    }
    assert.equal((await client.create('+12025550123', { name: 'two\nlines' })).status, 422);
    assert.equal((await client.create('+12025550123', { name: 'a\u0085b' })).status, 422);
  });

  test('lengths count characters, not bytes, and their limits are allowed', async () => {
    const answer = await client.create(visitorNumber(), {
      name: 'ü'.repeat(80), message: '語'.repeat(500), email: `${'a'.repeat(242)}@example.com`,
    });
    assert.equal(answer.status, 201, answer.text);
    expectFieldError(await client.create('+12025550123', { name: 'ü'.repeat(81) }), 'name', 'too_long');
    expectFieldError(await client.create('+12025550123', { email: `${'a'.repeat(243)}@example.com` }), 'email', 'too_long');
  });

  test('a created callback is pending, complete, masked and found at its Location', async () => {
    const phone = visitorNumber();
    const answer = await client.create(phone, { name: 'Ann' });
    assert.equal(answer.status, 201);
    assert.match(answer.headers['content-type'], /^application\/json/);
    assert.equal(answer.headers['cache-control'], 'no-store');
    const document = expectDocument(answer.json, { token: true });
    assert.equal(document.state, 'pending');
    assert.equal(document.site, 'default');
    assert.equal(document.phone_masked, `+1202•••${phone.slice(-4)}`);
    assert.equal(document.attempt, null);
    assert.equal(document.verification.attempts_left, 5);
    const lives = Date.parse(document.verification.expires_at) - Date.parse(document.created_at);
    assert.equal(Math.round(lives / 1000), 300);
    const wait = Date.parse(document.verification.resend_at) - Date.parse(document.created_at);
    assert.equal(Math.round(wait / 1000), 60);
    assert.ok(!answer.text.includes(phone));
    const at = new URL(answer.headers.location, program.url);
    assert.equal(at.pathname, `/api/v1/callbacks/${document.id}`);
    const read = await client.get(at.pathname, bearer(document));
    assert.equal(read.status, 200);
    assert.equal(expectDocument(read.json).id, document.id);
  });

  test('a number is read with the default country of the site', async () => {
    const answer = await client.create('(202) 555-7700');
    assert.equal(answer.status, 201, answer.text);
    assert.equal(answer.json.phone_masked, '+1202•••7700');
    assert.ok(await client.code('+12025557700'));
  });

  test('the text with the code ends in a line for the browser', async () => {
    const phone = visitorNumber();
    await client.created(phone);
    const code = await client.code(phone);
    const [text] = await client.messages(phone);
    assert.ok(text.body.length <= 160);
    assert.equal(text.body.split('\n').at(-1), `@localhost #${code}`);
    assert.ok(text.body.startsWith('Northwind Bakery: '));
  });

  test('an unknown site is 404, an unknown member is an error that names it', async () => {
    expectProblem(await client.create('+12025550123', { site: 'nowhere' }), 'not_found');
    expectFieldError(await client.create('+12025550123', { fone: '1' }), 'fone');
  });

  test('"verified" needs an API key', async () => {
    expectProblem(await client.create('+12025550123', { verified: true }), 'unauthenticated');
    const bad = await client.create('+12025550123', { verified: true }, { authorization: 'Bearer rbk_made_up' });
    expectProblem(bad, 'unauthenticated');
  });

  test('a filled-in honeypot looks like success and nothing is stored or sent', async () => {
    const phone = visitorNumber();
    const before = await client.metric('ringback_callbacks_total', { state: 'pending' });
    const answer = await client.create(phone, { website: 'https://spam.example' });
    assert.equal(answer.status, 201);
    expectDocument(answer.json, { token: true });
    assert.ok(answer.headers.location);
    assert.deepEqual(Object.keys(answer.headers).sort(), Object.keys((await client.create(visitorNumber())).headers).sort());
    expectProblem(await client.status(answer.json), 'not_found');
    const other = visitorNumber();
    await client.created(other);
    await client.code(other); // sent after the honeypot's would have been
    assert.deepEqual(await client.messages(phone), []);
    assert.equal(await client.metric('ringback_callbacks_total', { state: 'pending' }), before + 2);
  });

  describe('the token', () => {
    test('is asked for, and another callback\'s opens nothing', async () => {
      const mine = await client.created(visitorNumber());
      const other = await client.created(visitorNumber());
      const routes = [['GET', ''], ['GET', '/events'], ['POST', '/verify'], ['POST', '/resend'], ['POST', '/cancel']];
      for (const [method, tail] of routes) {
        const path = `/api/v1/callbacks/${mine.id}${tail}`;
        const body = method === 'POST' ? { code: '123456' } : undefined;
        const without = await client.request(method, path, { body });
        expectProblem(without, 'unauthenticated');
        assert.match(without.headers['www-authenticate'], /^Bearer/);
        expectProblem(await client.request(method, path, { body, headers: bearer(other) }), 'not_found');
        expectProblem(await client.request(method, path, { body, headers: { authorization: 'Bearer x' } }), 'not_found');
        expectProblem(await client.request(method, path, { body, headers: { authorization: 'Basic eDp5' } }), 'unauthenticated');
      }
      for (const id of ['0', 'nonsense', '../default', '%00', mine.id.replace(/.$/, 'x'), 'a'.repeat(500)]) {
        const answer = await client.get(`/api/v1/callbacks/${id}`, bearer(mine));
        assert.ok(answer.status === 404 || answer.status === 400, `${id}: ${answer.status}`);
      }
      assert.equal((await client.status(mine)).json.state, 'pending');
    });
  });

  describe('Idempotency-Key', () => {
    test('the same key and body give the same callback, one text and a working token', async () => {
      const phone = visitorNumber();
      const headers = { 'idempotency-key': 'once-and-only-once' };
      const answers = await Promise.all(Array.from({ length: 8 }, () => client.create(phone, {}, headers)));
      const good = answers.filter((answer) => answer.status === 201);
      assert.ok(good.length >= 1);
      for (const answer of answers) if (answer.status !== 201) expectProblem(answer, 'idempotency_conflict');
      assert.equal(new Set(good.map((answer) => answer.json.id)).size, 1);
      for (const answer of good) assert.equal((await client.status(answer.json)).status, 200);
      const later = await client.create(phone, {}, headers);
      assert.equal(later.status, 201);
      assert.equal(later.json.id, good[0].json.id);
      assert.equal((await client.status(later.json)).status, 200);
      await client.code(phone);
      assert.equal((await client.messages(phone)).length, 1);
    });

    test('another body under the same key is a conflict', async () => {
      const headers = { 'idempotency-key': 'another-body' };
      await client.created(visitorNumber(), {}, headers);
      expectProblem(await client.create(visitorNumber(), {}, headers), 'idempotency_conflict');
    });
  });

  describe('what the form needs to know', () => {
    test('a site tells its hours, countries and rules', async () => {
      const answer = await client.get('/api/v1/sites/default');
      assert.equal(answer.status, 200);
      const site = answer.json;
      assert.deepEqual(Object.keys(site).sort(), ['calls_from', 'captcha', 'countries', 'languages', 'name', 'next_opening', 'open', 'sign_in',
        'sign_in_required', 'site', 'slots', 'timezone', 'verification']);
      assert.equal(site.site, 'default');
      assert.equal(site.name, 'Northwind Bakery');
      assert.equal(site.open, true);
      assert.equal(site.timezone, 'America/New_York');
      assert.deepEqual(site.countries, ['US', 'GB']);
      assert.deepEqual(Object.keys(site.captcha), ['provider', 'site_key']);
      assert.deepEqual(site.verification, { required: true });
      assert.deepEqual(site.sign_in, []);
      assert.equal(site.sign_in_required, false);
      assert.ok(site.languages.includes('en'));
      expectProblem(await client.get('/api/v1/sites/other'), 'not_found');
    });

    test('slots are half hours ahead, in both time zones; odd dates are told', async () => {
      const day = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
      const answer = await client.get(`/api/v1/slots?site=default&date=${day}`);
      assert.equal(answer.status, 200);
      assert.ok(answer.json.slots.length >= 46);
      for (const slot of answer.json.slots) {
        assert.match(slot.start, /Z$/);
        assert.match(slot.local_start, /[+-]\d\d:\d\d$/);
        assert.equal(Date.parse(slot.start), Date.parse(slot.local_start));
        assert.equal(Date.parse(slot.end) - Date.parse(slot.start), 30 * 60_000);
        assert.ok(Date.parse(slot.start) > Date.now());
      }
      for (const date of ['2026-13-01', '2026-02-30', 'x', '', '0000-00-00', '99999-01-01', '2026-1-1'])
        expectFieldError(await client.get(`/api/v1/slots?site=default&date=${date}`), 'date');
      assert.deepEqual((await client.get('/api/v1/slots?site=default&date=2020-01-01')).json.slots, []);
      expectProblem(await client.get('/api/v1/slots?site=other'), 'not_found');
    });
  });
});

describe('a site that asks for no proof', () => {
  test('rings at once; a second wish for the number joins the first', async (t) => {
    const program = await Program.start(t, { 'verification.required': 'false' });
    const { client } = program;
    assert.deepEqual((await client.get('/api/v1/sites/default')).json.verification, { required: false });
    const phone = visitorNumber();
    const first = await client.create(phone);
    assert.equal(first.status, 201);
    assert.notEqual(expectDocument(first.json, { token: true }).state, 'pending');
    await client.reaches(first.json, 'calling', { phase: 'ringing_business' });
    const second = await client.create(phone);
    assert.equal(second.status, 200);
    assert.equal(second.json.id, first.json.id);
    assert.notEqual(second.json.token, first.json.token);
    assert.equal((await client.status(second.json)).status, 200);
    assert.equal((await client.status(first.json)).status, 200);
    assert.deepEqual(await client.messages(phone), []);
    assert.equal((await client.callsTo('+12025550100')).length, 1);
  });
});
