// ./dev bench: every measurement in one run, as medians of interleaved rounds with their spread, and
// as ratios to what the same machine can do without us (nginx, raw SQLite). See docs/performance.md.
import { spawn, execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const ROOT = path.resolve(HERE, '../..');
const BIN = path.join(ROOT, 'build/release/bin');
const WORK = path.join(ROOT, 'build/bench');
const SLOW = { LD_PRELOAD: path.join(BIN, 'bench_slow_sync.so') };
const FILL = 4; // of bench_raw fill: grows when it writes other rows
const FAST_DISK = 2000; // fdatasync per second: above this the processor is the limit

const args = process.argv.slice(2);
const quick = args.includes('--quick');
const value = (name) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
const jsonFile = value('--json');
const only = value('--only')?.split(',');
const ROUNDS = quick ? 2 : 5;
const SECONDS = quick ? 1 : 2;
const WARM_UP = 0.5; // seconds
const LASTING = quick ? 3 : 8; // parts
const ROWS = quick ? [0, 100_000] : [0, 100_000, 1_000_000];

// ---- figures -----------------------------------------------------------------------------------

const median = (list) => {
  const sorted = [...list].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};
const spread = (list) => ({ median: median(list), least: Math.min(...list), most: Math.max(...list) });

const results = [];
function note(what, unit, list, { reach, least = true, remark = '', more } = {}) {
  const figure = spread([list].flat());
  const met = reach === undefined ? null : least ? figure.median >= reach : figure.median <= reach;
  results.push({ what, unit, ...figure, reach: reach ?? null, reach_is: least ? 'at least' : 'at most', met, remark, ...more });
  const text = (n) => (Math.abs(n) >= 100 ? n.toFixed(0) : n.toFixed(Math.abs(n) >= 10 ? 1 : 3)).padStart(9);
  const goal = reach === undefined ? '' : `${met ? 'PASS' : 'MISS'} (${least ? '≥' : '≤'} ${reach})`;
  console.log(`${what.padEnd(58)} ${text(figure.median)} ${unit.padEnd(6)} [${text(figure.least).trim()} … ${text(figure.most).trim()}]  ${goal} ${remark}`);
}
const section = (title) => console.log(`\n${title}`);
const wanted = (name) => !only || only.includes(name);

// ---- processes ---------------------------------------------------------------------------------

const running = new Set();
function start(program, argv, options = {}) {
  const child = spawn(program, argv, { stdio: ['pipe', 'pipe', 'inherit'], ...options });
  running.add(child);
  child.on('exit', () => running.delete(child));
  return child;
}
process.on('exit', () => { for (const child of running) child.kill('SIGKILL'); });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

async function tool(name, argv, env = {}) {
  const child = start(path.join(BIN, name), argv.map(String), { env: { ...process.env, ...env } });
  let out = '';
  child.stdout.on('data', (part) => { out += part; });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${name} ${argv.join(' ')} ended with ${code}`);
  return JSON.parse(out);
}

const freePort = () => new Promise((done) => {
  const server = net.createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => done(port));
  });
});

function get(port, target, headers = {}, method = 'GET', body) {
  return new Promise((done, failed) => {
    const request = http.request({ host: '127.0.0.1', port, path: target, method, agent: false, headers: { Host: `localhost:${port}`, ...headers } }, (response) => {
      let text = '';
      response.on('data', (part) => { text += part; });
      response.on('end', () => done({ status: response.statusCode, text }));
    });
    request.on('error', failed);
    request.end(body);
  });
}

function removeDatabase(file) {
  for (const tail of ['', '-wal', '-shm', '-lock', '.lock', '.secret-key']) fs.rmSync(file + tail, { force: true });
}

class Server {
  static async start(name, env = {}, { keep = false } = {}) {
    const server = new Server();
    server.file = path.join(WORK, `${name}.db`);
    if (!keep) removeDatabase(server.file);
    server.port = await freePort();
    const log = fs.openSync(path.join(WORK, `${name}.log`), 'w');
    const begun = performance.now();
    server.child = start(path.join(BIN, 'ringback'), ['serve', '--config', path.join(HERE, 'ringback.toml')], {
      stdio: ['ignore', log, 'inherit'],
      env: { ...process.env, RINGBACK_PUBLIC_URL: `http://localhost:${server.port}`, RINGBACK_SERVER__LISTEN: `127.0.0.1:${server.port}`, RINGBACK_STORAGE__URL: `sqlite:${server.file}`, ...env },
    });
    fs.closeSync(log);
    for (;;) {
      if (server.child.exitCode !== null) throw new Error(`the server did not start; see ${WORK}/${name}.log`);
      const ready = await get(server.port, '/readyz').catch(() => null);
      if (ready?.status === 200) break;
      await sleep(1);
    }
    server.startMs = performance.now() - begun;
    return server;
  }
  rssMiB() {
    return Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${this.child.pid}/status`, 'utf8'))[1]) / 1024;
  }
  cpuSeconds() {
    const fields = fs.readFileSync(`/proc/${this.child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }
  async stop() {
    if (this.child.exitCode !== null) return;
    this.child.kill('SIGTERM');
    await once(this.child, 'exit');
  }
  // Where its file is thrown away: it would wait for the orders under way.
  async drop() {
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }
}

function requestFile(name, requests) {
  const file = path.join(WORK, `${name}.requests`);
  fs.writeFileSync(file, requests.join('\n%%\n'));
  return file;
}
function request(port, method, target, headers = {}, body = '') {
  const lines = [`${method} ${target} HTTP/1.1`, `Host: localhost:${port}`, ...Object.entries(headers).map(([k, v]) => `${k}: ${v}`)];
  // The placeholder is shorter or longer than what takes its place: ten digits.
  const length = body.replace(/\{(brief_)?phone\}/, '0123456789').length;
  if (body) lines.push('Content-Type: application/json', `Content-Length: ${length}`);
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
const wish = (phone = '{phone}') => JSON.stringify({ site: 'default', phone: `+1${phone}`, name: 'Ada Lovelace', message: 'Please ring me about the cake.', locale: 'en-US', consent: true });
const createFile = (port, name = 'create', phone) => requestFile(`${name}-${port}`, [request(port, 'POST', '/api/v1/callbacks', { 'X-Forwarded-For': '{client}' }, wish(phone))]);

const faults = [];
async function load(port, file, connections, seconds, more = []) {
  const run = await tool('bench_load', ['requests', '--port', port, '--connections', connections, '--seconds', seconds, '--request', file, ...more]);
  if (run.errors || (run.refused && !more.includes('--rate'))) faults.push({ file: path.basename(file), connections, errors: run.errors, statuses: run.statuses });
  return run;
}

async function createOne(port) {
  const body = wish('2125550147');
  const answer = await get(port, '/api/v1/callbacks', { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body), 'X-Forwarded-For': '198.51.100.7' }, 'POST', body);
  if (answer.status !== 201) throw new Error(`a create was answered with ${answer.status}: ${answer.text}`);
  return JSON.parse(answer.text);
}

// ---- the measurements --------------------------------------------------------------------------

async function startNginx() {
  const folder = path.join(WORK, 'nginx');
  fs.mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((n) => `  ${n}_temp_path ${folder}/${n};`).join('\n');
  fs.writeFileSync(`${folder}/nginx.conf`, `worker_processes 1;
daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
worker_rlimit_nofile 4096;
events { worker_connections 2048; }
http {
  access_log off;
  keepalive_requests 1000000000;
${temp}
  server { listen 127.0.0.1:${port}; location / { default_type text/plain; return 200 "ok\\n"; } }
}
`);
  const child = start('nginx', ['-p', folder, '-e', `${folder}/error.log`, '-c', `${folder}/nginx.conf`], { stdio: 'ignore' });
  while (!(await get(port, '/').catch(() => null))) await sleep(10);
  return { port, async stop() { child.kill('SIGTERM'); await once(child, 'exit'); } };
}

async function small() {
  section('Small answers, 64 connections');
  const nginx = await startNginx();
  const server = await Server.start('small');
  const { id, token } = await createOne(server.port);
  const targets = {
    nginx: [nginx.port, requestFile('nginx', [request(nginx.port, 'GET', '/livez')])],
    livez: [server.port, requestFile('livez', [request(server.port, 'GET', '/livez')])],
    status: [server.port, requestFile('status', [request(server.port, 'GET', `/api/v1/callbacks/${id}`, { Authorization: `Bearer ${token}` })])],
  };
  const rates = { nginx: [], livez: [], status: [] };
  for (let round = -1; round < ROUNDS; ++round)
    for (const [name, [port, file]] of Object.entries(targets)) {
      const run = await load(port, file, 64, round < 0 ? 0.5 : SECONDS);
      if (round >= 0) rates[name].push(run.per_second);
    }
  await server.stop();
  await nginx.stop();
  note('nginx, one worker, tiny static answer', '/s', rates.nginx);
  note('/livez', '/s', rates.livez);
  note('status GET', '/s', rates.status);
  note('/livez against nginx', 'ratio', rates.livez.map((rate, i) => rate / rates.nginx[i]), { reach: 0.9 });
  note('status GET against nginx', 'ratio', rates.status.map((rate, i) => rate / rates.nginx[i]), { reach: 0.6 });
}

// A database of the product's own, for raw SQLite to imitate.
async function sampleCreates() {
  const server = await Server.start('sample');
  await load(server.port, createFile(server.port), 16, 0.5);
  await server.stop();
  return server.file;
}

const raw = (mode, like, clients, seconds, env) => tool('bench_raw', [mode, '--like', like, '--file', path.join(WORK, 'raw.db'), '--clients', clients, '--seconds', seconds], env);

async function creates(like, slow, connections, seconds) {
  const env = slow ? SLOW : {};
  const where = slow ? ', fdatasync slowed to 1 ms' : '';
  section(`Durable creates against raw SQLite with the same rows${where}`);
  const ours = {}, theirs = {}, p99 = {}, cpu = {};
  for (let round = 0; round < ROUNDS; ++round)
    for (const n of connections) {
      // Both begin with a new file each time: random keys cost more the more of them there are.
      const server = await Server.start(slow ? 'creates-slow' : 'creates', env);
      const file = createFile(server.port);
      await load(server.port, file, n, WARM_UP);
      const before = server.cpuSeconds();
      const run = await load(server.port, file, n, seconds);
      (cpu[n] ??= []).push(((server.cpuSeconds() - before) * 1e6) / run.requests);
      (ours[n] ??= []).push(run.per_second);
      (p99[n] ??= []).push(run.p99_ms);
      await server.drop();
      (theirs[n] ??= []).push((await raw('create', like, n, seconds, env)).per_second);
    }
  for (const n of connections) {
    note(`create, ${n} connections${where}`, '/s', ours[n]);
    note(`raw SQLite, ${n} clients${where}`, '/s', theirs[n]);
    const reach = n < 64 ? undefined : slow || disk < FAST_DISK ? 0.6 : 0.4;
    note(`create against raw SQLite, ${n} connections${where}`, 'ratio', ours[n].map((rate, i) => rate / theirs[n][i]), { reach });
    note(`create, ${n} connections${where}: processor time`, 'us', cpu[n]);
    note(`create p99, ${n} connections${where}`, 'ms', p99[n], n === 256 ? { reach: 50, least: false } : {});
  }
}

// The same server for as long as it takes to fill its caches and its log several times.
async function lasting() {
  section('Creates without a pause, 256 connections');
  const server = await Server.start('lasting');
  const file = createFile(server.port);
  const rates = [], p99 = [];
  let rows = 0;
  for (let part = 0; part < LASTING; ++part) {
    const run = await load(server.port, file, 256, SECONDS);
    rates.push(run.per_second);
    p99.push(run.p99_ms);
    rows += run.requests;
  }
  await server.drop();
  note(`create, while the table grows to ${rows} rows`, '/s', rates);
  note('create, the last part against the first', 'ratio', rates.at(-1) / rates[0]);
  note('create p99, while the table grows', 'ms', p99);
}

// An exchange that takes every call and says nothing: the letters are ours to send.
async function silentExchange() {
  const calls = [];
  const server = http.createServer((incoming, answer) => {
    let text = '';
    incoming.on('data', (part) => { text += part; });
    incoming.on('end', () => {
      answer.setHeader('Content-Type', 'application/json');
      if (incoming.method === 'POST' && incoming.url === '/v1/calls') {
        const { hook, sign_key: key } = JSON.parse(text);
        const id = `call-bench-${calls.length + 1}`;
        calls.push({ id, hook, key });
        answer.writeHead(201).end(JSON.stringify({ id }));
      } else {
        answer.writeHead(500).end('{}');
      }
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
  return { calls, url: `http://127.0.0.1:${server.address().port}`, stop: () => { server.close(); server.closeAllConnections(); } };
}

const LETTERS = 8; // for each call: ringing, answered, and repeats under new names
function letter(port, call, no) {
  const body = JSON.stringify({ id: `${call.id}-letter-${no}`, call: call.id, leg: call.id, side: 'business', status: no === 0 ? 'ringing' : 'answered', cause: '', machine: false, joined: false, talk_seconds: 0, at_ms: Date.now() });
  const url = `${call.hook}/status`;
  const seconds = Math.floor(Date.now() / 1000);
  const signature = createHmac('sha256', call.key).update(`${seconds}.${url}.${body}`).digest('hex');
  return request(port, 'POST', new URL(url).pathname, { 'X-Simulator-Signature': `t=${seconds},v1=${signature}` }, body);
}

async function webhooks() {
  section('Signed webhooks against raw SQLite with the same rows (2 of 8 change the callback)');
  const connections = [1, 16, 64, 256];
  const rounds = Math.min(ROUNDS, 2);
  const wantedCalls = quick ? 2000 : 8000;
  const exchange = await silentExchange();
  const server = await Server.start('webhooks', {
    RINGBACK_CARRIER__SIMULATOR__BASE_URL: exchange.url, RINGBACK_VERIFICATION__REQUIRED: 'false',
    RINGBACK_CALL__MAX_CONCURRENT: '10000', RINGBACK_CALL__RING_SECONDS: '60',
  });
  const file = createFile(server.port);
  while (exchange.calls.length < wantedCalls) {
    const before = exchange.calls.length;
    const run = await load(server.port, file, 32, 0.3);
    for (let waited = 0; exchange.calls.length < before + run.requests && waited < 100; ++waited) await sleep(100);
    if (exchange.calls.length === before) throw new Error('no call reached the exchange');
  }
  await sleep(500); // the last replies are stored
  const ours = {}, p99 = {}, theirs = {};
  const runs = connections.length * rounds + 1;
  const share = Math.floor(exchange.calls.length / runs);
  for (let no = 0; no < runs; ++no) {
    const calls = exchange.calls.slice(no * share, (no + 1) * share);
    const letters = [];
    for (let k = 0; k < LETTERS; ++k) for (const call of calls) letters.push(letter(server.port, call, k));
    const n = connections[(no - 1) % connections.length] ?? 64; // the first run is warm-up
    const run = await load(server.port, requestFile('webhooks', letters), n, SECONDS, ['--each-once']);
    if (no === 0) continue;
    (ours[n] ??= []).push(run.per_second);
    (p99[n] ??= []).push(run.p99_ms);
  }
  await server.stop();
  exchange.stop();
  for (let round = 0; round < rounds; ++round)
    for (const n of connections) (theirs[n] ??= []).push((await raw('webhook', server.file, n, SECONDS / 2)).per_second);
  for (const n of connections) {
    note(`webhook, ${n} connections`, '/s', ours[n]);
    note(`webhook against raw SQLite, ${n} connections`, 'ratio', ours[n].map((rate, i) => rate / theirs[n][i]));
    note(`webhook p99, ${n} connections`, 'ms', p99[n]);
  }
}

// Callbacks that are over and still kept (older ones the program would delete meanwhile), in a file that serves the next runs
// of this month. The secret must fit the file.
async function history(like, rows) {
  const file = path.join(WORK, `history-${rows}.db`);
  const schema = `${FILL} ${new Date().toISOString().slice(0, 7)} ${execFileSync('sqlite3', [like, 'SELECT sql FROM sqlite_master ORDER BY rowid'])}`;
  const stamp = `${file}.schema`;
  if (fs.existsSync(file) && fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === schema) return;
  removeDatabase(file);
  console.log(`    writing ${rows} callbacks into ${path.relative(ROOT, file)} (kept for the next run)`);
  await tool('bench_raw', ['fill', '--like', like, '--file', file, '--rows', rows]);
  execFileSync('sync'); // or the disk is still busy with it while others are measured
  fs.writeFileSync(stamp, schema);
}

async function grown(like) {
  section('Creates as history grows, 64 connections');
  const servers = [];
  for (const rows of ROWS) {
    if (rows > 0) await history(like, rows);
    const server = await Server.start(rows > 0 ? `history-${rows}` : 'history-none', {}, { keep: rows > 0 });
    servers.push({ rows, server, file: createFile(server.port), rates: [] });
  }
  for (const { server, file } of servers) await load(server.port, file, 64, 2);
  for (let round = 0; round < ROUNDS; ++round)
    for (const { server, file, rates } of servers) rates.push((await load(server.port, file, 64, SECONDS)).per_second);
  for (const { rows, server, rates } of servers) {
    note(`create with ${rows} older callbacks`, '/s', rates, { more: { rss_mib: server.rssMiB() } });
    if (rows > 0) note(`create with ${rows} older callbacks against none`, 'ratio', rates.map((rate, i) => rate / servers[0].rates[i]), rows === 1_000_000 ? { reach: 0.9 } : {});
  }
  for (const { server } of servers) await server.stop();
}

async function streams() {
  section('Open event streams');
  for (const count of [1000, 10_000]) {
    const server = await Server.start('streams');
    const { id, token } = await createOne(server.port);
    await sleep(200);
    const before = server.rssMiB();
    const bearer = { Authorization: `Bearer ${token}` };
    const child = start(path.join(BIN, 'bench_load'), ['streams', '--port', server.port, '--connections', count,
      '--request', requestFile('stream', [request(server.port, 'GET', `/api/v1/callbacks/${id}/events`, bearer)]),
      '--trigger', requestFile('trigger', [request(server.port, 'POST', `/api/v1/callbacks/${id}/cancel`, { ...bearer, 'Content-Length': '0' })])].map(String));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const opened = JSON.parse((await lines.next()).value);
    const rss = server.rssMiB();
    child.stdin.write('go\n');
    const heard = JSON.parse((await lines.next()).value);
    await once(child, 'exit');
    note(`${count} streams: memory of the process`, 'MiB', rss, count === 10_000 ? { reach: 300, least: false } : {});
    note(`${count} streams: memory of each`, 'KiB', ((rss - before) * 1024) / count);
    note(`${count} streams: one update heard by half of them`, 'ms', heard.median_ms);
    note(`${count} streams: one update heard by all`, 'ms', heard.last_ms, { more: { opening_seconds: opened.seconds } });
    await server.stop();
  }
}

async function held() {
  section('1,000 connections');
  const server = await Server.start('held');
  const file = createFile(server.port);
  const ask = (socket) => new Promise((done) => {
    const answered = (data) => { socket.off('close', gone); done(data.toString().startsWith('HTTP/1.1 200') ? 1 : 0); };
    const gone = () => done(0);
    socket.once('data', answered);
    socket.once('close', gone);
    socket.write(request(server.port, 'GET', '/livez'));
  });
  const sockets = [];
  for (let i = 0; i < 1000; ++i) {
    const socket = net.connect(server.port, '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    sockets.push(socket);
  }
  await Promise.all(sockets.map(ask));
  const run = await load(server.port, file, 64, SECONDS);
  note('create, 64 connections, while 1,000 others are held open', '/s', run.per_second);
  const alive = (await Promise.all(sockets.map(ask))).reduce((a, b) => a + b, 0);
  note('of the 1,000 held, still served afterwards', '', alive, { reach: 1000 });
  for (const socket of sockets) socket.destroy();
  const many = await load(server.port, file, 1000, SECONDS);
  note('create, 1,000 connections at once', '/s', many.per_second, { more: { p99_ms: many.p99_ms } });
  note('create, 1,000 connections at once: failed requests', '', many.errors + many.refused, { reach: 0, least: false });
  await server.stop();
}

// Twice of what can be done is asked for, whether answers come or not.
async function overload() {
  section('Overload: twice the sustainable creates');
  const rounds = [];
  for (let round = 0; round < Math.min(ROUNDS, 3); ++round) {
    const server = await Server.start('overload');
    const file = createFile(server.port);
    await load(server.port, file, 64, 1);
    const can = (await load(server.port, file, 64, SECONDS)).per_second;
    const run = await load(server.port, file, 1500, 2 * SECONDS, ['--rate', Math.round(2 * can)]);
    const begun = performance.now();
    const after = await load(server.port, file, 16, 0.5);
    const recovered = Math.max(0, (performance.now() - begun) / 1000 - after.seconds);
    rounds.push({ can, run, after, recovered });
    await server.drop();
  }
  const of = (figure) => rounds.map(figure);
  note('sustainable', '/s', of(({ can }) => can));
  note('asked for', '/s', of(({ can }) => 2 * can));
  note('accepted', '/s', of(({ run }) => run.per_second));
  note('accepted: p99', 'ms', of(({ run }) => run.p99_ms), { reach: 250, least: false });
  note('refused', '', of(({ run }) => run.refused), { more: { statuses: of(({ run }) => run.statuses) } });
  note('refused: p99', 'ms', of(({ run }) => run.refused_p99_ms));
  note('refused without a word when to come back', '', of(({ run }) => run.refused_without_retry_after), { reach: 0, least: false });
  note('answers that are neither', '', of(({ run }) => run.errors + run.refused - (run.statuses[503] ?? 0)), { reach: 0, least: false });
  note('afterwards, 16 connections: p99', 'ms', of(({ after }) => after.p99_ms));
  note('until the first answers came again', 's', of(({ recovered }) => recovered), { reach: 3, least: false });
}

async function stories() {
  section('Simulated callbacks from the form to the end');
  const server = await Server.start('stories', {
    RINGBACK_CARRIER__SIMULATOR__AUTO: 'true', RINGBACK_CARRIER__SIMULATOR__LATENCY_MS: '0',
    RINGBACK_VERIFICATION__REQUIRED: 'false', RINGBACK_CALL__MAX_CONCURRENT: '2000',
  });
  const file = createFile(server.port, 'story', '{brief_phone}');
  const before = server.cpuSeconds();
  const begun = performance.now();
  const run = await load(server.port, file, 8, quick ? 0.3 : 0.6);
  const patience = begun + 120_000;
  let over = 0;
  for (;;) {
    const metrics = (await get(server.port, '/metrics')).text;
    over = Number(/ringback_callbacks_total\{state="completed"\} (\S+)/.exec(metrics)[1]);
    if (over >= run.requests || performance.now() > patience) break;
    await sleep(50);
  }
  const seconds = (performance.now() - begun) / 1000;
  note('simulated callbacks from create to completed', '/s', over / seconds, { more: { callbacks: run.requests, completed: over, seconds } });
  note('processor time of one, with its simulated exchange', 'ms', ((server.cpuSeconds() - before) * 1000) / Math.max(over, 1));
  if (over < run.requests) faults.push({ file: 'stories', requests: run.requests, completed: over });
  await server.stop();
}

async function idle() {
  section('Standing still');
  const memory = [], starts = [];
  for (let round = 0; round < (quick ? 3 : 5); ++round) {
    const server = await Server.start('idle', {}, { keep: round > 0 });
    if (round > 0) starts.push(server.startMs / 1000);
    await sleep(500);
    memory.push(server.rssMiB());
    await server.stop();
  }
  note('idle memory', 'MiB', memory, { reach: 25, least: false });
  note('start, from exec to ready', 's', starts, { reach: 0.1, least: false });
}

// ---- the run -----------------------------------------------------------------------------------

fs.mkdirSync(WORK, { recursive: true });
const begun = performance.now();
const disk = (await tool('bench_raw', ['disk', '--file', path.join(WORK, 'disk.tmp')])).per_second;
const machine = { cores: os.cpus().length, processor: os.cpus()[0].model, memory_gib: Math.round(os.totalmem() / 2 ** 30), load_before: os.loadavg()[0], fdatasync_per_second: disk, quick };
console.log(`${machine.cores} cores (${machine.processor}), load ${machine.load_before.toFixed(2)} before the run, ${disk.toFixed(0)} fdatasync/s: ${disk < FAST_DISK ? 'the disk is the limit' : 'the processor is the limit'}`);
if (machine.load_before > 0.5) console.log('Something else runs on this machine: compare ratios, not rates.');

if (wanted('small')) await small();
let like;
const sample = async () => (like ??= await sampleCreates());
if (wanted('creates')) await creates(await sample(), false, [1, 16, 64, 256], SECONDS);
if (wanted('slow') && disk >= FAST_DISK) await creates(await sample(), true, [64, 256], SECONDS);
if (wanted('lasting')) await lasting();
if (wanted('webhooks')) await webhooks();
if (wanted('rows')) await grown(await sample());
if (wanted('streams')) await streams();
if (wanted('held')) await held();
if (wanted('overload')) await overload();
if (wanted('stories')) await stories();
if (wanted('idle')) await idle();

const missed = results.filter((result) => result.met === false);
section(`${results.filter((result) => result.met).length} targets PASS, ${missed.length} MISS, ${faults.length} runs with errors, in ${((performance.now() - begun) / 1000).toFixed(0)} s`);
for (const { what, median: figure, unit, reach, reach_is } of missed) console.log(`    MISS  ${what}: ${Number(figure.toPrecision(3))} ${unit}, wanted ${reach_is} ${reach}`);
for (const fault of faults) console.log('   ', JSON.stringify(fault));
if (jsonFile) fs.writeFileSync(jsonFile, `${JSON.stringify({ machine, results, faults }, null, 2)}\n`);
process.exit(faults.length ? 1 : 0);
