// The real program and a carrier's stand-in that faces it. What a story wants of both is said here
// once: seconds instead of minutes in the program, a hundredth of a second a second on the telephones.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FINAL, bearer } from '../../blackbox/support/client.mjs';
import { Program } from '../../blackbox/support/program.mjs';
import { until } from '../../blackbox/support/until.mjs';
import { Twilio } from '../../peers/twilio.mjs';
import { Exotel } from '../../peers/exotel.mjs';

export { FINAL, bearer, until };
export const FROM = '+12025550199';
const QUICK = {
  'timing.dial_timeout': 2, 'timing.lease': 2, 'timing.first_look': 1, 'timing.look_interval': 1, 'timing.quarantine': 3, 'timing.empty_look_gap': 1,
  'timing.poll_after_ring': 1, 'timing.poll_first_interval': 1, 'timing.poll_late_interval': 2, 'timing.fetch_lag': 1, 'timing.fetch_lag_gap': 1,
  'timing.max_tail': 10, 'timing.visitor_second_chance': 1, 'timing.doubt_end': 30, 'timing.throttle_first': 1, 'timing.phantom_recheck': 1,
  'call.ring_seconds': 5, 'call.visitor_ring_seconds': 5, 'call.attempts': 1, 'call.retry_minutes': '0', 'call.max_concurrent': 1000,
};

const FLOW_SECRET = 'a-flow-secret-of-thirty-two-letters';
let serial = 0;
const AREAS = [202, 212, 303, 312, 415, 503, 602, 617, 702, 713];
// A number that is used once; the last two digits say how it behaves.
export function usNumber(habit = '00') {
  const n = serial++;
  return `+1${AREAS[n % 10]}${220 + (Math.floor(n / 10) % 70)}${String(Math.floor(n / 700) % 100).padStart(2, '0')}${habit}`;
}

export const indianNumber = (habit = '00') => `+9198${String(400_000 + (serial++ % 500_000))}${habit}`;

export class World {
  // The carrier first: the program asks it at its start.
  static async twilio(t, settings = {}, options = {}) {
    const world = new World();
    world.peer = await new Twilio(options).start();
    t?.after(() => world.peer.stop());
    const { sid, token } = world.peer.account;
    world.program = await Program.start(t, {
      ...QUICK, 'carrier.voice': 'twilio', 'carrier.sms': 'twilio', 'carrier.twilio.account_sid': sid, 'carrier.twilio.auth_token': token,
      'carrier.twilio.from': FROM, 'carrier.twilio.base_url': world.peer.url, 'carrier.twilio.calls_per_second': 100, ...settings,
    });
    return world;
  }

  // In India, with a flow that asks for a key; settings['carrier.exotel.flow_url'] = null joins two numbers.
  static async exotel(t, settings = {}, options = {}) {
    const world = new World();
    world.peer = await new Exotel({ requestsPerMinute: 100_000, ...options }).start();
    t?.after(() => world.peer.stop());
    const { sid, key, token, callerIds, sender } = world.peer.account;
    world.program = await Program.start(t, {
      ...QUICK, 'carrier.voice': 'exotel', 'carrier.sms': 'exotel', 'carrier.exotel.account_sid': sid, 'carrier.exotel.api_key': key,
      'carrier.exotel.api_token': token, 'carrier.exotel.base_url': world.peer.url, 'carrier.exotel.caller_id': callerIds[0],
      'carrier.exotel.sms_sender': sender, 'carrier.exotel.dlt_entity_id': '1101234567890123456', 'carrier.exotel.requests_per_minute': 100_000,
      'carrier.exotel.flow_url': world.peer.flowUrl, 'carrier.exotel.flow_secret': FLOW_SECRET, 'visitor.allowed_countries': 'IN',
      'business.numbers': '+919812345600', 'timing.fetch_lag': 2, ...settings,
    });
    const hook = `${world.program.url}/hooks/exotel/exotel/${FLOW_SECRET}`;
    world.peer.flow = { gate: `${hook}/key`, connect: `${hook}/connect`, dialed: `${hook}/dialed` };
    return world;
  }

  get client() {
    return this.program.client;
  }

  get business() {
    return this.program.settings['business.numbers'].split(',')[0];
  }

  // ---- a visitor

  async code(phone, nth = 1) {
    const text = await until(`text ${nth} on the visitor's phone`, () => this.peer.textsTo(phone)[nth - 1]);
    return /\b(\d{6})\b/.exec(text.body)[1];
  }

  async proven(phone = usNumber(), more) {
    const callback = await this.client.created(phone, more);
    if (this.program.settings['verification.required'] !== 'false') {
      const answer = await this.client.verify(callback, await this.code(phone));
      assert.equal(answer.status, 200, answer.text);
    }
    return callback;
  }

  reaches(callback, state, more) {
    return this.client.reaches(callback, state, more);
  }

  ended(callback, deadline = 60_000) {
    return until(`an end of ${callback.id}`, async (seen) => {
      const answer = await this.client.status(callback).catch(() => null);
      seen(answer?.json);
      return FINAL.includes(answer?.json?.state) && answer.json;
    }, deadline);
  }

  // ---- what the carrier saw

  // The call of an order that has arrived, with its answer applied.
  async placed() {
    const call = await until('a call is placed', () => this.peer.calls[0]);
    await until('the answer is in', async () => (await this.client.metric('ringback_carrier_requests_total', { operation: 'dial' })) >= 1);
    return call;
  }

  leg(number, fits, what = 'a leg') {
    return until(`${what} to ${number}`, (seen) => {
      const legs = this.peer.legsTo(number);
      seen(legs.map((leg) => [leg.status, leg.joined]));
      return legs.find(fits);
    });
  }

  // The one text to the business about this visitor.
  async alert(phone, number = this.business) {
    const mine = () => this.peer.textsTo(number).filter(({ body }) => body.includes(phone) || body.includes(phone.slice(-10)));
    await until('the text to the business', () => mine().length > 0);
    assert.equal(mine().length, 1, 'one text to the business');
    return mine()[0].body;
  }

  noText(number = this.business) {
    assert.deepEqual(this.peer.textsTo(number), [], 'nobody at the business gets a text');
  }

  // How often each attempt was placed, by the token in its address.
  placedByAttempt() {
    const counts = new Map();
    for (const call of this.peer.calls) {
      const token = tokenOf(call);
      counts.set(token, (counts.get(token) ?? 0) + 1);
    }
    return counts;
  }

  // What no weather excuses.
  assertSound() {
    assert.deepEqual(this.peer.breaches, []);
    for (const [token, times] of this.placedByAttempt()) assert.equal(times, 1, `attempt ${token} was placed ${times} times`);
    const visits = new Map();
    for (const call of this.peer.calls) {
      for (const visitor of call.children ?? [call.visitor].filter(Boolean)) {
        const { answered } = call.business ?? call;
        assert.ok(answered !== null && answered <= (visitor.created ?? visitor.started), 'the visitor was rung before a human accepted');
        visits.set(visitor.to, [...(visits.get(visitor.to) ?? []), visitor]);
      }
    }
    for (const [number, legs] of visits) {
      legs.sort((a, b) => a.started - b.started);
      for (let i = 1; i < legs.length; ++i) assert.ok((legs[i - 1].ended ?? Infinity) <= legs[i].started, `${number} was rung by two calls at once`);
      assert.ok(legs.filter((leg) => leg.joined).length <= 1, `${number} was talked to twice`);
    }
  }
}

export const tokenOf = (call) => /\/hooks\/[^/]+\/[^/]+\/([^/]+)\//.exec(call.script?.url ?? call.hook.url)[1];

// A test with a world of its own, sound at its end.
export function story(name, { settings, peer, make = World.twilio, quiet = true } = {}, body) {
  test(name, async (t) => {
    const world = await make(t, settings, peer);
    try {
      await body(world, t);
      world.assertSound();
      if (quiet) assert.deepEqual(world.peer.debugger ?? [], []);
    } catch (error) {
      const story = world.peer.log.map(({ kind, method, path, status, fault, answer, error: broken }) => `${kind} ${method} ${path.replace(/.*\/hooks/, '/hooks')} ${status} ${fault ?? ''} ${broken ?? ''} ${kind === 'question' ? answer : ''}`);
      t.diagnostic(`the carrier's log:\n${story.slice(-60).join('\n')}\nthe program's log:\n${world.program.log.split('\n').slice(-40).join('\n')}`);
      throw error;
    }
  });
}
