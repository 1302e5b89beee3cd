// Setting an account up: what is refused at start, with the ways out, and what `check` and /health tell.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BUSINESS, command } from '../blackbox/support/program.mjs';
import { FROM, World } from './support/world.mjs';

const SID = `AC${'0'.repeat(31)}1`;
const ACCOUNT = {
  'business.numbers': BUSINESS, 'carrier.voice': 'twilio', 'carrier.sms': 'twilio', 'carrier.twilio.account_sid': SID,
  'carrier.twilio.auth_token': 'canary-token', 'carrier.twilio.from': FROM, public_url: 'https://ring.example',
};
const refused = (settings, ...texts) => {
  const done = command(['serve'], { settings: { ...ACCOUNT, ...settings } });
  assert.equal(done.status, 2, done.stderr);
  for (const text of texts) assert.match(done.stderr, text);
  assert.ok(!done.stderr.includes('canary'));
};

describe('refused at start', () => {
  test('press 1 without webhooks, with both ways out', () => {
    refused({ 'carrier.poll': 'true' }, /call\.accept/, /carrier\.poll = false/, /call\.accept = "none"/, /cancel is too late/);
  });
  test('a public URL that the carrier cannot reach', () => {
    refused({ public_url: 'http://localhost:8501' }, /public_url/, /tunnel/, /carrier\.poll = true/);
  });
  test('an account that lacks something: all of it, by name', () => {
    refused(
      { 'carrier.twilio.account_sid': 'AC1', 'carrier.twilio.auth_token': '', 'carrier.twilio.from': '' },
      /account_sid does not look like one/, /auth_token is missing/, /from is missing/,
    );
  });
  test('http anywhere but on loopback', () => refused({ 'carrier.twilio.base_url': 'http://api.example' }, /carrier\.twilio\.base_url.*http only on loopback/));
});

test('config show masks the account\'s secrets and tells where each value came from', () => {
  const done = command(['config', 'show', '--origin'], { settings: { ...ACCOUNT, 'carrier.twilio.api_key_sid': 'SK1', 'carrier.twilio.api_key_secret': 'canary-key' } });
  assert.equal(done.status, 0, done.stderr);
  assert.ok(!done.stdout.includes('canary'));
  assert.match(done.stdout, /carrier\.twilio\.auth_token = "\*\*\*" +# environment RINGBACK_CARRIER__TWILIO__AUTH_TOKEN/);
  assert.match(done.stdout, /carrier\.twilio\.calls_per_second = 1 +# default/);
});

describe('check', () => {
  // In a process of its own: the command is waited for.
  const withPeer = async (body) => {
    const script = fileURLToPath(new URL('../peers/twilio.mjs', import.meta.url));
    const peer = spawn(process.execPath, [script, '--port', '0', '--account', SID, '--token', 'canary-token', '--numbers', FROM]);
    try {
      const [line] = await once(peer.stdout, 'data');
      await body(`http://127.0.0.1:${Number(line)}`);
    } finally {
      peer.kill();
    }
  };
  const findings = (settings) => {
    const done = command(['check', '--json'], { settings: { ...ACCOUNT, public_url: 'http://localhost:8501', ...settings } });
    assert.ok(!(done.stdout + done.stderr).includes('canary'));
    return JSON.parse(done.stdout).findings.filter(({ about }) => about === 'carrier twilio');
  };

  test('signs in to the account', () => withPeer((url) => {
    assert.deepEqual(findings({ 'carrier.twilio.base_url': url }).map(({ status }) => status), ['fine']);
  }));
  test('says which credentials are wrong', () => withPeer((url) => {
    const [wrong] = findings({ 'carrier.twilio.base_url': url, 'carrier.twilio.auth_token': 'another' });
    assert.equal(wrong.status, 'problem');
    assert.match(wrong.detail, /auth_token is not accepted.*20003/);
    assert.match(wrong.fix, /carrier\.twilio/);
  }));
  test('says that `from` is not the account\'s number', () => withPeer((url) => {
    const told = findings({ 'carrier.twilio.base_url': url, 'carrier.twilio.from': '+12025550111' });
    assert.ok(told.some(({ status, detail }) => status === 'note' && /verified caller id/.test(detail)), JSON.stringify(told));
  }));
  test('says that nobody answers there', () => {
    const [wrong] = findings({ 'carrier.twilio.base_url': 'http://127.0.0.1:9' });
    assert.equal(wrong.status, 'problem');
    assert.match(wrong.fix, /base_url/);
  });
});

test('health tells what the choice of an account costs', async (t) => {
  const world = await World.twilio(t, { 'carrier.poll': 'true', 'call.accept': 'none' });
  const health = (await world.client.get('/health')).json;
  const { detail, status } = health.checks.carrier_voice;
  assert.equal(status, 'healthy');
  for (const text of [/voicemail/, /cancel is too late/, /no webhooks/]) assert.match(detail, text);
  const usual = await World.twilio(t);
  assert.equal((await usual.client.get('/health')).json.checks.carrier_voice.detail, 'twilio: in use');
});
