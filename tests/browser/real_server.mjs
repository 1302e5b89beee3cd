// The real program with its simulator, for one test file: a port, a store and a desk of its own, so
// that files may run side by side. RINGBACK_PROGRAM names the program; without it there is none.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { patienceMs } from './browser.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const program = process.env.RINGBACK_PROGRAM ?? null;
/** What to give to `skip`. */
export const withoutProgram = program === null && 'RINGBACK_PROGRAM is not set: nothing real to test against';

// The program refuses settings it does not know, and ours name it, not its settings.
const others = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('RINGBACK_')));

const often = '10000/1m';
const generous = {
  RINGBACK_LIMITS__CREATE: often, RINGBACK_LIMITS__CALL_NUMBER: often,
  RINGBACK_LIMITS__VERIFY_CLIENT: often, RINGBACK_LIMITS__VERIFY_PHONE: often,
  RINGBACK_LIMITS__WRONG_CLIENT: often, RINGBACK_LIMITS__WRONG_PHONE: often,
  RINGBACK_LIMITS__VERIFY_PREFIX: `${often},${often}`,
  RINGBACK_BUDGET__CALLS_PER_DAY: '100000', RINGBACK_BUDGET__SMS_PER_DAY: '100000',
};

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

export async function startReal(settings = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'ringback-browser-'));
  const port = await freePort();
  const url = `http://localhost:${port}`;
  let child = null;
  let log = '';

  async function start() {
    child = spawn(program, ['serve', '--config', 'config/simulator.toml'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...others, ...generous, RINGBACK_PUBLIC_URL: url, RINGBACK_SERVER__LISTEN: `127.0.0.1:${port}`,
        RINGBACK_STORAGE__URL: `sqlite:${folder}/ringback.db`, ...settings } });
    const own = child;
    own.gone = new Promise((resolve) => own.once('exit', resolve));
    for (const stream of [own.stdout, own.stderr]) stream.on('data', (text) => (log += text));
    for (const deadline = Date.now() + patienceMs; ; ) {
      const ready = await fetch(`${url}/readyz`).then((answer) => answer.ok, () => false);
      if (ready) return;
      if (own.exitCode !== null || Date.now() > deadline) throw new Error(`the program did not get ready:\n${log}`);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }

  async function end(signal) {
    if (child === null) return;
    child.kill(signal);
    await child.gone;
    child = null;
  }

  await start();
  return {
    url,
    start,
    /** As a power cut: nothing is said, nothing is saved. */
    kill: () => end('SIGKILL'),
    close: async () => {
      await end('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
