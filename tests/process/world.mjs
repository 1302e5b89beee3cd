// Real processes on free ports: an exchange, a server with its database in a folder of its own, and
// ways to talk to both. Whatever a test starts here ends with the test process.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync, createWriteStream } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export { pause };
export const BIN = process.env.RINGBACK_BIN ?? 'build/dev/bin/ringback';
const PATIENCE_MS = 60_000; // no test is decided by time; this only ends one that hangs
const OFTEN = '10000/1s';

const children = new Set();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

export async function until(what, look, patienceMs = PATIENCE_MS) {
  for (const deadline = Date.now() + patienceMs; ; await pause(25)) {
    const found = await look();
    if (found) return found;
    assert.ok(Date.now() < deadline, `waited in vain for: ${what}`);
  }
}

/** The same row of numbers for the same seed. */
export function dice(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function makeFolder() {
  return mkdtempSync(join(tmpdir(), 'ringback-process-'));
}
export function dropFolder(folder) {
  rmSync(folder, { recursive: true, force: true });
}

export async function freePort() {
  const socket = createServer().listen(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

/** One answer, or null where none came (the other side is dead, frozen or broke off). */
export async function ask(url, { method = 'GET', body, token, key, patienceMs = 5_000 } = {}) {
  const headers = { connection: 'close' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (token) headers.authorization = `Bearer ${token}`;
  if (key) headers['idempotency-key'] = key;
  try {
    const answer = await fetch(url, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(patienceMs),
    });
    const text = await answer.text();
    const isJson = /json/.test(answer.headers.get('content-type') ?? '');
    return { status: answer.status, headers: answer.headers, json: isJson ? JSON.parse(text) : null, text };
  } catch {
    return null;
  }
}

// RINGBACK_* of the test run (RINGBACK_BIN, ...) are not the program's.
const CLEAN = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('RINGBACK_')));

function begin(args, env, log) {
  const child = spawn(BIN, args, { env: { ...CLEAN, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  child.ended = once(child, 'exit').then(([code, signal]) => {
    children.delete(child);
    return { code, signal };
  });
  child.complaint = '';
  child.stderr.on('data', (piece) => (child.complaint += piece));
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  return child;
}

export class Exchange {
  static async start(folder, { automatic = false, latencyMs = 0, talkSeconds = 1 } = {}) {
    const exchange = new Exchange();
    const args = ['simulator', '--listen', '127.0.0.1:0', '--latency-ms', `${latencyMs}`];
    args.push('--talk-seconds', `${talkSeconds}`);
    if (automatic) args.push('--auto');
    exchange.process = begin(args, {}, createWriteStream(join(folder, 'exchange.log')));
    let said = '';
    exchange.process.stdout.on('data', (piece) => (said += piece));
    exchange.url = await until('the exchange says where it listens', () => /http:\/\/\S+/.exec(said)?.[0]);
    return exchange;
  }
  async get(path) {
    const answer = await until(`the exchange answers ${path}`, () => ask(`${this.url}/simulator/api${path}`));
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
  }
  async weather(faults) {
    const answer = await ask(`${this.url}/simulator/api/faults`, { method: 'PUT', body: faults });
    assert.equal(answer?.status, 200, answer?.text);
  }
  async act(id, action, digits) {
    const answer = await ask(`${this.url}/simulator/api/calls/${id}/act`, { method: 'POST', body: { action, digits } });
    assert.equal(answer?.status, 200, answer?.text);
  }
  calls = async () => (await this.get('/calls')).calls;
  log = () => this.get('/log');
  messages = async (to) => (await this.get(`/messages?to=${encodeURIComponent(to)}`)).messages;
  /** The first leg that fits. */
  leg = (what, fits) => until(what, async () => (await this.calls()).find(fits));
  async stop() {
    this.process.kill('SIGTERM');
    await this.process.ended;
  }
}

const CONFIG = `environment = "development"
[carrier]
voice = "simulator"
sms = "simulator"
[business]
name = "Northwind Bakery"
timezone = "America/New_York"
[business.hours]
${['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => `${day} = "00:00-24:00"`).join('\n')}
`;

export class Server {
  /** settings: keys of the configuration, in its environment's spelling without the prefix. */
  static async make(folder, exchange, settings = {}) {
    const server = new Server();
    const port = await freePort();
    server.url = `http://127.0.0.1:${port}`;
    server.folder = folder;
    server.database = join(folder, 'ringback.db');
    server.log = createWriteStream(join(folder, 'server.log'));
    server.config = join(folder, 'ringback.toml');
    writeFileSync(server.config, CONFIG);
    const wanted = {
      PUBLIC_URL: server.url,
      SERVER__LISTEN: `127.0.0.1:${port}`,
      STORAGE__URL: `sqlite:${server.database}`,
      CARRIER__SIMULATOR__BASE_URL: exchange.url,
      BUSINESS__NUMBERS: '+12025550100',
      VERIFICATION__REQUIRED: 'false',
      CALL__MAX_CONCURRENT: '1000',
      BUDGET__CALLS_PER_DAY: '1000000',
      BUDGET__SMS_PER_DAY: '1000000',
      LIMITS__CREATE: OFTEN,
      LIMITS__VERIFY_CLIENT: OFTEN,
      LIMITS__VERIFY_PHONE: OFTEN,
      LIMITS__VERIFY_PREFIX: `${OFTEN},${OFTEN}`,
      LIMITS__WRONG_CLIENT: OFTEN,
      LIMITS__CALL_NUMBER: OFTEN,
      ...settings,
    };
    server.env = Object.fromEntries(Object.entries(wanted).map(([key, value]) => [`RINGBACK_${key}`, `${value}`]));
    return server;
  }

  /** Begins a process; does not wait for it. */
  launch() {
    this.process = begin(['serve', '--config', this.config], this.env, this.log);
    return this.process;
  }
  /** Begins a process and waits until it is ready. Returns how many milliseconds until it lived. */
  async start() {
    const begun = performance.now();
    const child = this.launch();
    for (;;) {
      const alive = await ask(`${this.url}/livez`);
      if (alive?.status === 200) break;
      assert.ok(child.exitCode === null && child.signalCode === null, `the server ended: ${child.complaint}`);
      assert.ok(performance.now() - begun < PATIENCE_MS, 'the server does not come up');
      await pause(5);
    }
    const took = performance.now() - begun;
    await until('/readyz is 200', async () => (await ask(`${this.url}/readyz`))?.status === 200);
    return took;
  }
  async signal(name) {
    this.process.kill(name);
    return this.process.ended;
  }
  kill = () => this.signal('SIGKILL');

  create = (phone, { name = '', key } = {}) =>
    ask(`${this.url}/api/v1/callbacks`, {
      method: 'POST',
      key,
      body: { site: 'default', phone, name, consent: true },
    });
  /** A callback that must be accepted. */
  async accepted(phone) {
    const answer = await this.create(phone);
    assert.equal(answer?.status, 201, answer?.text);
    return answer.json;
  }
  status = (callback) => ask(`${this.url}/api/v1/callbacks/${callback.id}`, { token: callback.token });
  reaches = (callback, state, patienceMs) =>
    until(
      `callback ${callback.id} is ${state}`,
      async () => {
        const answer = await this.status(callback);
        return answer?.json?.state === state ? answer.json : null;
      },
      patienceMs,
    );

  /** Rows of the database, read from outside. */
  rows(sql) {
    const done = spawnSync('sqlite3', ['-readonly', '-json', '-cmd', '.timeout 5000', this.database, sql], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    assert.equal(done.status, 0, done.stderr);
    return done.stdout.trim() === '' ? [] : JSON.parse(done.stdout);
  }
}
