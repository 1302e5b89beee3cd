// Letters of the carrier: forged, unknown, repeated, late, out of order, and what they may start.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { visitorNumber } from './support/client.mjs';
import { Exchange } from './support/exchange.mjs';
import { expectProblem } from './support/expect.mjs';
import { Program } from './support/program.mjs';
import { until } from './support/until.mjs';

async function setUp(t, settings = {}) {
  const exchange = await Exchange.start(t);
  const program = await Program.start(t, {
    'verification.required': 'false', 'carrier.simulator.base_url': exchange.url, 'call.attempts': '1', ...settings,
  });
  const { client } = program;
  const send = (letter) => client.post(letter.path, letter.body, letter.headers);
  const callback = await client.created(visitorNumber());
  const order = await exchange.order();
  return { exchange, program, client, send, callback, order };
}

const at = { concurrency: 6 };
const taken = (answer) => assert.ok([200, 204].includes(answer.status), `${answer.status} ${answer.text}`);

describe('webhooks', at, () => {
  test('the address carries the attempt\'s token and nothing of the visitor', async (t) => {
    const { order, program, callback } = await setUp(t);
    const { pathname, origin } = new URL(order.hook);
    assert.equal(origin, program.url);
    assert.match(pathname, /^\/hooks\/simulator\/simulator\/[A-Za-z0-9_-]{20,}$/);
    assert.ok(!order.hook.includes(callback.id));
  });

  test('unsigned, forged, altered, stale and readdressed letters are 403 and change nothing', async (t) => {
    const { exchange, client, send, callback, order } = await setUp(t);
    // The order's own answer is a change of its own: it must be in before versions are compared.
    await until('the order is answered', async () => (await client.metric('ringback_carrier_requests_total', { operation: 'dial' })) >= 1);
    const { version } = (await client.status(callback)).json;
    const good = exchange.status(order, 'answered');
    const bad = [
      { ...good, headers: {} },
      { ...good, headers: { 'x-simulator-signature': '' } },
      { ...good, headers: { 'x-simulator-signature': 't=1,v1=' } },
      { ...good, headers: { 'x-simulator-signature': `${good.headers['x-simulator-signature']}0` } },
      { ...good, body: good.body.replace('answered', 'ended') },
      { ...good, path: good.path.replace('/status', '/key') },
      { ...good, path: `${good.path}?x=1` },
      exchange.status(order, 'answered', {}, { key: 'guessed' }),
      exchange.status(order, 'answered', {}, { age: 7_200 }),
      exchange.status(order, 'answered', {}, { age: -7_200 }),
    ];
    for (const letter of bad) expectProblem(await send(letter), 'forbidden');
    assert.equal((await client.status(callback)).json.version, version);
    assert.equal(await client.metric('ringback_webhooks_total', { carrier: 'simulator', result: 'rejected' }), bad.length);
    taken(await send(good));
  });

  test('a token, account or carrier that nobody has is 404', async (t) => {
    const { exchange, send, order } = await setUp(t);
    const hook = order.hook.replace(/[^/]+$/, 'A'.repeat(22));
    expectProblem(await send(exchange.status(order, 'ringing', {}, { hook })), 'not_found');
    for (const path of ['/hooks/simulator/other/x/status', '/hooks/twilio/twilio/x/status', '/hooks/simulator', '/hooks/'])
      expectProblem(await send({ path, body: '{}', headers: {} }), 'not_found');
  });

  test('signed nonsense is refused and never breaks anything', async (t) => {
    const { exchange, client, send, callback, order } = await setUp(t);
    for (const more of [{}, { side: 'nobody', status: 'ringing', cause: '' }, { side: 'business', status: 'dancing', cause: '' }, { side: 'business', status: 7 }]) {
      const answer = await send(exchange.letter(order, 'status', more));
      assert.equal(answer.status, 400, answer.text);
    }
    for (const point of ['nowhere', 'key']) assert.equal((await send(exchange.letter(order, point, {}))).status, 400);
    assert.equal((await client.status(callback)).json.state, 'calling');
  });

  test('the same letter twice has one effect', async (t) => {
    const { exchange, client, send, callback, order } = await setUp(t);
    const letter = exchange.status(order, 'answered');
    taken(await send(letter));
    const { version } = (await client.status(callback)).json;
    taken(await send(letter));
    assert.equal((await client.status(callback)).json.version, version);
    assert.equal(await client.metric('ringback_webhooks_total', { result: 'duplicate' }), 1);
    assert.equal(await client.metric('ringback_webhooks_total', { result: 'applied' }), 1);
  });

  test('a question asked again gets the same answer, also in parallel', async (t) => {
    const { exchange, client, send, callback, order } = await setUp(t);
    await send(exchange.status(order, 'answered'));
    const ask = await send(exchange.question(order, 'answer'));
    assert.equal(ask.status, 200);
    assert.ok(ask.json.ask.prompt, ask.text);
    const key = exchange.question(order, 'key', '1');
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(key)));
    for (const answer of answers) {
      assert.equal(answer.status, 200);
      assert.equal(answer.json.dial.number, callback.phone);
    }
    assert.equal((await client.status(callback)).json.phase, 'ringing_visitor');
  });

  test('key 1 from another call than ours dials nobody', async (t) => {
    const { exchange, client, send, callback, order } = await setUp(t);
    await send(exchange.status(order, 'answered'));
    const answer = await send(exchange.question({ ...order, id: 'ANOTHER' }, 'key', '1'));
    assert.equal(answer.status, 200);
    assert.equal(answer.json.dial, undefined, answer.text);
    assert.notEqual((await client.status(callback)).json.phase, 'ringing_visitor');
  });

  test('cancel and key 1 at the same moment: one of them wins, never both', async (t) => {
    for (let round = 0; round < 3; ++round) {
      const { exchange, client, send, callback, order } = await setUp(t);
      await send(exchange.status(order, 'answered'));
      const [key, cancel] = await Promise.all([send(exchange.question(order, 'key', '1')), client.cancel(callback)]);
      if (cancel.status === 200) assert.equal(key.json.dial, undefined, 'cancelled, and yet the visitor is rung');
      else assert.equal(key.json.dial.number, callback.phone);
    }
  });

  test('news that come late or out of order never go back', async (t) => {
    const { exchange, client, send, callback, order } = await setUp(t);
    await send(exchange.status(order, 'answered'));
    await client.reaches(callback, 'calling', { phase: 'screening' });
    await send(exchange.status(order, 'ringing'));
    await send(exchange.status(order, 'queued'));
    assert.equal((await client.status(callback)).json.phase, 'screening');
    assert.equal(await client.metric('ringback_webhooks_total', { result: 'stale' }), 2);
  });

  test('after the end nothing moves: late letters and keys are taken and change nothing', async (t) => {
    const { exchange, client, send, callback, order } = await setUp(t);
    await send(exchange.status(order, 'ended', { cause: 'busy' }));
    const end = await client.reaches(callback, 'missed', { reason: 'business_busy' });
    await until('the text', () => exchange.texts.length === 1);
    for (const letter of [exchange.status(order, 'answered'), exchange.status(order, 'ended', { cause: 'completed' })]) taken(await send(letter));
    const key = await send(exchange.question(order, 'key', '1'));
    assert.equal(key.json.dial, undefined, key.text);
    assert.equal((await client.status(callback)).json.state, end.state);
    assert.equal(exchange.orders.length, 1);
    assert.equal(exchange.texts.length, 1);
  });

  test('a lost reply is never dialled again while nobody knows; the first letter clears the doubt', async (t) => {
    const exchange = await Exchange.start(t);
    exchange.answer = () => null;
    const { client } = await Program.start(t, { 'verification.required': 'false', 'carrier.simulator.base_url': exchange.url });
    const callback = await client.created(visitorNumber());
    const order = await exchange.order();
    await client.reaches(callback, 'calling', { phase: 'in_doubt' });
    const letter = exchange.status(order, 'ringing');
    taken(await client.post(letter.path, letter.body, letter.headers));
    await client.reaches(callback, 'calling', { phase: 'ringing_business' });
    assert.equal(exchange.orders.length, 1);
  });

  test('a carrier that says wait is asked again; one that refuses is not', async (t) => {
    const exchange = await Exchange.start(t);
    let asked = 0;
    exchange.answer = (order) => (++asked === 1 ? { status: 429, body: {} } : { status: 200, body: { id: order.id } });
    const { client } = await Program.start(t, { 'verification.required': 'false', 'carrier.simulator.base_url': exchange.url, 'timing.throttle_first': '0.2', 'call.attempts': '1' });
    const callback = await client.created(visitorNumber());
    await exchange.order(2);
    await client.reaches(callback, 'calling', { phase: 'ringing_business' });

    exchange.answer = () => ({ status: 403, body: { status: 403, code: 'account_suspended', message: 'no' } });
    const second = await client.created(visitorNumber());
    const document = await until('an end', async () => {
      const { json } = await client.status(second);
      return json.state === 'failed' && json;
    });
    assert.ok(['carrier_refused', 'carrier_unavailable'].includes(document.reason), document.reason);
  });

  test('a large letter is refused, not stored', async (t) => {
    const { exchange, send, order } = await setUp(t);
    const answer = await send(exchange.letter(order, 'status', { side: 'business', status: 'ringing', cause: '', pad: 'x'.repeat(300_000) }));
    expectProblem(answer, 'payload_too_large');
  });
});
