// A stand-in for Ringback with the same outside: visitor API, simulator API and the built pages,
// all in memory. Tests reach in through the returned handle to cause what a real server does rarely.
// `node mock_server.mjs [port]` serves it for people who work on the pages.
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { randomBytes, randomInt } from 'node:crypto';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../../web/dist/', import.meta.url));
const businessNumber = '+12025550100';
const contentSecurity =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; " +
  "require-trusted-types-for 'script'; trusted-types lit-html";
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const pages = { '/': 'index.html', '/simulator/': 'simulator/index.html', '/privacy': 'privacy.html',
  '/terms': 'terms.html', '/docs/api': 'docs/api.html', '/production': 'index.production.html' };
const finals = new Set(['completed', 'missed', 'failed', 'cancelled', 'expired']);

export const defaultSite = {
  site: 'default', name: 'Harbour Bikes', open: true, next_opening: null, timezone: 'America/New_York',
  captcha: { provider: 'none', site_key: null }, verification: { required: true }, sign_in: [],
  sign_in_required: false, countries: ['US'], languages: ['en'], slots: false, calls_from: businessNumber,
};

const messages = {
  'pending': 'Enter the code we texted to confirm the number.',
  'queued': 'Your call is next. We ring Harbour Bikes first, then you.',
  'ringing_business': 'We are ringing Harbour Bikes. Your phone rings as soon as somebody accepts.',
  'screening': 'Somebody picked up. We make sure that a person is there, then we ring you.',
  'ringing_visitor': 'Harbour Bikes is on the line. Answer your phone.',
  'in_doubt': 'The call may have rung; we are checking.',
  'connected': 'You are talking with Harbour Bikes.',
  'completed': 'The call is over. Thank you for calling.',
  'missed': 'Nobody could take the call. Harbour Bikes has your details by text and can call you.',
  'cancelled': 'Nobody will ring you about this request.',
};

export async function startMock({ port = 0 } = {}) {
  const mock = {
    site: structuredClone(defaultSite), callbacks: new Map(), requests: [], problems: new Map(),
    calls: [], messages: [], track: [], faults: null, streams: new Set(), offline: false,
    resendSeconds: 60, allowedOrigin: '',
    hostPages: new Map(),
  };
  let server;

  const now = () => new Date().toISOString();
  const newId = (prefix) => `${prefix}_${randomBytes(6).toString('hex')}`;

  function emit(kind, event, data, id) {
    for (const stream of mock.streams) {
      if (stream.kind !== kind || (stream.of !== undefined && stream.of !== data.id)) continue;
      stream.write(`event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`);
      if (kind === 'status' && finals.has(data.state)) stream.end();
    }
  }

  function logRow(direction, kind, summary, status) {
    const row = { at: now(), direction, kind, summary, status };
    mock.track.push(row);
    emit('track', 'track', row);
  }

  const publicDocument = ({ token, code, phone, ...doc }) => doc;

  mock.push = (id, patch) => {
    const callback = mock.callbacks.get(id);
    Object.assign(callback, patch, { version: callback.version + 1, updated_at: now() });
    if (patch.message === undefined) {
      callback.message = messages[callback.phase ?? callback.state] ?? messages[callback.state] ?? null;
    }
    emit('status', 'status', publicDocument(callback), callback.version);
    return callback;
  };

  function text(from, to, body) {
    const message = { id: newId('msg'), from, to, body, sent_at: now() };
    mock.messages.push(message);
    emit('desk', 'message', message);
    logRow('out', 'sms', `Text to ${to}`, 202);
  }

  function textCode(callback) {
    callback.code = String(randomInt(1_000_000)).padStart(6, '0');
    text(businessNumber, callback.phone,
      `Harbour Bikes: ${callback.code} is your code. Valid 5 min. Do not share it.\n\n@localhost #${callback.code}`);
  }

  function changeCall(call, patch) {
    Object.assign(call, patch);
    emit('desk', 'call', call);
    logRow('in', 'webhook', `${call.role} leg ${call.status}`, 200);
  }

  function dial(callback, role, parent) {
    const call = {
      id: newId('call'), callback: callback.id, parent, role, from: businessNumber,
      to: role === 'business' ? businessNumber : callback.phone, status: 'ringing', cause: null,
      prompt: null, placed_at: now(), answered_at: null, ended_at: null,
    };
    mock.calls.push(call);
    logRow('out', 'call', `Dial the ${role}`, 201);
    emit('desk', 'call', call);
    mock.push(callback.id, { state: 'calling', phase: `ringing_${role}` });
  }

  function endCall(call, cause) {
    if (call.status === 'ended') return;
    const answered = call.answered_at !== null;
    changeCall(call, { status: 'ended', cause, prompt: null, ended_at: now() });
    const callback = mock.callbacks.get(call.callback);
    for (const other of mock.calls) {
      if (other.callback === call.callback && other.status !== 'ended') endCall(other, 'completed');
    }
    if (finals.has(callback.state)) return;
    if (callback.state === 'connected') mock.push(callback.id, { state: 'completed', phase: null });
    else if (call.role === 'visitor') {
      mock.push(callback.id, { state: 'missed', phase: null, reason: `visitor_${cause}`, message: 'Your phone was not answered. Harbour Bikes knows that you asked.' });
    } else {
      const reason = answered ? 'business_declined' : `business_${cause}`;
      mock.push(callback.id, { state: 'missed', phase: null, reason });
      text(businessNumber, businessNumber, `Missed callback from ${callback.phone}. Call them back.`);
    }
  }

  function act(call, { action, digits }) {
    const callback = mock.callbacks.get(call.callback);
    if (action === 'answer') {
      changeCall(call, { status: 'answered', answered_at: now(),
        prompt: call.role === 'business' ? 'A visitor of your web site asks for a call. To be connected, press 1.' : null });
      if (call.role === 'business') mock.push(callback.id, { state: 'calling', phase: 'screening' });
      else {
        const parent = mock.calls.find((other) => other.id === call.parent);
        changeCall(parent, { prompt: null });
        mock.push(callback.id, { state: 'connected', phase: null });
      }
    } else if (action === 'digits') {
      if (call.role === 'business' && digits === '1' && callback.phase === 'screening') {
        changeCall(call, { prompt: 'Thank you. We are ringing the visitor now.' });
        dial(callback, 'visitor', call.id);
      }
    } else {
      endCall(call, { decline: 'declined', hang_up: 'completed' }[action] ?? action);
    }
  }

  // --- HTTP -------------------------------------------------------------------------------------

  function send(response, status, body, headers = {}) {
    const problem = status >= 400;
    response.writeHead(status, {
      'Content-Type': problem ? 'application/problem+json' : 'application/json', 'Cache-Control': 'no-store', ...headers });
    response.end(body === undefined ? '' : JSON.stringify(body));
  }

  const problem = (response, status, code, detail, more = {}) =>
    send(response, status, { type: `/docs/problems/${code}`, title: code, status, detail, code, request_id: 'r', ...more });

  function stream(response, kind, of) {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    response.write(': hello\n\n');
    const entry = { kind, of, write: (text) => response.write(text), end: () => response.end() };
    mock.streams.add(entry);
    response.on('close', () => mock.streams.delete(entry));
    return entry;
  }

  function create(request, response, body) {
    const digits = (body.phone ?? '').replace(/\D/g, '');
    const phone = digits.length === 10 ? `+1${digits}` : `+${digits}`;
    const refuse = (code, detail) => problem(response, 422, 'validation_failed', 'A field is not acceptable. Nothing was stored.',
      { errors: [{ field: 'phone', code, detail }] });
    if (/[a-z]/i.test(body.phone) || digits.length < 10) {
      return refuse('phone_invalid', 'This is not a phone number. Nothing was sent; check the digits.');
    }
    if (!phone.startsWith('+1')) {
      return refuse('phone_not_allowed', 'We call numbers in the United States only. Nothing was sent.');
    }
    const key = request.headers['idempotency-key'];
    const known = [...mock.callbacks.values()].find((one) => one.key === key);
    if (known !== undefined) return send(response, 201, { ...publicDocument(known), token: known.token });
    const callback = {
      id: newId('cb'), site: 'default', state: 'pending', phase: null, reason: null, message: messages.pending,
      phone_masked: `${phone.slice(0, 5)}•••${phone.slice(-4)}`, created_at: now(), updated_at: now(), scheduled_for: null,
      attempt: 0, position: null, version: 1, phone, key, token: randomBytes(12).toString('hex'),
      verification: { channel: 'sms', expires_at: null, attempts_left: 5,
        resend_at: new Date(Date.now() + mock.resendSeconds * 1000).toISOString() },
    };
    mock.callbacks.set(callback.id, callback);
    textCode(callback);
    return send(response, 201, { ...publicDocument(callback), token: callback.token });
  }

  function verify(response, callback, body) {
    if (callback.state !== 'pending') return problem(response, 409, 'state_conflict', 'The number is proven already.');
    if (body.code !== callback.code) {
      callback.verification.attempts_left -= 1;
      const left = callback.verification.attempts_left;
      return problem(response, 422, 'code_wrong', `This is not the code. You can try ${left} more times; nobody was called.`,
        { attempts_left: left });
    }
    mock.push(callback.id, { state: 'queued', phase: null });
    send(response, 200, publicDocument(callback));
    if (mock.dialAfterVerify !== false) dial(callback, 'business', null);
  }

  function api(request, response, path, body) {
    const planned = mock.problems.get(`${request.method} ${path.replace(/cb_[0-9a-f]+/, '{id}')}`)?.shift();
    if (planned === 'hang_up') {
      route(request, { writeHead: () => {}, end: () => {} }, path, body);
      // Half an answer: a browser repeats a request by itself when there was none at all.
      response.writeHead(200, { 'Content-Length': 1000 });
      return response.write('{', () => response.destroy());
    }
    if (planned !== undefined) return problem(response, planned.status, planned.code, planned.detail, planned);
    return route(request, response, path, body);
  }

  function route(request, response, path, body) {
    if (path === '/sites/default') return send(response, 200, mock.site);
    if (path.startsWith('/sites/')) return problem(response, 404, 'not_found', 'There is no site of this name. Check the site attribute of the form.');
    if (path === '/callbacks') return create(request, response, body);
    const [, id, verb] = /^\/callbacks\/([^/]+)(?:\/(\w+))?$/.exec(path) ?? [];
    const callback = mock.callbacks.get(id);
    if (callback === undefined || request.headers.authorization !== `Bearer ${callback.token}`) {
      return problem(response, 404, 'not_found', 'There is no such callback.');
    }
    if (verb === undefined) return send(response, 200, publicDocument(callback));
    if (verb === 'verify') return verify(response, callback, body);
    if (verb === 'resend') {
      textCode(callback);
      callback.verification.resend_at = new Date(Date.now() + mock.resendSeconds * 1000).toISOString();
      return send(response, 202, publicDocument(mock.push(callback.id, {})));
    }
    if (verb === 'cancel') {
      if (finals.has(callback.state) || callback.phase === 'ringing_visitor' || callback.state === 'connected') {
        return problem(response, 409, 'state_conflict', 'Your phone is being rung already, so this call cannot be stopped. Decline it on your phone.');
      }
      mock.push(callback.id, { state: 'cancelled', phase: null, reason: 'by_visitor' });
      for (const call of mock.calls) if (call.callback === id) endCall(call, 'canceled');
      return send(response, 200, publicDocument(callback));
    }
    const entry = stream(response, 'status', id);
    if (request.headers['last-event-id'] !== String(callback.version)) {
      entry.write(`event: status\nid: ${callback.version}\ndata: ${JSON.stringify(publicDocument(callback))}\n\n`);
    }
    if (finals.has(callback.state)) entry.end();
  }

  function simulator(request, response, path, body, query) {
    if (path === '/desk') return send(response, 200, { business: businessNumber, visitor: '+12025550123' });
    if (path === '/calls') return send(response, 200, { calls: mock.calls });
    if (path === '/messages') {
      const to = query.get('to');
      return send(response, 200, { messages: mock.messages.filter((one) => to === null || one.to === to) });
    }
    if (path === '/events') return void stream(response, 'desk');
    if (path === '/track') {
      const entry = stream(response, 'track');
      for (const row of mock.track) entry.write(`event: track\ndata: ${JSON.stringify(row)}\n\n`);
      return undefined;
    }
    if (path === '/faults') {
      mock.faults = body;
      return send(response, 200, body);
    }
    const call = mock.calls.find((one) => path === `/calls/${one.id}/act`);
    if (call === undefined) return problem(response, 404, 'not_found', 'There is no such call.');
    if (call.status === 'ended') return problem(response, 409, 'state_conflict', 'The call is over. Nothing was done.');
    act(call, body);
    return send(response, 200, call);
  }

  function page(response, path) {
    const name = pages[path] ?? (path.startsWith('/docs/problems/') ? `${path.slice(1)}.html` : path.slice(1));
    const file = join(dist, normalize(name));
    if (!file.startsWith(dist) || !existsSync(file) || extname(file) === '') return problem(response, 404, 'not_found', 'There is nothing here.');
    response.writeHead(200, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream',
      'Content-Security-Policy': contentSecurity, 'X-Content-Type-Options': 'nosniff',
      'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' });
    createReadStream(file).pipe(response);
    return undefined;
  }

  async function handle(request, response) {
    const url = new URL(request.url, 'http://mock');
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const raw = Buffer.concat(chunks).toString();
    const body = raw === '' ? {} : JSON.parse(raw);
    if (request.headers.origin === mock.allowedOrigin && mock.allowedOrigin !== '') {
      response.setHeader('Access-Control-Allow-Origin', mock.allowedOrigin);
    }
    if (request.method === 'OPTIONS') {
      response.writeHead(204, { 'Access-Control-Allow-Methods': 'GET, POST',
        'Access-Control-Allow-Headers': 'content-type, authorization, idempotency-key, x-request-id' });
      return response.end();
    }
    mock.requests.push({ method: request.method, path: url.pathname, body, headers: request.headers });
    if (url.pathname.startsWith('/api/v1')) return api(request, response, url.pathname.slice(7), body);
    if (url.pathname.startsWith('/simulator/api')) return simulator(request, response, url.pathname.slice(14), body, url.searchParams);
    const hostPage = mock.hostPages.get(url.pathname);
    if (hostPage === undefined) return page(response, url.pathname);
    response.writeHead(200, { 'Content-Type': types['.html'] });
    return response.end(hostPage);
  }

  const listen = (on) => new Promise((resolve) => {
    server = createServer((request, response) => void handle(request, response));
    server.listen(on, '127.0.0.1', () => resolve(server.address().port));
  });
  mock.port = await listen(port);
  mock.url = `http://localhost:${mock.port}`;

  /** The next answers to a route: problem objects, or 'hang_up': done, but the answer is lost. */
  mock.fail = (route, ...answers) => mock.problems.set(route, answers);
  mock.dropStreams = () => server.closeAllConnections();
  mock.stop = () => new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  mock.start = () => listen(mock.port);
  mock.close = mock.stop;
  return mock;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const mock = await startMock({ port: Number(process.argv[2] ?? 8501) });
  console.log(`Pages with a pretend server: ${mock.url}/ and ${mock.url}/simulator/`);
}
