// Hundreds of clients that are slow on purpose, and more than a thousand that say nothing, sit on the
// program. Whoever asks properly must hardly notice: 99.9 % of ordinary requests are answered well,
// health stays well, and whole calls (webhooks in and out) go through.
//
//   RINGBACK_HOSTILE_SOCKETS=5000   how many silent sockets (1,000)
//   RINGBACK_HOSTILE_SECONDS=60     how long (15)
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import http from 'node:http';
import { startProgram, until, wholeCall } from './program.mjs';
import { crowd } from './raw.mjs';

const silent = Number(process.env.RINGBACK_HOSTILE_SOCKETS ?? 1000);
const seconds = Number(process.env.RINGBACK_HOSTILE_SECONDS ?? 15);
const leastSuccess = 0.999;
const mostMemoryMiB = 300;  // of growth, with every socket open at once
const headSeconds = 10;     // what a slow head is given
const slackSeconds = 20;    // the machine may be busy

const every = (ms, act) => {
  const timer = setInterval(act, ms);
  return () => clearInterval(timer);
};

/** The ways of being slow. Each is given a socket that is connected. */
const ways = (host) => ({
  silent: { count: silent, talk: () => undefined },
  'slow heads': {
    count: 150,
    talk(socket) {
      socket.write(`GET /livez HTTP/1.1\r\n${host}`);
      return every(1000, () => socket.writable && socket.write('A: b\r\n'));
    },
  },
  'slow bodies': {
    count: 150,
    talk(socket) {
      socket.write(`POST /api/v1/callbacks HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: 60000\r\n\r\n`);
      return every(500, () => socket.writable && socket.write('x'));
    },
  },
  'slow chunks': {
    count: 50,
    talk(socket) {
      socket.write(`POST /api/v1/callbacks HTTP/1.1\r\n${host}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`);
      return every(500, () => socket.writable && socket.write('1\r\nx\r\n'));
    },
  },
  'slow readers': {
    count: 100,
    talk(socket) {
      socket.pause();
      socket.write(`GET / HTTP/1.1\r\n${host}\r\n`.repeat(200));
    },
  },
  'half heads, then closed': {
    count: 50,
    talk(socket) {
      socket.end(`GET /livez HTTP/1.1\r\n${host}`);
    },
  },
  'signatures that are wrong': {
    count: 20,
    talk(socket) {
      const body = '{"id":"x","call":"y"}';
      socket.resume();
      return every(200, () =>
        socket.writable &&
        socket.write(
          `POST /hooks/simulator/simulator/AAECAwQFBgcICQoLDA0ODw/status HTTP/1.1\r\n${host}` +
            `X-Simulator-Signature: t=1,v1=00\r\nContent-Length: ${body.length}\r\n\r\n${body}`));
    },
  },
});

const ordinary = [
  ['GET', '/livez', undefined, 200],
  ['GET', '/readyz', undefined, 200],
  ['GET', '/', undefined, 200],
  ['GET', '/api/v1/sites/default', undefined, 200],
  ['GET', '/api/v1/slots', undefined, 200],
  ['POST', '/api/v1/callbacks', { phone: 'nonsense', consent: true }, 422],
];

/** Asks without a pause until `stop()`; half on connections of their own, half on kept ones. */
function askAround(program, workers) {
  const figures = { asked: 0, good: 0, bad: [], times: [] };
  const agent = new http.Agent({ keepAlive: true, maxSockets: workers });
  let stopped = false;
  const work = async (index) => {
    for (let i = index; !stopped; ++i) {
      const [method, target, body, wanted] = ordinary[i % ordinary.length];
      const began = performance.now();
      figures.asked += 1;
      try {
        const { status } = await program.ask(method, target, { body, patienceMs: 60_000, agent: index % 2 ? agent : undefined });
        if (status === wanted) figures.good += 1;
        else figures.bad.push(`${method} ${target}: ${status}`);
      } catch (failure) {
        // A kept connection may be closed just when it is used again; a browser asks once more, too.
        if (failure.code === 'ECONNRESET' && index % 2) figures.asked -= 1;
        else figures.bad.push(`${method} ${target}: ${failure.message}`);
      }
      figures.times.push(performance.now() - began);
    }
  };
  const all = Promise.all(Array.from({ length: workers }, (_, index) => work(index)));
  return {
    figures,
    async stop() {
      stopped = true;
      await all;
      agent.destroy();
      figures.times.sort((a, b) => a - b);
      return figures;
    },
  };
}

const at = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;

describe('siege', () => {
  let program;
  before(async () => {
    program = await startProgram({ more: '[verification]\nrequired = false\n' });
  });
  after(() => program?.stop());

  test(`${silent} silent sockets and 520 slow ones for ${seconds} s`, async (t) => {
    const memoryBefore = program.memory();
    const filesBefore = program.openFiles();
    const crowds = Object.entries(ways(`Host: localhost:${program.port}\r\n`)).map(([name, way]) => [
      name, way.count, crowd(program.port, way.count, way.talk)]);
    const wanted = crowds.reduce((sum, [, count]) => sum + count, 0);
    try {
      await until('most of them have come in', 60_000, () => program.openFiles() > 0.9 * wanted);
      const folk = askAround(program, 4);
      const end = Date.now() + seconds * 1000;
      let calls = 0;
      do {
        await wholeCall(program, `+1202555${String(10 + (calls % 90))}00`);
        calls += 1;
        const health = await program.ask('GET', '/health');
        assert.equal(health.status, 200, JSON.stringify(health.body));
      } while (Date.now() < end);
      const { asked, good, bad, times } = await folk.stop();
      const memory = program.peakMemory();
      t.diagnostic(`${asked} ordinary requests, ${asked - good} failed; p50 ${at(times, 0.5).toFixed(1)} ms, ` +
        `p99 ${at(times, 0.99).toFixed(1)} ms, longest ${at(times, 1).toFixed(0)} ms; ${calls} whole calls`);
      t.diagnostic(`memory ${memoryBefore.toFixed(0)} MiB before, ${memory.toFixed(0)} MiB at most`);
      for (const [name, count, { figures }] of crowds)
        t.diagnostic(`${name}: ${count} at once, ${figures.opened} came, ${figures.closedByServer} were ended after at most ` +
          `${(figures.longestMs / 1000).toFixed(1)} s, ${figures.failed} could not come in`);
      assert.ok(asked > 100, 'somebody asked');
      assert.ok(good / asked >= leastSuccess, `${asked - good} of ${asked} failed: ${bad.slice(0, 5).join('; ')}`);
      assert.ok(memory - memoryBefore < mostMemoryMiB, `memory grew by ${memory - memoryBefore} MiB`);
      for (const [name, , { figures }] of crowds.filter(([each]) => each === 'slow heads' || each === 'slow bodies')) {
        assert.ok(figures.closedByServer > 0, `${name} are ended`);
        assert.ok(figures.longestMs < (headSeconds + slackSeconds) * 1000, `${name} are ended in time`);
      }
    } finally {
      for (const [, , each] of crowds) each.stop();
    }
    await until('all sockets are given back', 60_000, () => program.openFiles() < filesBefore + 50);
    assert.equal(program.ended(), null);
    await wholeCall(program, '+12025550200');
  });
});
