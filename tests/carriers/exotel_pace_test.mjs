// What one account may send in a minute is kept, whatever there is to send: calls, texts, questions.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { World, indianNumber, story, until } from './support/world.mjs';

const PER_MINUTE = 30;
const CROWD = 40;

describe('the account\'s pace', () => {
  story('forty codes at once: a burst, then evenly, and the carrier never has to say "too fast"', {
    make: World.exotel, peer: { requestsPerMinute: PER_MINUTE }, settings: { 'carrier.exotel.requests_per_minute': PER_MINUTE },
  }, async (world) => {
    const begun = Date.now();
    await Promise.all(Array.from({ length: CROWD }, () => world.client.created(indianNumber())));
    await until('a second helping', () => world.peer.messages.length >= PER_MINUTE / 4 + 2, 120_000);
    const seconds = (Date.now() - begun) / 1000;
    assert.ok(world.peer.messages.length <= PER_MINUTE / 4 + (seconds * PER_MINUTE) / 60 + 1, `${world.peer.messages.length} texts in ${seconds} s`);
    assert.ok(seconds >= 2, `${seconds} s for more than the burst`);
    assert.deepEqual(world.peer.log.filter(({ status }) => status === 429), []);
    assert.doesNotMatch(world.program.log, /circuit changed/, 'our own pace is no failure of the carrier');
  });
});
