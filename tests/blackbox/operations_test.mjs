// For those who run it: health, metrics, what the log may say, starting again and stopping.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { visitorNumber } from './support/client.mjs';
import { expectDocument, expectProblem } from './support/expect.mjs';
import { BUSINESS, Program } from './support/program.mjs';
import { until } from './support/until.mjs';

const at = { concurrency: 4 };

describe('health', at, () => {
  test('live, ready, and healthy with every check on loopback', async (t) => {
    const { client } = await Program.start(t);
    assert.equal((await client.get('/livez')).status, 200);
    assert.equal((await client.get('/readyz')).status, 200);
    const health = (await client.get('/health')).json;
    assert.ok(['healthy', 'degraded'].includes(health.status));
    assert.match(health.version, /^\d+\.\d+\.\d+/);
    assert.ok(health.uptime_seconds >= 0);
    for (const name of ['storage', 'carrier_voice', 'carrier_sms', 'queue', 'disk', 'clock']) assert.ok(health.checks[name].status, name);
  });

  test('a stranger behind a proxy sees no details; the metrics token does', async (t) => {
    const { client } = await Program.start(t, {
      'server.trusted_proxies': '127.0.0.1/32', 'server.client_ip_header': 'x-forwarded-for', 'server.metrics_token': 'a-token-for-metrics',
    });
    const stranger = { 'x-forwarded-for': '198.51.100.7' };
    const plain = await client.get('/health', stranger);
    assert.equal(plain.status, 200);
    assert.equal(plain.json.checks, undefined);
    assert.ok((await client.get('/health', { ...stranger, authorization: 'Bearer a-token-for-metrics' })).json.checks);
    expectProblem(await client.get('/metrics', stranger), 'unauthenticated');
    expectProblem(await client.get('/metrics'), 'unauthenticated');
    expectProblem(await client.get('/metrics', { authorization: 'Bearer wrong' }), 'unauthenticated');
    assert.equal((await client.get('/metrics', { authorization: 'Bearer a-token-for-metrics' })).status, 200);
  });
});

// The contract's table: name, type, labels.
const METRICS = {
  ringback_callbacks_total: ['counter', 'state'],
  ringback_callbacks_open: ['gauge', 'state'],
  ringback_attempts_total: ['counter', 'carrier,outcome'],
  ringback_time_to_answer_seconds: ['histogram', ''],
  ringback_time_to_bridge_seconds: ['histogram', ''],
  ringback_carrier_requests_total: ['counter', 'carrier,operation,outcome'],
  ringback_carrier_request_duration_seconds: ['histogram', 'carrier,operation'],
  ringback_carrier_circuit: ['gauge', 'carrier'],
  ringback_webhooks_total: ['counter', 'carrier,result'],
  ringback_outbox_pending: ['gauge', ''],
  ringback_outbox_oldest_seconds: ['gauge', ''],
  ringback_recordings_waiting: ['gauge', ''],
  ringback_recordings_dead: ['gauge', ''],
  ringback_recordings_oldest_seconds: ['gauge', ''],
  ringback_verifications_total: ['counter', 'result'],
  ringback_limited_total: ['counter', 'limit'],
  ringback_http_requests_total: ['counter', 'method,route,status'],
  ringback_http_request_duration_seconds: ['histogram', 'method,route,status'],
  ringback_storage_commit_seconds: ['histogram', ''],
  ringback_storage_batch_size: ['histogram', ''],
};

function readMetrics(text) {
  const types = {};
  const labels = {};
  const values = new Set();
  for (const line of text.split('\n')) {
    const type = /^# TYPE (\S+) (\S+)$/.exec(line);
    if (type) types[type[1]] = type[2];
    const sample = /^([a-zA-Z_:]+)(?:\{(.*)\})? \S+$/.exec(line);
    if (!sample) continue;
    const pairs = [...(sample[2] ?? '').matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)];
    const family = sample[1] in types ? sample[1] : sample[1].replace(/_(bucket|sum|count)$/, '');
    labels[family] ??= new Set();
    labels[family].add(pairs.map(([, name]) => name).filter((name) => name !== 'le').sort().join(','));
    for (const [, name, value] of pairs) if (name !== 'le') values.add(value);
  }
  return { types, labels, values };
}

describe('a whole run', at, () => {
  test('the metrics are the table\'s, and neither they nor the log give anything personal away', async (t) => {
    const program = await Program.start(t, { 'call.attempts': '1', 'limits.wrong_client': '1/1h', 'call.max_minutes': '1', 'log.level': 'debug' });
    const { client } = program;
    const secrets = [];
    const keep = (callback) => secrets.push(callback.token);

    const phone = visitorNumber();
    const talk = await client.created(phone, { name: 'Canary Canetti', email: 'canary@birds.example', message: 'Kanarienvogel entflogen' });
    keep(talk);
    const code = await client.code(phone);
    const bad = code === '000000' ? '000001' : '000000';
    await client.verify(talk, bad);
    const limited = await client.verify(talk, bad);
    expectProblem(limited, 'too_many_attempts');

    const second = await client.created(visitorNumber());
    keep(second);
    const third = await client.created(visitorNumber());
    keep(third);
    await client.create('not a number +12025550177');
    await client.get(`/api/v1/callbacks/${second.id}`, { authorization: `Bearer ${second.token}` });
    await client.get('/no/such/+12025550166/page');
    await client.get('/api/v1/slots?date=+12025550155');
    await client.post('/hooks/simulator/simulator/unknown-token-in-path/status', '{}');
    await client.cancel(third);

    // The wrong tries are used up here; another program with the same folder would go on counting.
    const free = await Program.start(t, { 'call.attempts': '1', 'log.level': 'debug' });
    const visitor = visitorNumber();
    const call = await free.client.proven(visitor, { name: 'Canary Canetti', message: 'Kanarienvogel entflogen' });
    secrets.push(call.token);
    const leg = await free.client.leg(BUSINESS, 'ringing');
    await free.client.act(leg, 'answer');
    await free.client.leg(BUSINESS, 'answered', { prompt: true });
    await free.client.act(leg, 'digits', '1');
    const other = await free.client.leg(visitor, 'ringing');
    await free.client.act(other, 'answer');
    await free.client.reaches(call, 'connected');
    await free.client.act(other, 'hang_up');
    await free.client.reaches(call, 'completed');
    const missed = await free.client.proven(visitorNumber(), { name: 'Canary Canetti' });
    secrets.push(missed.token);
    const next = await free.client.leg(BUSINESS, 'ringing', { nth: 2 });
    await free.client.act(next, 'decline');
    await free.client.reaches(missed, 'missed');
    await until('the text is out', async () => (await free.client.messages(BUSINESS)).length === 1);
    const codes = [code, await free.client.code(visitor), await free.client.code(missed.phone)];

    const texts = [await client.get('/metrics'), await free.client.get('/metrics')].map((answer) => answer.text);
    const { types, labels } = readMetrics(texts.join('\n'));
    for (const [name, [type, wanted]] of Object.entries(METRICS)) {
      assert.equal(types[name], type, name);
      assert.deepEqual([...(labels[name] ?? [])], [wanted], name);
    }
    for (const name of Object.keys(types)) assert.ok(name in METRICS || name === 'ringback_build_info' || name.startsWith('process_'), `${name} is not in the table`);
    const values = new Set(texts.flatMap((text) => [...readMetrics(text).values]));
    for (const value of values) {
      assert.doesNotMatch(value, /\d{6}/, value);
      assert.doesNotMatch(value, /[0-9a-f]{8}-/, value);
    }

    const digits = [phone, second.phone, third.phone, visitor, missed.phone, BUSINESS, '+12025550177', '+12025550166', '+12025550155'].map((number) => number.slice(1));
    for (const { log } of [program, free]) {
      assert.ok(log.length > 1000);
      for (const number of digits) {
        assert.ok(!log.includes(number), `a number is in the log: ${log.split('\n').find((line) => line.includes(number))}`);
        assert.ok(!log.includes(number.slice(1)), 'a number without its country is in the log');
      }
      for (const token of secrets) assert.ok(!log.includes(token), 'a token is in the log');
      for (const text of ['Canary', 'canary@', 'Kanarienvogel', 'unknown-token-in-path']) assert.ok(!log.includes(text), `${text} is in the log`);
      for (const secret of codes) assert.doesNotMatch(log, new RegExp(`\\D${secret}\\D(?!\\d)`.replace('\\D', '[^\\d.]')), 'a code is in the log');
      for (const line of log.split('\n').filter(Boolean)) assert.doesNotThrow(() => JSON.parse(line), line);
    }

    // Nothing readable on the disk either, but for what the database needs as it is.
    for (const folder of [program.folder, free.folder]) {
      for (const name of readdirSync(folder)) {
        const bytes = readFileSync(path.join(folder, name)).toString('latin1');
        for (const number of digits.slice(0, 5)) assert.ok(!bytes.includes(number), `${name} has a visitor's number as it is`);
        for (const text of ['Canary', 'Kanarienvogel', ...secrets]) assert.ok(!bytes.includes(text), `${name} has ${text.slice(0, 6)}… as it is`);
        assert.equal(statSync(path.join(folder, name)).mode & 0o007, 0, `${name} can be read by everybody`);
      }
    }
  });
});

describe('stopping and starting', at, () => {
  for (const signal of ['SIGTERM', 'SIGINT']) {
    test(`${signal} drains within ten seconds and exits 0, also with a stream open`, async (t) => {
      const program = await Program.start(t);
      const callback = await program.client.created(visitorNumber());
      const stream = await program.client.watch(callback);
      await until('the stream has begun', () => stream.events().length > 0);
      const began = Date.now();
      assert.equal(await program.stop(signal), 0);
      assert.ok(Date.now() - began < 10_000);
    });
  }

  test('SIGHUP stops nothing', async (t) => {
    const program = await Program.start(t);
    process.kill(program.pid, 'SIGHUP');
    await until('it is named in the log', () => program.log.includes('was read again'));
    assert.equal((await program.client.get('/livez')).status, 200);
  });

  for (const signal of ['SIGTERM', 'SIGKILL']) {
    test(`after ${signal} a wish, its token and its limits are there again`, async (t) => {
      const program = await Program.start(t, { 'limits.verify_phone': '1/1h', 'verification.required': 'true', 'business.outside_hours': 'schedule' });
      const { client } = program;
      const date = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
      const [slot] = (await client.get(`/api/v1/slots?site=default&date=${date}`)).json.slots;
      const callback = await client.proven(visitorNumber(), { when: slot.start });
      const before = expectDocument((await client.status(callback)).json);
      await program.stop(signal);
      await program.launch();
      assert.deepEqual((await client.status(callback)).json, before);
      const again = await client.created(callback.phone);
      expectProblem(await client.verify(again, '123456'), 'code_wrong');
      assert.deepEqual(await client.messages(callback.phone), [], 'the number had its text');
      assert.equal((await client.cancel(callback)).status, 200);
      await until('the open one is counted', async () => (await client.metric('ringback_callbacks_open', { state: 'pending' })) === 1);
    });
  }
});
