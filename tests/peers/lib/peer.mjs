// What every carrier of the tests has: a server, weather, people, a log, and a list of breaches, which
// are all the things that a real carrier would punish later or silently ignore. Tests want none.
//
// A carrier says what it can do with route(method, path): {kind, work(asked) -> {status, headers, text}}.
import http from 'node:http';
import { QuickClock, VirtualClock } from './clock.mjs';
import { People } from './people.mjs';
import { Weather } from './weather.mjs';
import { send } from './post.mjs';

const LARGEST_LOG = 200_000;

export class Peer {
  breaches = []; // {rule, detail, times, at}
  log = []; // every request and webhook, in order
  people = new People();
  #server;
  #open = 0;

  constructor({ seed = 1, clock = 'quick', pace = 0.01, concurrency = 100, lag = 0 } = {}) {
    this.clock = clock === 'virtual' ? new VirtualClock() : new QuickClock(pace);
    this.weather = new Weather(seed);
    this.concurrency = concurrency; // requests at once, before 429
    this.lag = lag; // seconds of the carrier's clock by which reading trails writing
  }

  async start(port = 0) {
    this.#server = http.createServer((request, response) => this.#serve(request, response));
    this.#server.keepAliveTimeout = 60_000;
    await new Promise((resolve, reject) => this.#server.once('error', reject).listen(port, '127.0.0.1', resolve));
    this.port = this.#server.address().port;
    this.url = `http://127.0.0.1:${this.port}`;
    return this;
  }

  async stop() {
    this.clock.stop();
    await this.down();
  }

  // Nobody listens: connections are refused. The calls go on, and the people talk.
  async down() {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  up() {
    return this.start(this.port);
  }

  breach(rule, detail) {
    const known = this.breaches.find((breach) => breach.rule === rule && breach.detail === detail);
    if (known) ++known.times;
    else this.breaches.push({ rule, detail, times: 1, at: new Date(this.clock.now()).toISOString() });
  }

  note(entry) {
    if (this.log.length >= LARGEST_LOG) this.log.shift();
    this.log.push({ at: Date.now(), ...entry });
    return this.log[this.log.length - 1];
  }

  async #serve(request, response) {
    const chunks = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return;
    }
    const url = new URL(request.url, 'http://carrier');
    const asked = {
      method: request.method, path: url.pathname, query: url.search.slice(1), headers: request.headers,
      text: Buffer.concat(chunks).toString('utf8'),
    };
    if (asked.path.startsWith('/_control/')) return this.#control(asked, response);
    ++this.#open;
    try {
      await this.clock.io(this.#answer(asked, request, response));
    } catch (error) {
      this.breach('the peer itself failed', error.stack);
      request.socket.destroy();
    } finally {
      --this.#open;
    }
  }

  async #answer(asked, request, response) {
    const say = ({ status, headers = {}, text }) => {
      entry.status = status;
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(text);
    };
    const route = this.route(asked.method, asked.path);
    const entry = this.note({ kind: route?.kind ?? 'unknown', method: asked.method, path: asked.path, status: 0 });
    if (!route) {
      this.breach('no such resource', `${asked.method} ${asked.path}`);
      return say(this.problem(404));
    }
    if (this.#open > this.concurrency) return say(this.throttled(false));
    const fault = this.weather.fault(route.kind);
    if (fault) entry.fault = fault;
    const html = { status: 502, headers: { 'content-type': 'text/html' }, text: '<html><body><h1>502 Bad Gateway</h1></body></html>' };
    if (fault === 'lose_request') return request.socket.destroy();
    if (fault === 'error_before') return say(this.problem(500));
    if (fault === 'proxy_before') return say(html);
    if (fault === 'throttle') return say(this.throttled(false));
    if (fault === 'throttle_hint') return say(this.throttled(true));
    const answer = route.work(asked);
    entry.sid = answer.sid;
    if (fault === 'lose_reply') return request.socket.destroy();
    if (fault === 'error_after') return say(this.problem(500));
    if (fault === 'proxy_after') return say(html);
    if (fault === 'garbage') return say({ ...answer, text: answer.text.slice(0, answer.text.length / 2) });
    // In real time: it is the program's patience that is tried.
    if (fault === 'slow') await new Promise((resolve) => setTimeout(resolve, this.weather.slow_seconds * 1000));
    say(answer);
  }

  // ---- what the carrier asks and tells the program

  // A question is repeated only if the program was not reached; so says the carrier's manual.
  async post(what, method, url, options = {}) {
    const entry = this.note({ kind: what, method, path: new URL(url).pathname, status: 0, body: options.body });
    try {
      const answer = await this.clock.io(send(method, url, options));
      entry.status = answer.status;
      entry.answer = answer.text;
      return answer;
    } catch (error) {
      entry.error = error.message;
      return { status: 0, headers: {}, text: '', connect: error.connect === true };
    }
  }

  // A notice: lost, doubled, late, as the weather is.
  tell(deliver) {
    for (const seconds of this.weather.deliveries()) {
      if (seconds === 0) deliver();
      else this.clock.after(seconds, deliver);
    }
  }

  // ---- for those who start it as a program

  async #control(asked, response) {
    const say = (status, body) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    try {
      const body = asked.text === '' ? {} : JSON.parse(asked.text);
      const name = asked.path.slice('/_control/'.length);
      switch (`${asked.method} ${name}`) {
        case 'GET state':
          return say(200, { now: new Date(this.clock.now()).toISOString(), breaches: this.breaches, ...this.state() });
        case 'GET log':
          return say(200, { log: this.log });
        case 'POST advance':
          await this.clock.advance(body.seconds);
          return say(200, { now: new Date(this.clock.now()).toISOString() });
        case 'POST people':
          this.people.set(body.number, body.habit);
          return say(200, {});
        case 'POST next':
          this.weather.next(body.kind, ...body.faults);
          return say(200, {});
        case 'POST weather':
          this.weather.set(body.webhooks ?? {});
          for (const [kind, rates] of Object.entries(body.requests ?? {})) this.weather.chances(kind, rates);
          if (body.lag !== undefined) this.lag = body.lag;
          return say(200, {});
        case 'POST hang_up':
          return say(200, { done: this.hangUp(body.sid) });
        default:
          return say(404, { error: `no such control: ${asked.method} ${name}` });
      }
    } catch (error) {
      say(400, { error: error.message });
    }
  }
}

// Rows as they were and are: reading trails writing by the carrier's lag.
export class Ledger {
  #rows = new Map(); // sid -> [{at, row}], oldest first

  constructor(clock) {
    this.clock = clock;
  }

  write(sid, row) {
    const versions = this.#rows.get(sid) ?? [];
    versions.push({ at: this.clock.now(), row });
    this.#rows.set(sid, versions);
  }

  read(sid, lag) {
    const versions = this.#rows.get(sid) ?? [];
    const then = this.clock.now() - lag * 1000;
    return versions.findLast(({ at }) => at <= then)?.row;
  }

  has(sid) {
    return this.#rows.has(sid);
  }

  // Newest first.
  list(lag) {
    return [...this.#rows.keys()].reverse().map((sid) => this.read(sid, lag)).filter(Boolean);
  }
}

// `--name value` pairs of a command line.
export function options(argv, known) {
  const found = {};
  for (let i = 0; i < argv.length; i += 2) {
    const name = argv[i].replace(/^--/, '');
    if (!argv[i].startsWith('--') || !known.includes(name) || argv[i + 1] === undefined) {
      throw new Error(`usage: ${known.map((one) => `[--${one} …]`).join(' ')}`);
    }
    found[name] = argv[i + 1];
  }
  return found;
}
