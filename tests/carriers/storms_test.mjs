// Many callbacks in bad weather at once. Each world is one seed; more of it by the environment:
// RINGBACK_SEQUENCES, RINGBACK_LOST_REPLIES, RINGBACK_OUTAGE, RINGBACK_SEED.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FINAL, World, until, usNumber } from './support/world.mjs';

const SEED = Number(process.env.RINGBACK_SEED ?? 1);
const SEQUENCES = Number(process.env.RINGBACK_SEQUENCES ?? 150);
const LOST_REPLIES = Number(process.env.RINGBACK_LOST_REPLIES ?? 150);
const OUTAGE = Number(process.env.RINGBACK_OUTAGE ?? 60);
const PATIENCE_MS = 60_000 + 200 * Math.max(SEQUENCES, LOST_REPLIES, OUTAGE);
const AT_ONCE = 32;
const HABITS = ['13', '13', '12', '01', '03', '02', '06', '13'];
// What people at the business do, call after call.
const COLLEAGUES = ['accepts', 'accepts', 'accepts', 'busy', 'silent', 'hangs_up', 'second_key', 'hangs_up_while_dialling', 'declines', 'no_answer', 'other_key'];

const SETTINGS = {
  'verification.required': 'false', 'call.attempts': 2, 'business.sms_number': '+12025550190', 'log.level': 'warn', 'carrier.twilio.calls_per_second': 100,
  'timing.visitor_second_chance': 1, 'timing.doubt_end': 60, 'limits.create': '10000/1m', 'limits.call_number': '10000/1m',
};

async function crowd(world, many) {
  const callbacks = [];
  const phones = Array.from({ length: many }, (_, i) => usNumber(HABITS[i % HABITS.length]));
  const work = phones.values();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const phone of work) callbacks.push(await world.client.created(phone));
  }));
  return callbacks;
}

async function allEnded(world, callbacks) {
  const ends = new Map();
  const open = new Set(callbacks);
  await until('every callback ends', async (seen) => {
    for (const callback of open) {
      const { json } = await world.client.status(callback);
      seen({ id: json.id, state: json.state, phase: json.phase, open: open.size });
      if (!FINAL.includes(json.state)) break;
      ends.set(callback, json);
      open.delete(callback);
    }
    return open.size === 0;
  }, PATIENCE_MS);
  return ends;
}

// Completed if and only if they talked; missed and failed ones are told, once.
async function judge(t, world, ends) {
  const counts = {};
  const texts = (phone) => world.peer.textsTo('+12025550190').filter(({ body }) => body.includes(phone));
  for (const [callback, { state, reason }] of ends) {
    counts[`${state} ${reason ?? ''}`.trim()] = (counts[`${state} ${reason ?? ''}`.trim()] ?? 0) + 1;
    const talked = world.peer.legsTo(callback.phone).some(({ joined }) => joined);
    assert.equal(state === 'completed', talked, `${callback.phone}: ${state} ${reason}, ${talked ? 'they talked' : 'nobody talked'}`);
    if (state === 'completed') assert.equal(texts(callback.phone).length, 0, `${callback.phone} talked, and the business is texted`);
    else await until(`a text about ${callback.phone}`, () => texts(callback.phone).length > 0);
    assert.ok(texts(callback.phone).length <= 1, `${texts(callback.phone).length} texts about ${callback.phone}`);
  }
  world.assertSound();
  const letters = world.peer.log.filter(({ kind }) => kind === 'status' || kind === 'question').length;
  t.diagnostic(`${ends.size} callbacks, ${world.peer.calls.length} calls, ${letters} letters, ${JSON.stringify(counts)}`);
  return counts;
}

async function stormy(t, { settings = {}, peer = {} } = {}) {
  const world = await World.twilio(t, { ...SETTINGS, ...settings }, { seed: SEED, pace: 0.02, ...peer });
  world.peer.people.set(world.business, { pickup: 'answers' });
  const dice = world.peer.weather.random;
  // Everybody at the business is somebody else.
  world.peer.people.set(world.business, Array.from({ length: 50_000 }, () => COLLEAGUES[Math.floor(dice() * COLLEAGUES.length)]));
  t.diagnostic(`seed ${SEED}`);
  return world;
}

test(`${SEQUENCES} callbacks whose letters are lost, doubled, late and in any order: every end is true`, async (t) => {
  const world = await stormy(t);
  world.peer.weather.set({ drop: 0.15, duplicate: 0.25, late: 0.5, late_seconds: 100, ask_twice: 0.1 });
  const ends = await allEnded(world, await crowd(world, SEQUENCES));
  const counts = await judge(t, world, ends);
  assert.ok(counts.completed > 0);
});

test(`${LOST_REPLIES} orders whose replies are lost: none is placed twice`, async (t) => {
  const numbers = Array.from({ length: 1 }, () => '+12025550100');
  const world = await stormy(t, { settings: { 'business.numbers': numbers.join(',') } });
  world.peer.weather.chances('call.create', { lose_reply: 0.4, error_after: 0.2, proxy_after: 0.2, garbage: 0.2 });
  world.peer.weather.set({ drop: 0.1, duplicate: 0.1, late: 0.3, late_seconds: 30 });
  const ends = await allEnded(world, await crowd(world, LOST_REPLIES));
  await judge(t, world, ends);
  const lost = world.peer.log.filter(({ kind, fault }) => kind === 'call.create' && fault).length;
  assert.ok(lost >= LOST_REPLIES);
  assert.equal(world.placedByAttempt().size, world.peer.calls.length);
  t.diagnostic(`${lost} replies lost, ${world.peer.calls.length - world.placedByAttempt().size} second calls`);
});

test(`an outage with ${OUTAGE} callbacks in the queue: all end right, and none is placed faster than the pace`, async (t) => {
  const pace = Math.max(20, Math.ceil(OUTAGE / 20));
  const world = await stormy(t, { settings: { 'carrier.twilio.calls_per_second': pace } });
  await world.peer.down();
  const callbacks = await crowd(world, OUTAGE);
  await until('the outage was felt', async () => (await world.client.metric('ringback_carrier_requests_total', { operation: 'dial' })) >= 1);
  await world.peer.up();
  const ends = await allEnded(world, callbacks);
  await judge(t, world, ends);
  const placed = world.peer.log.filter(({ kind }) => kind === 'call.create').map(({ at }) => at).sort((a, b) => a - b);
  let most = 0;
  for (let i = 0, j = 0; i < placed.length; ++i) {
    while (placed[i] - placed[j] >= 1000) ++j;
    most = Math.max(most, i - j + 1);
  }
  t.diagnostic(`${placed.length} orders, at most ${most} in a second, ${pace} allowed`);
  assert.ok(most <= pace + 1, `${most} orders within a second, ${pace} allowed`);
});
