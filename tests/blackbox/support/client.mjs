// A visitor and both telephones, over HTTP and nothing else.
import http from 'node:http';
import net from 'node:net';
import { until } from './until.mjs';

export const FINAL = ['completed', 'missed', 'failed', 'cancelled', 'expired'];

let serial = 0;
// A number of its own for every visitor; the last two digits say how it behaves when rung.
export const visitorNumber = (habit = '00') => `+1202556${String(serial++ % 100).padStart(2, '0')}${habit}`;

const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

export class Client {
  constructor(port) {
    this.port = port;
  }

  // Headers as they are on the wire, several of a name as an array.
  request(method, path, { headers = {}, body, timeout = 30_000 } = {}) {
    const payload = body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const all = { host: `localhost:${this.port}`, ...headers };
    if (payload !== undefined && !('content-type' in all)) all['content-type'] = 'application/json';
    if (all['content-type'] === null) delete all['content-type'];
    if (payload !== undefined) all['content-length'] = Buffer.byteLength(payload);
    return new Promise((resolve, reject) => {
      const request = http.request({ agent, host: '127.0.0.1', port: this.port, method, path, headers: all, timeout }, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          let json;
          if (/json/.test(response.headers['content-type'] ?? '')) json = JSON.parse(text);
          resolve({ status: response.statusCode, headers: response.headers, text, json });
        });
      });
      request.on('timeout', () => request.destroy(new Error(`no answer: ${method} ${path}`)));
      request.on('error', reject);
      request.end(payload);
    });
  }

  get(path, headers) {
    return this.request('GET', path, { headers });
  }

  post(path, body, headers) {
    return this.request('POST', path, { body, headers });
  }

  // What comes back for these bytes until the server closes, or until it has said enough.
  raw(bytes, enough = () => false) {
    return new Promise((resolve, reject) => {
      let text = '';
      const socket = net.connect(this.port, '127.0.0.1', () => socket.write(bytes));
      socket.setEncoding('latin1').setTimeout(20_000, () => socket.destroy());
      socket.on('data', (chunk) => {
        text += chunk;
        if (enough(text)) socket.destroy();
      });
      socket.on('close', () => resolve(text));
      socket.on('error', (error) => (error.code === 'ECONNRESET' || error.code === 'EPIPE' ? resolve(text) : reject(error)));
    });
  }

  // ---- visitors

  create(phone, more = {}, headers = {}) {
    return this.post('/api/v1/callbacks', { site: 'default', phone, consent: true, ...more }, headers);
  }

  async created(phone, more, headers) {
    const answer = await this.create(phone, more, headers);
    if (answer.status !== 201) throw new Error(`create: ${answer.status} ${answer.text}`);
    return { id: answer.json.id, token: answer.json.token, phone };
  }

  verify(callback, code) {
    return this.post(`/api/v1/callbacks/${callback.id}/verify`, { code }, bearer(callback));
  }

  resend(callback) {
    return this.post(`/api/v1/callbacks/${callback.id}/resend`, {}, bearer(callback));
  }

  cancel(callback) {
    return this.post(`/api/v1/callbacks/${callback.id}/cancel`, {}, bearer(callback));
  }

  status(callback) {
    return this.get(`/api/v1/callbacks/${callback.id}`, bearer(callback));
  }

  // Creates, reads the code on the visitor's phone, enters it.
  async proven(phone = visitorNumber(), more) {
    const callback = await this.created(phone, more);
    const answer = await this.verify(callback, await this.code(phone));
    if (answer.status !== 200) throw new Error(`verify: ${answer.status} ${answer.text}`);
    return { ...callback, id: answer.json.id, token: answer.json.token ?? callback.token };
  }

  // Until the callback is in this state (and phase, and reason).
  reaches(callback, state, { phase, reason, deadline } = {}) {
    return until(`${state} ${phase ?? ''} ${reason ?? ''}`, async (seen) => {
      const { json } = await this.status(callback);
      seen({ state: json.state, phase: json.phase, reason: json.reason });
      if (json.state === state && (phase === undefined || json.phase === phase) && (reason === undefined || json.reason === reason)) return json;
      if (FINAL.includes(json.state)) throw new Error(`wanted ${state} ${phase ?? ''} ${reason ?? ''}, ended as ${json.state} ${json.reason}`);
      return null;
    }, deadline);
  }

  // ---- both telephones

  async messages(to) {
    return (await this.get(`/simulator/api/messages?to=${encodeURIComponent(to)}`)).json.messages;
  }

  async code(phone, nth = 1) {
    const found = await until(`text ${nth} on the visitor's phone`, async () => {
      const all = await this.messages(phone);
      return all.length >= nth && all[nth - 1];
    });
    return /\b(\d{6})\b/.exec(found.body)[1];
  }

  async calls() {
    return (await this.get('/simulator/api/calls')).json.calls;
  }

  callsTo(number) {
    return this.calls().then((calls) => calls.filter((call) => call.to === number));
  }

  // Until a leg to this number has this status (and hears a prompt).
  leg(number, status, { nth = 1, prompt = false } = {}) {
    return until(`leg ${nth} to ${number} is ${status}`, async (seen) => {
      const legs = await this.callsTo(number);
      seen(legs);
      const leg = legs[nth - 1];
      return leg && leg.status === status && (!prompt || leg.prompt) && leg;
    });
  }

  act(leg, action, digits) {
    return this.post(`/simulator/api/calls/${leg.id}/act`, digits === undefined ? { action } : { action, digits });
  }

  // A stream of events; collect() reads until it ends or `enough`.
  stream(path, headers = {}) {
    return new Promise((resolve, reject) => {
      const request = http.get({ host: '127.0.0.1', port: this.port, path, headers: { host: `localhost:${this.port}`, ...headers } }, (response) => {
        const stream = { status: response.statusCode, headers: response.headers, text: '', ended: false, close: () => request.destroy() };
        stream.events = () => stream.text.split('\n\n').slice(0, -1).map(eventOf).filter((event) => event.data !== undefined);
        response.setEncoding('utf8');
        response.on('data', (chunk) => (stream.text += chunk));
        response.on('end', () => (stream.ended = true));
        response.on('error', () => (stream.broken = true));
        resolve(stream);
      });
      request.on('error', reject);
    });
  }

  watch(callback, headers = {}) {
    return this.stream(`/api/v1/callbacks/${callback.id}/events`, { ...bearer(callback), ...headers });
  }

  async metric(name, labels = {}) {
    const { text } = await this.get('/metrics');
    let sum = 0;
    for (const line of text.split('\n')) {
      const parts = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line);
      if (!parts || parts[1] !== name) continue;
      if (Object.entries(labels).every(([label, value]) => (parts[2] ?? '').includes(`${label}="${value}"`))) sum += Number(parts[3]);
    }
    return sum;
  }
}

export const bearer = (callback) => ({ authorization: `Bearer ${callback.token}` });

function eventOf(block) {
  const event = {};
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) event[line.slice(0, colon)] = line.slice(colon + 1).replace(/^ /, '');
  }
  if (event.data !== undefined) event.json = JSON.parse(event.data);
  return event;
}
