// Recordings over Twilio's protocol: announced to both, made by <Dial record>, fetched by name from the
// API and never from the address in the webhook, deleted there when their time is over.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { newFolder } from '../blackbox/support/program.mjs';
import { World, until, usNumber } from '../carriers/support/world.mjs';
import { figures, keptIn } from './support/talks.mjs';

async function recording(t, settings = {}, peer = {}) {
  const folder = newFolder();
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const world = await World.twilio(t, { 'call.record': 'announce', 'recording.dir': folder, 'timing.recording_retry': '0.1', ...settings }, peer);
  return { world, folder };
}

describe('Twilio', { concurrency: 3 }, () => {
  test('records what both were told of, and the archive has it', async (t) => {
    const { world, folder } = await recording(t);
    world.peer.missingMedia = 2; // as if the file were not ready yet
    const phone = usNumber('12');
    const callback = await world.proven(phone);
    assert.equal((await world.ended(callback)).state, 'completed');
    await until('the file', () => keptIn(folder).length === 1);
    const [recorded] = world.peer.recordings;
    assert.equal(recorded.channels, 2);
    assert.ok(readFileSync(path.join(folder, keptIn(folder)[0])).equals(recorded.sound));
    assert.match(keptIn(folder)[0], new RegExp(`${callback.id}_.*\\.mp3$`));
    assert.equal(recorded.fetched, 1);

    const [call] = world.peer.calls;
    assert.match(call.heard[0], /This call will be recorded\. To be connected, press 1/);
    assert.equal(call.heard[1], 'This call will be recorded.', 'also who pressed the key early');
    const [visitor] = world.peer.legsTo(phone);
    assert.equal(visitor.joined, true);
    assert.equal(visitor.heard.length, 1);
    assert.match(visitor.heard[0], /It is recorded\. If you do not agree, please hang up now/);
    world.assertSound();
    assert.deepEqual(world.peer.debugger, []);
    await until('it is counted', async () => (await world.client.metric('ringback_recordings_total', { result: 'archived' })) === 1);
  });

  test('is told before the visitor is rung when nobody is asked for a key', async (t) => {
    const { world, folder } = await recording(t, { 'call.accept': 'none' });
    assert.equal((await world.ended(await world.proven(usNumber('12')))).state, 'completed');
    await until('the file', () => keptIn(folder).length === 1);
    assert.deepEqual(world.peer.calls[0].heard, ['This call will be recorded.']);
    world.assertSound();
  });

  test('deletes its copy when the time is over', async (t) => {
    const { world, folder } = await recording(t, { 'timing.recording_keep': '2' });
    await world.ended(await world.proven(usNumber('13')));
    await until('the copy at the carrier is gone', () => world.peer.recordings[0]?.deleted);
    await until('the other copy is gone', () => keptIn(folder).length === 0);
    world.assertSound();
  });

  test('is not believed when somebody else speaks of a recording', async (t) => {
    const { world, folder } = await recording(t);
    await world.ended(await world.proven(usNumber('13')));
    await until('it is archived', async () => (await world.client.metric('ringback_recordings_total', { result: 'archived' })) === 1);
    const { path: hook } = world.peer.log.find(({ kind }) => kind === 'recording');
    const url = `${world.program.url}${hook}`;
    const call = world.peer.calls[0].sid;
    const foreign = `RE${'b'.repeat(32)}`;
    const news = (sid, of = call) => [['CallSid', of], ['RecordingSid', sid], ['RecordingStatus', 'completed'], ['RecordingUrl', 'http://127.0.0.1:1/x']];
    assert.equal((await world.peer.forge(url, news(foreign), { signature: 'c2lnbmVk' })).status, 403);
    assert.equal((await world.peer.forge(url, news(foreign), { signature: null })).status, 403);
    assert.equal((await world.peer.forge(url, news('../../x'))).status, 400);
    // Rightly signed, but of a call that this attempt does not have.
    assert.ok((await world.peer.forge(url, news(foreign, `CA${'c'.repeat(32)}`))).status < 300);
    assert.equal((await figures(world.client)).waiting, 0);
    assert.equal(await world.client.metric('ringback_recordings_total', { result: 'heard' }), 1);
    assert.equal(keptIn(folder).length, 1);
  });

  test('cannot record without webhooks, and says so at the start', async (t) => {
    const folder = newFolder();
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    await assert.rejects(
      recording(t, { 'carrier.poll': 'true', 'call.accept': 'none' }),
      /call\.record: "announce" cannot be had from the carrier "twilio"/,
    );
  });
});
