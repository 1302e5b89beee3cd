// The server as browsers, proxies and attackers meet it: pages, headers, origins, hostile input.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { bearer, visitorNumber } from './support/client.mjs';
import { expectProblem, PROBLEM_CODES } from './support/expect.mjs';
import { Program } from './support/program.mjs';
import { until } from './support/until.mjs';

const SHOP = 'https://shop.example';

describe('the server', () => {
  let program, client;
  after(() => program?.end());
  before(async () => {
    program = await Program.start(null, { 'visitor.allowed_origins': `${SHOP},http://localhost:4321` });
    client = program.client;
  });

  describe('pages', () => {
    for (const path of ['/', '/simulator/', '/privacy', '/terms', '/docs/api']) {
      test(`${path} is a page that runs nothing inline and cannot be framed`, async () => {
        const page = await client.get(path);
        assert.equal(page.status, 200);
        assert.match(page.headers['content-type'], /^text\/html; charset=utf-8/);
        assert.match(page.headers['content-security-policy'], /default-src 'none'/);
        assert.doesNotMatch(page.headers['content-security-policy'], /unsafe-/);
        assert.match(page.headers['content-security-policy'], /frame-ancestors 'none'/);
        assert.equal(page.headers['x-frame-options'], 'DENY');
        assert.equal(page.headers['x-content-type-options'], 'nosniff');
        assert.ok(page.headers['referrer-policy'] && page.headers['permissions-policy']);
        assert.doesNotMatch(page.text, /<script(?![^>]*\bsrc=)[^>]*>/);
        assert.doesNotMatch(page.text, / on[a-z]+="/);
        assert.equal((await client.request('HEAD', path)).status, 200);
      });
    }

    test('what a page links to is there', async () => {
      for (const path of ['/', '/simulator/', '/docs/api']) {
        const { text } = await client.get(path);
        for (const [, target] of text.matchAll(/(?:src|href)="(\/[^"#]*)"/g)) {
          assert.equal((await client.get(target)).status, 200, `${path} -> ${target}`);
        }
      }
    });

    test('every problem has its page, and no other name has', async () => {
      for (const code of PROBLEM_CODES) {
        const page = await client.get(`/docs/problems/${code}`);
        assert.equal(page.status, 200, code);
        assert.match(page.headers['content-type'], /^text\/html/);
        assert.ok(page.text.includes(code));
      }
      for (const odd of ['nothing', '..%2findex', '.html']) assert.ok((await client.get(`/docs/problems/${odd}`)).status >= 400);
    });

    test('the widget may be loaded from anywhere', async () => {
      const script = await client.get('/w/ringback.js');
      assert.equal(script.status, 200);
      assert.match(script.headers['content-type'], /^text\/javascript/);
      assert.equal(script.headers['cross-origin-resource-policy'], 'cross-origin');
    });

    test('no header tells which server or version this is', async () => {
      for (const path of ['/', '/livez', '/nowhere']) {
        const { headers } = await client.get(path);
        assert.equal(headers['x-powered-by'], undefined);
        assert.doesNotMatch(headers.server ?? '', /\d|beast/i);
      }
    });
  });

  describe('X-Request-Id', () => {
    test('a valid one is kept, an odd one is replaced, and every answer has one', async () => {
      const kept = await client.get('/livez', { 'x-request-id': 'abc-123_X.y' });
      assert.equal(kept.headers['x-request-id'], 'abc-123_X.y');
      for (const odd of ['a b', 'x'.repeat(300), '<script>', 'ü', '"']) {
        const answer = await client.get('/nowhere', { 'x-request-id': Buffer.from(odd).toString('latin1') });
        assert.notEqual(answer.headers['x-request-id'], odd);
        assert.match(answer.headers['x-request-id'], /^[A-Za-z0-9._-]{8,128}$/);
        assert.equal(answer.json.request_id, answer.headers['x-request-id']);
      }
      for (const path of ['/', '/livez', '/readyz', '/health', '/metrics', '/w/ringback.js', '/nowhere', '/api/v1/sites/default'])
        assert.ok((await client.get(path)).headers['x-request-id'], path);
    });

    test('the log\'s lines of its work carry it', async () => {
      await client.created(visitorNumber(), {}, { 'x-request-id': 'trace-this-wish' });
      await until('a line about the callback', () =>
        program.log.split('\n').some((line) => line.includes('"callback changed"') && JSON.parse(line).request_id === 'trace-this-wish'));
    });
  });

  describe('routes', () => {
    test('what is not there is 404, another method is 405 with Allow', async () => {
      for (const path of ['/nowhere', '/api/v1', '/api/v1/callbacks/', '/api/v2/callbacks', '/admin/nothing/there', '/assets/', '/assets/none.js'])
        expectProblem(await client.get(path), 'not_found', program.url);
      for (const [method, path] of [['GET', '/api/v1/callbacks'], ['PUT', '/api/v1/callbacks'], ['DELETE', '/livez'], ['POST', '/api/v1/sites/default'], ['PATCH', '/']]) {
        const answer = await client.request(method, path);
        expectProblem(answer, 'method_not_allowed');
        assert.ok(answer.headers.allow, `${method} ${path}`);
      }
    });

    test('another type of content is 415, too much of it 413', async () => {
      const body = JSON.stringify({ phone: '+12025550123', consent: true });
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1', 'multipart/form-data', '', null])
        expectProblem(await client.post('/api/v1/callbacks', body, { 'content-type': type }), 'unsupported_media_type');
      const large = JSON.stringify({ message: 'x'.repeat(70_000) });
      expectProblem(await client.post('/api/v1/callbacks', large), 'payload_too_large');
    });

    test('a body that is no sound JSON object is 400', async () => {
      const bodies = ['', '{', '[]', '"x"', 'null', '1', '{"a":1}x', '{"a":1,"a":2}', '{"a":1e999}', '{"phone":"\\u0000"}', '{"a":NaN}', '{"a":1,}', '\ufeff{}',
        '{"a":"\\ud800"}', '{/**/}', `${'['.repeat(5000)}`, `{"a":${'['.repeat(200)}${']'.repeat(200)}}`, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])];
      for (const body of bodies) expectProblem(await client.post('/api/v1/callbacks', body), 'bad_request');
    });
  });

  describe('other origins', () => {
    const preflight = (origin, path = '/api/v1/callbacks', method = 'POST') => client.request('OPTIONS', path, {
      headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': 'content-type' },
    });

    test('a listed origin gets exactly what it needs, and never credentials', async () => {
      const answer = await preflight(SHOP);
      assert.equal(answer.status, 204);
      assert.equal(answer.headers['access-control-allow-origin'], SHOP);
      assert.equal(answer.headers['access-control-allow-credentials'], undefined);
      assert.match(answer.headers['access-control-allow-methods'], /POST/);
      assert.equal(answer.headers['access-control-allow-headers'], 'content-type, authorization, idempotency-key, x-request-id');
      assert.equal(answer.headers['access-control-max-age'], '600');
      assert.match(answer.headers.vary, /Origin/);
      const real = await client.create(visitorNumber(), {}, { origin: SHOP });
      assert.equal(real.status, 201);
      assert.equal(real.headers['access-control-allow-origin'], SHOP);
      assert.equal(real.headers['access-control-expose-headers'], 'Location, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id');
      const wrong = await client.post('/api/v1/callbacks', {}, { origin: SHOP });
      assert.equal(wrong.headers['access-control-allow-origin'], SHOP, 'errors can be read, too');
    });

    test('its own origin needs no list', async () => {
      assert.equal((await preflight(program.url)).status, 204);
      assert.equal((await client.create(visitorNumber(), {}, { origin: program.url })).status, 201);
    });

    test('anything that only looks like one gets nothing', async () => {
      for (const origin of ['https://shop.example.evil.test', 'https://evil.test', 'http://shop.example', 'https://shop.example:444', 'https://SHOP.example',
        'https://shop.example/', 'https://a.shop.example', 'null', '*', '', 'https://shop.example, https://evil.test', 'http://localhost:43210']) {
        const answer = await preflight(origin);
        expectProblem(answer, 'forbidden');
        assert.equal(answer.headers['access-control-allow-origin'], undefined, origin);
        const real = await client.create(visitorNumber(), {}, { origin });
        expectProblem(real, 'forbidden');
        assert.equal(real.headers['access-control-allow-origin'], undefined, origin);
        const read = await client.get('/api/v1/sites/default', { origin });
        assert.equal(read.headers['access-control-allow-origin'], undefined, origin);
        assert.match(read.headers.vary, /Origin/);
      }
    });

    test('only the visitor\'s routes are open', async () => {
      for (const path of ['/health', '/metrics', '/livez', '/simulator/api/calls', '/hooks/simulator/simulator/x/status', '/'])
        assert.equal((await client.get(path, { origin: SHOP })).headers['access-control-allow-origin'], undefined, path);
    });
  });

  describe('hostile bytes', () => {
    const host = () => `Host: localhost:${program.port}\r\n`;
    const rows = () => [
      ['no Host', 'GET /livez HTTP/1.1\r\n\r\n', 400],
      ['two Hosts', `GET /livez HTTP/1.1\r\n${host()}${host()}\r\n`, 400],
      ['a foreign Host', 'GET /livez HTTP/1.1\r\nHost: evil.test\r\n\r\n', 400],
      ['length and chunked', `POST /api/v1/callbacks HTTP/1.1\r\n${host()}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
      ['an unknown coding', `POST /api/v1/callbacks HTTP/1.1\r\n${host()}Transfer-Encoding: xchunked\r\n\r\nGET /livez HTTP/1.1\r\n${host()}\r\n`, 400],
      ['two lengths', `POST /api/v1/callbacks HTTP/1.1\r\n${host()}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}`, 400],
      ['an odd length', `POST /api/v1/callbacks HTTP/1.1\r\n${host()}Content-Length: +2\r\n\r\n{}`, 400],
      ['a folded line', `GET /livez HTTP/1.1\r\n${host()}X-A: b\r\n c\r\n\r\n`, 400],
      ['a space before the colon', `GET /livez HTTP/1.1\r\n${host()}X-A : b\r\n\r\n`, 400],
      ['dots in the path', `GET /assets/../livez HTTP/1.1\r\n${host()}\r\n`, 400],
      ['an encoded slash', `GET /assets%2f..%2flivez HTTP/1.1\r\n${host()}\r\n`, 400],
      ['an encoded NUL', `GET /livez%00 HTTP/1.1\r\n${host()}\r\n`, 400],
      ['eight-bit bytes', `GET /\xff HTTP/1.1\r\n${host()}\r\n`, 400],
      ['a huge head', `GET /livez HTTP/1.1\r\n${host()}X-A: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
      ['many fields', `GET /livez HTTP/1.1\r\n${host()}${'a:b\r\n'.repeat(200)}\r\n`, [400, 431]],
      ['HTTP/2 without asking', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400, 505]],
      ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 400],
      ['TRACE', `TRACE / HTTP/1.1\r\n${host()}\r\n`, [400, 405, 501]],
    ];
    test('are refused once, and the connection ends', async () => {
      for (const [what, bytes, wanted] of rows()) {
        const text = await client.raw(Buffer.from(bytes, 'latin1'), (seen) => what === 'TRACE' && seen.includes('\r\n\r\n'));
        const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1]);
        assert.ok([wanted].flat().includes(status), `${what}: ${JSON.stringify(text.slice(0, 200))}`);
        assert.equal(text.match(/HTTP\/1\.1 \d{3}/g).length, 1, `${what}: answered once`);
        assert.match(text, /\r\nX-Request-Id: \S+\r\n/i, what);
      }
    });

    test('odd queries, tokens and headers never make a 5xx', async () => {
      const callback = await client.created(visitorNumber());
      const headers = [{ authorization: 'Bearer ' }, { authorization: `Bearer ${'x'.repeat(4000)}` }, { authorization: 'Bearer \x01' }, { 'last-event-id': '9'.repeat(400) },
        { 'idempotency-key': 'x'.repeat(4000) }, { 'idempotency-key': ' ' }, { cookie: 'a=b'.repeat(500) }, { range: 'bytes=0-' }, { 'if-none-match': '*' }, { accept: 'x' },
        { 'accept-encoding': 'gzip;q=x' }, { expect: '100-continue' }, { 'content-encoding': 'gzip' }];
      const paths = ['/', '/api/v1/sites/%F0%9F%92%A9', '/api/v1/slots?date=%', '/api/v1/slots?site=&date=&&&=', `/api/v1/callbacks/${callback.id}`,
        `/api/v1/callbacks/${callback.id}?x=${'y'.repeat(2000)}`, '/simulator/api/messages?to=%2B', '/docs/problems/%25', '/assets/%2e%2e'];
      for (const path of paths) for (const more of headers) {
        const answer = await client.get(path, { ...bearer(callback), ...more }).catch((error) => ({ status: error.code }));
        assert.ok(answer.status === 'ERR_INVALID_CHAR' || answer.status < 500, `${path} ${JSON.stringify(more)}: ${answer.status}`);
      }
      for (const more of headers) {
        const answer = await client.create(visitorNumber(), {}, more).catch((error) => ({ status: error.code }));
        assert.ok(answer.status === 'ERR_INVALID_CHAR' || answer.status < 500, `create ${JSON.stringify(more)}: ${answer.status}`);
      }
      assert.equal(await client.metric('ringback_http_requests_total', { status: '500' }), 0);
      assert.equal(await client.metric('ringback_http_requests_total', { status: '503' }), 0);
    });
  });
});
