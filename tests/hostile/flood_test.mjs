// More than it can do: what is over the bounds is refused with a time to come again, memory stays
// where it is, and a moment later all is as before.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import http from 'node:http';
import { ask, startProgram, until, wholeCall } from './program.mjs';
import { crowd, exchange, statuses } from './raw.mjs';

const bodies = 2000;             // sockets that promise 64 KiB each
const mostForPromises = 60;      // MiB; kept room for all of it would be 125
const floodSeconds = 5;
const floodConnections = 3000;   // more than the store's queue holds
const mostForFlood = 300;        // MiB
const recoveryMs = 60_000;       // the machine may be busy; far less is usual

const phone = (n) => `+1202555${String(1000 + (n % 9000)).padStart(4, '0')}`;

describe('flood', () => {
  let program;  // a fresh one for each: memory that one test took would hide what the next one takes
  beforeEach(async () => {
    program = await startProgram();
  });
  afterEach(() => program?.stop());

  test('a promised body takes no memory until it comes', async (t) => {
    const before = program.memory();
    const many = crowd(program.port, bodies, (socket) => {
      socket.resume();
      socket.write(`POST /api/v1/callbacks HTTP/1.1\r\nHost: localhost:${program.port}\r\n` +
        'Content-Type: application/json\r\nContent-Length: 65536\r\n\r\n{');
    });
    try {
      // Then each head was read, and waited for its body for as long as it may.
      await until('each was given up once', 60_000, () => many.figures.closedByServer >= bodies);
      const grown = program.peakMemory() - before;
      t.diagnostic(`${bodies} promises of 64 KiB: ${grown.toFixed(0)} MiB`);
      assert.ok(grown < mostForPromises, `${grown} MiB`);
    } finally {
      many.stop();
    }
    await until('all sockets are given back', 60_000, () => program.openFiles() < 200);
  });

  test(`${floodConnections} connections ask for callbacks as fast as they can`, async (t) => {
    const memoryBefore = program.memory();
    const agent = new http.Agent({ keepAlive: true, maxSockets: floodConnections });
    const counts = new Map();
    const wrong = [];
    const end = Date.now() + floodSeconds * 1000;
    let number = 0;
    const healthy = [];
    let flooding = true;
    const flood = async () => {
      while (Date.now() < end) {
        const answer = await ask(program.port, 'POST', '/api/v1/callbacks', {
          agent, patienceMs: 60_000, body: { phone: phone(number++), consent: true },
        }).catch((failure) => ({ status: failure.code ?? failure.message }));
        counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1);
        if ([429, 503].includes(answer.status) && !(Number(answer.headers['retry-after']) > 0)) wrong.push(answer);
      }
    };
    const watch = async () => {
      while (flooding) {
        healthy.push((await program.ask('GET', '/livez', { patienceMs: 60_000 })).status);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };
    const watching = watch();
    await Promise.all(Array.from({ length: floodConnections }, flood));
    flooding = false;
    await watching;
    agent.destroy();
    const memory = program.peakMemory();
    t.diagnostic(`answers: ${JSON.stringify(Object.fromEntries(counts))}; memory ${memoryBefore.toFixed(0)} MiB before, ${memory.toFixed(0)} at most; ${healthy.length} looks at /livez`);
    assert.ok(counts.get(201) > 0, 'some were served');
    assert.deepEqual([...counts.keys()].filter((status) => ![200, 201, 429, 503].includes(status)), []);
    assert.deepEqual(wrong, [], 'every refusal says when to come again');
    assert.ok(healthy.every((status) => status === 200));
    assert.ok(memory - memoryBefore < mostForFlood, `memory grew by ${memory - memoryBefore} MiB`);

    const began = Date.now();
    await until('it serves as before', recoveryMs, async () => {
      const answer = await program.ask('POST', '/api/v1/callbacks', { body: { phone: phone(number++), consent: true } });
      return [200, 201].includes(answer.status) && (await program.ask('GET', '/readyz')).status === 200;
    });
    t.diagnostic(`served as before after ${Date.now() - began} ms`);
    assert.equal(program.ended(), null);
  });
});

describe('places', () => {
  test('more connections than places: 503 with Retry-After, and room again when they leave', async () => {
    const program = await startProgram({ places: 50 });
    try {
      const many = crowd(program.port, 50, () => undefined);
      await until('all places are taken', 60_000, () => program.openFiles() > 50);
      const request = `GET /livez HTTP/1.1\r\nHost: localhost:${program.port}\r\n\r\n`;
      const turnedAway = await exchange(program.port, request);
      assert.deepEqual(statuses(turnedAway.text), [503]);
      assert.match(turnedAway.text, /\r\nRetry-After: \d+\r\n/);
      many.stop();
      await until('there is room again', 60_000, async () =>
        statuses((await exchange(program.port, request, { halfClose: true })).text)[0] === 200);
    } finally {
      await program.stop();
    }
  });

  test('with few descriptors it takes fewer connections, and calls still go through', async () => {
    const program = await startProgram({ softFiles: 512, hardFiles: 512, more: '[verification]\nrequired = false\n' });
    try {
      const many = crowd(program.port, 600, () => undefined);
      await until('it is full', 60_000, async () =>
        statuses((await exchange(program.port, `GET /livez HTTP/1.1\r\nHost: localhost:${program.port}\r\n\r\n`, { halfClose: true })).text)[0] === 503);
      many.stop();
      await until('there is room again', 60_000, async () => (await program.ask('GET', '/livez').catch(() => ({}))).status === 200);
      await wholeCall(program, '+12025550200');
      assert.doesNotMatch(program.log(), /cannot accept/);
      assert.match(program.log(), /open files/);
    } finally {
      await program.stop();
    }
  });

  test('a low soft limit is raised to the hard one', async () => {
    const program = await startProgram({ softFiles: 256 });
    const many = crowd(program.port, 600, () => undefined);
    try {
      await until('all have come in', 60_000, () => program.openFiles() > 600);
      assert.equal((await program.ask('GET', '/livez')).status, 200);
    } finally {
      many.stop();
      await program.stop();
    }
  });
});
