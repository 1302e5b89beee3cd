// Proving the number: right and wrong codes, their life, more codes, and joining.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { visitorNumber } from './support/client.mjs';
import { expectDocument, expectFieldError, expectProblem } from './support/expect.mjs';
import { Program } from './support/program.mjs';
import { until } from './support/until.mjs';

const other = (code) => String((Number(code) + 1) % 1_000_000).padStart(6, '0');

describe('proving a number', () => {
  let program, client;
  after(() => program?.end());
  before(async () => {
    program = await Program.start(null);
    client = program.client;
  });

  test('the right code starts the call; the same code again gets the same answer', async () => {
    const phone = visitorNumber();
    const callback = await client.created(phone);
    const code = await client.code(phone);
    const answer = await client.verify(callback, code);
    assert.equal(answer.status, 200);
    const document = expectDocument(answer.json);
    assert.ok(['queued', 'calling'].includes(document.state), document.state);
    const again = await client.verify(callback, code);
    assert.equal(again.status, 200, again.text);
    assert.equal(again.json.id, callback.id);
    expectProblem(await client.resend(callback), 'state_conflict');
    await client.cancel(callback);
  });

  test('a wrong code tells how many tries are left; the fifth ends it for the right one, too', async () => {
    const phone = visitorNumber();
    const callback = await client.created(phone);
    const code = await client.code(phone);
    for (let left = 4; left >= 1; --left) {
      const problem = expectProblem(await client.verify(callback, other(code)), 'code_wrong');
      assert.equal(problem.attempts_left, left);
      assert.equal((await client.status(callback)).json.verification.attempts_left, left);
    }
    expectProblem(await client.verify(callback, other(code)), 'too_many_attempts');
    expectProblem(await client.verify(callback, code), 'code_expired');
    const document = expectDocument((await client.status(callback)).json);
    assert.equal(document.state, 'expired');
    expectProblem(await client.resend(callback), 'state_conflict');
    assert.equal((await client.messages('+12025550100')).length, 0, 'nobody is told of an unproven wish');
  });

  test('parallel guesses get five tries, not more', async () => {
    const phone = visitorNumber();
    const callback = await client.created(phone);
    const code = Number(await client.code(phone));
    const guesses = Array.from({ length: 30 }, (_, i) => String((code + 1 + i) % 1_000_000).padStart(6, '0'));
    const answers = await Promise.all(guesses.map((guess) => client.verify(callback, guess)));
    assert.equal(answers.filter((answer) => answer.status === 422).length, 4);
    assert.equal(answers.filter((answer) => answer.status === 429).length, 1);
    assert.equal(answers.filter((answer) => answer.status === 410).length, 25);
  });

  test('what is no code of six digits is told and costs no try', async () => {
    const phone = visitorNumber();
    const callback = await client.created(phone);
    for (const code of ['', '12345', '1234567', 'abcdef', '12 34', '-12345', null, 123456, ['1']]) {
      expectFieldError(await client.verify(callback, code), 'code');
    }
    assert.equal((await client.status(callback)).json.verification.attempts_left, 5);
  });

  test('a new code waits its turn, voids the old one, and there are three', async (t) => {
    const quick = await Program.start(t, { 'verification.resend_seconds': '1' });
    const at = quick.client;
    const phone = visitorNumber();
    const callback = await at.created(phone);
    const first = await at.code(phone);
    const early = await at.resend(callback);
    expectProblem(early, 'rate_limited');
    assert.equal((await at.messages(phone)).length, 1);

    const resent = () => until('a code is sent again', async () => {
      const answer = await at.resend(callback);
      return answer.status === 202 && answer;
    });
    const second = expectDocument((await resent()).json);
    const wait = Date.parse(second.verification.resend_at) - Date.parse(second.updated_at);
    assert.equal(Math.round(wait / 1000), 2, 'the wait doubles');
    const newer = await at.code(phone, 2);
    if (newer !== first) expectProblem(await at.verify(callback, first), 'code_wrong');
    await resent();
    const newest = await at.code(phone, 3);
    expectProblem(await at.resend(callback), 'rate_limited');
    assert.equal((await at.verify(callback, newest)).status, 200);
    assert.equal((await at.messages(phone)).length, 3);
  });

  test('the usual waits are 60 and 120 seconds', async () => {
    const callback = await client.created(visitorNumber());
    const answer = await client.resend(callback);
    const problem = expectProblem(answer, 'rate_limited');
    assert.ok(problem.retry_after > 50 && problem.retry_after <= 60, String(problem.retry_after));
  });

  test('a code runs out: 410, expired, and nobody is told', async (t) => {
    const short = await Program.start(t, { 'verification.ttl_seconds': '1' });
    const at = short.client;
    const phone = visitorNumber();
    const callback = await at.created(phone);
    const code = await at.code(phone);
    await at.reaches(callback, 'expired');
    expectProblem(await at.verify(callback, code), 'code_expired');
    expectProblem(await at.verify(callback, other(code)), 'code_expired');
    expectProblem(await at.resend(callback), 'state_conflict');
    expectProblem(await at.cancel(callback), 'state_conflict');
    assert.deepEqual(await at.calls(), []);
    assert.deepEqual(await at.messages('+12025550100'), []);
  });

  test('a second proven wish joins the first; its own document shows that', async () => {
    const phone = visitorNumber();
    const first = await client.created(phone);
    const firstCode = await client.code(phone);
    const second = await client.created(phone);
    const secondCode = await client.code(phone, 2);
    assert.notEqual(first.id, second.id, 'an unproven wish joins nothing');
    assert.equal((await client.verify(first, firstCode)).status, 200);
    const stream = await client.watch(second);
    const joined = await client.verify(second, secondCode);
    assert.equal(joined.status, 200);
    assert.equal(expectDocument(joined.json, { token: true }).id, first.id);
    assert.equal((await client.status({ id: first.id, token: joined.json.token })).status, 200);
    assert.equal((await client.status(first)).status, 200, 'the earlier token stays good');
    const own = expectDocument((await client.status(second)).json);
    assert.equal(own.state, 'cancelled');
    assert.equal(own.reason, 'joined');
    await until('the second stream ends', () => stream.ended);
    assert.equal(stream.events().at(-1).json.reason, 'joined');
    await client.cancel(first);
  });

  test('cancelled before it was proven: no call, and the code is dead', async () => {
    const phone = visitorNumber();
    const callback = await client.created(phone);
    const code = await client.code(phone);
    const answer = await client.cancel(callback);
    assert.equal(answer.status, 200);
    assert.equal(expectDocument(answer.json).state, 'cancelled');
    assert.equal(answer.json.reason, 'by_visitor');
    expectProblem(await client.cancel(callback), 'state_conflict');
    expectProblem(await client.verify(callback, code), 'state_conflict');
  });
});
