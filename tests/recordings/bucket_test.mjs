// The archive in a bucket of a store that really verifies signatures (OpenStack Swift's s3api), with
// outages, a wrong secret and kill -9.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { BUSINESS, Program, command } from '../blackbox/support/program.mjs';
import { until } from '../blackbox/support/until.mjs';
import { REGION, Swift } from './support/swift.mjs';
import { Exchange, figures, talk } from './support/talks.mjs';

// A door in front of the store that can let letters in and keep the answers back.
class Door {
  static async start(t, to) {
    const door = new Door();
    door.held = 0;
    door.shut = false;
    const sockets = new Set();
    const server = net.createServer((from) => {
      const way = net.connect(to, '127.0.0.1');
      for (const socket of [from, way]) {
        sockets.add(socket);
        socket.on('error', () => {}).on('close', () => sockets.delete(socket));
      }
      from.pipe(way);
      way.on('data', (chunk) => {
        if (door.shut) door.held += 1;
        else from.write(chunk);
      });
      way.on('end', () => from.end());
      from.on('close', () => way.destroy());
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    door.port = server.address().port;
    t.after(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return door;
  }
}

describe('a bucket', { concurrency: false }, () => {
  let swift;
  before(async () => (swift = await Swift.start()), { timeout: 60_000 });
  after(() => swift?.end());

  async function withBucket(t, name, settings = {}) {
    const bucket = swift.bucket(name);
    assert.equal((await bucket.create()).status, 200);
    const program = await Program.start(t, {
      'carrier.simulator.auto': 'true',
      'call.record': 'announce',
      'timing.recording_retry': '0.1',
      'recording.s3.endpoint': `http://127.0.0.1:${swift.port}`,
      'recording.s3.region': REGION,
      'recording.s3.bucket': name,
      'recording.s3.prefix': 'ring back',
      'recording.s3.path_style': 'true',
      'recording.s3.access_key': swift.access_key,
      'recording.s3.secret_key': swift.secret_key,
      ...settings,
    });
    return { bucket, program, client: program.client };
  }

  const listed = (bucket, count) => until(`${count} in the bucket`, async (seen) => {
    const keys = await bucket.keys();
    seen(keys);
    return keys.length === count && keys;
  });

  test('keeps a recording, whole, and gives it back until its time is over', async (t) => {
    const { bucket, client } = await withBucket(t, 'whole', { 'timing.recording_keep': '4' });
    const callback = await talk(client);
    const [key] = await listed(bucket, 1);
    assert.match(key, new RegExp(`^ring back/\\d{4}/\\d\\d/\\d\\d/${callback.id}_[0-9a-f-]{36}\\.wav$`));
    const { status, headers, body } = await bucket.get(key.replaceAll(' ', '%20'));
    assert.equal(status, 200);
    assert.equal(headers['content-type'], 'audio/wav');
    assert.equal(body.subarray(0, 4).toString(), 'RIFF');
    assert.equal(body.readUInt32LE(4) + 8, body.length);
    await listed(bucket, 0);
    await until('it is told', async () => (await client.metric('ringback_recordings_total', { result: 'deleted' })) === 1);
  });

  test('with a wrong secret: a dead letter that is seen, and archived once the secret is right', async (t) => {
    const exchange = await Exchange.start(t);
    const { bucket, program, client } = await withBucket(t, 'secret', {
      'carrier.simulator.base_url': exchange.url,
      'recording.s3.secret_key': 'not-the-secret-of-this-key',
    });
    await talk(client);
    await until('it is given up', async () => (await figures(client)).dead === 1);
    const { json } = await client.get('/health');
    assert.equal(json.status, 'degraded');
    assert.match(json.checks.recordings.detail, /1 given up.*archive_refused.*recording\.s3/);
    assert.match(program.log, /403 SignatureDoesNotMatch/);
    assert.ok(!program.log.includes('not-the-secret-of-this-key'));
    assert.deepEqual(await bucket.keys(), []);

    assert.equal(await program.stop(), 0);
    program.settings['recording.s3.secret_key'] = swift.secret_key;
    await program.launch();
    await listed(bucket, 1);
    await until('no dead letter is left', async () => (await figures(client)).dead === 0);
    assert.equal((await client.get('/health')).json.checks.recordings.status, 'healthy');
  });

  test('is looked at by the doctor, who changes nothing', async (t) => {
    const bucket = swift.bucket('looked-at');
    await bucket.create();
    const check = (settings) => {
      const { status, stdout } = command(['check', '--json'], {
        settings: {
          'business.numbers': BUSINESS, 'call.record': 'announce', 'recording.s3.endpoint': `http://127.0.0.1:${swift.port}`,
          'recording.s3.region': REGION, 'recording.s3.bucket': 'looked-at', 'recording.s3.path_style': 'true',
          'recording.s3.access_key': swift.access_key, 'recording.s3.secret_key': swift.secret_key, ...settings,
        },
      });
      return { status, said: stdout };
    };
    assert.match(check({}).said, /kept in bucket looked-at/);
    const wrong = check({ 'recording.s3.secret_key': 'wrong-secret' });
    assert.equal(wrong.status, 1);
    assert.match(wrong.said, /403 SignatureDoesNotMatch/);
    assert.ok(!wrong.said.includes('wrong-secret'));
    assert.match(check({ 'recording.s3.bucket': 'nowhere' }).said, /404 NoSuchBucket/);
    assert.deepEqual(await bucket.keys(), []);
  });

  test('that is away for a while gets its recordings when it is back', async (t) => {
    const { bucket, program, client } = await withBucket(t, 'outage');
    await swift.shut();
    try {
      await talk(client);
      await until('it was tried more than once', async () => (await client.metric('ringback_recordings_total', { result: 'retried' })) > 1);
      assert.equal((await figures(client)).waiting, 1);
      assert.equal(program.log.split('recording accessed').length - 1, 1, 'fetched from the carrier once');
    } finally {
      await swift.open();
    }
    await listed(bucket, 1);
    await until('nothing waits', async () => (await figures(client)).waiting === 0);
  });

  test('has one copy, whole, after kill -9 between the upload and the note of it', async (t) => {
    const exchange = await Exchange.start(t);
    const door = await Door.start(t, swift.port);
    const { bucket, program, client } = await withBucket(t, 'killed', {
      'carrier.simulator.base_url': exchange.url,
      'recording.s3.endpoint': `http://127.0.0.1:${door.port}`,
    });
    door.shut = true;
    await talk(client);
    await until('the store has answered, and nobody heard it', () => door.held > 0);
    const [key] = await listed(bucket, 1);
    const { body: before } = await bucket.get(key.replaceAll(' ', '%20'));
    await program.stop('SIGKILL');
    door.shut = false;
    await program.launch();
    await until('it is archived', async () => (await client.metric('ringback_recordings_total', { result: 'archived' })) === 1);
    assert.deepEqual(await bucket.keys(), [key]);
    const { body } = await bucket.get(key.replaceAll(' ', '%20'));
    assert.equal(body.readUInt32LE(4) + 8, body.length);
    assert.ok(body.equals(before), 'the same sound again');
  });

  test('has one copy after kill -9 while the recording is fetched', async (t) => {
    const exchange = await Exchange.start(t);
    const { bucket, program, client } = await withBucket(t, 'fetching', { 'carrier.simulator.base_url': exchange.url });
    await talk(client, { before: () => fetch(`${exchange.url}/simulator/api/faults`, { method: 'PUT', body: '{"latency_ms": 1500}', headers: { 'content-type': 'application/json' } }) });
    await until('it is being fetched', () => program.log.includes('recording accessed'));
    await program.stop('SIGKILL');
    await fetch(`${exchange.url}/simulator/api/faults`, { method: 'PUT', body: '{"latency_ms": 0}', headers: { 'content-type': 'application/json' } });
    assert.deepEqual(await bucket.keys(), []);
    await program.launch();
    await listed(bucket, 1);
    await until('nothing waits', async () => (await figures(client)).waiting === 0);
  });
});
