// An account that the carrier refuses (a token taken back, no balance): one order finds out, the others
// wait, health says what to do, and all go out once when it is put right.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { World, indianNumber, story, until, usNumber } from './support/world.mjs';

const PATIENCE_MS = 120_000;
const at = { concurrency: 4 }; // most of it is waiting
const CARRIERS = [
  { kind: 'twilio', make: World.twilio, locked: 20003, says: /20003: the credentials are refused: check account_sid, auth_token/, number: usNumber },
  { kind: 'exotel', make: World.exotel, locked: 401, says: /the credentials are refused: check account_sid, api_key and api_token/, number: indianNumber },
];
const UNPROVEN = { 'verification.required': 'false' };
const REFUSAL = 'the carrier refuses the account';

const orders = (world, kind = 'call.create') => world.peer.log.filter((entry) => entry.kind === kind).length;
const circuit = (world, carrier) => world.client.metric('ringback_carrier_circuit', { carrier });
const health = async (world) => (await world.client.get('/health')).json;
const refusals = (world, of) => world.program.log.split('\n').filter((line) => line.includes(REFUSAL) && line.includes(`"of":"${of}"`));

async function crowd(world, number, many = 5) {
  const callbacks = [];
  for (let i = 0; i < many; ++i) callbacks.push(await world.client.created(number('13')));
  return callbacks;
}

async function allTalked(world, callbacks) {
  for (const callback of callbacks) {
    const end = await world.ended(callback, PATIENCE_MS);
    assert.equal(end.state, 'completed', `${callback.phone}: ${end.state} ${end.reason}`);
    assert.equal(world.peer.legsTo(callback.phone).length, 1, `${callback.phone} was rung once`);
  }
}

describe('an account that the carrier refuses', at, () => {
  for (const { kind, make, locked, says, number } of CARRIERS) {
    story(`${kind}: one order is refused, the queue is left as it is; after a restart with a good token all go out`, { make, settings: UNPROVEN }, async (world) => {
      world.peer.locked = locked;
      const first = await world.client.created(number('13'));
      const end = await world.ended(first, PATIENCE_MS);
      assert.deepEqual([end.state, end.reason], ['failed', 'carrier_refused']);
      await until('the circuit is open', async () => (await circuit(world, kind)) === 2, PATIENCE_MS);

      const others = await crowd(world, number);
      for (const callback of others) await world.reaches(callback, 'queued', { deadline: PATIENCE_MS });
      const { status, checks } = await health(world);
      assert.deepEqual([status, checks.carrier_voice.status], ['unhealthy', 'unhealthy']);
      assert.match(checks.carrier_voice.detail, says);
      assert.match(checks.carrier_voice.detail, /what waits is kept/);
      assert.equal((await world.client.get('/readyz')).status, 200, 'visitors are still let in');
      await until('the refusal is told', () => refusals(world, 'calls').length > 0, PATIENCE_MS);
      assert.equal(refusals(world, 'calls').length, 1);
      assert.match(refusals(world, 'calls')[0], /"level":"error"/);
      assert.equal(orders(world), 1, 'nobody else was tried');
      for (const callback of others) assert.equal((await world.client.status(callback)).json.state, 'queued');

      world.peer.locked = 0;
      await world.program.stop();
      await world.program.launch();
      await allTalked(world, others);
      assert.equal(world.peer.calls.length, others.length);
      assert.equal(world.peer.legsTo(first.phone).length, 0, 'what is over is over');
      assert.equal(await circuit(world, kind), 0);
      assert.equal((await health(world)).checks.carrier_voice.status, 'healthy');
    });

    story(`${kind}: put right at the carrier, one order goes to see and the others follow, each once`, {
      make, settings: { ...UNPROVEN, 'timing.refused_pause': 1, 'call.attempts': 10 },
    }, async (world) => {
      world.peer.locked = locked;
      const first = await world.client.created(number('13'));
      await until('the refusal is told', () => refusals(world, 'calls').length > 0, PATIENCE_MS);
      const others = await crowd(world, number);
      world.peer.locked = 0;
      await allTalked(world, [first, ...others]);
      assert.equal(world.peer.calls.length, others.length + 1);
      assert.equal(await circuit(world, kind), 0);
    });
  }

  story('texts: who asks is told at once, the calls go on; after a restart with a good token codes go out', {}, async (world) => {
    world.peer.refuseTexts = 20003;
    const first = await world.client.created(usNumber());
    const end = await world.ended(first, PATIENCE_MS);
    assert.deepEqual([end.state, end.reason], ['failed', 'carrier_refused']);
    const letIn = []; // before it was known
    const refused = await until('new ones are told', async () => {
      const phone = usNumber();
      const answer = await world.client.create(phone);
      if (answer.status === 201) letIn.push({ id: answer.json.id, token: answer.json.token, phone });
      return answer.status === 503 && answer;
    }, PATIENCE_MS);
    for (const callback of letIn) assert.equal((await world.ended(callback, PATIENCE_MS)).state, 'failed');
    assert.equal(refused.json.code, 'carrier_unavailable');
    assert.match(refused.json.detail, /no code was sent/);
    assert.ok(Number(refused.headers['retry-after']) > 0);
    const { status, checks } = await health(world);
    assert.deepEqual([status, checks.carrier_sms.status, checks.carrier_voice.status], ['unhealthy', 'unhealthy', 'healthy']);
    assert.match(checks.carrier_sms.detail, /20003/);

    const texts = orders(world, 'message.create');
    assert.equal((await world.client.create(usNumber())).status, 503);
    assert.equal(orders(world, 'message.create'), texts);

    world.peer.refuseTexts = 0;
    await world.program.stop();
    await world.program.launch();
    await allTalked(world, [await world.proven(usNumber('13'))]);
  });

  story('texts, put right at the carrier: a code that was asked for meanwhile goes out', { settings: { 'timing.refused_pause': 1 } }, async (world) => {
    world.peer.refuseTexts = 30034;
    await world.ended(await world.client.created(usNumber()), PATIENCE_MS);
    world.peer.refuseTexts = 0;
    await allTalked(world, [await world.proven(usNumber('13'))]);
    assert.equal((await health(world)).checks.carrier_sms.status, 'healthy');
  });

  for (const [code, what] of [[21219, 'a number that a trial account may not call'], [21215, 'a country that is switched off'], [99999, 'a code that nobody knows']]) {
    story(`${code}, ${what}, stops nobody else`, { settings: UNPROVEN }, async (world) => {
      world.peer.refuseCalls = code;
      const end = await world.ended(await world.client.created(usNumber('13')), PATIENCE_MS);
      assert.deepEqual([end.state, end.reason], ['failed', 'carrier_refused']);
      assert.equal((await health(world)).checks.carrier_voice.status, 'healthy');
      world.peer.refuseCalls = 0;
      await allTalked(world, await crowd(world, usNumber, 1));
    });
  }
});
