// Talks that are recorded, and what the program says of their recordings.
import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { BIN, freePort } from '../../blackbox/support/program.mjs';
import { visitorNumber } from '../../blackbox/support/client.mjs';
import { until } from '../../blackbox/support/until.mjs';

// Two automatic people talk until the visitor hangs up. before: what is done just before that.
export async function talk(client, { before = () => {} } = {}) {
  const phone = visitorNumber();
  const callback = await client.proven(phone);
  await client.reaches(callback, 'connected');
  const leg = await client.leg(phone, 'answered');
  await before();
  await client.act(leg, 'hang_up');
  return { ...callback, phone };
}

export async function figures(client) {
  return {
    waiting: await client.metric('ringback_recordings_waiting'),
    dead: await client.metric('ringback_recordings_dead'),
  };
}

export const audits = (program) =>
  program.log.split('\n').filter((line) => line.includes('"audit":true')).map((line) => JSON.parse(line));

// Folders come and go while they are read.
export const filesIn = (folder) =>
  readdirSync(folder, { recursive: true }).filter((name) => statSync(path.join(folder, name), { throwIfNoEntry: false })?.isFile());

// What is whole: a file that is being written has another name.
export const keptIn = (folder) => filesIn(folder).filter((name) => !name.endsWith('.part'));

// An exchange that outlives the program.
export class Exchange {
  static async start(t) {
    const exchange = new Exchange();
    exchange.port = await freePort();
    exchange.url = `http://127.0.0.1:${exchange.port}`;
    const child = spawn(BIN, ['simulator', '--listen', `127.0.0.1:${exchange.port}`, '--auto'], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('close', resolve));
    t.after(async () => {
      child.kill('SIGKILL');
      await ended;
    });
    await until('the exchange answers', () => fetch(`${exchange.url}/simulator/api/desk`).then((a) => a.ok, () => false));
    return exchange;
  }

  async recording(name) {
    const authorization = `Basic ${Buffer.from('simulator:simulator').toString('base64')}`;
    const answer = await fetch(`${this.url}/v1/recordings/${name}`, { headers: { authorization } });
    return answer.ok ? Buffer.from(await answer.arrayBuffer()) : null;
  }
}
