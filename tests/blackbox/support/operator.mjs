// An operator's program: its key, and what it asks for.
import assert from 'node:assert/strict';
import { command } from './program.mjs';

export const ADMIN = '/api/v1/admin/callbacks';
export const KEY = /^rbk_dev_([0-9a-z]{12})_[A-Za-z0-9_-]{43}$/;
export const ALL = ['callbacks:read', 'callbacks:read_pii', 'callbacks:write'];

// A command beside the running program, with its configuration.
export const beside = (program, ...args) => command(args, { settings: program.settings, cwd: program.folder });

export function madeKey(program, scopes = ALL, name = 'test') {
  const done = beside(program, 'key', 'add', '--name', name, '--scope', ...scopes);
  assert.equal(done.status, 0, done.stderr);
  const text = done.stdout.trim();
  return { text, id: KEY.exec(text)[1] };
}

export class Operator {
  constructor(client, key) {
    this.client = client;
    this.key = key;
  }

  static of(program, scopes) {
    return new Operator(program.client, madeKey(program, scopes));
  }

  get headers() {
    return { authorization: `Bearer ${this.key.text}` };
  }

  list(query = '') {
    return this.client.get(`${ADMIN}${query}`, this.headers);
  }

  one({ id }) {
    return this.client.get(`${ADMIN}/${id}`, this.headers);
  }

  retry({ id }, body) {
    return this.client.request('POST', `${ADMIN}/${id}/retry`, { headers: this.headers, body });
  }

  cancel({ id }, body) {
    return this.client.request('POST', `${ADMIN}/${id}/cancel`, { headers: this.headers, body });
  }
}
