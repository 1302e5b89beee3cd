// What two servers in a row could understand differently is refused once, and the connection is over:
// nothing behind it is ever read as a request.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startProgram, until } from './program.mjs';
import { exchange, statuses } from './raw.mjs';

const create = '/api/v1/callbacks';
const json = 'Content-Type: application/json\r\n';
const fine = '{"phone":"+12025550123","consent":true}';

describe('bytes', () => {
  let program;
  let host;
  before(async () => {
    program = await startProgram();
    host = `Host: localhost:${program.port}\r\n`;
  });
  after(() => program?.stop());

  const post = (fields, body = '') => `POST ${create} HTTP/1.1\r\n${host}${json}${fields}\r\n${body}`;
  const get = (fields = '', target = '/livez', version = 'HTTP/1.1') => `GET ${target} ${version}\r\n${host}${fields}\r\n`;
  const chunked = 'Transfer-Encoding: chunked\r\n';
  const chunk = (text) => `${text.length.toString(16)}\r\n${text}\r\n`;

  const refused = {
    'length and chunks': () => [post(`Content-Length: ${fine.length}\r\n${chunked}`, `${chunk(fine)}0\r\n\r\n`), 400],
    'chunks and length': () => [post(`${chunked}Content-Length: 4\r\n`, `${chunk(fine)}0\r\n\r\n`), 400],
    'two equal lengths': () => [post('Content-Length: 3\r\nContent-Length: 3\r\n', 'abc'), 400],
    'two lengths in one field': () => [post('Content-Length: 3, 3\r\n', 'abc'), 400],
    'a length with a sign': () => [post('Content-Length: +3\r\n', 'abc'), 400],
    'a length in hex': () => [post('Content-Length: 0x3\r\n', 'abc'), 400],
    'a negative length': () => [post('Content-Length: -1\r\n', 'abc'), 400],
    'a length with a blank inside': () => [post('Content-Length: 3 3\r\n', 'abc'), 400],
    'a length beyond 64 bits': () => [post('Content-Length: 18446744073709551619\r\n', 'abc'), 400],
    'xchunked': () => [post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'), 400],
    'chunked with a vertical tab': () => [post('Transfer-Encoding: \x0bchunked\r\n', '0\r\n\r\n'), 400],
    'chunked in quotes': () => [post('Transfer-Encoding: "chunked"\r\n', '0\r\n\r\n'), 400],
    'identity, then chunked': () => [post('Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'), 400],
    'chunked twice': () => [post(`${chunked}${chunked}`, '0\r\n\r\n'), 400],
    'chunked, identity': () => [post('Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n'), 400],
    'a blank before the colon': () => [post('Transfer-Encoding : chunked\r\n', '0\r\n\r\n'), 400],
    'a blank before the name': () => [post(' Transfer-Encoding: chunked\r\n', '0\r\n\r\n'), 400],
    'chunks in HTTP/1.0': () => [`POST ${create} HTTP/1.0\r\n${host}${chunked}\r\n0\r\n\r\n`, 400],
    'a folded field': () => [get('A: b\r\n c\r\n'), 400],
    'a folded coding': () => [post('Transfer-Encoding:\r\n chunked\r\n', '0\r\n\r\n'), 400],
    'no Host': () => ['GET /livez HTTP/1.1\r\n\r\n', 400],
    'two Hosts': () => [get(host), 400],
    'two Hosts, one foreign': () => [get('Host: evil.example\r\n'), 400],
    'a foreign Host': () => ['GET /livez HTTP/1.1\r\nHost: evil.example\r\n\r\n', 400],
    'a Host with a user': () => ['GET /livez HTTP/1.1\r\nHost: localhost@evil.example\r\n\r\n', 400],
    'a foreign absolute target': () => [get('', 'http://evil.example/livez'), 400],
    'a chunk size in 0x': () => [post(chunked, '0x3\r\nabc\r\n0\r\n\r\n'), 400],
    'a negative chunk': () => [post(chunked, '-3\r\nabc\r\n0\r\n\r\n'), 400],
    'a chunk size beyond 64 bits': () => [post(chunked, '10000000000000003\r\nabc\r\n0\r\n\r\n'), 400],
    'a chunk size at 64 bits': () => [post(chunked, 'ffffffffffffffff\r\nabc\r\n0\r\n\r\n'), 413],
    'a chunk that ends in LF': () => [post(chunked, '3\nabc\n0\n\n'), 400],
    'a chunk longer than said': () => [post(chunked, '3\r\nabcd\r\n0\r\n\r\n'), 400],
    'an empty chunk size': () => [post(chunked, '\r\nabc\r\n0\r\n\r\n'), 400],
    'LF in an extension': () => [post(chunked, '3;a\nb\r\nabc\r\n0\r\n\r\n'), 400],
    'an endless extension': () => [post(chunked, `3;${'a'.repeat(20_000)}`), 400],
    'a trailer': () => [post(chunked, `${chunk(fine)}0\r\nAuthorization: Bearer x\r\n\r\n`), 400],
    'an announced trailer': () => [post(`${chunked}Trailer: X-A\r\n`, '0\r\n\r\n'), 400],
    'NUL in the target': () => [get('', '/li\0vez'), 400],
    'NUL in a name': () => [get('A\0: b\r\n'), 400],
    'NUL in a value': () => [get('A: b\0c\r\n'), 400],
    'a bare CR': () => [get('A: b\rC: d\r\n'), 400],
    'bare LFs': () => [`GET /livez HTTP/1.1\n${host.trim()}\n\n`, 400],
    'a tab in the request line': () => ['GET\t/livez HTTP/1.1\r\n\r\n', 400],
    'an empty line in front': () => [`\r\n${get()}`, 400],
    'HTTP/0.9': () => ['GET /livez\r\n\r\n', 400],
    'HTTP/2.0': () => [get('', '/livez', 'HTTP/2.0'), 400],
    'the preface of HTTP/2': () => ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    'a TLS hello': () => ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    'CONNECT': () => [`CONNECT localhost:22 HTTP/1.1\r\n${host}\r\n`, 400],
    'TRACE': () => [`TRACE / HTTP/1.1\r\n${host}\r\n`, 405],
    'dots': () => [get('', '/assets/../livez'), 400],
    'escaped dots': () => [get('', '/assets/%2e%2e/livez'), 400],
    'an escaped slash': () => [get('', '/api%2fv1/slots'), 400],
    'an escaped NUL': () => [get('', '/livez%00'), 400],
    'a head of 9 KiB': () => [get(`A: ${'a'.repeat(9000)}\r\n`), 431],
    '101 fields': () => [get('A: b\r\n'.repeat(100)), 431],
    'a body of 64 KiB and 1': () => [post('Content-Length: 65537\r\n', ''), 413],
  };
  for (const [name, row] of Object.entries(refused)) {
    test(`refused: ${name}`, async () => {
      const [bytes, status] = row();
      const answer = await exchange(program.port, bytes + get('', '/api/v1/sites/default'));
      assert.deepEqual(statuses(answer.text), [status]);
      assert.match(answer.text, /\r\nConnection: close\r\n/);
      assert.match(answer.text, /application\/problem\+json/);
    });
  }

  test('nothing of all that rang anybody or was stored', async () => {
    const { body } = await program.ask('GET', '/simulator/api/calls');
    assert.deepEqual(body.calls, []);
    const texts = await program.ask('GET', '/simulator/api/messages');
    assert.deepEqual(texts.body.messages, []);
  });

  test('a hundred requests at once are answered in order', async () => {
    const targets = Array.from({ length: 100 }, (_, i) => (i % 3 === 1 ? '/nowhere' : '/livez'));
    const bytes = targets.map((target) => get('', target)).join('') + get('Connection: close\r\n');
    const answer = await exchange(program.port, bytes);
    assert.deepEqual(statuses(answer.text), [...targets.map((t) => (t === '/livez' ? 200 : 404)), 200]);
  });

  test('bodies at once are kept apart', async () => {
    const one = post('Content-Length: 2\r\n', '{}') + post(chunked, '1;a=b\r\n{\r\n1\r\n}\r\n0\r\n\r\n');
    const answer = await exchange(program.port, one.repeat(5) + get('Connection: close\r\n'));
    assert.deepEqual(statuses(answer.text), [...Array(10).fill(422), 200]);
  });

  test('who closes his half after asking is answered', async () => {
    const answer = await exchange(program.port, get(), { halfClose: true, patienceMs: 8_000 });
    assert.deepEqual(statuses(answer.text), [200]);
    assert.equal(answer.how, 'closed');
  });

  test('who closes his half in the middle is let go of at once', async () => {
    const answers = await Promise.all(
      [get().slice(0, 20), post('Content-Length: 100\r\n', 'abc'), post(chunked, '5\r\nab'), ''].map((bytes) =>
        exchange(program.port, bytes, { halfClose: true, patienceMs: 8_000 })),
    );
    for (const answer of answers) {
      assert.notEqual(answer.how, 'patience');
      assert.ok(statuses(answer.text).every((status) => status >= 400), answer.text);
    }
  });

  test('200 damaged pairs of requests are answered or ended, and the program lives on', async () => {
    let seed = 1;
    const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
    const model = get('A: b\r\n') + post(chunked, `${chunk(fine)}0\r\n\r\n`);
    const asked = [];
    for (let i = 0; i < 200; ++i) {
      const bytes = [...model];
      for (let n = Math.floor(random() * 4) + 1; n > 0; --n)
        bytes[Math.floor(random() * bytes.length)] = String.fromCharCode(Math.floor(random() * 256));
      asked.push(exchange(program.port, bytes.join(''), { halfClose: true, patienceMs: 60_000 }));
    }
    for (const answer of await Promise.all(asked)) {
      assert.notEqual(answer.how, 'patience');
      for (const status of statuses(answer.text)) assert.ok(status === 201 || status < 500, String(status));
    }
    assert.equal((await program.ask('GET', '/health')).status, 200);
    assert.equal(program.ended(), null);
    await until('all sockets are given back', 60_000, () => program.openFiles() < 200);
  });
});
