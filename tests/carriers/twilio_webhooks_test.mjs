// Letters that are not the carrier's, or not ours, and letters that come in no order at all.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { expectProblem } from '../blackbox/support/expect.mjs';
import { story, tokenOf, until, usNumber } from './support/world.mjs';

const WAITING = { settings: { 'verification.required': 'false', 'call.ring_seconds': 600 }, quiet: false };
const at = { concurrency: 4 }; // most of it is waiting

// A call that rings until the test is over.
async function ringing(world) {
  world.peer.people.set(world.business, { after: 500 });
  const phone = usNumber();
  const callback = await world.proven(phone);
  await world.leg(world.business, ({ status }) => status === 'ringing');
  await world.reaches(callback, 'calling', { phase: 'ringing_business' });
  await until('every letter was taken', () => world.peer.log.filter(({ kind, status }) => kind === 'status' && status === 204).length >= 2);
  const [call] = world.peer.calls;
  return { callback, phone, call, hook: `${world.program.url}/hooks/twilio/twilio/${tokenOf(call)}` };
}

const json = (answer) => ({ ...answer, json: JSON.parse(answer.text) });

describe('letters', at, () => {
  describe('letters that are not the carrier\'s', at, () => {
    story('unsigned, forged, altered, readdressed: 403, and nothing changes', WAITING, async (world) => {
      const { peer, client } = world;
      const { callback, call, hook } = await ringing(world);
      const form = [['CallSid', call.sid], ['AccountSid', peer.account.sid], ['CallStatus', 'in-progress'], ['SequenceNumber', '2']];
      const good = peer.sign(`${hook}/sb`, form);
      const { version } = (await client.status(callback)).json;
      const bad = [
        [`${hook}/sb`, form, { signature: null }], [`${hook}/sb`, form, { signature: '' }], [`${hook}/sb`, form, { signature: 'WRONG_SIGNATURE' }],
        [`${hook}/sb`, form, { key: 'e'.repeat(32) }], [`${hook}/sb`, [...form, ['Digits', '1']], { signature: good }], [`${hook}/sv`, form, { signature: good }],
        [`${hook}/gate/1`, [...form, ['Digits', '1']], { signature: good }], [`${hook}/sb?x=1`, form, { signature: good }], [`${hook}/answer`, form, { signature: good.toLowerCase() }],
      ];
      for (const [url, pairs, how] of bad) {
        const answer = await peer.forge(url, pairs, how);
        assert.equal(answer.status, 403, `${url}: ${answer.text}`);
        expectProblem({ ...json(answer) }, 'forbidden');
      }
      assert.equal((await client.status(callback)).json.version, version);
      assert.equal(await client.metric('ringback_webhooks_total', { carrier: 'twilio', result: 'rejected' }), bad.length);
    });

    story('signed with our token, but of another account: 403', WAITING, async (world) => {
      const { peer, client } = world;
      const { callback, call, hook } = await ringing(world);
      const { version } = (await client.status(callback)).json;
      const answer = await peer.forge(`${hook}/sb`, [['CallSid', call.sid], ['AccountSid', `AC${'9'.repeat(32)}`], ['CallStatus', 'in-progress']]);
      assert.equal(answer.status, 403);
      assert.equal((await client.status(callback)).json.version, version);
    });

    story('for a token that nobody has: 404', WAITING, async (world) => {
      const { call, hook } = await ringing(world);
      const foreign = hook.replace(/[^/]+$/, 'A'.repeat(22));
      const answer = await world.peer.forge(`${foreign}/sb`, [['CallSid', call.sid], ['CallStatus', 'in-progress']]);
      assert.equal(answer.status, 404);
    });

    story('key 1 of another call dials nobody', WAITING, async (world) => {
      const { peer } = world;
      const { hook, phone, callback } = await ringing(world);
      const answer = await peer.forge(`${hook}/gate/1`, [['CallSid', peer.newSid('CA')], ['CallStatus', 'in-progress'], ['Digits', '1']]);
      assert.equal(answer.status, 200);
      assert.doesNotMatch(answer.text, /Dial/);
      assert.equal(peer.legsTo(phone).length, 0);
      assert.notEqual((await world.client.status(callback)).json.phase, 'ringing_visitor');
    });

    story('a second call for one attempt is hung up', WAITING, async (world) => {
      const { peer } = world;
      const { hook, call } = await ringing(world);
      const second = peer.newSid('CA');
      await peer.forge(`${hook}/sb`, [['CallSid', second], ['CallStatus', 'ringing'], ['SequenceNumber', '1']]);
      await until('it is hung up', () => peer.log.some(({ path, method }) => method === 'POST' && path?.endsWith(`/Calls/${second}.json`)));
      assert.equal(call.status, 'ringing');
    });

    story('the fallback for a lost answer after <Dial> dials nobody again', { settings: { 'verification.required': 'false' }, quiet: false }, async (world) => {
      const { peer, program } = world;
      const phone = usNumber();
      peer.people.set(phone, { talk: 3000 });
      const callback = await world.proven(phone);
      await world.reaches(callback, 'connected');
      const [call] = peer.calls;
      const hook = `${program.url}/hooks/twilio/twilio/${tokenOf(call)}`;
      const answer = await peer.forge(`${hook}/answer`, [
        ['CallSid', call.sid], ['CallStatus', 'in-progress'], ['ErrorCode', '11200'], ['ErrorUrl', `${hook}/dialed`]]);
      assert.equal(answer.status, 200);
      assert.doesNotMatch(answer.text, /<Dial/);
      assert.equal(peer.legsTo(phone).length, 1);
    });

    story('signed nonsense is refused and breaks nothing', WAITING, async (world) => {
      const { call, hook, callback } = await ringing(world);
      for (const [point, form] of [['sb', []], ['sb', [['CallSid', 'x'], ['CallStatus', 'ringing']]], ['nowhere', [['CallSid', call.sid]]], ['dialed', [['CallSid', call.sid]]], ['gate/1', [['Digits', '1']]]]) {
        assert.equal((await world.peer.forge(`${hook}/${point}`, form)).status, 400, point);
      }
      const unknown = await world.peer.forge(`${hook}/sb`, [['CallSid', call.sid], ['CallStatus', 'dancing']]);
      assert.ok([200, 204, 400].includes(unknown.status), 'a word that we do not know moves nothing');
      assert.equal((await world.client.status(callback)).json.phase, 'ringing_business');
    });
  });

  describe('letters in no order', at, () => {
    story('an end before the beginning: the end counts, and stays', WAITING, async (world) => {
      const { peer, client } = world;
      const { callback, call, hook } = await ringing(world);
      const tell = (status, sequence) => peer.forge(`${hook}/sb`, [['CallSid', call.sid], ['CallStatus', status], ['SequenceNumber', `${sequence}`]]);
      assert.equal((await tell('busy', 3)).status, 204);
      const end = await world.ended(callback);
      assert.deepEqual([end.state, end.reason], ['missed', 'business_busy']);
      for (const [status, sequence] of [['in-progress', 2], ['ringing', 1], ['completed', 4]]) assert.equal((await tell(status, sequence)).status, 204);
      assert.deepEqual((await client.status(callback)).json.state, 'missed');
      const late = await peer.forge(`${hook}/gate/1`, [['CallSid', call.sid], ['CallStatus', 'in-progress'], ['Digits', '1']]);
      assert.doesNotMatch(late.text, /Dial/);
    });

    story('the same letter twice has one effect; a question asked again has the same answer', WAITING, async (world) => {
      const { peer, client } = world;
      const { callback, call, hook, phone } = await ringing(world);
      const letter = () => peer.forge(`${hook}/sb`, [['CallSid', call.sid], ['CallStatus', 'in-progress'], ['SequenceNumber', '2']]);
      await letter();
      const { version } = (await client.status(callback)).json;
      await letter();
      assert.equal((await client.status(callback)).json.version, version);
      const key = () => peer.forge(`${hook}/gate/1`, [['CallSid', call.sid], ['CallStatus', 'in-progress'], ['Digits', '1']]);
      const answers = await Promise.all(Array.from({ length: 8 }, key));
      for (const { status, text } of answers) {
        assert.equal(status, 200);
        assert.equal(text, answers[0].text);
        assert.match(text, new RegExp(`<Number [^>]*>\\${phone}</Number>`));
      }
    });

    story('every question is asked twice, as after a broken connection: nobody is rung twice', {}, async (world) => {
      world.peer.weather.set({ ask_twice: 1, duplicate: 1 });
      const phone = usNumber('13');
      assert.equal((await world.ended(await world.proven(phone))).state, 'completed');
      assert.equal(world.peer.legsTo(phone).length, 1);
    });
  });

  describe('letters that never come', at, () => {
    const rows = [
      ['they talked', 'accepts', '13', 'completed', null], ['nobody answered', 'no_answer', '00', 'missed', 'business_no_answer'],
      ['the business was busy', 'busy', '00', 'missed', 'business_busy'], ['the visitor was busy', 'accepts', '01', 'failed', 'visitor_busy'],
    ];
    for (const [what, habit, visitor, state, reason] of rows) {
      story(`no news at all, ${what}: ${state} by asking`, { settings: { 'verification.required': 'false' } }, async (world) => {
        world.peer.weather.set({ drop: 1 });
        world.peer.people.set(world.business, habit);
        const phone = usNumber(visitor);
        const end = await world.ended(await world.proven(phone));
        assert.deepEqual([end.state, end.reason], [state, reason]);
        if (state === 'missed') await world.alert(phone);
      });
    }

    story('no news, and a carrier whose reads are late: two people who talked are not rung again', {
      peer: { lag: 2 }, settings: { 'verification.required': 'false', 'timing.fetch_lag': 3, 'call.attempts': 2 },
    }, async (world) => {
      world.peer.weather.set({ drop: 1 });
      const phone = usNumber('13');
      assert.equal((await world.ended(await world.proven(phone))).state, 'completed');
      assert.equal(world.peer.calls.length, 1);
    });
  });
});
