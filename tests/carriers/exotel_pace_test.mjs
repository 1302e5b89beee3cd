// What one account may send in a minute is kept, whatever there is to send: calls, texts, questions.
// And it is kept in silence: nothing is claimed that may not leave, so nothing is refused.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { World, indianNumber, story, until } from './support/world.mjs';

const PER_MINUTE = 120;
const BURST = PER_MINUTE / 4;
const CROWD = BURST + 6;
const PACED = { make: World.exotel, peer: { requestsPerMinute: PER_MINUTE }, settings: { 'carrier.exotel.requests_per_minute': PER_MINUTE } };

const carriedOut = (log, order) => log.split('\n').filter((line) => line.includes('order carried out') && line.includes(order));

describe('the account\'s pace', () => {
  story('more codes at once than a burst: the others evenly, each claimed once, and nobody has to say "too fast"', PACED, async (world) => {
    const begun = Date.now();
    await Promise.all(Array.from({ length: CROWD }, () => world.client.created(indianNumber())));
    await until('all codes', () => world.peer.messages.length >= CROWD, 120_000);
    const seconds = (Date.now() - begun) / 1000;
    assert.ok(world.peer.messages.length <= BURST + (seconds * PER_MINUTE) / 60 + 1, `${world.peer.messages.length} texts in ${seconds} s`);
    await until('their answers', () => carriedOut(world.program.log, 'send_text').length >= CROWD);
    const told = carriedOut(world.program.log, 'send_text');
    assert.equal(told.length, CROWD, 'each text is claimed once');
    for (const line of told) assert.match(line, /accepted/);
    assert.deepEqual(world.peer.log.filter(({ status }) => status === 429), []);
    assert.doesNotMatch(world.program.log, /circuit changed/, 'our own pace is no failure of the carrier');
  });
});
