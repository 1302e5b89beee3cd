// The stand-in for Exotel: both forms of a call, its three encodings, its late details and its times.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Exotel } from './exotel.mjs';
import { fromZoneless } from './exotel/shapes.mjs';
import { Listener } from './listener.mjs';

const BUSINESS = '+919812345600';
const VISITOR = '+919812345700';
const CALLER = '08047100000';

async function carrier(t, settings = {}) {
  const peer = await new Exotel({ clock: 'virtual', ...settings }).start();
  t.after(() => peer.stop());
  return peer;
}

async function ask(peer, path, fields, headers = {}) {
  const answer = await fetch(`${peer.url}/v1/Accounts/${peer.account.sid}/${path}`, {
    method: fields ? 'POST' : 'GET',
    headers: { authorization: `Basic ${Buffer.from(`${peer.account.key}:${peer.account.token}`).toString('base64')}`, ...headers },
    ...(fields ? { body: new URLSearchParams(fields) } : {}),
  });
  return { status: answer.status, body: JSON.parse(await answer.text()) };
}

const connect = (peer, more) => ask(peer, 'Calls/connect.json', { From: BUSINESS, CallerId: CALLER, TimeOut: 30, ...more });
const details = (peer, sid) => ask(peer, `Calls/${sid}.json?details=true`).then(({ body }) => body.Call);
const json = (body, status = 200) => ({ status, type: 'application/json', body: JSON.stringify(body) });

// A program that lets "1" through and dials the visitor.
const flow = (letter) => {
  if (letter.path === '/gate') return { status: letter.form.digits === '"1"' ? 200 : 302, body: '' };
  if (letter.path === '/connect') return json({ destination: { numbers: [VISITOR] }, max_ringing_duration: 20, max_conversation_duration: 3600 });
  return { status: 200, body: '' };
};

async function withFlow(t, program = flow, settings = {}) {
  const listener = await Listener.start(t, program);
  const at = (point) => `${listener.url}/${point}`;
  const peer = await carrier(t, { flow: { gate: at('gate'), connect: at('connect'), dialed: at('dialed') }, ...settings });
  return { peer, listener, status: at('status') };
}

describe('two numbers', () => {
  const EVENTS = { 'StatusCallbackEvents[0]': 'answered', 'StatusCallbackEvents[1]': 'terminal' };

  test('are joined by the carrier; the end is told as a multipart form, its legs flattened', async (t) => {
    const peer = await carrier(t);
    peer.people.set(VISITOR, 'talks');
    const listener = await Listener.start(t, () => ({ status: 200 }));
    const { body } = await connect(peer, { To: VISITOR, StatusCallback: `${listener.url}/status`, CustomField: 'abc', ...EVENTS });
    assert.equal(body.Call.Status, 'in-progress', 'which does not mean answered');
    assert.match(body.Call.Sid, /^[0-9a-f]{32}$/);
    assert.equal(body.Call.From, '09812345600');
    assert.ok(Math.abs(fromZoneless(body.Call.DateCreated) - peer.clock.now()) < 2_000, 'India\'s time');
    await peer.clock.advance(60);
    const told = listener.at('/status');
    assert.equal(told.length, 3, 'business answered, visitor answered, the end');
    for (const letter of told) assert.match(letter.headers['content-type'], /^multipart\/form-data; boundary=/);
    const field = (letter, name) => new RegExp(`name="${name.replace(/[[\]]/g, '\\$&')}"\r\n\r\n([^\r]*)\r\n`).exec(letter.text)?.[1];
    assert.deepEqual(told.map((letter) => [field(letter, 'EventType'), field(letter, 'Legs[0][Status]'), field(letter, 'Legs[1][Status]')]), [
      ['answered', 'in-progress', ''], ['answered', 'in-progress', 'in-progress'], ['terminal', 'completed', 'completed'],
    ]);
    assert.equal(field(told[2], 'ConversationDuration'), '30');
    assert.deepEqual(peer.breaches, []);
  });

  for (const [type, read] of [
    ['application/json', (letter) => JSON.parse(letter.text).Legs[1].Status],
    ['application/x-www-form-urlencoded', (letter) => letter.form['Legs[1][Status]']],
  ]) {
    test(`or as ${type}`, async (t) => {
      const peer = await carrier(t);
      peer.people.set(VISITOR, 'busy');
      const listener = await Listener.start(t, () => ({ status: 200 }));
      await connect(peer, { To: VISITOR, StatusCallback: `${listener.url}/status`, StatusCallbackContentType: type, ...EVENTS });
      await peer.clock.advance(60);
      assert.equal(listener.at('/status').at(-1).headers['content-type'], type);
      assert.equal(read(listener.at('/status').at(-1)), 'busy');
    });
  }

  const rows = [
    ['busy', 'accepts', 'busy', 'busy', null], ['no_answer', 'accepts', 'no-answer', 'no-answer', null], ['unreachable', 'accepts', 'failed', 'failed', null],
    ['accepts', 'busy', 'busy', 'completed', 'busy'], ['accepts', 'no_answer', 'no-answer', 'completed', 'no-answer'], ['accepts', 'talks', 'completed', 'completed', 'completed'],
  ];
  for (const [business, visitor, status, first, second] of rows) {
    test(`business ${business}, visitor ${visitor}: ${status}; the legs are known two minutes later`, async (t) => {
      const peer = await carrier(t);
      peer.people.set(BUSINESS, business);
      peer.people.set(VISITOR, visitor);
      const { body } = await connect(peer, { To: VISITOR });
      await peer.clock.advance(90);
      const early = await details(peer, body.Call.Sid);
      assert.equal(early.Status, status);
      assert.deepEqual([early.Details.Leg1Status, early.EndTime, early.Duration, early.Price], [null, null, null, null]);
      await peer.clock.advance(120);
      const late = await details(peer, body.Call.Sid);
      assert.deepEqual([late.Details.Leg1Status, late.Details.Leg2Status], [first, second]);
      assert.equal(late.Details.ConversationDuration, status === 'completed' ? 30 : 0);
    });
  }
});

describe('a flow', () => {
  const start = (peer, status) => connect(peer, { Url: peer.flowUrl, CustomField: 'token', ...(status ? { StatusCallback: status } : {}) });

  test('asks for a key, asks the program, dials the number it says, and tells how that went', async (t) => {
    const { peer, listener, status } = await withFlow(t);
    peer.people.set(VISITOR, 'talks');
    await start(peer, status);
    await peer.clock.advance(120);
    assert.deepEqual(listener.came.map(({ method, path }) => `${method} ${path}`), ['GET /gate', 'GET /connect', 'GET /dialed', 'POST /status']);
    const [gate, dial, dialed, end] = listener.came;
    assert.deepEqual([gate.form.digits, gate.form.CustomField, gate.form.CallSid], ['"1"', 'token', peer.calls[0].sid]);
    assert.equal(dial.headers['exotel-version'], '1.0');
    assert.deepEqual([dialed.form.DialCallStatus, dialed.form.DialCallDuration, dialed.form['Legs[0][Number]']], ['completed', '30', '09812345700']);
    for (const name of ['CallSid', 'DateUpdated', 'Status', 'RecordingUrl']) assert.match(end.text, new RegExp(`name="${name}"`));
    assert.doesNotMatch(end.text, /Legs|EventType|CustomField/, 'a flow has the four basic fields');
    assert.deepEqual(peer.breaches, []);
  });

  for (const [habit, digits] of [['silent', undefined], ['other_key', '"5"']]) {
    test(`stops for somebody who is like this: ${habit}`, async (t) => {
      const { peer, listener } = await withFlow(t);
      peer.people.set(BUSINESS, habit);
      await start(peer);
      await peer.clock.advance(120);
      assert.deepEqual(listener.came.map(({ path }) => path), ['/gate']);
      assert.equal(listener.came[0].form.digits, digits);
      assert.equal(peer.legsTo(VISITOR).length, 0);
    });
  }

  test('dials nobody for an empty list, and a wrong answer is a breach', async (t) => {
    for (const [answer, breaches] of [[{ destination: { numbers: [] } }, 0], [{ destination: { numbers: ['0981'] }, max_ring: 1 }, 2]]) {
      const { peer } = await withFlow(t, (letter) => (letter.path === '/connect' ? json(answer) : flow(letter)));
      await start(peer);
      await peer.clock.advance(5);
      await peer.clock.advance(20);
      assert.equal(peer.breaches.length, breaches, JSON.stringify(peer.breaches));
    }
  });

  test('an address that does not answer stops it, and is no breach of ours', async (t) => {
    const { peer, listener } = await withFlow(t, () => ({ status: 503 }));
    await start(peer);
    await peer.clock.advance(60);
    assert.deepEqual(listener.came.map(({ path }) => path), ['/gate']);
    assert.equal(peer.calls[0].status, 'completed');
  });
});

describe('requests', () => {
  test('what a real one would ignore or refuse is a breach', async (t) => {
    const peer = await carrier(t);
    const rows = [
      [{ To: VISITOR, Timeout: 20 }, 'unknown parameter'], [{ To: VISITOR, TimeOut: 90 }, 'bad value'], [{ To: VISITOR, StatusCallbackEvents: 'terminal' }, 'unknown parameter'],
      [{}, '400'], [{ To: VISITOR, Url: peer.flowUrl }, '400'], [{ Url: 'http://my.exotel.com/other/exoml/start_voice/1' }, '400'], [{ To: VISITOR, CustomField: 'x'.repeat(129) }, 'bad value'],
    ];
    for (const [more, rule] of rows) {
      peer.breaches.length = 0;
      await connect(peer, more);
      assert.ok(peer.breaches.some((breach) => breach.rule === rule), `${JSON.stringify(more)}: ${JSON.stringify(peer.breaches)}`);
    }
  });

  test('200 of them in a minute, then 429', async (t) => {
    const peer = await carrier(t);
    let last;
    for (let i = 0; i < 201; ++i) last = await ask(peer, 'Calls.json');
    assert.deepEqual([last.status, last.body.RestException.Status], [429, 429]);
    await peer.clock.advance(61);
    assert.equal((await ask(peer, 'Calls.json')).status, 200);
  });

  test('calls are listed by time, numbers and pages', async (t) => {
    const peer = await carrier(t);
    peer.people.set(VISITOR, 'talks');
    for (let i = 0; i < 5; ++i) {
      await connect(peer, { To: VISITOR });
      await peer.clock.advance(60);
    }
    const [, second, third] = peer.calls;
    const between = `gte:${(await details(peer, second.sid)).DateCreated};lte:${(await details(peer, third.sid)).DateCreated}`;
    const { body } = await ask(peer, `Calls.json?${new URLSearchParams({ DateCreated: between, From: BUSINESS, PageSize: 1, SortBy: 'DateCreated:asc' })}`);
    assert.deepEqual([body.Metadata.Total, body.Calls.map(({ Sid }) => Sid)], [2, [second.sid]]);
    const next = await fetch(peer.url + body.Metadata.NextPageUri, { headers: { authorization: `Basic ${Buffer.from(`${peer.account.key}:${peer.account.token}`).toString('base64')}` } });
    assert.deepEqual((await next.json()).Calls.map(({ Sid }) => Sid), [third.sid]);
  });

  test('a call under way is in no list', async (t) => {
    const peer = await carrier(t);
    peer.people.set(VISITOR, 'talks');
    await connect(peer, { To: VISITOR });
    await peer.clock.advance(20);
    assert.equal((await ask(peer, 'Calls.json')).body.Metadata.Total, 0);
    await peer.clock.advance(60);
    assert.equal((await ask(peer, 'Calls.json')).body.Metadata.Total, 1);
  });

  test('texts go out from the account\'s sender, with the registration that India wants', async (t) => {
    const peer = await carrier(t);
    const listener = await Listener.start(t, () => ({ status: 200 }));
    const text = { From: 'NRTHWD', To: VISITOR, Body: 'Your code is 123456', DltEntityId: '110', DltTemplateId: '111', Priority: 'high', StatusCallback: `${listener.url}/text` };
    const { body } = await ask(peer, 'Sms/send.json', text);
    assert.equal(body.SMSMessage.Status, 'queued');
    await peer.clock.advance(5);
    assert.equal(listener.at('/text')[0].form.DetailedStatusCode, '20005');
    assert.equal((await ask(peer, `SMS/Messages/${body.SMSMessage.Sid}.json`)).body.SMSMessage.Status, 'sent');
    assert.equal((await ask(peer, 'Sms/send.json', { ...text, From: 'OTHER' })).status, 400);
    assert.deepEqual(peer.breaches, []);
    await ask(peer, 'Sms/send.json', { From: 'NRTHWD', To: VISITOR, Body: 'x' });
    assert.equal(peer.breaches.length, 1);
  });

  test('a status callback that is not taken comes again, twice', async (t) => {
    const peer = await carrier(t);
    peer.people.set(BUSINESS, 'busy');
    const listener = await Listener.start(t, () => ({ status: 500 }));
    await connect(peer, { To: VISITOR, StatusCallback: `${listener.url}/status` });
    await peer.clock.advance(3_600);
    assert.equal(listener.came.length, 3);
  });
});
