// Starts the real program as its users do: a folder of its own, a free port, settings in the
// environment. Nothing here knows more of the program than its outside.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from './client.mjs';
import { until } from './until.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
export const BIN = path.resolve(process.env.RINGBACK_BIN ?? path.join(ROOT, 'build/dev/bin/ringback'));
export const BUSINESS = '+12025550100';

const OFTEN = '10000/1m';
const ALWAYS_OPEN = Object.fromEntries(
  ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [`business.hours.${day}`, '00:00-24:00']),
);
// Limits that a suite does not hit by accident; the suites about limits set them back.
const DEFAULTS = {
  'carrier.voice': 'simulator',
  'carrier.sms': 'simulator',
  'business.name': 'Northwind Bakery',
  'business.numbers': BUSINESS,
  ...ALWAYS_OPEN,
  'limits.create': OFTEN,
  'limits.verify_client': OFTEN,
  'limits.verify_phone': OFTEN,
  'limits.wrong_client': OFTEN,
  'limits.wrong_phone': OFTEN,
  'limits.verify_prefix': `${OFTEN},${OFTEN}`,
  'limits.call_number': OFTEN,
  'limits.api': OFTEN,
  'budget.calls_per_day': '100000',
  'budget.sms_per_day': '100000',
  'log.level': 'debug',
};

export const environmentName = (key) => `RINGBACK_${key.replaceAll('.', '__').toUpperCase()}`;

// A setting of null stays at the program's own default.
export function environmentOf(settings) {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME };
  for (const [key, value] of Object.entries(settings)) {
    if (value !== null) env[environmentName(key)] = String(value);
  }
  return env;
}

// Below the ports that the system deals out: one of those may be somebody else's by the time the
// program listens. Each test process has a hundred of its own.
const FIRST_PORT = 10_000 + (process.pid % 220) * 100;
let ports = 0;

export async function freePort() {
  for (;;) {
    const port = FIRST_PORT + (ports++ % 100);
    const free = await new Promise((resolve) => {
      const server = net.createServer();
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
}

export const newFolder = () => mkdtempSync(path.join(tmpdir(), 'ringback-'));

// A command that ends by itself.
export function command(args, { settings = {}, toml, cwd } = {}) {
  const folder = cwd ?? newFolder();
  const all = [...args];
  if (toml !== undefined) {
    const file = path.join(folder, 'ringback.toml');
    writeFileSync(file, toml);
    all.push('--config', file);
  }
  const done = spawnSync(BIN, all, { cwd: folder, env: environmentOf(settings), encoding: 'utf8', timeout: 30_000 });
  if (!cwd) rmSync(folder, { recursive: true, force: true });
  return { status: done.status, stdout: done.stdout, stderr: done.stderr };
}

export class Program {
  #child;
  #log = '';
  #ended;

  // t: the test whose end stops the program; a suite passes null and calls end() itself.
  static async start(t, settings = {}, { folder } = {}) {
    const program = new Program();
    program.folder = folder ?? newFolder();
    program.ownFolder = folder === undefined;
    program.port = await freePort();
    program.url = `http://localhost:${program.port}`;
    program.settings = {
      ...DEFAULTS,
      public_url: program.url,
      'server.listen': `127.0.0.1:${program.port}`,
      'storage.url': `sqlite:${path.join(program.folder, 'ringback.db')}`,
      ...settings,
    };
    program.client = new Client(program.port);
    await program.launch();
    t?.after(() => program.end());
    return program;
  }

  async launch() {
    this.#child = spawn(BIN, ['serve'], { cwd: this.folder, env: environmentOf(this.settings) });
    const keep = (chunk) => (this.#log += chunk);
    this.#child.stdout.setEncoding('utf8').on('data', keep);
    this.#child.stderr.setEncoding('utf8').on('data', keep);
    this.#ended = new Promise((resolve) => this.#child.once('close', resolve));
    let gone = false;
    this.#ended.then(() => (gone = true));
    await until('the program is ready', async () => {
      if (gone) throw new Error(`the program stopped at start:\n${this.#log}`);
      const answer = await this.client.get('/readyz').catch(() => null);
      return answer?.status === 200;
    });
  }

  get pid() {
    return this.#child.pid;
  }

  get log() {
    return this.#log;
  }

  // Resolves with the exit code.
  async stop(signal = 'SIGTERM') {
    this.#child.kill(signal);
    return this.#ended;
  }

  async end() {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.stop('SIGKILL');
    if (this.ownFolder) rmSync(this.folder, { recursive: true, force: true });
  }
}
