// Servers that are killed (-9) and frozen at random moments while visitors ask and telephones ring. The
// judge is the exchange's own log of who rang whom; it lives in another process and is never killed.
//
//   RINGBACK_KILLS=1000 node --test tests/process    more kills than the usual 60
//   RINGBACK_SEED=7                                  other moments, numbers and weather
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Exchange, Server, ask, dice, dropFolder, makeFolder, pause, until } from './world.mjs';

const KILLS = Number(process.env.RINGBACK_KILLS ?? 60);
const SEED = Number(process.env.RINGBACK_SEED ?? 1);
const FREEZES = Math.max(2, Math.round(KILLS / 15));
const FREEZE_MS = 2_500; // longer than the lease below
const KILL_WITHIN_MS = 1_200;
// Doubt is not given up while the killing goes on: a process that dies young proves nothing absent.
const DOUBT_SECONDS = 60 + KILLS;
const END_PATIENCE_MS = 240_000 + DOUBT_SECONDS * 1_000;
const VISITORS_AT_ONCE = 3;
const FINAL = new Set(['completed', 'missed', 'failed', 'cancelled', 'expired']);
const BUSINESS_SMS = '+12025550199';

// So short that a whole story fits between two kills; in the same order as the real ones.
const QUICK = {
  TIMING__DIAL_TIMEOUT: 2,
  TIMING__LEASE: 2,
  TIMING__FIRST_LOOK: 1,
  TIMING__LOOK_INTERVAL: 2,
  TIMING__QUARANTINE: 6,
  TIMING__EMPTY_LOOK_GAP: 1,
  TIMING__POLL_AFTER_RING: 1,
  TIMING__POLL_FIRST_INTERVAL: 1,
  TIMING__POLL_LATE_INTERVAL: 2,
  TIMING__FETCH_LAG_GAP: 1,
  TIMING__MAX_TAIL: 5,
  TIMING__VISITOR_SECOND_CHANCE: 1,
  TIMING__DOUBT_END: DOUBT_SECONDS,
  TIMING__THROTTLE_FIRST: 1,
  TIMING__PHANTOM_RECHECK: 1,
  CALL__RING_SECONDS: 3,
  CALL__VISITOR_RING_SECONDS: 3,
  CALL__MAX_MINUTES: 1,
  CALL__RETRY_MINUTES: '0.02',
  BUSINESS__SMS_NUMBER: BUSINESS_SMS,
  LOG__LEVEL: 'warn',
};

// Every number is asked for once, so that it names its callback in the exchange's log.
function phoneOf(count, digits) {
  const local = 2_000_000 + count * 100 + digits;
  return `+1202${local}`;
}

class Visitors {
  accepted = []; // {id, token, phone, proven}
  asked = 0;
  refused = [];
  leaving = false;

  constructor(server, exchange, habits, random) {
    Object.assign(this, { server, exchange, habits, random });
  }
  async come() {
    while (!this.leaving) {
      await this.one();
      await pause(Math.floor(this.random() * 120));
    }
  }
  // Asks with one Idempotency-Key until there is an answer: then there must be exactly one callback.
  async one() {
    const count = ++this.asked;
    const phone = phoneOf(count, this.habits[count % this.habits.length]);
    const answer = await this.insist(() => this.server.create(phone, { name: `Visitor ${count}`, key: `visit-${SEED}-${count}` }));
    if (answer.status !== 200 && answer.status !== 201) return void this.refused.push(answer.text);
    const callback = { id: answer.json.id, token: answer.json.token, phone, proven: answer.json.state !== 'pending' };
    this.accepted.push(callback);
    if (!callback.proven) await this.prove(callback);
  }
  async prove(callback) {
    const codes = new Set();
    const wrong = new Set();
    // The text may be late, or lost for good with the server that sent it; then the visitor gives up.
    for (const deadline = Date.now() + 8_000; Date.now() < deadline && !this.leaving; await pause(100)) {
      for (const text of await this.exchange.messages(callback.phone)) codes.add(/\b\d{6}\b/.exec(text.body)[0]);
      const code = [...codes].reverse().find((c) => !wrong.has(c));
      if (!code) continue;
      const answer = await this.insist(() =>
        ask(`${this.server.url}/api/v1/callbacks/${callback.id}/verify`, { method: 'POST', token: callback.token, body: { code } }),
      );
      if (answer.status === 200) return void (callback.proven = true);
      // Already proven by an answer that got lost.
      if (answer.status === 409) return void (callback.proven = true);
      assert.equal(answer.status, 422, answer.text);
      wrong.add(code);
    }
  }
  // 503 and 409 (the first is in work) ask to come back; no answer asks for the same.
  insist(request) {
    return until('the server answers', async () => {
      const answer = await request();
      const later = answer === null || answer.status === 503 || answer.json?.code === 'idempotency_conflict';
      return later ? null : answer;
    });
  }
}

// One world: an exchange, a database, and a server that does not live long.
async function torment(t, { name, kills, business, habits, settings, judge }) {
  const folder = makeFolder();
  const random = dice(SEED * 7919 + name.length);
  const exchange = await Exchange.start(folder, { automatic: true, talkSeconds: 1 });
  const server = await Server.make(folder, exchange, { ...QUICK, ...settings, BUSINESS__NUMBERS: business });
  const storm = { latency_ms: 20, lose_reply_rate: 0.08, error_rate: 0.05, duplicate_rate: 0.1, drop_rate: 0.1, reorder_ms: 600, seed: SEED };
  await exchange.weather(storm);
  await server.start();

  const visitors = new Visitors(server, exchange, habits, random);
  const crowd = Array.from({ length: VISITORS_AT_ONCE }, () => visitors.come());
  let freezes = 0;
  for (let killed = 0; killed < kills; ++killed) {
    await pause(Math.floor(random() * KILL_WITHIN_MS));
    if (killed * FREEZES >= freezes * kills) {
      ++freezes;
      server.process.kill('SIGSTOP');
      await pause(FREEZE_MS);
      server.process.kill('SIGCONT');
      await pause(Math.floor(random() * 300));
    }
    const end = await server.kill();
    assert.equal(end.signal, 'SIGKILL', `the server ended by itself: ${JSON.stringify(end)} ${server.process.complaint}`);
    // One in four is killed again on its way up.
    if (random() < 0.25) server.launch();
    else await server.start();
  }
  await server.kill();
  await server.start();
  visitors.leaving = true;
  await Promise.all(crowd);
  await exchange.weather({});

  const ends = await allEnds(server, visitors.accepted);
  await until('nothing is left to do', () => isQuiet(server), END_PATIENCE_MS);
  const log = await exchange.log();
  const texts = await exchange.messages(BUSINESS_SMS);
  const story = { server, visitors, ends, calls: log.calls, texts, log };
  const found = judgeAll(story);
  t.diagnostic(
    `${name}: ${kills + 1} kills, ${freezes} freezes, ${visitors.accepted.length} callbacks ` +
      `(${[...found.states].map(([state, many]) => `${many} ${state}`).join(', ')}), ${log.calls.length} calls, ` +
      `${texts.length} texts to the business, ${found.lost} lost, ${found.doubled} doubled, ` +
      `${found.secondTexts} second texts, ${found.textsInDoubt} texts in doubt`,
  );
  if (found.broken.length > 0) t.diagnostic(`the database and the logs are kept in ${folder}`);
  judge(found, story);
  await server.signal('SIGTERM');
  await exchange.stop();
  dropFolder(folder);
}

async function allEnds(server, accepted) {
  const ends = new Map();
  await until(
    'every accepted callback is over',
    async () => {
      for (const callback of accepted) {
        if (ends.has(callback.id)) continue;
        const answer = await server.status(callback);
        if (answer === null) return false;
        if (answer.status === 200 && !FINAL.has(answer.json.state)) continue;
        ends.set(callback.id, answer.status === 200 ? answer.json : { state: `lost (${answer.status})` });
      }
      return ends.size === accepted.length;
    },
    END_PATIENCE_MS,
  ).catch((error) => {
    const open = accepted.filter(({ id }) => !ends.has(id)).map(({ id }) => id);
    const rows = server.rows("SELECT lower(hex(id)) AS id, state, phase, reason FROM callbacks WHERE open = 1");
    const attempts = server.rows("SELECT lower(hex(callback)) AS id, no, state, ref, business_view, visitor_view, polls, empty_looks FROM attempts WHERE state IN ('ready','sending','placed','unknown')");
    throw new Error(`${error.message}\nopen: ${open}\n${JSON.stringify(rows)}\n${JSON.stringify(attempts)}`);
  });
  return ends;
}

function isQuiet(server) {
  const [row] = server.rows(
    "SELECT (SELECT count(*) FROM timers) + (SELECT count(*) FROM outbox) + (SELECT count(*) FROM messages WHERE state IN ('ready', 'sending')) AS waiting",
  );
  return row.waiting === 0;
}

function grouped(rows, key) {
  const groups = new Map();
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), row]);
  return groups;
}

// What holds in every world. Each broken promise is one line; the first few are shown.
function judgeAll({ server, visitors, ends, calls, texts, log }) {
  const broken = [];
  const found = { states: new Map(), lost: 0, doubled: 0, secondTexts: 0, textsInDoubt: 0, broken };
  assert.equal(log.forgotten, 0, 'the exchange kept its whole log');
  assert.deepEqual(visitors.refused, [], 'every visitor was accepted');

  for (const [token, orders] of grouped(calls, (call) => call.token)) {
    if (orders.length > 1) broken.push(`attempt ${token} rang ${orders.length} times`);
    found.doubled += orders.length - 1;
  }
  for (const call of calls) {
    if (call.visitor_rings > 1) broken.push(`call ${call.call} rang its visitor ${call.visitor_rings} times`);
    if (call.visitor_rang_at === null) continue;
    const accepted = call.business_answered_at !== null && call.business_answered_at <= call.visitor_rang_at;
    if (!accepted) broken.push(`call ${call.call} rang the visitor before the business accepted`);
  }
  const byVisitor = grouped(calls.filter((call) => call.visitor !== null), (call) => call.visitor);
  for (const [visitor, theirs] of byVisitor) {
    if (theirs.filter((call) => call.joined_at !== null).length > 1) broken.push(`${visitor} was talked to twice`);
    const inOrder = [...theirs].sort((a, b) => a.placed_at.localeCompare(b.placed_at));
    for (let i = 1; i < inOrder.length; ++i)
      if (inOrder[i].visitor_rang_at < inOrder[i - 1].visitor_ended_at) broken.push(`${visitor} rang by two calls at once`);
  }

  const stored = server.rows('SELECT count(*) AS many FROM callbacks')[0].many;
  if (stored !== visitors.asked) broken.push(`${visitors.asked} asked, ${stored} callbacks are stored`);
  const integrity = server.rows('PRAGMA quick_check')[0].quick_check;
  if (integrity !== 'ok') broken.push(`the database is damaged: ${integrity}`);
  // Each call belongs to the attempt that ordered it.
  const refs = new Set(server.rows("SELECT ref FROM attempts WHERE ref <> ''").map(({ ref }) => ref));
  const strays = calls.filter(({ call }) => !refs.has(call));
  const doubts = server.rows("SELECT count(*) AS many FROM attempts WHERE state = 'in_doubt_ended' AND ref = ''")[0].many;
  if (strays.length > doubts) broken.push(`${strays.length} calls belong to no attempt, ${doubts} attempts ended in doubt`);

  const settled = new Map(
    server
      .rows("SELECT lower(hex(callback)) AS id, state FROM messages WHERE purpose = 'alert'")
      .map(({ id, state }) => [id, state]),
  );
  for (const callback of visitors.accepted) {
    const end = ends.get(callback.id);
    found.states.set(end.state, (found.states.get(end.state) ?? 0) + 1);
    const say = (what) => broken.push(`${callback.id} (${end.state} ${end.reason ?? ''}): ${what}`);
    if (!FINAL.has(end.state)) {
      ++found.lost;
      say('accepted and lost');
      continue;
    }
    const talked = (byVisitor.get(callback.phone) ?? []).some((call) => call.joined_at !== null);
    if ((end.state === 'completed') !== talked) say(talked ? 'they talked' : 'nobody talked');
    if (callback.proven && end.reason === null && end.state === 'expired') say('was proven');
    const mine = texts.filter(({ body }) => body.includes(callback.phone));
    const owed = end.state === 'missed' || (end.state === 'failed' && callback.proven);
    if (!owed) {
      if (mine.length > 0) say(`${mine.length} texts that nobody ordered`);
      continue;
    }
    if (mine.length === 0) {
      const fate = settled.get(callback.id.replaceAll('-', ''));
      if (fate === 'unknown') ++found.textsInDoubt;
      else say(`no text to the business; the order is ${fate}`);
    }
    if (mine.length === 2) ++found.secondTexts;
    if (mine.length > 2) say(`${mine.length} texts to the business`);
  }
  return found;
}

function assertSound({ broken }) {
  assert.deepEqual(broken.slice(0, 8), [], `${broken.length} promises are broken`);
}

describe('kill -9', { concurrency: 2 }, () => {
  test('killed and frozen while calls go through: each attempt rings once, each end is true', async (t) => {
    await torment(t, {
      name: 'reached',
      kills: Math.ceil(KILLS / 2),
      business: '+12025550101,+12025550100', // busy, then somebody who accepts
      habits: [0, 0, 0, 1, 0, 3, 0, 2, 0, 6],
      settings: {},
      judge(found) {
        assertSound(found);
        assert.ok(found.states.get('completed') > 0, 'some talked');
        assert.ok(found.states.get('failed') > 0, 'some visitors were not reached');
      },
    });
  });

  test('killed and frozen while nobody at the business accepts: each visitor is texted, none is rung', async (t) => {
    await torment(t, {
      name: 'missed',
      kills: Math.ceil(KILLS / 2),
      business: '+12025550103,+12025550108', // declines; answers and hangs up
      habits: [0],
      settings: { VERIFICATION__REQUIRED: 'true', VERIFICATION__TTL_SECONDS: 20 },
      judge(found, { calls }) {
        assertSound(found);
        assert.ok(found.states.get('missed') > 0, 'some were missed');
        assert.equal(calls.filter(({ visitor }) => visitor !== null).length, 0, 'no visitor was rung');
      },
    });
  });
});
