// The commands and the configuration: what they print, what they refuse, and with which exit code.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { BUSINESS, command, environmentName, Program } from './support/program.mjs';

const NUMBERS = { 'business.numbers': BUSINESS };
const lines = (text) => text.split('\n').filter(Boolean);

describe('usage', () => {
  test('--version and --help are 0', () => {
    const version = command(['--version']);
    assert.equal(version.status, 0);
    assert.match(version.stdout, /\d+\.\d+\.\d+/);
    const help = command(['--help']);
    assert.equal(help.status, 0);
    for (const word of ['serve', 'check', 'config', 'migrate', 'simulator']) assert.match(help.stdout, new RegExp(word));
  });

  test('what nobody knows is 2, one line on stderr', () => {
    for (const args of [[], ['bogus'], ['serve', '--bogus'], ['config'], ['config', 'bogus'], ['serve', '--config']]) {
      const done = command(args);
      assert.equal(done.status, 2, args.join(' '));
      assert.equal(lines(done.stderr).length, 1, done.stderr);
      assert.match(done.stderr, /--help/);
      assert.equal(done.stdout, '');
    }
  });
});

describe('a wrong configuration', () => {
  test('every problem is told at once, with its line and the nearest key; exit 2', () => {
    const toml = [
      'enviroment = "production"', '[server]', 'listen = 5', 'trusted_proxies = ["10.0.0.0/99"]', '[business]', 'nmae = "x"', 'numbers = ["+1x"]',
      'timezone = "Mars/Olympus"', 'outside_hours = "sheduled"', '[business.hours]', 'mon = "9-17"', 'mno = "09:00-17:00"', '[call]', 'ring_seconds = "long"',
      'attempts = 0', '[limits]', 'create = ["5 per minute"]', '[captcha]', 'provider = "magic"',
    ].join('\n');
    const wanted = [
      [1, /enviroment.*environment/], [3, /server\.listen/], [4, /server\.trusted_proxies/], [6, /business\.nmae.*business\.name/], [7, /business\.numbers/],
      [8, /business\.timezone/], [9, /business\.outside_hours.*"schedule"/], [11, /business\.hours\.mon/], [12, /business\.hours\.mno.*business\.hours\.mon/],
      [14, /call\.ring_seconds/], [15, /call\.attempts/], [17, /limits\.create/], [19, /captcha\.provider/],
    ];
    for (const args of [['serve'], ['config', 'show']]) {
      const done = command(args, { toml });
      assert.equal(done.status, 2);
      for (const [line, text] of wanted) {
        const told = lines(done.stderr).filter((row) => row.includes(`ringback.toml:${line}:`));
        assert.equal(told.length, 1, `line ${line} in:\n${done.stderr}`);
        assert.match(told[0], text);
      }
      assert.equal(lines(done.stderr).length, wanted.length, done.stderr);
    }
  });

  test('the environment is named, too', () => {
    const done = command(['serve'], { settings: { ...NUMBERS, 'call.atempts': '3', 'call.attempts': 'many' } });
    assert.equal(done.status, 2);
    assert.match(done.stderr, /RINGBACK_CALL__ATEMPTS.*call\.attempts/);
    assert.match(done.stderr, /RINGBACK_CALL__ATTEMPTS: /);
  });

  test('broken TOML, a file that is not there, and no numbers are told', () => {
    assert.match(command(['serve'], { toml: '[business\nname = 1' }).stderr, /ringback\.toml:1/);
    const absent = command(['serve', '--config', '/nowhere/at/all.toml']);
    assert.equal(absent.status, 2);
    assert.match(absent.stderr, /\/nowhere\/at\/all\.toml/);
    const empty = command(['serve']);
    assert.equal(empty.status, 2);
    assert.match(empty.stderr, /business\.numbers/);
  });

  test('combinations that cannot work are refused', () => {
    const rows = [
      [{ 'visitor.allowed_countries': '' }, /visitor\.allowed_countries/],
      [{ 'server.client_ip_header': 'x-forwarded-for' }, /server\.client_ip_header/],
      [{ 'carrier.voice': 'twilio' }, /carrier\.twilio|carrier\.voice/],
      [{ 'carrier.voice': 'nobody' }, /carrier\.voice/],
      [{ 'storage.url': 'mysql://x' }, /storage\.url/],
      [{ 'public_url': 'ftp://x' }, /public_url/],
      [{ 'secret_key': 'short' }, /secret_key/],
      [{ 'visitor.allowed_origins': 'https://shop.example/' }, /visitor\.allowed_origins/],
      [{ 'visitor.allowed_origins': '*' }, /visitor\.allowed_origins/],
    ];
    for (const [settings, text] of rows) {
      const done = command(['serve'], { settings: { ...NUMBERS, ...settings } });
      assert.equal(done.status, 2, JSON.stringify(settings));
      assert.match(done.stderr, text);
    }
  });
});

describe('two tables of one account at the carrier, for calls and for texts', () => {
  const TABLE = { kind: 'exotel', account_sid: 'northwind1', api_key: 'key-0123456789', api_token: 'token-0123456789', caller_id: '+918047112345', requests_per_minute: '200' };
  const refusal = (other) => command(['config', 'show'], {
    settings: {
      ...NUMBERS, 'carrier.voice': 'one', 'carrier.sms': 'other', 'carrier.poll': 'true', 'call.accept': 'none',
      ...Object.fromEntries([['one', TABLE], ['other', { ...TABLE, ...other }]].flatMap(([name, table]) =>
        Object.entries(table).map(([key, value]) => [`carrier.${name}.${key}`, value]))),
    },
  }).stderr;

  test('have one limit, told once', () => {
    assert.match(refusal({ requests_per_minute: '100', base_url: 'https://API.exotel.com/' }), /carrier\.other\.requests_per_minute.*100.*200.*same/);
    assert.doesNotMatch(refusal({}), /requests_per_minute/);
    assert.doesNotMatch(refusal({ requests_per_minute: '100', account_sid: 'another' }), /requests_per_minute/);
  });
});

describe('production', () => {
  test('refuses everything unsafe, all at once', () => {
    const done = command(['serve'], {
      settings: { ...NUMBERS, environment: 'production', 'public_url': 'http://ring.example', 'timing.lease': '5', 'secret_key': 'changeme-changeme-changeme-changeme' },
    });
    assert.equal(done.status, 2);
    for (const text of [/simulator/, /public_url.*https/, /visitor\.allowed_origins/, /timing\.lease/, /secret_key/]) assert.match(done.stderr, text);
  });
});

describe('config show', () => {
  test('masks every secret and says where each value came from', () => {
    const secret = 'canary-0123456789-0123456789-0123456789';
    const done = command(['config', 'show', '--origin'], {
      toml: `secret_key = "${secret}"\n[business]\nnumbers = ["${BUSINESS}"]\n[server]\nmetrics_token = "canary-metrics"\n`,
      settings: { 'call.ring_seconds': '31' },
    });
    assert.equal(done.status, 0, done.stderr);
    assert.ok(!done.stdout.includes('canary') && !done.stderr.includes('canary'));
    const row = (key) => lines(done.stdout).find((line) => line.startsWith(`${key} =`));
    assert.match(row('secret_key'), /ringback\.toml:1/);
    assert.match(row('business.numbers'), /ringback\.toml:3/);
    assert.match(row('call.ring_seconds'), /31.*RINGBACK_CALL__RING_SECONDS/);
    assert.match(row('call.attempts'), /2.*default/);
    assert.ok(!command(['config', 'show'], { settings: NUMBERS }).stdout.includes('#'));
  });

  test('a secret is read from a file, and not from two places', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'ringback-'));
    const file = path.join(folder, 'secret');
    writeFileSync(file, 'x'.repeat(40));
    const done = command(['config', 'show', '--origin'], { settings: { ...NUMBERS, 'secret_key_file': file } });
    assert.equal(done.status, 0, done.stderr);
    assert.ok(lines(done.stdout).some((line) => line.startsWith('secret_key =') && line.includes(file)), done.stdout);
    assert.equal(command(['config', 'show'], { settings: { ...NUMBERS, 'secret_key_file': '/nowhere' } }).status, 2);
    assert.equal(command(['config', 'show'], { settings: { ...NUMBERS, 'secret_key_file': file, 'secret_key': 'y'.repeat(40) } }).status, 2);
    rmSync(folder, { recursive: true });
  });

  test('the shipped file\'s keys are all known and their values are the defaults', () => {
    const defaults = command(['config', 'show'], { settings: NUMBERS });
    assert.equal(defaults.status, 0);
    for (const key of ['environment', 'server.body_limit_bytes', 'call.give_up_minutes', 'limits.create', 'budget.calls_per_day', 'privacy.retention_days'])
      assert.ok(lines(defaults.stdout).some((line) => line.startsWith(`${key} =`)), key);
    assert.equal(environmentName('call.ring_seconds'), 'RINGBACK_CALL__RING_SECONDS');
  });
});

describe('check', () => {
  test('a sound set-up is 0, a broken one is 1, each problem with what mends it', () => {
    const sound = command(['check', '--json'], { settings: { ...NUMBERS, 'business.hours.mon': '09:00-17:00' } });
    assert.equal(sound.status, 0, sound.stdout);
    const told = JSON.parse(sound.stdout);
    assert.equal(told.ok, true);
    const broken = command(['check', '--json'], { toml: 'nonsense = 1\n' });
    assert.equal(broken.status, 1);
    const { ok, findings } = JSON.parse(broken.stdout);
    assert.equal(ok, false);
    for (const finding of findings.filter((row) => row.status === 'problem')) assert.ok(finding.detail && finding.fix, JSON.stringify(finding));
    assert.equal(command(['check'], { settings: NUMBERS }).status, 0);
  });
});

describe('serve', () => {
  test('an address in use is 1, with what to do', async (t) => {
    const program = await Program.start(t);
    const second = command(['serve'], { settings: { ...program.settings, 'storage.url': 'sqlite:other.db' } });
    assert.equal(second.status, 1, second.stderr);
    assert.match(second.stderr, new RegExp(`${program.port}`));
  });

  test('two programs on one database: the second is refused', async (t) => {
    const program = await Program.start(t);
    const second = command(['serve'], { settings: { ...program.settings, 'server.listen': '127.0.0.1:0' } });
    assert.equal(second.status, 1, second.stderr || 'it ran');
    assert.match(second.stderr, /ringback\.db/);
  });

  test('a database in a folder that cannot be made is 1', () => {
    const done = command(['serve'], { settings: { ...NUMBERS, 'storage.url': 'sqlite:/proc/nowhere/x.db' } });
    assert.equal(done.status, 1);
    assert.match(done.stderr, /\/proc\/nowhere/);
  });
});
