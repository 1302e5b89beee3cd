// The program over Exotel's protocol: with a flow that asks for a key, and with two numbers that the
// carrier joins by itself. Nothing is signed, so letters are hints and only what is fetched counts.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { World, indianNumber, story, tokenOf, until } from './support/world.mjs';

const make = World.exotel;
const at = { concurrency: 4 }; // most of it is waiting
const JOINED = { 'carrier.exotel.flow_url': null, 'carrier.exotel.flow_secret': null, 'call.accept': 'none' };
const SLOWER = { pace: 0.1, detailsAfter: 20 }; // a ringing that can be watched, and is asked about soon after
const UNPROVEN = { 'verification.required': 'false' };

describe('the program over Exotel', at, () => {
  describe('with a flow', at, () => {
    story('code by text, key 1, the visitor\'s number to Connect, talk: completed', { make }, async (world) => {
      const phone = indianNumber('12');
      const callback = await world.proven(phone);
      assert.equal((await world.ended(callback)).state, 'completed');
      const [call] = world.peer.calls;
      assert.equal(call.flow, true);
      assert.equal(call.custom, tokenOf(call));
      assert.equal(world.peer.legsTo(phone)[0].joined, true);
      world.noText();
      assert.deepEqual(world.peer.log.filter(({ kind }) => ['gate', 'connect', 'dialed'].includes(kind)).map(({ kind, status }) => [kind, status]), [['gate', 200], ['connect', 200], ['dialed', 200]]);
    });

    const rows = [['busy', ['business_busy']], ['no_answer', ['business_no_answer']], ['silent', ['business_declined']], ['other_key', ['business_declined']], ['hangs_up', ['business_declined', 'business_no_answer']]];
    for (const [habit, reasons] of rows) {
      story(`${habit}: missed, ${reasons[0]}; one text, the visitor is not rung`, { make, settings: UNPROVEN }, async (world) => {
        world.peer.people.set(world.business, habit);
        const phone = indianNumber();
        const end = await world.ended(await world.proven(phone));
        assert.equal(end.state, 'missed');
        assert.ok(reasons.includes(end.reason), end.reason);
        assert.equal(world.peer.legsTo(phone).length, 0);
        await world.alert(phone);
      });
    }

    for (const [habit, reason] of [['busy', 'visitor_busy'], ['no_answer', 'visitor_no_answer']]) {
      story(`the visitor is like this, ${habit}: ${reason} after a second chance`, { make, settings: UNPROVEN }, async (world) => {
        const phone = indianNumber();
        world.peer.people.set(phone, habit);
        const end = await world.ended(await world.proven(phone));
        assert.deepEqual([end.state, end.reason], ['failed', reason]);
        assert.equal(world.peer.calls.length, 2);
        await world.alert(phone);
      });
    }

    story('a call cannot be hung up here: after a cancel it rings on, and key 1 leads nowhere', { make, settings: { ...UNPROVEN, 'call.ring_seconds': 60 } }, async (world) => {
      world.peer.people.set(world.business, { after: 50 });
      const phone = indianNumber();
      const callback = await world.proven(phone);
      await world.reaches(callback, 'calling', { phase: 'ringing_business' });
      assert.equal((await world.client.cancel(callback)).status, 200);
      await until('the call is over', () => (world.peer.calls[0]?.ended ?? null) !== null);
      assert.deepEqual(world.peer.calls[0].business.heard, ['prompt']);
      assert.equal(world.peer.log.find(({ kind }) => kind === 'gate').status, 302);
      assert.equal(world.peer.legsTo(phone).length, 0);
      assert.equal((await world.ended(callback)).state, 'cancelled');
    });

    story('every question twice, letters lost and doubled: one talk', { make, settings: UNPROVEN }, async (world) => {
      world.peer.weather.set({ ask_twice: 1, duplicate: 0.5, drop: 0.5 });
      const phone = indianNumber('13');
      assert.equal((await world.ended(await world.proven(phone))).state, 'completed');
      assert.equal(world.peer.legsTo(phone).length, 1);
    });
  });

  describe('two numbers', at, () => {
    const rows = [['accepts', '13', 'completed', null, 1], ['busy', '00', 'missed', 'business_busy', 1], ['accepts', '01', 'failed', 'visitor_busy', 2]];
    for (const [business, visitor, state, reason, calls] of rows) {
      story(`business ${business}, visitor …${visitor}: ${state} ${reason ?? ''}`, { make, settings: { ...JOINED, ...UNPROVEN } }, async (world) => {
        world.peer.people.set(world.business, business);
        const phone = indianNumber(visitor);
        const end = await world.ended(await world.proven(phone));
        assert.deepEqual([end.state, end.reason], [state, reason]);
        assert.equal(world.peer.calls.length, calls);
        assert.equal(world.peer.calls[0].flow, false);
      });
    }

    story('cancel is too late from the order on', { make, settings: { ...JOINED, ...UNPROVEN }, peer: SLOWER }, async (world) => {
      world.peer.people.set(world.business, { after: 4 });
      const callback = await world.proven(indianNumber('13'));
      await world.reaches(callback, 'calling');
      assert.equal((await world.client.cancel(callback)).status, 409);
      assert.equal((await world.ended(callback)).state, 'completed');
    });
  });

  describe('letters that anybody could have written', at, () => {
    const WAITING = { make, settings: { ...UNPROVEN, 'call.ring_seconds': 60 } };

    story('a forged end is a hint: it makes the program ask, and moves nothing', { make, settings: UNPROVEN, peer: SLOWER }, async (world) => {
      world.peer.people.set(world.business, { after: 5 });
      const callback = await world.proven(indianNumber('13'));
      await world.reaches(callback, 'calling', { phase: 'ringing_business' });
      const call = await world.placed();
      for (const type of ['application/json', 'application/x-www-form-urlencoded']) {
        const answer = await world.peer.forge(call.hook.url, { CallSid: call.sid, Status: 'completed', Legs: [{ Status: 'completed' }, { Status: 'completed' }] }, type);
        assert.ok([200, 204].includes(answer.status), answer.text);
      }
      await until('it asked', () => world.peer.log.some(({ kind }) => kind === 'call.fetch'));
      assert.equal((await world.client.status(callback)).json.state, 'calling');
      assert.equal((await world.ended(callback)).state, 'completed');
    });

    story('a flood of invented tokens: each is refused, and none of them costs the store anything', WAITING, async (world) => {
      world.peer.people.set(world.business, { after: 400 });
      const callback = await world.proven(indianNumber());
      await world.reaches(callback, 'calling', { phase: 'ringing_business' });
      const call = await world.placed();
      const [, before, token, after] = /^(.*\/)([^/]{22})(\/status.*)$/.exec(call.hook.url);
      const works = () => world.client.metric('ringback_storage_batch_size_sum');
      const worked = await works();
      const FLOOD = 1000;
      for (let sent = 0; sent < FLOOD; sent += 20) {
        const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => {
          const invented = Buffer.from(`${sent + i}`.padStart(16, 'x')).toString('base64url');
          return world.peer.forge(`${before}${invented}${after}`, { CallSid: call.sid, Status: 'completed' });
        }));
        for (const answer of answers) assert.equal(answer.status, 404, answer.text);
      }
      assert.ok(await works() - worked < FLOOD / 2, 'the store was not asked');
      assert.equal(await world.client.metric('ringback_webhooks_total', { carrier: 'exotel', result: 'rejected' }), FLOOD);
      // The right one is heard all the same, from the same address.
      const asked = () => world.peer.log.filter(({ kind }) => kind === 'call.fetch').length;
      const looks = asked();
      const right = await world.peer.forge(`${before}${token}${after}`, { CallSid: call.sid, Status: 'completed' });
      assert.ok([200, 204].includes(right.status), right.text);
      await until('it asked', () => asked() > looks);
    });

    story('a key without the flow\'s secret, or of another call, lets nobody through', WAITING, async (world) => {
      world.peer.people.set(world.business, { after: 400 });
      const phone = indianNumber();
      const callback = await world.proven(phone);
      await world.reaches(callback, 'calling', { phase: 'ringing_business' });
      const call = await world.placed();
      const ask = (url, fields) => world.peer.post('forged', 'GET', `${url}?${new URLSearchParams({ CallSid: call.sid, digits: '"1"', CustomField: call.custom, ...fields })}`);
      const wrong = world.peer.flow.gate.replace(/[^/]+\/key$/, 'another-secret/key');
      assert.ok([403, 404].includes((await ask(wrong, {})).status));
      assert.notEqual((await ask(world.peer.flow.gate, { CallSid: 'f'.repeat(32) })).status, 200);
      assert.ok([302, 403, 404].includes((await ask(world.peer.flow.gate, { CustomField: 'A'.repeat(22) })).status));
      assert.notEqual((await world.client.status(callback)).json.phase, 'ringing_visitor');
      assert.equal(world.peer.legsTo(phone).length, 0);
    });
  });

  describe('doubt', at, () => {
    for (const fault of ['lose_reply', 'error_after', 'garbage']) {
      story(`${fault}: found in the list, or told by the flow; not placed again`, { make, settings: { ...UNPROVEN, 'call.attempts': 2 } }, async (world) => {
        world.peer.weather.next('call.create', fault);
        assert.equal((await world.ended(await world.proven(indianNumber('13')))).state, 'completed');
        assert.equal(world.peer.calls.length, 1);
      });
    }

    story('a text whose reply is lost is not sent again: nobody could find the first', { make }, async (world) => {
      world.peer.weather.next('message.create', 'lose_reply');
      const phone = indianNumber('13');
      assert.equal((await world.ended(await world.proven(phone))).state, 'completed');
      assert.equal(world.peer.textsTo(phone).length, 1);
    });
  });
});
