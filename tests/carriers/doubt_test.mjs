// Replies that never came, processes that died, and a carrier that was away: a telephone rings once
// for one attempt, whatever became of the answer.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { story, until, usNumber } from './support/world.mjs';

const at = { concurrency: 4 }; // most of it is waiting
const UNPROVEN = { 'verification.required': 'false' };

describe('doubt', at, () => {
  describe('the reply to an order is lost', at, () => {
    const TAKEN = ['lose_reply', 'error_after', 'proxy_after', 'garbage', 'slow'];
    for (const fault of TAKEN) {
      story(`${fault}: the carrier's letters tell that it rang; it is not placed again`, { settings: UNPROVEN }, async (world) => {
        world.peer.weather.next('call.create', fault);
        assert.equal((await world.ended(await world.proven(usNumber('13')))).state, 'completed');
        assert.equal(world.peer.calls.length, 1);
      });
    }

    story('and every letter, too: the list of calls tells', { settings: { ...UNPROVEN, 'call.attempts': 3 } }, async (world) => {
      world.peer.weather.next('call.create', 'lose_reply');
      world.peer.weather.set({ drop: 1 });
      world.peer.people.set(world.business, 'busy');
      world.peer.people.set(world.business, ['busy', 'accepts']);
      const end = await world.ended(await world.proven(usNumber('13')));
      assert.equal(end.state, 'completed');
      assert.equal(world.peer.calls.length, 2, 'the second one is the second attempt');
      assert.ok(world.peer.calls[1].created >= world.peer.calls[0].ended);
    });

    story('and the list is late: the first empty one is not believed', {
      peer: { lag: 2 }, settings: { ...UNPROVEN, 'timing.quarantine': 4, 'timing.fetch_lag': 3, 'call.attempts': 2 },
    }, async (world) => {
      world.peer.weather.next('call.create', 'lose_reply');
      world.peer.weather.set({ drop: 1 });
      world.peer.people.set(world.business, ['busy', 'no_answer']);
      const phone = usNumber();
      const end = await world.ended(await world.proven(phone));
      assert.equal(end.state, 'missed');
      assert.equal(world.peer.calls.length, 2);
      assert.ok(world.peer.log.filter(({ kind }) => kind === 'call.list').length >= 2);
    });

    for (const fault of ['lose_request', 'error_before', 'proxy_before']) {
      story(`${fault}: it was never taken, so it is placed again once that is proven`, { settings: { ...UNPROVEN, 'call.attempts': 2 } }, async (world) => {
        world.peer.weather.next('call.create', fault);
        const callback = await world.proven(usNumber('13'));
        await world.reaches(callback, 'calling', { phase: 'in_doubt' });
        assert.equal((await world.ended(callback)).state, 'completed');
        assert.equal(world.peer.calls.length, 1);
      });
    }

    story('"never" redials nothing that is in doubt: missed, outcome_unknown', { settings: { ...UNPROVEN, 'call.redial_unknown': 'never', 'call.attempts': 2 } }, async (world) => {
      world.peer.weather.next('call.create', 'lose_request');
      const phone = usNumber();
      const end = await world.ended(await world.proven(phone));
      assert.deepEqual([end.state, end.reason], ['missed', 'outcome_unknown']);
      assert.equal(world.peer.calls.length, 0);
      await world.alert(phone);
    });

    for (const fault of ['throttle', 'throttle_hint']) {
      story(`${fault}: asked again later, and placed once`, { settings: UNPROVEN }, async (world) => {
        world.peer.weather.next('call.create', fault, fault);
        assert.equal((await world.ended(await world.proven(usNumber('13')))).state, 'completed');
        assert.equal(world.peer.calls.length, 1);
        assert.equal(world.peer.log.filter(({ kind }) => kind === 'call.create').length, 3);
      });
    }

    story('a number that the carrier refuses is struck: failed, carrier_refused, and the business is told', {
      settings: { ...UNPROVEN, 'call.attempts': 3 },
    }, async (world) => {
      world.peer.refuseCalls = 21215;
      const phone = usNumber();
      const end = await world.ended(await world.proven(phone));
      assert.deepEqual([end.state, end.reason], ['failed', 'carrier_refused']);
      assert.equal(world.peer.log.filter(({ kind }) => kind === 'call.create').length, 1);
      await world.alert(phone);
    });

    story('a reply to a hang-up is lost: it is hung up again, and that is a success', { settings: { ...UNPROVEN, 'call.ring_seconds': 600 } }, async (world) => {
      world.peer.people.set(world.business, { after: 500 });
      world.peer.weather.next('call.update', 'lose_reply', 'error_before');
      const callback = await world.proven();
      await world.leg(world.business, ({ status }) => status === 'ringing');
      assert.equal((await world.client.cancel(callback)).status, 200);
      await until('the call is over', () => world.peer.calls[0]?.over);
      assert.equal((await world.ended(callback)).state, 'cancelled');
    });
  });

  describe('the process dies', at, () => {
    story('while the business rings: after the start the callback goes on, nobody is rung again', { settings: UNPROVEN, quiet: false }, async (world) => {
      world.peer.people.set(world.business, { after: 8 });
      const callback = await world.proven(usNumber('13'), {});
      await world.leg(world.business, ({ status }) => status === 'ringing');
      await world.program.stop('SIGKILL');
      await world.program.launch();
      const end = await world.ended(callback);
      assert.ok(['completed', 'missed'].includes(end.state), end.state);
      assert.equal(end.state === 'completed', world.peer.legs.some(({ joined }) => joined), 'completed if and only if they talked');
      assert.equal(world.peer.calls.length, 1);
    });

    story('while the order is on its way: the doubt is resolved by asking', { settings: { ...UNPROVEN, 'timing.dial_timeout': 5, 'timing.lease': 5 }, quiet: false }, async (world) => {
      world.peer.weather.slow_seconds = 4;
      world.peer.weather.next('call.create', 'slow');
      world.peer.weather.set({ drop: 1 });
      world.peer.people.set(world.business, 'busy');
      const phone = usNumber();
      const callback = await world.proven(phone);
      await until('the carrier has it', () => world.peer.calls.length === 1);
      await world.program.stop('SIGKILL');
      await world.program.launch();
      const end = await world.ended(callback);
      assert.deepEqual([end.state, end.reason], ['missed', 'business_busy']);
      assert.equal(world.peer.calls.length, 1);
      await world.alert(phone);
    });

    story('while they talk: the end is learnt afterwards', { settings: UNPROVEN, quiet: false }, async (world) => {
      const phone = usNumber();
      world.peer.people.set(phone, { talk: 60 });
      const callback = await world.proven(phone);
      await world.reaches(callback, 'connected');
      await world.program.stop('SIGKILL');
      await until('they hung up', () => world.peer.legs.every((leg) => leg.over));
      await world.program.launch();
      assert.equal((await world.ended(callback)).state, 'completed');
      assert.equal(world.peer.calls.length, 1);
    });
  });

  describe('the carrier is away', at, () => {
    story('nobody listens: the callback waits, and goes through when it is back', { settings: { ...UNPROVEN } }, async (world) => {
      await world.peer.down();
      const callback = await world.proven(usNumber('13'));
      await until('it was tried', async () => (await world.client.metric('ringback_carrier_requests_total', { operation: 'dial' })) >= 1);
      await world.peer.up();
      assert.equal((await world.ended(callback)).state, 'completed');
      assert.equal(world.peer.calls.length, 1);
    });
  });
});
