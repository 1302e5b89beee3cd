// Limits and budgets: what is counted, by whom, what is told, and what is never limited.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { visitorNumber } from './support/client.mjs';
import { expectProblem } from './support/expect.mjs';
import { Program } from './support/program.mjs';
import { until } from './support/until.mjs';

const PROXY = { 'server.trusted_proxies': '127.0.0.1/32', 'server.client_ip_header': 'x-forwarded-for' };
const from = (address) => ({ 'x-forwarded-for': address });

describe('limits of creating', () => {
  test('five a minute by default, with the headers that say so', async (t) => {
    const { client } = await Program.start(t, { 'limits.create': null });
    for (let left = 4; left >= 0; --left) {
      const answer = await client.create(visitorNumber());
      assert.equal(answer.status, 201, answer.text);
      assert.match(answer.headers['ratelimit-policy'], /^"create";q=5;w=60(,|$)/);
      assert.match(answer.headers.ratelimit, new RegExp(`^"create";r=${left};t=\\d+`));
    }
    const over = await client.create(visitorNumber());
    const problem = expectProblem(over, 'rate_limited');
    assert.ok(problem.retry_after <= 60);
    assert.match(over.headers.ratelimit, /^"create";r=0;t=\d+/);
    assert.equal(await client.metric('ringback_limited_total', { limit: 'create' }), 1);
    for (const path of ['/livez', '/readyz', '/health', '/metrics', '/api/v1/sites/default', '/']) {
      assert.equal((await client.get(path)).status, 200, path);
    }
  });

  test('all windows apply at once', async (t) => {
    const { client } = await Program.start(t, { 'limits.create': '100/1m,3/1h' });
    for (let i = 0; i < 3; ++i) assert.equal((await client.create(visitorNumber())).status, 201);
    const problem = expectProblem(await client.create(visitorNumber()), 'rate_limited');
    assert.ok(problem.retry_after > 60 && problem.retry_after <= 3600, String(problem.retry_after));
  });

  test('health, metrics and webhooks go on while a client is over its limit', async (t) => {
    const { client } = await Program.start(t, { 'limits.create': '1/1h' });
    const callback = await client.created(visitorNumber());
    expectProblem(await client.create(visitorNumber()), 'rate_limited');
    await client.verify(callback, await client.code(callback.phone));
    await client.act(await client.leg('+12025550100', 'ringing'), 'answer');
    await client.reaches(callback, 'calling', { phase: 'screening' });
    assert.equal((await client.get('/metrics')).status, 200);
  });

  test('a header of a stranger is not believed', async (t) => {
    const { client } = await Program.start(t, { 'limits.create': '1/1h' });
    assert.equal((await client.create(visitorNumber(), {}, from('198.51.100.1'))).status, 201);
    expectProblem(await client.create(visitorNumber(), {}, from('198.51.100.2')), 'rate_limited');
  });

  test('behind a trusted proxy each client counts alone, from the right of the list', async (t) => {
    const { client } = await Program.start(t, { ...PROXY, 'limits.create': '1/1h' });
    assert.equal((await client.create(visitorNumber(), {}, from('198.51.100.1'))).status, 201);
    assert.equal((await client.create(visitorNumber(), {}, from('198.51.100.2'))).status, 201);
    expectProblem(await client.create(visitorNumber(), {}, from('203.0.113.9, 198.51.100.1')), 'rate_limited');
    expectProblem(await client.create(visitorNumber(), {}, from('198.51.100.1, 127.0.0.1')), 'rate_limited');
  });

  test('an IPv6 network of /64 is one client', async (t) => {
    const { client } = await Program.start(t, { ...PROXY, 'limits.create': '1/1h' });
    assert.equal((await client.create(visitorNumber(), {}, from('2001:db8:1:2::1'))).status, 201);
    expectProblem(await client.create(visitorNumber(), {}, from('2001:db8:1:2:ffff::9')), 'rate_limited');
    assert.equal((await client.create(visitorNumber(), {}, from('2001:db8:1:3::1'))).status, 201);
  });
});

describe('limits of codes', () => {
  test('per client: 429, nothing is sent', async (t) => {
    const { client } = await Program.start(t, { 'limits.verify_client': '2/1h' });
    await client.created(visitorNumber());
    await client.created(visitorNumber());
    const phone = visitorNumber();
    expectProblem(await client.create(phone), 'rate_limited');
    assert.deepEqual(await client.messages(phone), []);
    assert.equal(await client.metric('ringback_limited_total', { limit: 'verify_client' }), 1);
  });

  test('per client, over one callback\'s resends too', async (t) => {
    const { client } = await Program.start(t, { 'limits.verify_client': '2/1h', 'verification.resend_seconds': '0' });
    const callback = await client.created(visitorNumber());
    await client.code(callback.phone);
    const sent = await client.resend(callback);
    assert.equal(sent.status, 202, sent.text);
    assert.match(sent.headers.ratelimit, /^"verify_client";r=0;/);
    const over = await client.resend(callback);
    expectProblem(over, 'rate_limited');
    assert.match(over.headers['ratelimit-policy'], /^"verify_client";q=2;w=3600/);
    await client.code(callback.phone, 2);
    assert.equal((await client.messages(callback.phone)).length, 2);
  });

  test('per number: the answer is the same, no text goes out, no code fits', async (t) => {
    const { client } = await Program.start(t, { 'limits.verify_phone': '1/1h' });
    const phone = visitorNumber();
    const first = await client.create(phone);
    await client.code(phone);
    const second = await client.create(phone);
    assert.equal(second.status, 201);
    assert.deepEqual(Object.keys(second.headers).sort(), Object.keys(first.headers).sort());
    assert.deepEqual(Object.keys(second.json.verification), Object.keys(first.json.verification));
    // Nor does a later look tell the number that was sent a text from the one that was not.
    const looks = [];
    for (const { json } of [first, second]) {
      const { id, created_at, updated_at, verification, ...same } = (await client.status(json)).json;
      assert.equal(updated_at, created_at);
      looks.push({ ...same, attempts_left: verification.attempts_left });
    }
    assert.deepEqual(looks[0], looks[1]);
    expectProblem(await client.verify(second.json, '123456'), 'code_wrong');
    const later = visitorNumber();
    await client.created(later);
    await client.code(later);
    assert.equal((await client.messages(phone)).length, 1);
    assert.equal(await client.metric('ringback_verifications_total', { result: 'suppressed' }), 1);
  });

  test('per prefix: many numbers that look alike get no texts any more', async (t) => {
    const { client } = await Program.start(t, { 'limits.verify_prefix': '2/1h,3/1h' });
    const numbers = Array.from({ length: 5 }, (_, i) => `+120255722${String(i).padStart(2, '0')}`);
    for (const number of numbers) assert.equal((await client.create(number)).status, 201);
    const elsewhere = '+12025584400';
    await client.created(elsewhere);
    await client.code(elsewhere);
    const sent = await Promise.all(numbers.map(async (number) => (await client.messages(number)).length));
    assert.deepEqual(sent, [1, 1, 1, 0, 0]);
  });

  test('wrong codes per client are counted over all callbacks', async (t) => {
    const { client } = await Program.start(t, { 'limits.wrong_client': '3/1h' });
    const wrong = async () => {
      const phone = visitorNumber();
      const callback = await client.created(phone);
      const code = await client.code(phone);
      return { callback, code, bad: code === '000000' ? '000001' : '000000' };
    };
    for (let i = 0; i < 3; ++i) {
      const { callback, bad } = await wrong();
      const answer = await client.verify(callback, bad);
      expectProblem(answer, 'code_wrong');
      assert.match(answer.headers['ratelimit-policy'], /^"wrong_client";q=3;w=3600/);
      assert.match(answer.headers.ratelimit, new RegExp(`^"wrong_client";r=${2 - i};t=\\d+`));
    }
    const { callback, bad, code } = await wrong();
    const problem = expectProblem(await client.verify(callback, bad), 'too_many_attempts');
    assert.ok(problem.retry_after > 60);
    expectProblem(await client.verify(callback, code), 'too_many_attempts');
    assert.equal(await client.metric('ringback_limited_total', { limit: 'wrong_client' }), 2);
    assert.equal((await client.status(callback)).json.verification.attempts_left, 5, 'the callback itself is as it was');
  });
});

describe('limits of ringing', () => {
  test('a visitor\'s number rings three times an hour; then a proven wish is refused', async (t) => {
    const { client } = await Program.start(t, { 'limits.call_number': '1/1h', 'carrier.simulator.auto': 'true' });
    const phone = visitorNumber('03');
    const callback = await client.proven(phone);
    await client.reaches(callback, 'failed', { reason: 'visitor_declined' });
    const again = await client.created(phone);
    const problem = expectProblem(await client.verify(again, await client.code(phone, 2)), 'rate_limited');
    assert.ok(problem.retry_after > 60);
    assert.equal((await client.callsTo(phone)).length, 1);
    assert.equal((await client.status(again)).json.state, 'pending', 'the code stays good');
  });
});

describe('budgets', () => {
  test('a hundred parallel wishes against ten give ten', async (t) => {
    const { client } = await Program.start(t, { 'verification.required': 'false', 'budget.calls_per_day': '10' });
    const answers = await Promise.all(Array.from({ length: 100 }, () => client.create(visitorNumber())));
    const refused = answers.filter((answer) => answer.status !== 201);
    assert.equal(answers.length - refused.length, 10);
    for (const answer of refused) expectProblem(answer, 'budget_reached');
    await until('all ten are rung', async () => (await client.callsTo('+12025550100')).length === 10);
  });

  test('no money for texts: told at create, nothing is sent', async (t) => {
    const { client } = await Program.start(t, { 'budget.sms_per_day': '1' });
    await client.created(visitorNumber());
    const phone = visitorNumber();
    expectProblem(await client.create(phone), 'budget_reached');
    assert.deepEqual(await client.messages(phone), []);
  });

  test('no money for calls: told at verify, nobody is rung, the code stays good', async (t) => {
    const { client } = await Program.start(t, { 'budget.calls_per_day': '0' });
    const phone = visitorNumber();
    const callback = await client.created(phone);
    const code = await client.code(phone);
    for (let i = 0; i < 2; ++i) expectProblem(await client.verify(callback, code), 'budget_reached');
    assert.equal((await client.status(callback)).json.state, 'pending');
    assert.deepEqual(await client.calls(), []);
  });

  test('a wish called off before it was dialled costs nothing', async (t) => {
    const tomorrow = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
    const { client } = await Program.start(t, { 'verification.required': 'false', 'budget.calls_per_day': '1' });
    const [slot] = (await client.get(`/api/v1/slots?site=default&date=${tomorrow}`)).json.slots;
    const first = await client.created(visitorNumber(), { when: slot.start });
    expectProblem(await client.create(visitorNumber(), { when: slot.start }), 'budget_reached');
    assert.equal((await client.cancel(first)).status, 200);
    assert.equal((await client.create(visitorNumber(), { when: slot.start })).status, 201);
  });
});
