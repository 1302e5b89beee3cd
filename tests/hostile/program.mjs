// The real program with its simulator, on a port and in a folder of its own. Numbers act by
// themselves, so a whole call needs nobody: ...00 answers and presses 1.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const binary = path.resolve(root, process.env.RINGBACK_BIN ?? 'build/dev/bin/ringback');
const startPatienceMs = 60_000;

export async function until(what, patienceMs, look) {
  const end = Date.now() + patienceMs;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (Date.now() > end) throw new Error(`waited ${patienceMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

function freePort() {
  return new Promise((resolve) => {
    const probe = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

const often = '["10000/1m"]';
const settings = (port, folder, places, more) => `
public_url = "http://localhost:${port}"
[server]
listen = ["127.0.0.1:${port}"]
max_connections = ${places}
[storage]
url = "sqlite:${folder}/ringback.db"
[carrier]
voice = "simulator"
sms = "simulator"
[carrier.simulator]
auto = true
[business]
numbers = ["+12025550100"]
[business.hours]
${['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => `${day} = "00:00-24:00"`).join('\n')}
[limits]
create = ${often}
call_number = ${often}
verify_client = ${often}
verify_phone = ${often}
verify_prefix = ["10000/1m", "10000/1m"]
[budget]
calls_per_day = 100000
sms_per_day = 100000
[log]
level = "warn"
${more}`;

const memoryOf = (pid, what) => Number(new RegExp(`${what}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
const withoutSettings = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('RINGBACK_')));

/** softFiles, hardFiles: the limits of open files that the program is started with. */
export async function startProgram({ more = '', places = 10_000, softFiles = null, hardFiles = null } = {}) {
  if (!existsSync(binary)) throw new Error(`${binary} is not there; build it, or set RINGBACK_BIN`);
  const folder = mkdtempSync(path.join(tmpdir(), 'ringback-hostile-'));
  const port = await freePort();
  const file = path.join(folder, 'ringback.toml');
  writeFileSync(file, settings(port, folder, places, more));
  let log = '';
  const limits = (softFiles === null ? '' : `ulimit -Sn ${softFiles} && `) + (hardFiles === null ? '' : `ulimit -Hn ${hardFiles} && `);
  const child = spawn('sh', ['-c', `${limits}exec "$0" serve --config "$1"`, binary, file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: withoutSettings,  // what is set here is set in the file
  });
  let ended = null;
  const gone = new Promise((resolve) => child.on('exit', (code, signal) => resolve((ended = { code, signal }))));
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text) => (log = (log + text).slice(-200_000)));
  }

  const program = {
    port,
    log: () => log,
    ended: () => ended,
    /** Resident memory in MiB: now, and the most there ever was (the kernel's own count, nothing is missed). */
    memory: () => memoryOf(child.pid, 'VmRSS'),
    peakMemory: () => memoryOf(child.pid, 'VmHWM'),
    openFiles: () => readdirSync(`/proc/${child.pid}/fd`).length,
    ask: (method, target, options) => ask(port, method, target, options),
    async stop() {
      child.kill('SIGTERM');
      const how = await gone;
      rmSync(folder, { recursive: true, force: true });
      return how;
    },
  };
  await until('the program gets ready', startPatienceMs, async () => {
    if (ended) throw new Error(`the program ended at once:\n${log}`);
    return (await program.ask('GET', '/readyz').catch(() => null))?.status === 200;
  });
  return program;
}

/** One ordinary request on a connection of its own, or of `agent`. */
export function ask(port, method, target, { body, headers = {}, agent, patienceMs = 60_000 } = {}) {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const request = http.request(
      {
        host: '127.0.0.1', port, method, path: target, agent: agent ?? false, timeout: patienceMs,
        headers: {
          Host: `localhost:${port}`,
          ...(text === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }),
          ...headers,
        },
      },
      (response) => {
        const parts = [];
        response.on('data', (part) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const answer = Buffer.concat(parts).toString('utf8');
          const isJson = /json/.test(response.headers['content-type'] ?? '');
          resolve({ status: response.statusCode, headers: response.headers, body: isJson ? JSON.parse(answer) : answer });
        });
      },
    );
    request.on('timeout', () => request.destroy(new Error(`no answer in ${patienceMs} ms`)));
    request.on('error', reject);
    request.end(text);
  });
}

/** From the form to the talk: create, webhooks, key, visitor, bridge. Needs verification.required = false. */
export async function wholeCall(program, phone) {
  const made = await program.ask('POST', '/api/v1/callbacks', { body: { phone, consent: true } });
  if (made.status !== 201) throw new Error(`create answered ${made.status}: ${JSON.stringify(made.body)}`);
  const mine = { headers: { Authorization: `Bearer ${made.body.token}` } };
  return until('the two talk', 60_000, async () => {
    const { status, body } = await program.ask('GET', `/api/v1/callbacks/${made.body.id}`, mine);
    if (status !== 200) throw new Error(`status answered ${status}`);
    if (['missed', 'failed', 'cancelled', 'expired'].includes(body.state)) throw new Error(`it ended as ${body.state}`);
    return ['connected', 'completed'].includes(body.state) && body;
  });
}
