// A person at both telephones: pressing keys, saying nothing, hanging up, and calling it off in
// every state.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { visitorNumber } from './support/client.mjs';
import { expectDocument, expectProblem } from './support/expect.mjs';
import { BUSINESS, Program } from './support/program.mjs';
import { until } from './support/until.mjs';

// Each test its own business, so that legs are told apart.
const start = (t, more) => Program.start(t, { 'call.attempts': '1', ...more });
const at = { concurrency: 6 };

async function toRinging(client, phone = visitorNumber()) {
  const callback = await client.proven(phone);
  const leg = await client.leg(BUSINESS, 'ringing');
  await client.reaches(callback, 'calling', { phase: 'ringing_business' });
  return { callback, leg, phone };
}

async function toScreening(client, phone) {
  const call = await toRinging(client, phone);
  assert.equal((await client.act(call.leg, 'answer')).status, 200);
  await client.reaches(call.callback, 'calling', { phase: 'screening' });
  await client.leg(BUSINESS, 'answered', { prompt: true });
  return call;
}

async function toVisitor(client, phone) {
  const call = await toScreening(client, phone);
  await client.act(call.leg, 'digits', '1');
  await client.reaches(call.callback, 'calling', { phase: 'ringing_visitor' });
  call.visitor = await client.leg(call.phone, 'ringing');
  return call;
}

describe('screening', at, () => {
  test('the visitor is rung only after key 1', async (t) => {
    const { client } = await start(t);
    const call = await toScreening(client);
    const leg = await client.leg(BUSINESS, 'answered', { prompt: true });
    assert.match(leg.prompt, /1/);
    assert.deepEqual(await client.callsTo(call.phone), []);
    await client.act(leg, 'digits', '1');
    await client.leg(call.phone, 'ringing');
  });

  test('another key is a no: missed, business_declined', async (t) => {
    const { client } = await start(t);
    const call = await toScreening(client);
    await client.act(call.leg, 'digits', '2');
    const document = expectDocument(await client.reaches(call.callback, 'missed'));
    assert.equal(document.reason, 'business_declined');
    assert.deepEqual(await client.callsTo(call.phone), []);
  });

  test('keys pressed before the question are kept for it', async (t) => {
    const { client } = await start(t);
    const call = await toRinging(client);
    await client.act(call.leg, 'answer');
    await client.act(call.leg, 'digits', '1');
    await client.leg(call.phone, 'ringing');
  });

  test('a hang-up while the question is asked is a no', async (t) => {
    const { client } = await start(t);
    const call = await toScreening(client);
    await client.act(call.leg, 'hang_up');
    assert.equal((await client.reaches(call.callback, 'missed')).reason, 'business_declined');
  });

  test('a hang-up while the visitor\'s phone rings ends both', async (t) => {
    const { client } = await start(t);
    const call = await toVisitor(client);
    await client.act(call.leg, 'hang_up');
    assert.equal((await client.reaches(call.callback, 'missed')).reason, 'business_declined');
    await client.leg(call.phone, 'ended');
  });

  test('declining, being busy, not answering and a machine by hand', async (t) => {
    const rows = { decline: 'business_declined', busy: 'business_busy', no_answer: 'business_no_answer', machine: 'business_machine' };
    await Promise.all(Object.entries(rows).map(async ([action, reason]) => {
      const { client } = await start(t);
      const call = await toRinging(client);
      assert.equal((await client.act(call.leg, action)).status, 200);
      assert.equal((await client.reaches(call.callback, 'missed', { deadline: 60_000 })).reason, reason);
    }));
  });

  test('without screening the visitor is rung as soon as the business answers', async (t) => {
    const { client } = await start(t, { 'call.accept': 'none' });
    const call = await toRinging(client);
    await client.act(call.leg, 'answer');
    const visitor = await client.leg(call.phone, 'ringing');
    await client.act(visitor, 'answer');
    await client.reaches(call.callback, 'connected');
  });
});

describe('calling it off', at, () => {
  test('while it waits for a line: cancelled, nothing was dialled', async (t) => {
    const { client } = await start(t, { 'call.max_concurrent': '1' });
    await toRinging(client);
    const second = await client.created(visitorNumber());
    await client.verify(second, await client.code(second.phone));
    assert.equal((await client.status(second)).json.state, 'queued');
    assert.equal((await client.cancel(second)).status, 200);
    assert.equal((await client.callsTo(BUSINESS)).length, 1);
  });

  test('while the business rings: cancelled at once, the ringing stops, nobody is told', async (t) => {
    const { client } = await start(t);
    const call = await toRinging(client);
    const answer = await client.cancel(call.callback);
    assert.equal(answer.status, 200);
    assert.equal(expectDocument(answer.json).state, 'cancelled');
    assert.equal(answer.json.reason, 'by_visitor');
    await client.leg(BUSINESS, 'ended');
    expectProblem(await client.cancel(call.callback), 'state_conflict');
    assert.deepEqual(await client.messages(BUSINESS), []);
  });

  test('while the question is asked: cancelled, and key 1 rings nobody', async (t) => {
    const { client } = await start(t);
    const call = await toScreening(client);
    assert.equal((await client.cancel(call.callback)).status, 200);
    await client.act(call.leg, 'digits', '1');
    await client.leg(BUSINESS, 'ended');
    assert.deepEqual(await client.callsTo(call.phone), []);
    assert.equal((await client.status(call.callback)).json.state, 'cancelled');
  });

  test('once the visitor\'s phone rings it is too late; declining ends it as cancelled', async (t) => {
    const { client } = await start(t);
    const call = await toVisitor(client);
    const problem = expectProblem(await client.cancel(call.callback), 'state_conflict');
    assert.match(problem.detail, /declin/);
    assert.equal((await client.status(call.callback)).json.state, 'calling');
    await client.act(call.visitor, 'decline');
    const document = await until('an end', async () => {
      const { json } = await client.status(call.callback);
      return json.state === 'cancelled' && json;
    });
    assert.equal(expectDocument(document).reason, 'by_visitor');
    assert.deepEqual(await client.messages(BUSINESS), []);
  });

  test('while they talk, and after they talked, it is a conflict', async (t) => {
    const { client } = await start(t);
    const call = await toVisitor(client);
    await client.act(call.visitor, 'answer');
    await client.reaches(call.callback, 'connected');
    expectProblem(await client.cancel(call.callback), 'state_conflict');
    await client.act(call.leg, 'hang_up');
    await client.reaches(call.callback, 'completed');
    expectProblem(await client.cancel(call.callback), 'state_conflict');
  });
});

describe('watching', at, () => {
  test('a stream of its own: one event for each version, from the newest, until the end', async (t) => {
    const { client } = await start(t);
    const call = await toVisitor(client);
    const stream = await client.watch(call.callback);
    assert.equal(stream.status, 200);
    assert.match(stream.headers['content-type'], /^text\/event-stream/);
    assert.equal(stream.headers['cache-control'], 'no-store');
    assert.ok(stream.headers['x-request-id']);
    await until('the first event', () => stream.events().length > 0);
    await client.act(call.visitor, 'answer');
    await client.reaches(call.callback, 'connected');
    await client.act(call.visitor, 'hang_up');
    await until('the stream ends', () => stream.ended);
    const events = stream.events();
    for (const event of events) {
      assert.equal(event.event, 'status');
      assert.equal(event.id, String(event.json.version));
      expectDocument(event.json);
    }
    const versions = events.map((event) => event.json.version);
    assert.deepEqual(versions, [...new Set(versions)].sort((a, b) => a - b));
    assert.equal(events.at(-1).json.state, 'completed');

    const again = await client.watch(call.callback, { 'last-event-id': events.at(-1).id });
    await until('a late stream ends at once', () => again.ended);
  });

  test('Last-Event-ID of the newest version brings nothing twice; an odd one brings the newest', async (t) => {
    const { client } = await start(t);
    const call = await toScreening(client);
    const { version } = (await client.status(call.callback)).json;
    const quiet = await client.watch(call.callback, { 'last-event-id': String(version) });
    for (const odd of ['x', '-1', '999999999999999999999', String(version - 1)]) {
      const stream = await client.watch(call.callback, { 'last-event-id': odd });
      await until('the newest', () => stream.events().length > 0);
      assert.equal(stream.events()[0].json.version, version);
      stream.close();
    }
    assert.deepEqual(quiet.events(), []);
    await client.act(call.leg, 'digits', '1');
    await until('news', () => quiet.events().length > 0);
    assert.ok(quiet.events()[0].json.version > version);
    quiet.close();
  });

  test('a stream without news has comments', async (t) => {
    const { client } = await start(t);
    const callback = await client.created(visitorNumber());
    await client.code(callback.phone);
    const stream = await client.watch(callback);
    await until('a comment', () => /^:/m.test(stream.text));
    stream.close();
  });
});

// One program for all of them, so one after the other.
describe('the simulator\'s desk', () => {
  let program, client;
  after(() => program?.end());
  before(async () => {
    program = await start(null);
    client = program.client;
  });

  test('legs and texts have the members of the page, oldest first', async () => {
    const call = await toVisitor(client);
    const calls = await client.calls();
    assert.ok(calls.length >= 2);
    for (const row of calls) {
      assert.deepEqual(Object.keys(row).sort(), ['answered_at', 'cause', 'ended_at', 'from', 'id', 'parent', 'placed_at', 'prompt', 'role', 'status', 'to']);
    }
    const placed = calls.map((row) => Date.parse(row.placed_at));
    assert.deepEqual(placed, [...placed].sort((a, b) => a - b));
    const [text] = await client.messages(call.phone);
    assert.deepEqual(Object.keys(text).sort(), ['body', 'from', 'id', 'sent_at', 'to']);
    await client.act(call.visitor, 'decline');
  });

  test('what a telephone cannot do is a conflict; what nobody can is told', async () => {
    const callback = await client.proven();
    const leg = await until('a ringing leg', async () => (await client.calls()).findLast((row) => row.role === 'business' && row.status === 'ringing'));
    expectProblem(await client.act({ id: 'nobody' }, 'answer'), 'not_found');
    expectProblem(await client.act(leg, 'dance'), 'validation_failed');
    expectProblem(await client.post(`/simulator/api/calls/${leg.id}/act`, {}), 'validation_failed');
    await client.cancel(callback);
    await until('it ended', async () => (await client.calls()).find((row) => row.id === leg.id).status === 'ended');
    expectProblem(await client.act(leg, 'answer'), 'state_conflict');
  });

  test('events and the track tell what happens', async () => {
    const events = await client.stream('/simulator/api/events');
    const track = await client.stream('/simulator/api/track');
    const callback = await client.proven();
    await until('a call and a message', () => ['call', 'message'].every((name) => events.events().some((event) => event.event === name)));
    await until('requests and webhooks', () => track.events().some((event) => event.json.kind));
    for (const { json } of track.events()) for (const member of ['at', 'direction', 'kind', 'summary', 'status']) assert.ok(member in json, member);
    events.close();
    track.close();
    await client.cancel(callback);
  });

  test('weather is set and told; odd weather is refused', async () => {
    const set = await client.request('PUT', '/simulator/api/faults', { body: { latency_ms: 5, seed: 3 } });
    assert.equal(set.status, 200, set.text);
    assert.equal(set.json.latency_ms, 5);
    for (const body of [{ latency_ms: -1 }, { lose_reply_rate: 2 }, { error_rate: 'x' }, { storm: 1 }, '[]', 'x']) {
      const answer = await client.request('PUT', '/simulator/api/faults', { body });
      assert.ok([400, 422].includes(answer.status), `${JSON.stringify(body)}: ${answer.status}`);
    }
    await client.request('PUT', '/simulator/api/faults', { body: { latency_ms: 0 } });
  });
});
