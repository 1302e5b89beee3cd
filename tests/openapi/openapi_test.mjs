// docs/openapi.yaml against the linter, against the routes in the source, and against a running
// Ringback with its simulator, where RINGBACK_BASE_URL names one.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { before, describe, test } from 'node:test';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';

const here = fileURLToPath(new URL('./', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));
const file = `${root}docs/openapi.yaml`;
const api = parse(readFileSync(file, 'utf8'));
const methods = ['get', 'put', 'post', 'patch', 'delete'];

const described = Object.entries(api.paths).flatMap(([path, item]) =>
  methods.filter((method) => item[method] !== undefined)
    .map((method) => ({ method: method.toUpperCase(), path, operation: item[method] })));
const nameOf = ({ method, path }) => `${method} ${path}`;

test('the linter finds nothing', () => {
  const lint = spawnSync(`${here}node_modules/.bin/redocly`, ['lint', '--config', `${here}redocly.yaml`, file],
    { encoding: 'utf8', env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' } });
  assert.equal(lint.status, 0, lint.stdout + lint.stderr);
});

// ---- the routes in the source ------------------------------------------------------------------

// Pages are for people; they are not part of the API.
const pages = [/^\/$/, /^\/(privacy|terms|favicon\.svg|assets\/.*|w\/.*|docs\/.*|c\/.*|simulator\/?)$/];
const isPage = (path) => pages.some((page) => page.test(path));

const read = (path) => readFileSync(`${root}${path}`, 'utf8');
const all = (text, pattern) => [...text.matchAll(pattern)].map((match) => match.slice(1));

/** Each file that names routes, in the way in which it names them. */
function routesInTheSource() {
  const routes = [];
  for (const name of readdirSync(`${root}app`, { recursive: true })) {
    if (!/\.cpp$/.test(name)) continue;
    const text = read(`app/${name}`);
    for (const [method, path] of all(text, /router\.add\(\s*"([A-Z]+)",\s*"(\/[^"]*)"/g)) routes.push({ method, path });
    // A loop over methods and patterns.
    if (/router\.add\(\s*method,\s*pattern/.test(text)) {
      const verbs = all(/for \(const char\* method : \{([^}]*)\}/.exec(text)[1], /"([A-Z]+)"/g);
      for (const [path] of all(text, /"(\/hooks\/[^"]*)"/g)) for (const [method] of verbs) routes.push({ method, path });
    }
    // A function that puts a prefix before each path.
    const prefix = /router\.add\(\s*method,\s*std::string\("([^"]*)"\)/.exec(text)?.[1];
    if (prefix !== undefined) {
      for (const [method, path] of all(text, /\badd\(\s*"([A-Z]+)",\s*"(\/[^"]*)"/g)) {
        routes.push({ method, path: prefix + path });
      }
    }
  }
  return routes;
}

test('every route of the source is described, and every described route is in the source', () => {
  const inSource = new Set(routesInTheSource().filter(({ path }) => !isPage(path)).map(nameOf));
  assert.ok(inSource.has('POST /api/v1/callbacks/{id}/verify'), 'the source is still read in the right way');
  assert.deepEqual(described.map(nameOf).sort(), [...inSource].sort());
});

test('every code of a problem is described', () => {
  const codes = all(read('app/http/problem.cpp'), /\{ProblemCode::\w+,\s*\d+,\s*"(\w+)"/g).map(([code]) => code);
  assert.deepEqual([...api.components.schemas.ProblemCode.enum].sort(), codes.sort());
});

test('events and what bars a retry are those of the source', () => {
  const events = all(read('adapters/storage/journal_members.hpp'), /name_of\(const \w+&\) \{ return "(\w+)"/g).map(([name]) => name);
  const { TimelineEntry, Problem } = api.components.schemas;
  assert.deepEqual(all(TimelineEntry.properties.event.description, /`(\w+)`/g).map(([name]) => name).sort(), events.sort());
  const bars = all(read('app/api/admin_documents.cpp'), /case RetryBar::\w+:\s+return "(\w+)"/g).map(([name]) => name);
  assert.ok(bars.includes('may_have_rung'), 'the source is still read in the right way');
  const more = ['number_open', 'over', 'too_late'];
  for (const name of more) assert.ok(read('app/api/admin_api.cpp').includes(`"${name}"`), name);
  assert.deepEqual([...Problem.properties.barred_by.enum].sort(), [...bars, ...more].sort());
  for (const name of [...bars, 'number_open', 'over', 'too_late']) assert.ok(read('docs/operators.md').includes(`\`${name}\``), name);
});

test('states, phases and reasons are those of the machine', () => {
  const words = read('core/domain/words.cpp');
  const list = (name) => all(new RegExp(`${name} = \\{([^}]*)\\}`).exec(words)[1], /"(\w*)"/g).map(([word]) => word || null);
  const { state, phase, reason } = api.components.schemas.StatusMembers.properties;
  assert.deepEqual(new Set(state.enum), new Set(list('kStates')));
  assert.deepEqual(new Set(phase.enum), new Set(list('kPhases')));
  assert.deepEqual(new Set(reason.enum), new Set(list('kReasons')));
  const { State, Phase, Reason, AdminAttempt, AdminLeg, AdminMessage } = api.components.schemas;
  assert.deepEqual([State.enum, Phase.enum, Reason.enum], [state.enum, phase.enum, reason.enum]);
  assert.deepEqual(new Set(AdminAttempt.properties.state.enum), new Set(list('kAttempts')));
  assert.deepEqual(new Set(AdminLeg.properties.state.enum), new Set(list('kViews')));
  assert.deepEqual(new Set(AdminMessage.properties.state.enum), new Set(list('kMessages')));
});

// ---- a running server --------------------------------------------------------------------------

const base = process.env.RINGBACK_BASE_URL?.replace(/\/$/, '') ?? null;

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addSchema(api, 'api');
const at = (...keys) => `api#/${keys.map((key) => key.replace(/~/g, '~0').replace(/\//g, '~1'))
  .map(encodeURIComponent).join('/')}`;

/** The description of an answer, behind its $ref. */
function responseOf(path, method, status) {
  const { responses } = api.paths[path][method.toLowerCase()];
  const key = responses[status] === undefined ? 'default' : String(status);
  const reference = responses[key].$ref?.split('/').at(-1);
  return reference === undefined
    ? { ...responses[key], key, pointer: ['paths', path, method.toLowerCase(), 'responses', key] }
    : { ...api.components.responses[reference], key, pointer: ['components', 'responses', reference] };
}

/** Sends a request, holds the answer against its description, and gives it back. */
async function ask(method, path, { values = {}, body, headers = {}, query = '', expect } = {}) {
  const target = path.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const response = await fetch(`${base}${target}${query}`, {
    method,
    headers: { ...(typeof body === 'object' ? { 'Content-Type': 'application/json' } : {}), ...headers },
    body: typeof body === 'object' ? JSON.stringify(body) : body,
  });
  const text = await response.text();
  const what = `${method} ${target} ${response.status} ${text}`;
  if (expect !== undefined) assert.equal(response.status, expect, what);
  const description = responseOf(path, method, response.status);
  assert.notEqual(description.key, 'default', `not described: ${what}`);
  assert.ok(response.headers.get('X-Request-Id'), what);
  for (const header of Object.keys(description.headers ?? {})) assert.ok(response.headers.get(header), `${header}: ${what}`);
  if (description.content === undefined) return { response, text };
  const type = response.headers.get('Content-Type').split(';')[0];
  assert.ok(description.content[type], `${type} is not described: ${what}`);
  if (!type.endsWith('json')) return { response, text };
  const json = JSON.parse(text);
  const validate = ajv.getSchema(at(...description.pointer, 'content', type, 'schema'));
  assert.ok(validate(json), `${what}\n${ajv.errorsText(validate.errors)}`);
  return { response, json };
}

const patienceMs = 90_000;
async function until(what, look) {
  for (const deadline = Date.now() + patienceMs; ; ) {
    const found = await look();
    if (found) return found;
    assert.ok(Date.now() < deadline, `waited too long: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const callbacks = '/api/v1/callbacks';
const one = `${callbacks}/{id}`;
const bearer = (token) => ({ Authorization: `Bearer ${token}` });
const create = (phone, more = {}) => ask('POST', callbacks, { body: { phone, consent: true, ...more }, expect: 201 });

async function codeSentTo(phone, after = 0) {
  const path = '/simulator/api/messages';
  return until(`a code for ${phone}`, async () => {
    const { json } = await ask('GET', path, { query: `?to=${encodeURIComponent(phone)}`, expect: 200 });
    return /\b\d{6}\b/.exec(json.messages.slice(after).at(-1)?.body ?? '')?.[0];
  });
}

describe('a running Ringback', { skip: base === null && 'RINGBACK_BASE_URL is not set: nothing to ask' }, () => {
  before(async () => {
    await ask('GET', '/readyz', { expect: 200 });
  });

  test('knows every described operation, and says so to a method that it does not take', async () => {
    for (const { method, path } of described) {
      const target = path.replace(/\{\w+\}/g, '1');
      const response = await fetch(`${base}${target}`, { method: 'DELETE' });
      assert.equal(response.status, 405, `DELETE ${target}`);
      assert.ok(response.headers.get('Allow').split(', ').includes(method), `${method} ${target}`);
      const validate = ajv.getSchema(at('components', 'schemas', 'Problem'));
      assert.ok(validate(await response.json()), ajv.errorsText(validate.errors));
    }
    assert.equal((await fetch(`${base}/api/v1/nothing`)).status, 404);
  });

  test('tells about itself in the described form', async () => {
    await ask('GET', '/livez', { expect: 200 });
    const { json } = await ask('GET', '/health', { expect: 200 });
    assert.ok(json.checks, 'this machine is told the details');
    const { text } = await ask('GET', '/metrics', { expect: 200 });
    assert.match(text, /^ringback_build_info/m);
  });

  test('hands out this description as it is', async () => {
    const response = await fetch(`${base}/docs/openapi.yaml`);
    assert.equal(response.status, 200);
    assert.equal(await response.text(), readFileSync(file, 'utf8'));
  });

  test('tells about the site and its slots', async () => {
    await ask('GET', '/api/v1/sites/{site}', { values: { site: 'default' }, expect: 200 });
    await ask('GET', '/api/v1/sites/{site}', { values: { site: 'nobody' }, expect: 404 });
    await ask('GET', '/api/v1/slots', { expect: 200 });
    await ask('GET', '/api/v1/slots', { query: '?date=tomorrow', expect: 422 });
    await ask('GET', '/api/v1/slots', { query: '?site=nobody', expect: 404 });
  });

  test('refuses what is not a wish to be rung, in the described form', async () => {
    const wrong = await ask('POST', callbacks, { body: { phone: 'tel:+12025550177', surprise: 1 }, expect: 422 });
    assert.deepEqual(wrong.json.errors.map(({ field, code }) => `${field} ${code}`).sort(),
      ['consent required', 'phone phone_invalid', 'surprise unknown_field']);
    const abroad = await ask('POST', callbacks, { body: { phone: '+442071838750', consent: true }, expect: 422 });
    assert.equal(abroad.json.errors[0].code, 'phone_not_allowed');
    await ask('POST', callbacks, { body: '{', expect: 415 });
    await ask('POST', callbacks, { body: '{', headers: { 'Content-Type': 'application/json' }, expect: 400 });
    await ask('POST', callbacks, { body: { phone: '+12025550177', consent: true, verified: true }, expect: 401 });
    await ask('POST', callbacks, { body: { phone: '+12025550177', consent: true, site: 'nobody' }, expect: 404 });
    await ask('POST', callbacks, { body: { phone: '+12025550177', consent: true },
      headers: { Origin: 'https://stranger.example' }, expect: 403 });
    await ask('POST', callbacks, { body: { message: 'x'.repeat(70_000) }, expect: 413 });
  });

  test('opens a callback only for its own token', async () => {
    const first = (await create('+12025550177')).json;
    const second = (await create('+12025550178')).json;
    for (const [method, path] of [['GET', one], ['GET', `${one}/events`], ['POST', `${one}/resend`], ['POST', `${one}/cancel`]]) {
      await ask(method, path, { values: first, expect: 401 });
      await ask(method, path, { values: first, headers: bearer(second.token), expect: 404 });
    }
    await ask('POST', `${one}/verify`, { values: first, body: { code: '123456' }, expect: 401 });
    await ask('GET', one, { values: first, headers: bearer(first.token), expect: 200 });
  });

  test('gives the same callback to the same Idempotency-Key, and refuses another body', async () => {
    const headers = { 'Idempotency-Key': `test-${Date.now()}` };
    const phone = '+12025550176';
    const first = await ask('POST', callbacks, { body: { phone, consent: true }, headers, expect: 201 });
    const again = await ask('POST', callbacks, { body: { phone, consent: true }, headers, expect: 201 });
    assert.equal(again.json.id, first.json.id);
    for (const { token } of [first.json, again.json]) {
      await ask('GET', one, { values: first.json, headers: bearer(token), expect: 200 });
    }
    const other = await ask('POST', callbacks, { body: { phone, consent: true, name: 'Ada' }, headers, expect: 409 });
    assert.equal(other.json.code, 'idempotency_conflict');
  });

  test('proves a number, watches, and calls it off', async () => {
    const phone = '+12025550175';
    const asked = await create(phone, { name: 'Ada', message: 'About\na cake' });
    assert.equal(asked.response.headers.get('Location'), `${callbacks}/${asked.json.id}`);
    assert.equal(asked.json.state, 'pending');
    const opened = { values: asked.json, headers: bearer(asked.json.token) };
    await ask('POST', `${one}/resend`, { ...opened, expect: 429 });

    const code = await codeSentTo(phone);
    const notCode = code === '123456' ? '654321' : '123456';
    const wrong = await ask('POST', `${one}/verify`, { ...opened, body: { code: notCode }, expect: 422 });
    assert.equal(wrong.json.code, 'code_wrong');
    assert.equal(wrong.json.attempts_left, 4);
    const shape = await ask('POST', `${one}/verify`, { ...opened, body: { code: 'abc' }, expect: 422 });
    assert.equal(shape.json.code, 'validation_failed');
    const proven = await ask('POST', `${one}/verify`, { ...opened, body: { code }, expect: 200 });
    assert.notEqual(proven.json.state, 'pending');

    const leg = await until('the business rings', async () => {
      const { json } = await ask('GET', '/simulator/api/calls', { expect: 200 });
      return json.calls.find(({ role, status }) => role === 'business' && status === 'ringing');
    });
    await ask('POST', '/simulator/api/calls/{id}/act', { values: leg, body: { action: 'digits', digits: '1' }, expect: 409 });
    await ask('POST', '/simulator/api/calls/{id}/act', { values: leg, body: { action: 'sing' }, expect: 422 });
    await ask('POST', '/simulator/api/calls/{id}/act', { values: { id: 'nobody' }, body: { action: 'answer' }, expect: 404 });

    const cancelled = await ask('POST', `${one}/cancel`, { ...opened, expect: 200 });
    assert.equal(cancelled.json.state, 'cancelled');
    assert.equal((await ask('POST', `${one}/cancel`, { ...opened, expect: 409 })).json.code, 'state_conflict');
    assert.equal((await ask('POST', `${one}/resend`, { ...opened, expect: 409 })).json.code, 'state_conflict');

    const stream = await ask('GET', `${one}/events`, { ...opened, expect: 200 });
    const event = /^event: status\nid: (\d+)\ndata: (.*)\n\n/m.exec(stream.text);
    const validate = ajv.getSchema(at('components', 'schemas', 'Status'));
    assert.ok(validate(JSON.parse(event[2])), ajv.errorsText(validate.errors));
    assert.equal(JSON.parse(event[2]).version, Number(event[1]));
  });

  test('tells an operator\'s program in the described form', { skip: !process.env.RINGBACK_API_KEY && 'RINGBACK_API_KEY is not set' }, async () => {
    const admin = '/api/v1/admin/callbacks';
    const callback = (await create('+12025550174', { name: 'Ada', when: 'now' })).json;
    for (const [method, path] of [['GET', admin], ['GET', `${admin}/{id}`], ['POST', `${admin}/{id}/retry`], ['POST', `${admin}/{id}/cancel`]]) {
      await ask(method, path, { values: callback, expect: 401 });
      await ask(method, path, { values: callback, headers: bearer(callback.token), expect: 401 });
    }
    const headers = bearer(process.env.RINGBACK_API_KEY);
    const list = await ask('GET', admin, { headers, query: '?limit=1', expect: 200 });
    assert.equal(list.json.callbacks[0].id, callback.id);
    await ask('GET', admin, { headers, query: `?state=pending&to=${new Date(Date.now() + 3600e3).toISOString()}`, expect: 200 });
    await ask('GET', admin, { headers, query: '?q=Ada', expect: 422 });
    const opened = { values: callback, headers };
    assert.equal((await ask('GET', `${admin}/{id}`, { ...opened, expect: 200 })).json.visitor.phone, '+12025550174');
    await ask('GET', `${admin}/{id}`, { values: { id: 'nobody' }, headers, expect: 404 });
    await ask('POST', `${admin}/{id}/retry`, { ...opened, body: { anyway: 1 }, expect: 422 });
    assert.equal((await ask('POST', `${admin}/{id}/retry`, { ...opened, body: { anyway: true }, expect: 409 })).json.barred_by, 'not_over');
    assert.equal((await ask('POST', `${admin}/{id}/cancel`, { ...opened, expect: 200 })).json.reason, 'by_operator');
    assert.equal((await ask('POST', `${admin}/{id}/cancel`, { ...opened, body: {}, expect: 409 })).json.barred_by, 'over');
    await ask('GET', `${admin}/{id}`, { ...opened, expect: 200 });
  });

  test('plays the telephones in the described form', async () => {
    for (const path of ['desk', 'calls', 'messages', 'log', 'faults']) await ask('GET', `/simulator/api/${path}`, { expect: 200 });
    await ask('GET', '/simulator/api/happenings', { query: '?after=0', expect: 200 });
    await ask('PUT', '/simulator/api/faults', { body: { rain: 1 }, expect: 422 });
    await ask('PUT', '/simulator/api/faults', { body: {}, expect: 200 });
  });

  test('a hook that is not signed is refused, and one of no account is not there', async () => {
    const path = '/hooks/{kind}/{account}/{token}/{point}';
    const values = { kind: 'simulator', account: 'simulator', token: 'x', point: 'status' };
    await ask('POST', path, { values, body: {}, expect: 403 });
    await ask('GET', path, { values: { ...values, account: 'nobody' }, expect: 404 });
    await ask('POST', `${path}/{round}`, { values: { ...values, round: '10' }, body: {}, expect: 404 });
  });
});
