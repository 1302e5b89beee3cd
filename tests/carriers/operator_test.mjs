// A reply that never came, news that never came, a list that never showed it: nobody can tell whether
// a telephone rang. An operator looks, and has it dialled again.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { expectProblem } from '../blackbox/support/expect.mjs';
import { Operator } from '../blackbox/support/operator.mjs';
import { World, indianNumber, story, until, usNumber } from './support/world.mjs';

const at = { concurrency: 4 };
const BLIND = { 'verification.required': 'false', 'call.redial_unknown': 'never', 'call.attempts': '2' };

describe('an operator resolves a doubt', at, () => {
  for (const fault of ['lose_reply', 'lose_request']) {
    story(`${fault}: outcome_unknown; its story is read, "anyway" is said, exactly one more call is placed`, {
      settings: BLIND, peer: { lag: 3600 },
    }, async (world) => {
      const operator = Operator.of(world.program);
      const taken = fault === 'lose_reply' ? 1 : 0;
      world.peer.weather.next('call.create', fault);
      world.peer.weather.set({ drop: 1 });
      world.peer.people.set(world.business, taken === 1 ? ['busy', 'accepts'] : ['accepts']);
      const phone = usNumber('13');
      const callback = await world.proven(phone);
      const end = await world.ended(callback);
      assert.deepEqual([end.state, end.reason], ['missed', 'outcome_unknown']);
      await world.alert(phone);
      assert.equal(world.peer.calls.length, taken);

      const [row] = (await operator.list('?state=missed')).json.callbacks;
      assert.deepEqual([row.id, row.reason, row.in_doubt], [callback.id, 'outcome_unknown', true]);
      const seen = (await operator.one(callback)).json;
      assert.equal(seen.retry_barred_by, 'may_have_rung');
      assert.deepEqual(seen.attempts.map(({ state, ref }) => [state, ref]), [['in_doubt_ended', null]]);
      const answered = seen.timeline.find(({ event }) => event === 'dial_answered');
      assert.deepEqual([answered.actor, answered.phase], ['carrier', 'in_doubt']);
      assert.equal(answered.details.taken, undefined, 'unknown, which is the usual');
      assert.ok(seen.timeline.filter(({ event }) => event === 'looked_up').length >= 2, 'the list was asked twice');

      expectProblem(await operator.retry(callback), 'state_conflict');
      expectProblem(await operator.retry(callback, { anyway: false }), 'state_conflict');
      assert.equal(world.peer.calls.length, taken, 'a refused retry places nothing');

      world.peer.weather.set({ drop: 0 });
      const answers = await Promise.all([1, 2, 3].map(() => operator.retry(callback, { anyway: true })));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409, 409]);
      await until('they talked', async (look) => {
        const { json } = await world.client.status(callback);
        look(json);
        return json.state === 'completed';
      }, 120_000);
      assert.equal(world.peer.calls.length, taken + 1);
      const told = (await operator.one(callback)).json;
      assert.deepEqual(told.timeline.filter(({ event, moved }) => event === 'retry_asked' && moved).map(({ actor, details }) => [actor, details.anyway]),
        [[`key:${operator.key.id}`, true]]);
      assert.equal(told.timeline.filter(({ event }) => event === 'retry_asked').length, 5, 'what was refused is written down as well');
      expectProblem(await operator.retry(callback, { anyway: true }), 'state_conflict');
    });
  }

  story('Exotel: the same, with a list that cannot tell calls of one number apart', {
    make: World.exotel, settings: BLIND,
  }, async (world) => {
    const operator = Operator.of(world.program);
    world.peer.weather.next('call.create', 'lose_request');
    const callback = await world.proven(indianNumber());
    const end = await world.ended(callback);
    assert.deepEqual([end.state, end.reason], ['missed', 'outcome_unknown']);
    expectProblem(await operator.retry(callback), 'state_conflict');
    assert.equal((await operator.retry(callback, { anyway: true })).status, 200);
    await until('one call is placed', () => world.peer.calls.length === 1);
    await until('it ended', async () => (await operator.one(callback)).json.finished_at !== null, 120_000);
    assert.equal(world.peer.calls.length, 1);
  });
});
