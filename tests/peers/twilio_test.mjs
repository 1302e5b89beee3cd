// The stand-in for Twilio, asked by the vendor's own client and checked with the vendor's own code.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'node:test';
import twilio from 'twilio';
import { Listener } from './listener.mjs';
import { Twilio } from './twilio.mjs';
import { readTwiml } from './twilio/twiml.mjs';
import { normal, readXml } from './lib/xml.mjs';

const BUSINESS = '+12025550100';
const VISITOR = '+12025560100';
const FROM = '+12025550199';

async function carrier(t, settings = {}) {
  const peer = await new Twilio({ clock: 'virtual', ...settings }).start();
  t.after(() => peer.stop());
  return peer;
}

// The vendor's client, with its requests sent to the peer.
function client(peer, [user, password] = [peer.account.sid, peer.account.token]) {
  const httpClient = {
    async request({ method, uri, username, password: secret, headers, data, params }) {
      const target = new URL(uri);
      for (const [name, value] of Object.entries(params ?? {})) if (value !== undefined) target.searchParams.append(name, value instanceof Date ? value.toISOString() : value);
      const body = new URLSearchParams();
      for (const [name, value] of Object.entries(data ?? {})) for (const one of [].concat(value ?? [])) body.append(name, one);
      const answer = await fetch(peer.url + target.pathname + target.search, {
        method,
        headers: { authorization: `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`, 'content-type': headers['Content-Type'] ?? 'application/x-www-form-urlencoded' },
        ...(method.toUpperCase() === 'POST' ? { body: body.toString() } : {}),
      });
      return { statusCode: answer.status, body: JSON.parse(await answer.text()), headers: Object.fromEntries(answer.headers) };
    },
  };
  return twilio(user, password, { httpClient, accountSid: peer.account.sid });
}

const raw = (peer, path, body, { method = 'POST', headers = {} } = {}) =>
  fetch(`${peer.url}/2010-04-01/Accounts/${peer.account.sid}${path}`, {
    method,
    body,
    headers: {
      authorization: `Basic ${Buffer.from(`${peer.account.sid}:${peer.account.token}`).toString('base64')}`,
      ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }), ...headers,
    },
  });

const xml = (body) => ({ status: 200, body: body.toString() });
const ASKING = (hook) => `<Response><Gather numDigits="1" action="${hook}/key" method="POST" timeout="8" actionOnEmptyResult="true" input="dtmf"><Say>Press 1.</Say></Gather><Hangup/></Response>`;
const DIALLING = (hook, more = '') =>
  `<Response><Dial action="${hook}/dialed" callerId="${FROM}" timeout="20"><Number statusCallback="${hook}/visitor" statusCallbackEvent="initiated ringing answered completed"${more}>${VISITOR}</Number></Dial></Response>`;

// A program that asks for a key, dials the visitor after "1", and says good-bye.
const script = (letter, listener) => {
  const hook = listener.url;
  if (letter.path === '/answer') return xml(ASKING(hook));
  if (letter.path === '/key') return xml(letter.form.Digits === '1' ? DIALLING(hook) : '<Response><Say>Good-bye.</Say><Hangup/></Response>');
  if (letter.path === '/dialed') return xml('<Response><Hangup/></Response>');
  return undefined;
};

const place = (peer, listener, more = {}) =>
  client(peer).calls.create({
    to: BUSINESS, from: FROM, url: `${listener.url}/answer`, statusCallback: `${listener.url}/status`,
    statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'], timeout: 25, ...more,
  });

describe('a call', () => {
  test('is placed, answered, accepted, bridged and ended; every webhook is signed as the vendor signs', async (t) => {
    const peer = await carrier(t);
    peer.people.set(VISITOR, 'talks');
    const listener = await Listener.start(t, script);
    const call = await place(peer, listener);
    assert.match(call.sid, /^CA[0-9a-f]{32}$/);
    assert.equal(call.status, 'queued');
    await peer.clock.advance(20);
    assert.equal((await client(peer).calls(call.sid).fetch()).status, 'in-progress');
    await peer.clock.advance(120);
    const fetched = await client(peer).calls(call.sid).fetch();
    assert.equal(fetched.status, 'completed');
    const children = await client(peer).calls.list({ parentCallSid: call.sid });
    assert.deepEqual(children.map(({ to, status, direction, duration }) => [to, status, direction, duration]), [[VISITOR, 'completed', 'outbound-dial', '30']]);

    const told = (path) => listener.at(path).map(({ form }) => [form.SequenceNumber, form.CallStatus]);
    assert.deepEqual(told('/status'), [['0', 'initiated'], ['1', 'ringing'], ['2', 'in-progress'], ['3', 'completed']]);
    assert.deepEqual(told('/visitor'), [['0', 'initiated'], ['1', 'ringing'], ['2', 'in-progress'], ['3', 'completed']]);
    assert.equal(listener.at('/key')[0].form.Digits, '1');
    const { form } = listener.at('/dialed')[0];
    assert.deepEqual([form.DialCallStatus, form.DialBridged, form.DialCallDuration, form.DialCallSid], ['completed', 'true', '30', children[0].sid]);
    assert.equal(listener.at('/visitor')[0].form.ParentCallSid, call.sid);
    for (const letter of listener.came) {
      const parameters = {};
      for (const [name, value] of letter.pairs) parameters[name] = name in parameters ? [].concat(parameters[name], value) : value;
      assert.ok(twilio.validateRequest(peer.account.token, letter.headers['x-twilio-signature'], listener.url + letter.path, parameters), letter.path);
    }
    assert.deepEqual(peer.breaches, []);
    assert.deepEqual(peer.debugger, []);
  });

  const ends = [
    ['busy', 'busy', '486'], ['no_answer', 'no-answer', '487'], ['declines', 'busy', '603'], ['unreachable', 'failed', '404'],
    ['silent', 'completed', undefined], ['other_key', 'completed', undefined], ['voicemail', 'completed', undefined], ['hangs_up', 'completed', undefined],
  ];
  for (const [habit, status, sip] of ends) {
    test(`to somebody who is like this: ${habit}, ends as ${status}; the visitor is not rung`, async (t) => {
      const peer = await carrier(t);
      peer.people.set(BUSINESS, habit);
      const listener = await Listener.start(t, script);
      await place(peer, listener);
      await peer.clock.advance(200);
      const last = listener.at('/status').at(-1).form;
      assert.equal(last.CallStatus, status);
      assert.equal(last.SipResponseCode, sip);
      assert.equal(peer.legsTo(VISITOR).length, 0);
      assert.deepEqual(peer.breaches, []);
    });
  }

  for (const [habit, status] of [['busy', 'busy'], ['no_answer', 'no-answer'], ['declines', 'busy'], ['unreachable', 'failed']]) {
    test(`whose visitor is like this: ${habit}, tells the business in words`, async (t) => {
      const peer = await carrier(t);
      peer.people.set(VISITOR, habit);
      const listener = await Listener.start(t, (letter, self) => (letter.path === '/dialed' ? xml('<Response><Say>Sorry.</Say></Response>') : script(letter, self)));
      await place(peer, listener);
      await peer.clock.advance(200);
      assert.equal(listener.at('/dialed')[0].form.DialCallStatus, status);
      assert.equal(listener.at('/dialed')[0].form.DialBridged, 'false');
      assert.equal(peer.legsTo(BUSINESS)[0].heard.at(-1), 'Sorry.');
    });
  }

  test('a visitor who hangs up at the whisper was connected to nobody', async (t) => {
    const peer = await carrier(t);
    const listener = await Listener.start(t, (letter, self) => {
      if (letter.path === '/key') return xml(DIALLING(self.url, ` url="${self.url}/whisper"`));
      if (letter.path === '/whisper') return xml('<Response><Say>Long words before the talk.</Say></Response>');
      return script(letter, self);
    });
    peer.people.set(VISITOR, 'hangs_up');
    await place(peer, listener);
    await peer.clock.advance(200);
    assert.equal(listener.at('/dialed')[0].form.DialCallStatus, 'completed');
    assert.equal(listener.at('/dialed')[0].form.DialBridged, 'false');
  });

  test('is hung up by an update, whatever it is doing; a second update finds it over', async (t) => {
    const peer = await carrier(t);
    const listener = await Listener.start(t, script);
    for (const [seconds, status] of [[1, 'canceled'], [3, 'completed'], [20, 'completed']]) {
      const call = await place(peer, listener);
      await peer.clock.advance(seconds);
      const live = peer.legs.filter((leg) => !leg.over).length;
      assert.ok(live >= 1);
      await client(peer).calls(call.sid).update({ status: 'completed' });
      await peer.clock.advance(1);
      assert.equal((await client(peer).calls(call.sid).fetch()).status, status);
      assert.ok(peer.legs.every((leg) => leg.over));
      await assert.rejects(client(peer).calls(call.sid).update({ status: 'completed' }), { code: 21220, status: 400 });
    }
    await assert.rejects(client(peer).calls(`CA${'0'.repeat(32)}`).update({ status: 'completed' }), { code: 20404, status: 404 });
  });

  test('is sent to other markup by an update; whoever was dialled is let go', async (t) => {
    const peer = await carrier(t);
    const listener = await Listener.start(t, (letter, self) => (letter.path === '/other' ? xml('<Response><Say>Moved.</Say></Response>') : script(letter, self)));
    const call = await place(peer, listener);
    await assert.rejects(client(peer).calls(call.sid).update({ url: `${listener.url}/other` }), { code: 21220 });
    await peer.clock.advance(20);
    assert.equal(peer.legsTo(VISITOR)[0].joined, true);
    await client(peer).calls(call.sid).update({ url: `${listener.url}/other` });
    await peer.clock.advance(10);
    assert.equal(peer.legsTo(VISITOR)[0].over, true);
    assert.equal(peer.legsTo(BUSINESS)[0].heard.at(-1), 'Moved.');
    assert.equal(listener.at('/dialed').length, 0);
  });

  test('waits in the queue for its turn', async (t) => {
    const peer = await carrier(t, { callsPerSecond: 1 });
    const listener = await Listener.start(t, script);
    const calls = [];
    for (let i = 0; i < 3; ++i) calls.push(await place(peer, listener));
    assert.deepEqual(calls.map((call) => call.queueTime), ['0', '1000', '2000']);
    await peer.clock.advance(0.1);
    assert.equal(listener.at('/status').length, 1);
    await peer.clock.advance(1);
    assert.equal(listener.at('/status').filter(({ form }) => form.CallStatus === 'initiated').length, 2);
  });
});

describe('requests', () => {
  test('what a real one would ignore is a breach', async (t) => {
    const peer = await carrier(t);
    const good = `To=%2B12025550100&From=%2B12025550199&Url=${encodeURIComponent('https://ring.example/x')}`;
    const rows = [
      [`${good}&StatusCalback=x`, '20001 unknown parameter'], [`${good}&Timeout=abc`, 'bad value'], [`${good}&StatusCallbackEvent=initiated+completed`, 'bad value'],
      [`${good}&Timeout=5&Timeout=6`, 'repeated parameter'], [`${good}&StatusCallback=https%3A%2F%2Fa_b.example%2F`, 'bad value'],
      [good.replace('%2B12025550100', '+12025550100'), 'encoding'], [`${good}&Twiml=%3CResponse%2F%3E`, 'more than one script'], [`${good}&SendDigits=`, 'empty parameter'],
    ];
    for (const [body, rule] of rows) {
      peer.breaches.length = 0;
      await raw(peer, '/Calls.json', body);
      assert.ok(peer.breaches.some((breach) => breach.rule === rule), `${body}: ${JSON.stringify(peer.breaches)}`);
    }
    peer.breaches.length = 0;
    assert.equal((await raw(peer, '/Calls.json', good)).status, 201);
    assert.deepEqual(peer.breaches, []);
  });

  test('errors have the shape that the vendor\'s client reads', async (t) => {
    const peer = await carrier(t);
    const create = (more) => client(peer).calls.create({ to: BUSINESS, from: FROM, url: 'https://ring.example/x', ...more });
    for (const [to, code] of [['+15005550001', 21217], ['+15005550002', 21214], ['+15005550003', 21215], ['+15005550004', 21216], ['12', 21211]]) {
      await assert.rejects(create({ to }), { code, status: 400, moreInfo: `https://www.twilio.com/docs/errors/${code}` });
    }
    for (const [from, code] of [['+15005550001', 21212], ['+12025550111', 21210]]) await assert.rejects(create({ from }), { code });
    await create({ from: '+15005550006' });
    await assert.rejects(client(peer, [peer.account.sid, 'wrong']).calls.create({ to: BUSINESS, from: FROM, url: 'https://ring.example/x' }), { code: 20003, status: 401 });
    assert.equal(peer.calls.length, 1);
  });

  test('an API key opens the account, too', async (t) => {
    const peer = await carrier(t, { keySid: `SK${'1'.repeat(32)}`, keySecret: 'secret' });
    await client(peer, [`SK${'1'.repeat(32)}`, 'secret']).messages.create({ to: VISITOR, from: FROM, body: 'Hi' });
    assert.equal(peer.textsTo(VISITOR)[0].body, 'Hi');
  });

  test('texts are counted in segments, listed and followed', async (t) => {
    const peer = await carrier(t);
    const listener = await Listener.start(t, () => undefined);
    const text = await client(peer).messages.create({ to: VISITOR, from: FROM, body: 'ж'.repeat(71), statusCallback: `${listener.url}/text` });
    assert.deepEqual([text.status, text.numSegments, text.errorCode, text.dateSent], ['queued', '2', null, null]);
    await peer.clock.advance(5);
    assert.deepEqual(listener.at('/text').map(({ form }) => form.MessageStatus), ['sent', 'delivered']);
    assert.equal((await client(peer).messages.list({ to: VISITOR }))[0].status, 'delivered');
    await assert.rejects(client(peer).messages.create({ to: VISITOR, from: FROM, body: 'x'.repeat(1601) }), { code: 21617 });
    await assert.rejects(client(peer).messages.create({ to: '+15005550004', from: FROM, body: 'x' }), { code: 21610 });
  });

  test('lists are paged, newest first, and filtered; what the client collects is whole', async (t) => {
    const peer = await carrier(t);
    peer.largestPage = 3;
    for (let i = 0; i < 8; ++i) await client(peer).calls.create({ to: i % 2 ? BUSINESS : VISITOR, from: FROM, url: 'http://127.0.0.1:9/x' });
    await peer.clock.advance(1);
    const found = await client(peer).calls.list({ to: BUSINESS, pageSize: 2 });
    assert.deepEqual(found.map(({ sid }) => sid), peer.legsTo(BUSINESS).map(({ sid }) => sid).reverse());
    assert.equal((await client(peer).calls.list({ startTimeAfter: new Date(peer.clock.now() + 60_000) })).length, 0);
    assert.equal((await client(peer).calls.list()).length, 8);
  });

  test('reading trails writing: a new call is not there yet, an old state still is', async (t) => {
    const peer = await carrier(t, { lag: 10 });
    const listener = await Listener.start(t, script);
    const call = await place(peer, listener);
    await assert.rejects(client(peer).calls(call.sid).fetch(), { status: 404, code: 20404 });
    assert.deepEqual(await client(peer).calls.list({ to: BUSINESS }), []);
    await peer.clock.advance(10.2);
    assert.equal((await client(peer).calls(call.sid).fetch()).status, 'queued');
  });
});

describe('markup', () => {
  const { VoiceResponse } = twilio.twiml;

  test('what the vendor\'s builder writes is read and allowed', () => {
    const answer = new VoiceResponse();
    const gather = answer.gather({ numDigits: 1, action: 'https://r.example/k', method: 'POST', timeout: 8, actionOnEmptyResult: true, input: ['dtmf'] });
    gather.say({ voice: 'Polly.Joanna', language: 'en-US' }, 'Tom & "Ann" <ask> it’s ж');
    answer.hangup();
    const { tree, faults } = readTwiml(answer.toString());
    assert.deepEqual(faults, []);
    assert.equal(tree.children[0].children[0].children.join(''), 'Tom & "Ann" <ask> it’s ж');
    assert.deepEqual(normal(tree), normal(readXml(answer.toString())));
  });

  const wrong = [
    ['<Response><Dail/></Response>', /cannot hold <Dail>/], ['<Response><Dial timeOut="20">+12025550100</Dial></Response>', /no attribute/],
    ['<Response><Dial timeout="2">+12025550100</Dial></Response>', /not allowed/], ['<Response><Gather><Dial>+12025550100</Dial></Gather></Response>', /cannot hold/],
    ['<Response><Say>a & b</Say></Response>', /bare "&"/], ['<Response><Say>\u0007</Say></Response>', /control character/], ['<Response><Say></Say></Response>', /13520/],
    [`<Response><Say>${'x'.repeat(4097)}</Say></Response>`, /13521/], ['<Response><Dial><Number>12</Number></Dial></Response>', /13223/], ['<response/>', /root/],
    ['<Response><Hangup/><Say>x</Say></Response>', /nobody comes past/], ['<Response><Say>x</say></Response>', /closed by another/], ['', /XML/], ['<Response/><Response/>', /after the end/],
    ['<Response><Gather action="/relative"/></Response>', /not allowed/], ['<Response><Number>+12025550100</Number></Response>', /cannot hold/],
    [`<Response><Say>${'ж'.repeat(33_000)}</Say></Response>`, /11750/],
  ];
  for (const [document, fault] of wrong) {
    test(`is refused: ${document.slice(0, 70)}`, () => assert.match(readTwiml(document).faults.join('\n'), fault));
  }
});

describe('weather', () => {
  const create = (peer) => raw(peer, '/Calls.json', `To=%2B12025550100&From=%2B12025550199&Url=${encodeURIComponent('http://127.0.0.1:9/x')}`);

  const rows = [
    ['lose_request', 0, null], ['error_before', 0, 500], ['proxy_before', 0, 502], ['throttle', 0, 429], ['throttle_hint', 0, 429], ['lose_reply', 1, null],
    ['error_after', 1, 500], ['proxy_after', 1, 502], ['garbage', 1, 201],
  ];
  for (const [fault, calls, status] of rows) {
    test(`${fault}: ${calls} calls are placed`, async (t) => {
      const peer = await carrier(t);
      peer.weather.next('call.create', fault);
      const answer = await create(peer).catch(() => null);
      assert.equal(answer?.status ?? null, status);
      assert.equal(answer?.headers.get('retry-after') ?? null, fault === 'throttle_hint' ? '1' : null);
      assert.equal(peer.calls.length, calls);
      assert.equal((await create(peer)).status, 201);
    });
  }

  test('notices are lost, doubled and late by the seed; questions are not', async (t) => {
    const run = async (seed) => {
      const peer = await carrier(t, { seed });
      peer.people.set(VISITOR, 'talks');
      peer.weather.set({ drop: 0.3, duplicate: 0.3, late: 0.5, late_seconds: 60, ask_twice: 0.5 });
      const listener = await Listener.start(t, script);
      await place(peer, listener);
      await peer.clock.advance(300);
      assert.equal(new Set(listener.at('/key').map(({ headers }) => headers['i-twilio-idempotency-token'])).size, 1);
      return listener.came.map(({ path, form }) => `${path} ${form.SequenceNumber ?? ''}`).join(', ');
    };
    const stories = new Set();
    for (let seed = 1; seed <= 5; ++seed) stories.add(await run(seed));
    assert.equal(stories.size, 5);
    assert.ok(stories.has(await run(3)), 'the same seed, the same story');
  });

  test('a program that is down is asked once more; a status callback as often as its fragment says', async (t) => {
    const peer = await carrier(t);
    await client(peer).calls.create({ to: BUSINESS, from: FROM, url: 'http://127.0.0.1:9/answer', statusCallback: 'http://127.0.0.1:9/s#rc=3&rp=ct,rt,5xx' });
    await peer.clock.advance(60);
    assert.equal(peer.log.filter(({ kind }) => kind === 'question').length, 2);
    assert.equal(peer.log.filter(({ kind }) => kind === 'status').length, 4);
    assert.deepEqual(peer.debugger.map(({ code }) => code), ['11200', '11200']);
  });

  test('too many requests at once: 429, and nothing was done', async (t) => {
    const peer = await carrier(t, { concurrency: 3 });
    peer.weather.slow_seconds = 0.2;
    peer.weather.chances('call.create', { slow: 1 });
    const answers = await Promise.all(Array.from({ length: 8 }, () => create(peer)));
    const refused = answers.filter(({ status }) => status === 429);
    assert.ok(refused.length > 0);
    assert.equal((await refused[0].json()).code, 20429);
    assert.equal(peer.calls.length, 8 - refused.length);
  });

  test('nobody listens, and then again', async (t) => {
    const peer = await carrier(t);
    await peer.down();
    await assert.rejects(create(peer));
    await peer.up();
    assert.equal((await create(peer)).status, 201);
  });
});

test('as a program it prints its port and is controlled over HTTP', async (t) => {
  const child = spawn(process.execPath, [fileURLToPath(new URL('twilio.mjs', import.meta.url)), '--port', '0', '--clock', 'virtual', '--faults', '{"requests":{"call.create":{"throttle":1}}}']);
  t.after(() => child.kill());
  const [said] = await once(child.stdout, 'data');
  const url = `http://127.0.0.1:${Number(said)}`;
  const control = async (name, body) => (await fetch(`${url}/_control/${name}`, body ? { method: 'POST', body: JSON.stringify(body) } : {})).json();
  const before = await control('state');
  assert.deepEqual(before.breaches, []);
  const { now } = await control('advance', { seconds: 60 });
  assert.equal(Date.parse(now) - Date.parse(before.now), 60_000);
  const refused = await fetch(`${url}/2010-04-01/Accounts/AC1/Calls.json`, { method: 'POST' });
  assert.equal(refused.status, 429);
  assert.equal((await control('log')).log.length, 1);
});
