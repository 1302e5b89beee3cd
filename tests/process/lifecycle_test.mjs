// How a real process starts, stops, and stands a full disk.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, beforeEach, afterEach, describe, test } from 'node:test';
import { Exchange, Server, ask, dropFolder, makeFolder, pause, until } from './world.mjs';

const DRAIN_MS = 10_000;
const LATENCY_MS = 700; // of a carrier that is asked at the start
const BUSINESS = '+12025550100';
const VISITOR = '+12025550123';
const isOpen = (leg) => leg.status !== 'ended';
const rings = (to) => (leg) => leg.to === to && leg.status === 'ringing';

let folder, exchange, server;

async function world({ latencyMs = 0, settings = {}, at } = {}) {
  exchange = await Exchange.start(folder, { latencyMs });
  server = await Server.make(at ?? folder, exchange, settings);
}

async function endWorld() {
  server?.process?.kill('SIGKILL');
  await server?.process?.ended;
  await exchange?.stop();
}

/** SIGTERM must end it with 0, in time. */
async function drains() {
  const begun = performance.now();
  const end = await server.signal('SIGTERM');
  const took = performance.now() - begun;
  assert.deepEqual(end, { code: 0, signal: null }, server.process.complaint);
  assert.ok(took < DRAIN_MS, `the drain took ${Math.round(took)} ms`);
}

/** An event stream that is read from now on. */
function listen(url, token) {
  const stream = { text: '', ended: false };
  const control = new AbortController();
  stream.close = () => control.abort();
  stream.done = (async () => {
    const headers = token ? { authorization: `Bearer ${token}` } : {};
    const answer = await fetch(url, { headers, signal: control.signal });
    stream.status = answer.status;
    for await (const piece of answer.body) stream.text += Buffer.from(piece).toString();
  })()
    .catch(() => undefined)
    .then(() => (stream.ended = true));
  return stream;
}

beforeEach(() => {
  folder = makeFolder();
  exchange = server = undefined;
});
afterEach(async () => {
  await endWorld();
  dropFolder(folder);
});

describe('start', () => {
  test('a new call waits until the one that was open has been asked about', async () => {
    await world({ settings: { BUSINESS__NUMBERS: BUSINESS, CALL__RETRY_MINUTES: '0.05', CALL__RING_SECONDS: 600 } });
    await server.start();
    const open = await server.accepted('+12025550141');
    const first = await exchange.leg('the first call rings', rings(BUSINESS));
    await server.reaches(open, 'calling');
    const later = await server.accepted('+12025550142');
    const second = await exchange.leg('the second call rings', (leg) => rings(BUSINESS)(leg) && leg.id !== first.id);
    await exchange.act(second.id, 'decline');
    const { scheduled_for: due } = await server.reaches(later, 'scheduled');
    await server.kill();
    await until('the second call is due', () => Date.now() > Date.parse(due));

    const track = listen(`${exchange.url}/simulator/api/track`);
    await until('the track is open', () => track.status === 200);
    await exchange.weather({ latency_ms: LATENCY_MS });
    const mark = track.text.length;
    await server.start();
    await exchange.leg('the second callback is dialled again', (leg) => rings(BUSINESS)(leg) && leg.id !== first.id);
    const events = [...track.text.slice(mark).matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data));
    track.close();
    const requests = events.filter(({ direction }) => direction === 'program to exchange');
    const [asked, dialled] = requests;
    assert.match(asked.summary, /^look at a call/);
    assert.match(dialled.summary, /^ring /);
    assert.ok(Date.parse(dialled.at) - Date.parse(asked.at) >= LATENCY_MS, 'dialled only when the answer was there');
  });

  test('a second process on the same database is refused with a sentence; the first goes on', async () => {
    await world();
    await server.start();
    const rival = await Server.make(folder, exchange, { STORAGE__URL: `sqlite:${server.database}` });
    const end = await rival.launch().ended;
    assert.deepEqual(end, { code: 1, signal: null });
    assert.match(rival.process.complaint, /^ringback: .*ringback\.db.*\n$/);
    assert.match(rival.process.complaint, /another|already/);
    assert.equal((await ask(`${server.url}/readyz`)).status, 200);
  });

  test('a port that is taken is refused with a sentence, exit 1', async () => {
    await world();
    await server.start();
    mkdirSync(join(folder, 'other'));
    const rival = await Server.make(join(folder, 'other'), exchange, { SERVER__LISTEN: new URL(server.url).host });
    const end = await rival.launch().ended;
    assert.deepEqual(end, { code: 1, signal: null });
    assert.match(rival.process.complaint, /^ringback: .*in use.*\n$/);
  });
});

describe('stop', () => {
  test('SIGTERM while people talk and streams are open: exit 0 in time, and the talk is known afterwards', async () => {
    await world();
    await server.start();
    const callback = await server.accepted(VISITOR);
    const streams = Array.from({ length: 20 }, () => listen(`${server.url}/api/v1/callbacks/${callback.id}/events`, callback.token));
    const business = await exchange.leg('the business rings', rings(BUSINESS));
    await exchange.act(business.id, 'answer');
    await exchange.act(business.id, 'digits', '1');
    const visitor = await exchange.leg('the visitor rings', rings(VISITOR));
    await exchange.act(visitor.id, 'answer');
    await server.reaches(callback, 'connected');
    await until('the streams said so', () => streams.every(({ text }) => text.includes('"connected"')));

    await drains();
    await Promise.all(streams.map(({ done }) => done));
    const legs = (await exchange.calls()).filter(isOpen);
    assert.equal(legs.length, 2, 'stopping the program does not cut the talk');
    await exchange.act(visitor.id, 'hang_up'); // nobody hears this
    await server.start();
    await server.reaches(callback, 'completed');
  });

  test('SIGTERM while a dial waits for its reply: in doubt, resolved after the restart, rung once', async () => {
    await world({ latencyMs: 60_000, settings: { TIMING__FIRST_LOOK: 1, TIMING__LOOK_INTERVAL: 1 } });
    await server.start();
    const callback = await server.accepted(VISITOR);
    await exchange.leg('the exchange has taken the order', (leg) => leg.role === 'business');
    await drains();
    const [attempt] = server.rows('SELECT state FROM attempts');
    assert.equal(attempt.state, 'unknown');
    await exchange.weather({});
    await server.start();
    const { phase } = await until('the call is found again', async () => {
      const answer = await server.status(callback);
      return answer?.json?.phase === 'ringing_business' ? answer.json : null;
    });
    assert.equal(phase, 'ringing_business');
    const { calls } = await exchange.log();
    assert.equal(calls.length, 1, 'rung once');
    assert.equal(server.rows('SELECT ref FROM attempts')[0].ref, calls[0].call);
  });

  test('SIGINT ends it as well; SIGHUP does not', async () => {
    await world();
    await server.start();
    server.process.kill('SIGHUP');
    assert.equal((await ask(`${server.url}/readyz`)).status, 200);
    assert.deepEqual(await server.signal('SIGINT'), { code: 0, signal: null });
  });
});

// Creates until it fails, frees the space, and looks that nothing accepted was lost.
async function fillsUp(free) {
  const accepted = [];
  let refusal;
  for (let count = 0; refusal === undefined; ++count) {
    assert.ok(count < 20_000, 'the disk gets full');
    const answer = await server.create(`+1202${2_000_000 + count}`, { name: 'x'.repeat(80) });
    assert.ok(answer, 'there is an answer');
    if (answer.status === 201) accepted.push(answer.json);
    else refusal = answer;
  }
  assert.equal(refusal.status, 503, refusal.text);
  assert.match(refusal.headers.get('content-type'), /application\/problem\+json/);
  assert.ok(Number(refusal.headers.get('retry-after')) > 0, 'it says when to come back');
  await until('/readyz says no', async () => (await ask(`${server.url}/readyz`)).status === 503);
  // As long as there is no room it must not say yes, whatever goes on in between; now and then the
  // checkpoint makes room for a small request, which is then kept like any other.
  for (let looks = 0; looks < 30; ++looks, await pause(100)) {
    const create = await server.create(`+1202${2_900_000 + looks}`);
    assert.ok(create?.status === 503 || create?.status === 201, create?.text);
    if (create.status === 201) accepted.push(create.json);
    assert.equal((await ask(`${server.url}/readyz`)).status, 503, `look ${looks}`);
  }
  assert.equal((await ask(`${server.url}/livez`)).status, 200);

  free();
  await until('/readyz says yes again', async () => (await ask(`${server.url}/readyz`)).status === 200);
  await server.accepted('+12022888888');
  for (const callback of accepted) assert.equal((await server.status(callback)).status, 200, 'nothing accepted is lost');
  assert.equal(server.rows('PRAGMA quick_check')[0].quick_check, 'ok');
  await drains();
}

// One telephone rings for ever, all others wait: nearly only visitors write.
const QUIET = { CALL__MAX_CONCURRENT: 1, CALL__RING_SECONDS: 600, LOG__LEVEL: 'error' };

describe('disk', () => {
  let mounted;
  after(() => mounted && spawnSync('umount', ['-l', mounted]));

  test('full: creates and /readyz say 503, and it recovers by itself', async (t) => {
    const small = join(folder, 'small');
    mkdirSync(small);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'none', small]).status !== 0)
      return t.skip('this user may not mount a small disk');
    mounted = small;
    writeFileSync(join(small, 'ballast'), Buffer.alloc(4 << 20));
    await world({ settings: { ...QUIET, STORAGE__URL: `sqlite:${join(small, 'ringback.db')}` } });
    server.database = join(small, 'ringback.db');
    await server.start();
    await fillsUp(() => rmSync(join(small, 'ballast')));
    spawnSync('umount', [small]);
    mounted = undefined;
  });

  test('a limit on the size of files: the same, and the signal does not end the process', async (t) => {
    if (spawnSync('prlimit', ['--version']).status !== 0) return t.skip('there is no prlimit');
    await world({ settings: QUIET });
    await server.start();
    const limit = (bytes) => spawnSync('prlimit', ['--pid', `${server.process.pid}`, `--fsize=${bytes}:`]);
    assert.equal(limit(60_000).status, 0); // less than a trial needs, so that it stays full
    await fillsUp(() => limit('unlimited'));
  });
});

describe('costs', () => {
  test('start time and memory at rest are measured', async (t) => {
    await world({ settings: { LOG__LEVEL: 'error' } });
    await server.start(); // makes the database
    const starts = [];
    for (let count = 0; count < 5; ++count) {
      await server.signal('SIGTERM');
      starts.push(await server.start());
    }
    const status = readFileSync(`/proc/${server.process.pid}/status`, 'utf8');
    const kib = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)[1]);
    const median = starts.sort((a, b) => a - b)[2];
    t.diagnostic(
      `start to /livez ${Math.round(median)} ms (median of 5), at rest ${(kib('VmRSS') / 1024).toFixed(1)} MiB ` +
        `(of it ${(kib('RssAnon') / 1024).toFixed(1)} MiB its own), ${kib('Threads')} threads`,
    );
    assert.ok(kib('VmRSS') < 100 * 1024, 'far from a leak or a preallocated cache');
  });
});
