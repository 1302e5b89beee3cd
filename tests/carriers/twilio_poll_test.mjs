// Without a public address: the order carries the whole call, nothing is ever posted back, and what
// happens is asked for.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { World, until, usNumber } from './support/world.mjs';

const POLL = {
  'carrier.poll': 'true', 'call.accept': 'none', 'timing.poll_quick': 0.1, 'timing.poll_first_interval': 0.1, 'verification.required': 'false',
};

function polled(name, settings, body) {
  test(name, async (t) => {
    const world = await World.twilio(t, { ...POLL, ...settings });
    await body(world);
    assert.deepEqual(world.peer.breaches, []);
    assert.deepEqual(world.peer.log.filter(({ kind }) => ['question', 'status'].includes(kind)), [], 'nothing is posted to the program');
  });
}

describe('polling in place of webhooks', { concurrency: 3 }, () => {
  polled('answered and joined by the carrier: calling, connected, completed', { 'call.visitor_ring_seconds': 600 }, async (world) => {
    const phone = usNumber();
    world.peer.people.set(phone, { after: 200 });
    const callback = await world.proven(phone);
    await world.reaches(callback, 'calling', { phase: 'ringing_visitor' });
    const leg = await world.leg(phone, ({ joined }) => joined);
    assert.equal(leg.from, world.peer.calls[0].from);
    await world.reaches(callback, 'connected');
    world.peer.hangUp(world.peer.calls[0].sid);
    const end = await world.ended(callback);
    assert.deepEqual([end.state, end.reason], ['completed', null]);
    assert.equal(world.peer.calls.length, 1);
    world.noText();
  });

  polled('a cancel is too late from the claim on, and says so', { 'call.ring_seconds': 600 }, async (world) => {
    world.peer.people.set(world.business, { after: 400 });
    const callback = await world.proven(usNumber('13'));
    await world.leg(world.business, ({ status }) => status === 'ringing');
    const answer = await world.client.cancel(callback);
    assert.equal(answer.status, 409);
    assert.equal((await world.ended(callback)).reason, null);
  });

  for (const [habit, state, reason] of [['busy', 'missed', 'business_busy'], ['no_answer', 'missed', 'business_no_answer']]) {
    polled(`the business: ${habit}`, {}, async (world) => {
      world.peer.people.set(world.business, habit);
      const phone = usNumber();
      const end = await world.ended(await world.proven(phone));
      assert.deepEqual([end.state, end.reason], [state, reason]);
      await world.alert(phone);
      assert.equal(world.peer.legsTo(phone).length, 0);
    });
  }

  polled('the visitor: busy, twice; the business is texted', {}, async (world) => {
    const phone = usNumber('01');
    const end = await world.ended(await world.proven(phone));
    assert.deepEqual([end.state, end.reason], ['failed', 'visitor_busy']);
    assert.equal(world.peer.calls.length, 2);
    await world.alert(phone);
  });

  polled('a lost reply: found in the list, and asked about like any other', {}, async (world) => {
    world.peer.weather.next('call.create', 'lose_reply');
    const end = await world.ended(await world.proven(usNumber('13')));
    assert.equal(end.state, 'completed');
    assert.equal(world.peer.calls.length, 1);
    await until('the list was read', () => world.peer.log.some(({ kind }) => kind === 'call.list'));
  });
});
