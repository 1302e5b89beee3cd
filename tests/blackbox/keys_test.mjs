// `ringback key`: what it prints, what it refuses, and that a running server obeys at once.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { expectProblem } from './support/expect.mjs';
import { ADMIN, KEY, Operator, beside, madeKey } from './support/operator.mjs';
import { BUSINESS, Program, command, newFolder } from './support/program.mjs';

const lines = (text) => text.split('\n').filter(Boolean);
const NUMBERS = { 'business.numbers': BUSINESS };
const ADD = ['key', 'add', '--name', 'n', '--scope', 'callbacks:read'];

// A folder without a server.
function empty(t, settings = {}) {
  const folder = newFolder();
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return { folder, settings: { ...NUMBERS, 'storage.url': `sqlite:${path.join(folder, 'ringback.db')}`, ...settings } };
}

describe('ringback key, wrongly used', () => {
  test('is 2, one line on stderr, and makes nothing', (t) => {
    const place = empty(t);
    const wrong = [
      ['key'], ['key', 'bogus'], ['key', 'add'], ['key', 'add', '--name', 'n'], ['key', 'add', '--scope', 'callbacks:read'], ['key', 'revoke'],
      ['key', 'add', '--name', 'n', '--scope', 'callbacks:everything'], ['key', 'add', '--name', 'n', '--scope', 'callbacks:*'],
      ['key', 'add', '--name', '', '--scope', 'callbacks:read'], ['key', 'add', '--name', 'a\tb', '--scope', 'callbacks:read'],
      ['key', 'add', '--name', 'x'.repeat(81), '--scope', 'callbacks:read'], [...ADD, '--days', '0'], [...ADD, '--days', '366'],
      [...ADD, '--days', 'many'], ['key', 'list', 'more'],
    ];
    for (const args of wrong) {
      const done = beside(place, ...args);
      assert.equal(done.status, 2, `${args.join(' ')}: ${done.stderr}`);
      assert.equal(lines(done.stderr).length, 1, done.stderr);
      assert.equal(done.stdout, '');
    }
    assert.deepEqual(readdirSync(place.folder), []);
    assert.match(beside(place, 'key', 'add', '--name', 'n', '--scope', 'calbacks:read').stderr, /callbacks:read, .*privacy:write/);
  });

  test('a wrong configuration is 2, a store that keeps nothing and an unknown id are 1', (t) => {
    const place = empty(t);
    assert.equal(command(ADD, { toml: 'nonsense = 1\n' }).status, 2);
    for (const args of [ADD, ['key', 'list'], ['key', 'revoke', 'x']]) {
      const done = command(args, { settings: { ...NUMBERS, 'storage.url': 'sqlite:/proc/nowhere/x.db' } });
      assert.equal(done.status, 1, done.stderr);
      assert.equal(lines(done.stderr).length, 1, done.stderr);
    }
    for (const args of [['key', 'list'], ['key', 'revoke', '0123456789ab']]) {
      assert.match(beside(place, ...args).stderr, /no database/);
      assert.deepEqual(readdirSync(place.folder), [], 'looking makes nothing');
    }
    madeKey(place);
    const unknown = beside(place, 'key', 'revoke', '0123456789ab');
    assert.equal(unknown.status, 1);
    assert.match(unknown.stderr, /0123456789ab/);
  });
});

describe('ringback key', () => {
  test('before the first start: makes the database, and the server takes the key', async (t) => {
    const folder = newFolder();
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const settings = { ...NUMBERS, 'storage.url': `sqlite:${path.join(folder, 'ringback.db')}` };
    const key = madeKey({ folder, settings }, ['callbacks:read']);
    const program = await Program.start(t, settings, { folder });
    assert.equal((await new Operator(program.client, key).list()).status, 200);
  });

  test('add prints the key alone, once; list shows all but the key', async (t) => {
    const program = await Program.start(t);
    const done = beside(program, 'key', 'add', '--name', 'Zoë\'s night script', '--scope', 'callbacks:read,callbacks:write', '--scope', 'callbacks:export');
    assert.equal(done.status, 0, done.stderr);
    assert.match(done.stdout, new RegExp(`${KEY.source.slice(0, -1)}\n$`));
    const text = done.stdout.trim();
    const [, id] = KEY.exec(text);
    assert.ok(!done.stderr.includes(text.slice(-43)), 'the secret is on stdout only');
    assert.equal(lines(done.stderr).length, 1);

    const list = beside(program, 'key', 'list');
    assert.equal(list.status, 0);
    const row = lines(list.stdout).find((line) => line.startsWith(id));
    for (const part of ['good', 'Zoë\'s night script', 'callbacks:read callbacks:write callbacks:export', 'never']) assert.ok(row.includes(part), row);
    assert.ok(!list.stdout.includes(text.slice(-43)));
    // Nor is it in the files.
    for (const name of readdirSync(program.folder)) {
      assert.ok(!readFileSync(path.join(program.folder, name), 'latin1').includes(text.slice(-43)), name);
    }
  });

  test('a running server takes a new key and refuses a revoked one without a restart', async (t) => {
    const program = await Program.start(t);
    const operator = Operator.of(program, ['callbacks:read']);
    assert.equal((await operator.list()).status, 200);
    const { client } = program;
    const busy = client.proven(); // the store is in use meanwhile
    const revoked = beside(program, 'key', 'revoke', operator.key.id);
    assert.equal(revoked.status, 0, revoked.stderr);
    const refused = await operator.list();
    assert.match(expectProblem(refused, 'unauthenticated').detail, /revoked/);
    assert.equal(beside(program, 'key', 'revoke', operator.key.id).status, 0, 'a second time is fine');
    assert.equal(beside(program, 'key', 'revoke', operator.key.text).status, 0, 'and so is the whole key');
    assert.match(beside(program, 'key', 'list').stdout, new RegExp(`^${operator.key.id} +revoked`, 'm'));
    assert.equal((await client.status(await busy)).status, 200);
  });

  test('its last use is listed', async (t) => {
    const program = await Program.start(t);
    const operator = Operator.of(program, ['callbacks:read']);
    assert.match(beside(program, 'key', 'list').stdout, /never/);
    await operator.list();
    assert.doesNotMatch(beside(program, 'key', 'list').stdout, /never/);
  });

  test('a key survives a restart, and another secret key knows it no more', async (t) => {
    const program = await Program.start(t);
    const operator = Operator.of(program, ['callbacks:read']);
    await program.stop();
    await program.launch();
    assert.equal((await operator.list()).status, 200);
    await program.stop();
    program.settings.secret_key = 'another-secret-key-of-forty-characters!!';
    await program.launch();
    expectProblem(await operator.list(), 'unauthenticated');
  });

  test('the program\'s log holds no key', async (t) => {
    const program = await Program.start(t);
    const operator = Operator.of(program);
    await operator.list();
    await program.client.get(`${ADMIN}?key=${operator.key.text}`);
    await program.client.get(ADMIN, { authorization: `Bearer ${operator.key.text}x` });
    await program.stop();
    assert.ok(!program.log.includes(operator.key.text.slice(-43)));
  });
});
