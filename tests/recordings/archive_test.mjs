// Recordings from the talk into the archive: the real program, the simulator's exchange, a directory.
import assert from 'node:assert/strict';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { BUSINESS, Program, command, newFolder } from '../blackbox/support/program.mjs';
import { visitorNumber } from '../blackbox/support/client.mjs';
import { until } from '../blackbox/support/until.mjs';
import { audits, figures, filesIn, keptIn, talk } from './support/talks.mjs';

const RECORDING = { 'carrier.simulator.auto': 'true', 'call.record': 'announce', 'timing.recording_retry': '0.1' };
const at = { concurrency: 4 };

async function withDirectory(t, settings = {}) {
  const folder = newFolder();
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const program = await Program.start(t, { ...RECORDING, 'recording.dir': path.join(folder, 'kept'), ...settings });
  return { program, client: program.client, kept: path.join(folder, 'kept') };
}

describe('the talk', at, () => {
  test('is announced to both, recorded, fetched, checked and kept as a private file', async (t) => {
    const { program, client, kept } = await withDirectory(t, { 'carrier.simulator.auto': 'false' });
    const phone = visitorNumber();
    const callback = await client.proven(phone);
    const business = await client.leg(BUSINESS, 'ringing');
    await client.act(business, 'answer');
    const asked = await client.leg(BUSINESS, 'answered', { prompt: true });
    assert.match(asked.prompt, /This call will be recorded\. To be connected, press 1/);
    await client.act(business, 'digits', '1');
    const visitor = await client.leg(phone, 'ringing');
    await client.act(visitor, 'answer');
    const told = await client.leg(phone, 'answered', { prompt: true });
    assert.match(told.prompt, /Northwind Bakery.*It is recorded.*hang up/);
    await client.reaches(callback, 'connected');
    await client.act(visitor, 'hang_up');
    await client.reaches(callback, 'completed');

    const [name] = await until('the file', () => {
      const files = keptIn(kept);
      return files.length === 1 && files;
    });
    assert.match(name, new RegExp(`^\\d{4}/\\d\\d/\\d\\d/${callback.id}_[0-9a-f-]{36}\\.wav$`));
    const sound = readFileSync(path.join(kept, name));
    assert.equal(sound.subarray(0, 4).toString(), 'RIFF');
    assert.equal(sound.readUInt32LE(4) + 8, sound.length);
    assert.equal(statSync(path.join(kept, name)).mode & 0o777, 0o600);
    assert.equal(statSync(kept).mode & 0o777, 0o700);
    await until('nothing waits', async () => (await figures(client)).waiting === 0);
    assert.deepEqual(filesIn(path.join(program.folder, 'ringback.db.spool')), []);
    await until('it is counted', async () => (await client.metric('ringback_recordings_total', { result: 'archived' })) === 1);
    const health = await client.get('/health');
    assert.equal(health.json.checks.recordings.status, 'healthy');
    const lines = await until('both lines', () => audits(program).length === 2 && audits(program));
    assert.deepEqual(lines.map((line) => line.event), ['recording accessed', 'recording archived']);
    for (const line of lines) assert.equal(line.callback, callback.id);
    assert.ok(!program.log.includes(phone), 'no number in the log');
  });

  test('that never was is not recorded', async (t) => {
    const { client, kept } = await withDirectory(t);
    const phone = visitorNumber('02');
    await client.proven(phone);
    const leg = await client.leg(phone, 'ringing');
    await client.act(leg, 'decline');
    await client.leg(phone, 'ended');
    await until('the attempt is over', async () => (await client.metric('ringback_attempts_total')) > 0);
    assert.equal(await client.metric('ringback_recordings_total'), 0);
    assert.deepEqual(keptIn(kept), []);
  });

  test('is neither recorded nor announced unless it is asked for', async (t) => {
    const { client, kept } = await withDirectory(t, { 'call.record': 'off', 'carrier.simulator.auto': 'false' });
    const phone = visitorNumber();
    const callback = await client.proven(phone);
    const business = await client.leg(BUSINESS, 'ringing');
    await client.act(business, 'answer');
    assert.doesNotMatch((await client.leg(BUSINESS, 'answered', { prompt: true })).prompt, /record/);
    await client.act(business, 'digits', '1');
    const visitor = await client.leg(phone, 'ringing');
    await client.act(visitor, 'answer');
    await client.reaches(callback, 'connected');
    assert.equal((await client.leg(phone, 'answered')).prompt, null);
    await client.act(visitor, 'hang_up');
    await client.reaches(callback, 'completed');
    assert.equal(await client.metric('ringback_recordings_total'), 0);
    assert.deepEqual(keptIn(kept), []);
  });
});

describe('trouble', at, () => {
  test('a carrier that fails is asked again until it gives the recording', async (t) => {
    const { client, kept } = await withDirectory(t);
    const callback = await talk(client, { before: () => client.request('PUT', '/simulator/api/faults', { body: { lose_reply_rate: 1 } }) });
    await until('it was tried more than once', async () => (await client.metric('ringback_recordings_total', { result: 'retried' })) > 1);
    assert.deepEqual(keptIn(kept), []);
    await client.request('PUT', '/simulator/api/faults', { body: { lose_reply_rate: 0 } });
    await until('the file', () => keptIn(kept).length === 1);
    assert.match(keptIn(kept)[0], new RegExp(callback.id));
  });

  test('the news of a recording counts once, however often it comes', async (t) => {
    const { client, kept } = await withDirectory(t);
    await client.request('PUT', '/simulator/api/faults', { body: { duplicate_rate: 1 } });
    await talk(client);
    await until('the file', () => keptIn(kept).length === 1);
    await until('the repeat has come', async () => (await client.metric('ringback_webhooks_total', { result: 'stale' })) + (await client.metric('ringback_webhooks_total', { result: 'duplicate' })) > 0);
    assert.equal(await client.metric('ringback_recordings_total', { result: 'heard' }), 1);
    assert.equal(keptIn(kept).length, 1);
  });

  test('a directory that cannot be written is a dead letter that is seen', async (t) => {
    const { program, client, kept } = await withDirectory(t, { 'timing.recording_give_up': '0.5' });
    rmSync(kept, { recursive: true });
    writeFileSync(kept, 'a file where the folder was');
    await talk(client);
    await until('it is given up', async () => (await figures(client)).dead === 1);
    const health = await client.get('/health');
    assert.equal(health.json.status, 'degraded');
    assert.equal(health.json.checks.recordings.status, 'degraded');
    assert.match(health.json.checks.recordings.detail, /1 given up and still at the carrier.*archive_unavailable/);
    await until('it is counted', async () => (await client.metric('ringback_recordings_total', { result: 'dead' })) === 1);
    await until('it is logged', () => program.log.includes('a recording was given up'));
  });

  test('when its time is over the copy goes, from the archive and from the carrier', async (t) => {
    const { program, client, kept } = await withDirectory(t, { 'timing.recording_keep': '2' });
    const track = await client.stream('/simulator/api/track');
    await talk(client);
    await until('the file', () => keptIn(kept).length === 1);
    await until('the file is gone', async () => keptIn(kept).length === 0);
    await until('it is told', async () => (await client.metric('ringback_recordings_total', { result: 'deleted' })) === 1);
    await until('it is logged', () => audits(program).some((line) => line.event === 'recording deleted'));
    const deleted = await until('it is on the track', () => track.events().find(({ json }) => json.summary === 'delete a recording'));
    assert.equal(deleted?.json.status, 204);
    track.close();
  });
});

describe('a set-up that cannot record', at, () => {
  const refused = (settings) => command(['serve'], { settings: { 'business.numbers': BUSINESS, 'call.record': 'announce', ...settings } });

  test('is refused at start when there is no archive, with the way out', () => {
    const { status, stderr } = refused({});
    assert.equal(status, 2);
    assert.match(stderr, /call\.record.*no archive.*recording\.dir = .*recording\.s3/s);
  });

  test('is refused when the folder cannot be made', (t) => {
    const folder = newFolder();
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(path.join(folder, 'file'), '');
    const { status, stderr } = refused({ 'recording.dir': path.join(folder, 'file', 'below'), 'storage.url': `sqlite:${folder}/ringback.db` });
    assert.equal(status, 2);
    assert.match(stderr, /recording\.dir .* cannot be written/);
  });

  test('is refused when a bucket is named by halves', () => {
    const { status, stderr } = refused({ 'recording.s3.bucket': 'calls', 'recording.s3.access_key': 'k' });
    assert.equal(status, 2);
    assert.match(stderr, /recording\.s3\.region: is needed/);
    assert.match(stderr, /recording\.s3\.secret_key: is needed/);
  });
});
