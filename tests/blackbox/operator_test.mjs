// The operators' routes: who is let in, what is shown to whom, and that a retry places one call.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { visitorNumber } from './support/client.mjs';
import { Exchange } from './support/exchange.mjs';
import { expectFieldError, expectProblem } from './support/expect.mjs';
import { ADMIN, Operator } from './support/operator.mjs';
import { BUSINESS, Program } from './support/program.mjs';
import { until } from './support/until.mjs';

const at = { concurrency: 4 };
const ABSENT = '019a0000-0000-7000-8000-000000000000';
const ROUTES = [['GET', ''], ['GET', `/${ABSENT}`], ['POST', `/${ABSENT}/retry`], ['POST', `/${ABSENT}/cancel`]];
const AUTO = {
  'carrier.simulator.auto': 'true', 'verification.required': 'false', 'call.ring_seconds': '2', 'call.visitor_ring_seconds': '2',
  'call.attempts': '1', 'timing.poll_after_ring': '2',
};

// They talk, and the business hangs up.
async function talked(client, callback) {
  await client.reaches(callback, 'connected', { deadline: 60_000 });
  await client.act(await client.leg(BUSINESS, 'answered'), 'hang_up');
  await client.reaches(callback, 'completed', { deadline: 60_000 });
}

describe('who is let in', at, () => {
  test('nobody without a key, in every route: 401, and nothing is told of what is there', async (t) => {
    const { client } = await Program.start(t);
    const callback = await client.created(visitorNumber());
    const wrong = [
      undefined, '', 'Bearer', 'Bearer ', 'Basic cmJrOng=', 'rbk_dev_0123456789ab_x', 'Bearer rbk_', `Bearer ${callback.token}`,
      `Bearer rbk_dev_0123456789ab_${'A'.repeat(43)}`, `Bearer rbk_prod_0123456789ab_${'A'.repeat(43)}`, `Bearer ${'x'.repeat(4000)}`,
    ];
    for (const authorization of wrong) {
      for (const [method, path] of [...ROUTES, ['GET', `/${callback.id}`]]) {
        const answer = await client.request(method, ADMIN + path, { headers: authorization === undefined ? {} : { authorization } });
        const problem = expectProblem(answer, 'unauthenticated');
        assert.equal(answer.headers['www-authenticate'], 'Bearer');
        assert.equal(answer.headers['cache-control'], 'no-store');
        assert.match(problem.detail, /ringback key add/);
      }
    }
  });

  test('a key in the address is refused, a right one too', async (t) => {
    const program = await Program.start(t);
    const { client } = program;
    const operator = Operator.of(program);
    for (const headers of [{}, operator.headers]) {
      expectProblem(await client.get(`${ADMIN}?access_token=${operator.key.text}`, headers), 'bad_request');
    }
  });

  test('a near miss of a key is unknown, whichever part is wrong', async (t) => {
    const program = await Program.start(t);
    const { text } = Operator.of(program).key;
    const other = (letter) => (letter === 'a' ? 'b' : 'a');
    for (const i of [0, 5, 8, 12, 21, 40, text.length - 1]) {
      const wrong = text.slice(0, i) + other(text[i]) + text.slice(i + 1);
      const answer = await program.client.get(ADMIN, { authorization: `Bearer ${wrong}` });
      assert.doesNotMatch(expectProblem(answer, 'unauthenticated').detail, /revoked|run out/);
    }
  });

  test('a key opens what its scopes name and nothing else: 403 names what is missing', async (t) => {
    const program = await Program.start(t);
    const needs = { GET: 'callbacks:read', POST: 'callbacks:write' };
    for (const scope of ['callbacks:read', 'callbacks:read_pii', 'callbacks:write', 'privacy:write']) {
      const operator = Operator.of(program, [scope]);
      for (const [method, path] of ROUTES) {
        const answer = await program.client.request(method, ADMIN + path, { headers: operator.headers });
        if (needs[method] === scope) assert.ok([200, 404].includes(answer.status), answer.text);
        else assert.match(expectProblem(answer, 'forbidden').detail, new RegExp(needs[method]));
      }
    }
  });

  test('it is not for pages: no other origin reads it', async (t) => {
    const program = await Program.start(t, { 'visitor.allowed_origins': 'https://shop.example' });
    const operator = Operator.of(program);
    const answer = await program.client.get(ADMIN, { ...operator.headers, origin: 'https://shop.example' });
    assert.equal(answer.headers['access-control-allow-origin'], undefined);
    const asks = { origin: 'https://shop.example', 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' };
    const may = await program.client.request('OPTIONS', `${ADMIN}/${ABSENT}/retry`, { headers: asks });
    assert.equal(may.headers['access-control-allow-origin'], undefined);
    assert.equal(may.headers['access-control-allow-headers'], undefined);
  });

  test('wrong keys are counted by who sends them, and keep no right key out', async (t) => {
    const program = await Program.start(t, { 'limits.api': '5/1h' });
    const operator = Operator.of(program);
    const { client } = program;
    const wrong = (n) => client.get(ADMIN, { authorization: `Bearer rbk_dev_${String(n).padStart(12, '0')}_${'A'.repeat(43)}` });
    for (let i = 0; i < 5; ++i) expectProblem(await wrong(i), 'unauthenticated');
    const over = await wrong(9);
    expectProblem(over, 'rate_limited');
    assert.match(over.headers.ratelimit, /^"api";r=0;/);
    assert.equal((await operator.list()).status, 200);
    assert.equal((await client.create(visitorNumber())).status, 201, 'visitors are not counted');
  });

  test('each key has its own limits.api, and is told what is left of it', async (t) => {
    const program = await Program.start(t, { 'limits.api': '3/1h' });
    const [first, second] = [Operator.of(program), Operator.of(program)];
    for (let left = 2; left >= 0; --left) {
      const answer = await first.list();
      assert.equal(answer.status, 200);
      assert.match(answer.headers['ratelimit-policy'], /^"api";q=3;w=3600/);
      assert.match(answer.headers.ratelimit, new RegExp(`^"api";r=${left};t=\\d+`));
    }
    expectProblem(await first.list(), 'rate_limited');
    assert.equal((await second.list()).status, 200);
    assert.equal(await program.client.metric('ringback_limited_total', { limit: 'api' }), 1);
  });
});

describe('the list', at, () => {
  test('an address that is not right is refused, with every fault of it', async (t) => {
    const program = await Program.start(t);
    const operator = Operator.of(program);
    const wrong = {
      'state=gone': 'state', 'state=': 'state', 'limit=0': 'limit', 'limit=501': 'limit', 'limit=many': 'limit', 'limit=1e2': 'limit', 'limit=-1': 'limit',
      'cursor=x': 'cursor', [`cursor=${'A'.repeat(21)}B`]: 'cursor', 'from=yesterday': 'from', 'to=2026-13-01T00:00:00Z': 'to', 'limit=1&limit=2': 'limit',
      'q=ann': 'q', 'sort=id': 'sort',
    };
    for (const [query, field] of Object.entries(wrong)) expectFieldError(await operator.list(`?${query}`), field);
    const both = expectProblem(await operator.list('?state=gone&limit=0'), 'validation_failed');
    assert.equal(both.errors.length, 2);
  });

  test('pages hold each callback once, the youngest first, whatever comes meanwhile', async (t) => {
    const program = await Program.start(t);
    const operator = Operator.of(program);
    assert.deepEqual((await operator.list()).json, { callbacks: [], next_cursor: null });
    const made = [];
    for (let i = 0; i < 5; ++i) made.unshift((await program.client.created(visitorNumber())).id);
    const seen = [];
    let query = '?limit=2';
    for (let page = 1; page <= 3; ++page) {
      const { json } = await operator.list(query);
      seen.push(...json.callbacks.map(({ id }) => id));
      await program.client.created(visitorNumber());
      assert.equal(json.next_cursor === null, page === 3);
      query = `?limit=2&cursor=${json.next_cursor}`;
    }
    assert.deepEqual(seen, made);
    assert.equal((await operator.list('?limit=8')).json.next_cursor, null, 'a page that is just full is the last one');
  });

  test('by state and by time', async (t) => {
    const program = await Program.start(t);
    const operator = Operator.of(program);
    const { client } = program;
    const waits = await client.created(visitorNumber());
    const gone = await client.proven();
    await client.cancel(gone);
    const ids = async (query) => (await operator.list(query)).json.callbacks.map(({ id }) => id);
    assert.deepEqual(await ids('?state=pending'), [waits.id]);
    assert.deepEqual(await ids('?state=cancelled'), [gone.id]);
    assert.deepEqual(await ids('?state=missed'), []);
    const { created_at: first } = (await operator.one(waits)).json;
    const { created_at: second } = (await operator.one(gone)).json;
    assert.deepEqual(await ids(`?from=${first}`), [gone.id, waits.id]);
    assert.deepEqual(await ids(`?to=${first}`), []);
    if (first !== second) {
      assert.deepEqual(await ids(`?from=${second}`), [gone.id]);
      assert.deepEqual(await ids(`?to=${second}`), [waits.id]);
      assert.deepEqual(await ids(`?to=${second}&state=cancelled`), []);
    }
  });
});

describe('one callback', at, () => {
  test('what is not there is 404, however it is written', async (t) => {
    const program = await Program.start(t);
    const operator = Operator.of(program);
    for (const id of [ABSENT, '1', 'x'.repeat(36), '%00']) {
      for (const answer of [await operator.one({ id }), await operator.retry({ id }), await operator.cancel({ id })]) {
        assert.ok([400, 404].includes(answer.status), `${id}: ${answer.status}`);
        if (answer.status === 404) expectProblem(answer, 'not_found');
      }
    }
  });

  test('without callbacks:read_pii nothing personal is in any answer; with it all is', async (t) => {
    const program = await Program.start(t);
    const { client } = program;
    const phone = visitorNumber();
    const personal = { name: 'Ann Miller', email: 'ann@example.com', message: 'About the wedding cake' };
    const callback = await client.created(phone, personal);
    await client.verify(callback, await client.code(phone));
    const masked = Operator.of(program, ['callbacks:read', 'callbacks:write']);
    const full = Operator.of(program);
    const answers = [await masked.list(), await masked.one(callback), await masked.retry(callback), await masked.cancel(callback)];
    assert.deepEqual(answers.map(({ status }) => status), [200, 200, 409, 200]);
    for (const { text } of answers) for (const part of [phone, phone.slice(1), ...Object.values(personal)]) assert.ok(!text.includes(part), `${part} in ${text}`);
    const { visitor } = (await masked.one(callback)).json;
    assert.deepEqual(visitor, { phone_masked: `${phone.slice(0, 5)}•••${phone.slice(-4)}`, phone: null, name: null, email: null, message: null, locale: null });
    assert.deepEqual((await full.one(callback)).json.visitor, { ...visitor, ...personal, phone });
    assert.equal((await full.list()).json.callbacks[0].visitor.phone, phone);
    await until('who looked is written down', () => program.log.split('\n').some((line) => line.includes('personal data shown') && line.includes(full.key.id)));
    assert.ok(!program.log.split('\n').some((line) => line.includes('personal data shown') && line.includes(masked.key.id)));
  });

  test('its timeline tells every event with who it came from and what it ordered', async (t) => {
    const program = await Program.start(t, { ...AUTO, 'verification.required': 'true' });
    const { client } = program;
    const phone = visitorNumber();
    const callback = await client.created(phone);
    expectProblem(await client.verify(callback, '000000'), 'code_wrong');
    await client.verify(callback, await client.code(phone));
    await talked(client, callback);
    const { json } = await Operator.of(program, ['callbacks:read']).one(callback);
    assert.deepEqual(json.timeline.map(({ seq }) => seq), json.timeline.map((_, i) => i + 1));
    const events = json.timeline.map(({ event, actor }) => `${event} ${actor}`);
    for (const event of ['asked visitor', 'code_entered visitor', 'dial_claimed runner', 'dial_answered carrier', 'questioned carrier', 'news carrier']) {
      assert.ok(events.includes(event), `${event} in ${events.join(', ')}`);
    }
    const of = (name) => json.timeline.find(({ event }) => event === name);
    assert.deepEqual(of('code_entered').details, {}, 'wrong');
    assert.ok(json.timeline.some(({ event, details }) => event === 'code_entered' && details.right === true));
    assert.ok(of('asked').effects.some(({ kind, what, message }) => kind === 'order' && what === 'send_text' && message === 1));
    assert.ok(of('dial_claimed').effects.some(({ kind, what, due_at }) => kind === 'timer_set' && what === 'doubt' && due_at));
    assert.equal(json.timeline.at(-1).state, 'completed');
    assert.equal(json.attempts.length, 1);
    const [attempt] = json.attempts;
    assert.equal(attempt.number, BUSINESS);
    assert.equal(attempt.business_leg.state, 'completed');
    assert.equal(attempt.visitor_leg.state, 'completed');
    assert.ok(attempt.visitor_leg.answered_at >= attempt.business_leg.answered_at);
    assert.deepEqual(json.messages.map(({ purpose, state }) => `${purpose} ${state}`), ['code accepted']);
    assert.equal(json.retry_barred_by, 'completed');
    assert.ok(!JSON.stringify(json).includes(phone));
  });
});

describe('retry', at, () => {
  // Declined by hand: a telephone that rings anew rings until somebody acts.
  const missed = async (t, more = {}, phone = visitorNumber()) => {
    const program = await Program.start(t, { 'verification.required': 'false', 'call.attempts': '1', 'call.ring_seconds': '600', ...more });
    const callback = await program.client.created(phone);
    await program.client.act(await program.client.leg(BUSINESS, 'ringing'), 'decline');
    await program.client.reaches(callback, 'missed', { reason: 'business_declined', deadline: 60_000 });
    return { program, callback, operator: Operator.of(program) };
  };

  test('a body that is not right is refused, and nothing is dialled', async (t) => {
    const { program, callback, operator } = await missed(t);
    expectFieldError(await operator.retry(callback, { anyway: 'yes' }), 'anyway', 'wrong_type');
    expectFieldError(await operator.retry(callback, { anyways: true }), 'anyways', 'unknown_field');
    expectFieldError(await operator.cancel(callback, { reason: 'x' }), 'reason', 'unknown_field');
    expectProblem(await operator.retry(callback, '{"anyway":true,"anyway":false}'), 'bad_request');
    expectProblem(await operator.retry(callback, '[]'), 'bad_request');
    const form = { headers: { ...operator.headers, 'content-type': 'text/plain' }, body: '{}' };
    expectProblem(await program.client.request('POST', `${ADMIN}/${callback.id}/retry`, form), 'unsupported_media_type');
    assert.equal((await program.client.calls()).length, 1);
  });

  test('a missed one is begun anew, and the visitor\'s page follows it', async (t) => {
    const { program, callback, operator } = await missed(t);
    const { client } = program;
    assert.equal((await operator.one(callback)).json.retry_barred_by, null);
    const answer = await operator.retry(callback);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json.generation, 2);
    assert.equal(answer.json.id, callback.id);
    const leg = await client.leg(BUSINESS, 'ringing', { nth: 2 });
    await client.reaches(callback, 'calling', { phase: 'ringing_business' });
    await client.act(leg, 'busy');
    await client.reaches(callback, 'missed', { reason: 'business_busy', deadline: 60_000 });
    assert.equal((await client.calls()).length, 2);
    const { json } = await operator.one(callback);
    const retry = json.timeline.find(({ event }) => event === 'retry_asked');
    assert.equal(retry.actor, `key:${operator.key.id}`);
    assert.deepEqual(json.attempts.map(({ generation }) => generation), [1, 2]);
  });

  test('two at once: one is begun, the other is told, one call is placed', async (t) => {
    const { program, callback, operator } = await missed(t);
    const answers = await Promise.all(Array.from({ length: 8 }, () => operator.retry(callback)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(7).fill(409)]);
    for (const answer of answers.filter(({ status }) => status === 409)) expectProblem(answer, 'state_conflict');
    await program.client.act(await program.client.leg(BUSINESS, 'ringing', { nth: 2 }), 'decline');
    await until('it ended again', async () => (await operator.one(callback)).json.finished_at !== null, 60_000);
    assert.equal((await program.client.calls()).length, 2);
  });

  test('what is under way, completed or cancelled is not begun anew: 409, with the reason', async (t) => {
    const program = await Program.start(t, AUTO);
    const { client } = program;
    const operator = Operator.of(program);
    const completed = await client.created(visitorNumber());
    await talked(client, completed);
    const later = (await client.get('/api/v1/slots?date=' + new Date(Date.now() + 36 * 3600e3).toISOString().slice(0, 10))).json.slots.at(-1).start;
    const waits = await client.created(visitorNumber(), { when: later });
    const rows = [[completed, 'completed'], [waits, 'not_over']];
    for (const [callback, reason] of rows) {
      for (const body of [undefined, {}, { anyway: true }]) {
        assert.equal(expectProblem(await operator.retry(callback, body), 'state_conflict').barred_by, reason);
      }
    }
    assert.equal((await operator.cancel(waits)).json.reason, 'by_operator');
    assert.equal(expectProblem(await operator.retry(waits, { anyway: true }), 'state_conflict').barred_by, 'cancelled');
    assert.equal(expectProblem(await operator.cancel(waits), 'state_conflict').barred_by, 'over');
    assert.equal((await client.calls()).filter(({ role }) => role === 'business').length, 1);
  });

  test('at the day\'s cap: 503, nothing is dialled', async (t) => {
    const { program, callback, operator } = await missed(t, { 'budget.calls_per_day': '1' });
    expectProblem(await operator.retry(callback, { anyway: true }), 'budget_reached');
    assert.equal((await program.client.calls()).length, 1);
    assert.equal((await operator.one(callback)).json.generation, 1);
  });

  test('not while the number has another callback under way', async (t) => {
    const phone = visitorNumber();
    const { program, callback: first, operator } = await missed(t, {}, phone);
    const later = (await program.client.get('/api/v1/slots?date=' + new Date(Date.now() + 36 * 3600e3).toISOString().slice(0, 10))).json.slots.at(-1).start;
    const second = await program.client.created(phone, { when: later });
    const problem = expectProblem(await operator.retry(first), 'state_conflict');
    assert.equal(problem.barred_by, 'number_open');
    assert.ok(problem.detail.includes(second.id));
  });
});

describe('cancel', at, () => {
  test('while the business rings: hung up, by_operator, and the visitor is told', async (t) => {
    const program = await Program.start(t);
    const { client } = program;
    const operator = Operator.of(program, ['callbacks:read', 'callbacks:write']);
    const callback = await client.proven();
    await client.leg(BUSINESS, 'ringing');
    const answer = await operator.cancel(callback, {});
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual([answer.json.state, answer.json.reason], ['cancelled', 'by_operator']);
    await client.leg(BUSINESS, 'ended');
    assert.match((await client.reaches(callback, 'cancelled', { reason: 'by_operator' })).message, /Northwind Bakery/);
    const asked = (await operator.one(callback)).json.timeline.find(({ event }) => event === 'cancel_asked');
    assert.deepEqual([asked.actor, asked.details.by], [`key:${operator.key.id}`, 'by_operator']);
    expectProblem(await operator.cancel(callback), 'state_conflict');
  });

  test('once the visitor\'s telephone may ring it is too late: 409, and the end says who wanted out', async (t) => {
    const program = await Program.start(t);
    const { client } = program;
    const operator = Operator.of(program);
    const callback = await client.proven();
    const leg = await client.leg(BUSINESS, 'ringing');
    await client.act(leg, 'answer');
    await client.leg(BUSINESS, 'answered', { prompt: true });
    await client.act(leg, 'digits', '1');
    const visitor = await client.leg(callback.phone, 'ringing');
    assert.equal(expectProblem(await operator.cancel(callback), 'state_conflict').barred_by, 'too_late');
    await client.act(visitor, 'no_answer');
    await client.reaches(callback, 'cancelled', { reason: 'by_operator', deadline: 60_000 });
  });
});

describe('in doubt', at, () => {
  const DOUBT = {
    'verification.required': 'false', 'call.attempts': '1', 'call.redial_unknown': 'never', 'timing.dial_timeout': '1', 'timing.lease': '1',
    'timing.first_look': '1', 'timing.look_interval': '1', 'timing.quarantine': '600', 'timing.doubt_end': '600',
  };

  test('retry waits for "anyway", and even then for the doubt\'s end; one more call is placed', async (t) => {
    const exchange = await Exchange.start(t);
    exchange.answer = () => null; // every order is taken, every reply is lost
    const program = await Program.start(t, { ...DOUBT, 'carrier.simulator.base_url': exchange.url });
    const { client } = program;
    const operator = Operator.of(program);
    const callback = await client.created(visitorNumber());
    await client.reaches(callback, 'calling', { phase: 'in_doubt' });
    for (const body of [{}, { anyway: true }]) {
      assert.equal(expectProblem(await operator.retry(callback, body), 'state_conflict').barred_by, 'not_over');
    }
    const [row] = (await operator.list('?state=calling')).json.callbacks;
    assert.deepEqual([row.id, row.phase, row.in_doubt], [callback.id, 'in_doubt', true]);
    assert.equal(exchange.orders.length, 1);
  });
});
