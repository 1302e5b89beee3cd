// Many callbacks in bad weather at once. Each world is one seed; more of it by the environment:
// RINGBACK_SEQUENCES, RINGBACK_LOST_REPLIES, RINGBACK_OUTAGE, RINGBACK_CANCELS, RINGBACK_DEATHS, RINGBACK_EXOTEL, RINGBACK_SEED.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FINAL, World, indianNumber, until, usNumber } from './support/world.mjs';

const SEED = Number(process.env.RINGBACK_SEED ?? 1);
const SEQUENCES = Number(process.env.RINGBACK_SEQUENCES ?? 150);
const LOST_REPLIES = Number(process.env.RINGBACK_LOST_REPLIES ?? 150);
const OUTAGE = Number(process.env.RINGBACK_OUTAGE ?? 60);
const CANCELS = Number(process.env.RINGBACK_CANCELS ?? 80);
const DEATHS = Number(process.env.RINGBACK_DEATHS ?? 4); // for each, fifteen callbacks
const EXOTEL = Number(process.env.RINGBACK_EXOTEL ?? 40);
const PATIENCE_MS = 60_000 + 200 * Math.max(SEQUENCES, LOST_REPLIES, OUTAGE, EXOTEL) + 5_000 * DEATHS;
const AT_ONCE = 32;
const HABITS = ['13', '13', '12', '01', '03', '02', '06', '13'];
// What people at the business do, call after call.
const COLLEAGUES = ['accepts', 'accepts', 'accepts', 'busy', 'silent', 'hangs_up', 'second_key', 'hangs_up_while_dialling', 'declines', 'no_answer', 'other_key'];

const SETTINGS = {
  'verification.required': 'false', 'call.attempts': 2, 'business.sms_number': '+12025550190', 'log.level': 'warn', 'carrier.twilio.calls_per_second': 100,
  'timing.doubt_end': 60, 'limits.create': '10000/1s', 'limits.call_number': '10000/1s',
};

async function crowd(world, many, number = usNumber) {
  const callbacks = [];
  const phones = Array.from({ length: many }, (_, i) => number(HABITS[i % HABITS.length]));
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
      const { json } = (await world.client.status(callback).catch(() => null)) ?? {};
      if (!json) break;
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
  const texts = (phone) => world.peer.textsTo(world.program.settings['business.sms_number']).filter(({ body }) => body.includes(phone));
  for (const [callback, { state, reason }] of ends) {
    counts[`${state} ${reason ?? ''}`.trim()] = (counts[`${state} ${reason ?? ''}`.trim()] ?? 0) + 1;
    const talked = world.peer.legsTo(callback.phone).some(({ joined }) => joined);
    assert.equal(state === 'completed', talked, `${callback.phone}: ${state} ${reason}, ${talked ? 'they talked' : 'nobody talked'}`);
    if (['completed', 'cancelled'].includes(state)) assert.equal(texts(callback.phone).length, 0, `${callback.phone}: ${state}, and the business is texted`);
    else await until(`a text about ${callback.phone}`, () => texts(callback.phone).length > 0);
    assert.ok(texts(callback.phone).length <= 1, `${texts(callback.phone).length} texts about ${callback.phone}`);
  }
  world.assertSound();
  const letters = world.peer.log.filter(({ kind }) => ['status', 'question', 'gate', 'connect', 'dialed'].includes(kind)).length;
  t.diagnostic(`${ends.size} callbacks, ${world.peer.calls.length} calls, ${letters} letters, ${JSON.stringify(counts)}`);
  return counts;
}

async function stormy(t, { settings = {}, peer = {}, make = World.twilio } = {}) {
  const world = await make(t, { ...SETTINGS, ...settings }, { seed: SEED, pace: 0.02, ...peer });
  const dice = world.peer.weather.random;
  // Everybody at the business is somebody else.
  world.peer.people.set(world.business, Array.from({ length: 50_000 }, () => COLLEAGUES[Math.floor(dice() * COLLEAGUES.length)]));
  t.diagnostic(`seed ${SEED}`);
  return world;
}

// The most that came within so many seconds.
function busiest(times, seconds) {
  let most = 0;
  for (let i = 0, j = 0; i < times.length; ++i) {
    while (times[i] - times[j] >= seconds * 1000) ++j;
    most = Math.max(most, i - j + 1);
  }
  return most;
}

describe('storms', { concurrency: 6 }, () => {
  test(`${SEQUENCES} callbacks whose letters are lost, doubled, late and in any order: every end is true`, async (t) => {
    const world = await stormy(t);
    world.peer.weather.set({ drop: 0.15, duplicate: 0.25, late: 0.5, late_seconds: 100, ask_twice: 0.1 });
    const ends = await allEnded(world, await crowd(world, SEQUENCES));
    const counts = await judge(t, world, ends);
    assert.ok(counts.completed > 0);
  });

  test(`${LOST_REPLIES} orders whose replies are lost: none is placed twice`, async (t) => {
    const world = await stormy(t);
    // Every second one: after five in a row the program would leave the carrier alone for a while.
    const faults = ['lose_reply', 'error_after', 'proxy_after', 'garbage'];
    world.peer.weather.next('call.create', ...Array.from({ length: LOST_REPLIES * 10 }, (_, i) => (i % 2 ? null : faults[Math.floor(world.peer.weather.random() * 4)])));
    world.peer.weather.set({ drop: 0.1, duplicate: 0.1, late: 0.3, late_seconds: 30 });
    const ends = await allEnded(world, await crowd(world, Math.ceil(LOST_REPLIES * 1.1)));
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
    const most = Object.fromEntries([1, 5].map((seconds) => [seconds, busiest(placed, seconds)]));
    t.diagnostic(`${placed.length} orders, at most ${most[1]} in a second and ${most[5]} in five; ${pace} a second are allowed`);
    // All of them together: what arrives in one second also depends on how busy this machine is. Half, for the same reason.
    const took = (placed.at(-1) - placed[0]) / 1000;
    assert.ok(took >= (placed.length - 1) / pace / 2, `${placed.length} orders in ${took} s, ${pace} a second allowed`);
  });

  test(`${CANCELS} visitors who change their minds at some moment: none is rung after an accepted cancel`, async (t) => {
    const world = await stormy(t);
    world.peer.weather.set({ drop: 0.1, duplicate: 0.1, late: 0.3, late_seconds: 30, ask_twice: 0.1 });
    const callbacks = await crowd(world, CANCELS);
    const accepted = new Map(); // callback -> when
    let refused = 0;
    await Promise.all(callbacks.map(async (callback, i) => {
      if (i % 10 === 0) await world.ended(callback);
      else await new Promise((resolve) => setTimeout(resolve, world.peer.weather.random() * 3000));
      const { status } = await world.client.cancel(callback);
      assert.ok([200, 409].includes(status), `${status}`);
      if (status === 200) accepted.set(callback, Date.now());
      else ++refused;
    }));
    const ends = await allEnded(world, callbacks);
    await judge(t, world, ends);
    for (const [callback, at] of accepted) {
      assert.equal(ends.get(callback).state, 'cancelled');
      for (const leg of world.peer.legsTo(callback.phone)) assert.ok(leg.created <= at, `${callback.phone} was rung after the cancel`);
    }
    await until('the calls of the cancelled ones are over', () => world.peer.calls.every((call) => call.over));
    t.diagnostic(`${accepted.size} cancels accepted, ${refused} too late`);
    assert.ok(accepted.size > 0 && refused > 0);
  });

  test(`${DEATHS} deaths of the program among ${DEATHS * 15} callbacks: nobody is rung twice for one attempt, every end is true`, async (t) => {
    const world = await stormy(t);
    world.peer.weather.set({ drop: 0.1, duplicate: 0.1, late: 0.3, late_seconds: 30 });
    const callbacks = await crowd(world, DEATHS * 15);
    for (let i = 0; i < DEATHS; ++i) {
      const placed = world.peer.calls.length;
      await until('calls go on, or all is over', async () => world.peer.calls.length >= placed + 3 || world.peer.calls.every((call) => call.over), 60_000);
      await world.program.stop('SIGKILL');
      await world.program.launch();
    }
    await judge(t, world, await allEnded(world, callbacks));
  });

  test(`${EXOTEL} callbacks over a carrier that signs nothing and tells late, replies and letters lost: every end is true`, async (t) => {
    const settings = { 'carrier.twilio.calls_per_second': null, 'business.sms_number': '+919812345690', 'timing.fetch_lag': 3, 'timing.doubt_end': 15, 'call.ring_seconds': 2 };
    const world = await stormy(t, { make: World.exotel, settings });
    world.peer.weather.next('call.create', ...Array.from({ length: EXOTEL * 10 }, (_, i) => ['lose_reply', null, 'error_after', null, null][i % 5]));
    world.peer.weather.set({ drop: 0.3, duplicate: 0.3, late: 0.3, late_seconds: 60, ask_twice: 0.3 });
    await judge(t, world, await allEnded(world, await crowd(world, EXOTEL, indianNumber)));
  });
});
