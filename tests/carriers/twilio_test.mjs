// The program over Twilio's protocol: every end of a callback, told by the people at both telephones,
// the markup they heard it by, and the texts.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe } from 'node:test';
import { normal, readXml } from '../peers/lib/xml.mjs';
import { textOf } from '../peers/twilio/twiml.mjs';
import { FROM, story, tokenOf, until, usNumber } from './support/world.mjs';

// The vendor's package lies with the stand-in.
const twilio = createRequire(new URL('../peers/package.json', import.meta.url))('twilio');
const at = { concurrency: 4 }; // most of it is waiting

describe('the program over Twilio', at, () => {
  describe('the whole thread', at, () => {
    story('code by text, key 1, bridge, hang-up: completed; the markup is what the vendor\'s builder writes', {}, async (world) => {
      const { peer, program } = world;
      const phone = usNumber('12');
      const callback = await world.proven(phone, { name: 'Ann & "Bob" <Miller>' });
      const end = await world.ended(callback);
      assert.deepEqual([end.state, end.reason, end.attempt], ['completed', null, 1]);

      assert.equal(peer.calls.length, 1);
      const [call] = peer.calls;
      assert.deepEqual([call.to, call.from, call.timeout], [world.business, FROM, 5]);
      const [visitor] = peer.legsTo(phone);
      assert.deepEqual([visitor.from, visitor.joined, visitor.parent], [FROM, true, call]);
      world.noText();

      const hook = `${program.url}/hooks/twilio/twilio/${tokenOf(call)}`;
      const [answer, gate, dialed] = call.asked;
      assert.deepEqual(call.asked.map(({ url }) => url.replace(hook, '')), ['/answer', '/gate/1', '/dialed']);
      const same = (document, build) => assert.deepEqual(normal(readXml(document)), normal(readXml(build.toString())));
      const asking = new twilio.twiml.VoiceResponse();
      const prompt = textOf(readXml(answer.document).children[0].children[0]);
      assert.match(prompt, /1/);
      asking.gather({ numDigits: 1, action: `${hook}/gate/1`, method: 'POST', timeout: 8, actionOnEmptyResult: true, input: 'dtmf' }).say(prompt);
      asking.hangup();
      same(answer.document, asking);
      const dialling = new twilio.twiml.VoiceResponse();
      const written = readXml(gate.document).children[0];
      const fragment = new URL(written.children[0].attributes.statusCallback).hash;
      dialling.dial({ action: `${hook}/dialed`, method: 'POST', timeout: 5, timeLimit: 3600, callerId: FROM })
        .number({ statusCallback: `${hook}/sv${fragment}`, statusCallbackMethod: 'POST', statusCallbackEvent: 'initiated ringing answered completed' }, phone);
      same(gate.document, dialling);
      const ending = new twilio.twiml.VoiceResponse();
      ending.hangup();
      same(dialed.document, ending);
    });

    story('an API key in place of the auth token; webhooks stay signed by the token', {
      peer: { keySid: `SK${'a'.repeat(32)}`, keySecret: 'key secret' },
      settings: { 'carrier.twilio.api_key_sid': `SK${'a'.repeat(32)}`, 'carrier.twilio.api_key_secret': 'key secret' },
    }, async (world) => {
      const end = await world.ended(await world.proven(usNumber('13')));
      assert.equal(end.state, 'completed');
    });

    story('webhooks signed by the token that is about to be promoted are believed, too', {
      peer: { signWith: 'b'.repeat(32) }, settings: { 'carrier.twilio.auth_token_secondary': 'b'.repeat(32) },
    }, async (world) => {
      assert.equal((await world.ended(await world.proven(usNumber('13')))).state, 'completed');
    });

    story('the states a visitor sees come in order', {
      settings: { 'call.ring_seconds': 60, 'call.visitor_ring_seconds': 60 }, peer: { pace: 0.03 },
    }, async (world) => {
      const phone = usNumber();
      world.peer.people.set(world.business, { after: 15, think: 6 });
      world.peer.people.set(phone, { after: 15 });
      const callback = await world.client.created(phone);
      const stream = await world.client.watch(callback);
      await world.client.verify(callback, await world.code(phone));
      const leg = await world.leg(phone, ({ joined }) => joined);
      await world.reaches(callback, 'connected');
      assert.equal(world.peer.hangUp(leg.sid), true);
      await world.ended(callback);
      await until('the stream ends', () => stream.ended);
      const seen = stream.events().map(({ json }) => json.phase ?? json.state).filter((state) => state !== 'queued');
      assert.deepEqual(seen.filter((state, i) => state !== seen[i - 1]), ['pending', 'ringing_business', 'screening', 'ringing_visitor', 'connected', 'completed']);
    });
  });

  describe('the business was not reached', at, () => {
    const rows = [
      ['busy', 'business_busy'], ['no_answer', 'business_no_answer'], ['declines', 'business_declined'], ['voicemail', 'business_declined'],
      ['silent', 'business_declined'], ['other_key', 'business_declined'], ['hangs_up', 'business_declined'],
    ];
    for (const [habit, reason] of rows) {
      story(`${habit}: missed, ${reason}; one text with the details, the visitor is not rung`, {}, async (world) => {
        world.peer.people.set(world.business, habit);
        const phone = usNumber();
        const end = await world.ended(await world.proven(phone, { name: 'Ann Miller', message: 'The wedding cake' }));
        assert.deepEqual([end.state, end.reason], ['missed', reason]);
        const text = await world.alert(phone);
        assert.match(text, /Ann Miller/);
        assert.equal(world.peer.legsTo(phone).length, 0);
        assert.equal(world.peer.calls.length, 1);
      });
    }

    story('a machine that the carrier knew: business_machine', { settings: { 'carrier.twilio.machine_detection': 'on' } }, async (world) => {
      world.peer.people.set(world.business, 'voicemail');
      const phone = usNumber();
      const end = await world.ended(await world.proven(phone));
      assert.deepEqual([end.state, end.reason], ['missed', 'business_machine']);
      assert.equal(world.peer.legsTo(phone).length, 0);
      assert.deepEqual(world.peer.calls[0].heard, [], 'nothing is said to a machine');
    });

    story('silence once: asked again; then key 1 counts', {}, async (world) => {
      world.peer.people.set(world.business, 'second_key');
      assert.equal((await world.ended(await world.proven(usNumber('13')))).state, 'completed');
      assert.deepEqual(world.peer.calls[0].asked.map(({ url }) => url.replace(/.*\/(?=answer|gate|dialed)/, '')), ['answer', 'gate/1', 'gate/2', 'dialed']);
    });

    story('numbers are rung one after the other until one accepts', { settings: { 'business.numbers': '+12025550141,+12025550142,+12025550143' } }, async (world) => {
      world.peer.people.set('+12025550141', 'busy');
      world.peer.people.set('+12025550142', 'declines');
      world.peer.people.set('+12025550143', 'accepts');
      assert.equal((await world.ended(await world.proven(usNumber('13')))).state, 'completed');
      assert.deepEqual(world.peer.calls.map(({ to }) => to), ['+12025550141', '+12025550142', '+12025550143']);
      for (let i = 1; i < 3; ++i) assert.ok(world.peer.calls[i].created >= world.peer.calls[i - 1].ended);
    });
  });

  describe('the visitor was not reached', at, () => {
    const rows = [['busy', 'visitor_busy', 2], ['no_answer', 'visitor_no_answer', 2], ['unreachable', 'visitor_unreachable', 2]];
    for (const [habit, reason, calls] of rows) {
      story(`${habit}: ${reason} after a second chance; the business heard it in words`, {}, async (world) => {
        const phone = usNumber();
        world.peer.people.set(phone, habit);
        const end = await world.ended(await world.proven(phone));
        assert.deepEqual([end.state, end.reason], ['failed', reason]);
        assert.equal(world.peer.calls.length, calls);
        for (const call of world.peer.calls) assert.match(call.heard.at(-1), /not|busy|reach|answer/i);
        await world.alert(phone);
      });
    }

    story('pushed away: no second chance', {}, async (world) => {
      const phone = usNumber('03');
      const end = await world.ended(await world.proven(phone));
      assert.deepEqual([end.state, end.reason], ['failed', 'visitor_declined']);
      assert.equal(world.peer.calls.length, 1);
    });

    story('the business hangs up while the visitor is rung: the visitor\'s phone stops, missed', {}, async (world) => {
      world.peer.people.set(world.business, 'hangs_up_while_dialling');
      const phone = usNumber();
      world.peer.people.set(phone, 'no_answer');
      const end = await world.ended(await world.proven(phone));
      assert.deepEqual([end.state, end.reason], ['missed', 'business_declined']);
      assert.ok(world.peer.legsTo(phone).every((leg) => leg.over));
      await world.alert(phone);
    });
  });

  describe('cancel', at, () => {
    for (const [when, person, phase] of [['while the business rings', { after: 400 }, 'ringing_business'], ['while it listens', { think: 400, after: 1 }, 'screening']]) {
      story(`${when}: the call is hung up, the visitor is never rung`, { settings: { 'call.ring_seconds': 600 } }, async (world) => {
        const { peer } = world;
        // Nobody presses anything before the cancel: the key comes later than the question waits.
        peer.people.set(world.business, { ...person, keys: person.think ? [] : ['1'] });
        const phone = usNumber();
        const callback = await world.proven(phone);
        await world.reaches(callback, 'calling', { phase });
        await world.placed();
        const answer = await world.client.cancel(callback);
        assert.equal(answer.status, 200, answer.text);
        await until('the leg is over', () => peer.calls.every((call) => call.over));
        const end = await world.ended(callback);
        assert.deepEqual([end.state, end.reason], ['cancelled', 'by_visitor']);
        assert.equal(peer.legsTo(phone).length, 0);
        world.noText();
      });
    }

    story('when the own phone rings already: 409, and the call goes on', {}, async (world) => {
      const phone = usNumber();
      world.peer.people.set(phone, { after: 200 });
      const callback = await world.proven(phone, {});
      await world.leg(phone, ({ status }) => status === 'ringing');
      assert.equal((await world.client.cancel(callback)).status, 409);
    });
  });

  describe('texts', at, () => {
    story('a code goes out once, from the account\'s number, and is worth nothing after its time', { settings: { 'verification.ttl_seconds': 120 } }, async (world) => {
      const phone = usNumber();
      await world.client.created(phone);
      await world.code(phone);
      const [text] = world.peer.textsTo(phone);
      assert.equal(text.from, FROM);
      assert.equal(text.segments, 1, text.body);
    });

    story('a messaging service sends them', {
      settings: { 'carrier.twilio.messaging_service_sid': `MG${'c'.repeat(32)}` },
    }, async (world) => {
      const phone = usNumber();
      await world.client.created(phone);
      await world.code(phone);
      assert.equal(world.peer.textsTo(phone)[0].service, `MG${'c'.repeat(32)}`);
    });

    story('a code that the carrier refuses to send: failed, carrier_refused', {}, async (world) => {
      world.peer.refuseTexts = 21610;
      const callback = await world.client.created(usNumber());
      const end = await world.ended(callback);
      assert.deepEqual([end.state, end.reason], ['failed', 'carrier_refused']);
    });

    for (const fault of ['lose_reply', 'error_after', 'garbage']) {
      story(`${fault}: the text about a missed callback is found at the carrier, not sent again`, { settings: { 'verification.required': 'false' } }, async (world) => {
        world.peer.people.set(world.business, 'busy');
        world.peer.weather.next('message.create', fault);
        const phone = usNumber();
        const end = await world.ended(await world.proven(phone));
        assert.equal(end.state, 'missed');
        await world.alert(phone);
        await until('the carrier was asked about it', () => world.peer.log.some(({ kind }) => kind === 'message.list'));
        await world.alert(phone);
      });
    }

    story('lose_request: proven absent, the text is sent once more', { settings: { 'verification.required': 'false' } }, async (world) => {
      world.peer.people.set(world.business, 'busy');
      world.peer.weather.next('message.create', 'lose_request');
      const phone = usNumber();
      await world.ended(await world.proven(phone));
      await world.alert(phone);
      assert.ok(world.peer.log.some(({ kind }) => kind === 'message.list'));
    });
  });
});
