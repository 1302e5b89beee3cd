// A real S3-compatible store that verifies signatures: OpenStack Swift with its s3api, from Debian's
// packages, in a folder and on ports of its own. Started once for a suite.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort } from '../../blackbox/support/program.mjs';
import { until } from '../../blackbox/support/until.mjs';
import { Bucket } from './s3.mjs';

const PROGRAMS = ['swift-proxy-server', 'swift-account-server', 'swift-container-server', 'swift-object-server'];
const PATHS = `${process.env.PATH}:/usr/sbin:/usr/bin`;
export const REGION = 'us-east-1';

// One device, one replica; made in one process, because each start of Python costs half a second.
const RINGS = `
import json, sys
from swift.common.ring import RingBuilder
folder, ports = sys.argv[1], json.loads(sys.argv[2])
for name, port in ports.items():
    builder = RingBuilder(4, 1, 1)
    builder.add_dev({'id': 0, 'region': 1, 'zone': 1, 'weight': 1, 'ip': '127.0.0.1', 'port': port, 'device': 'd1',
                     'replication_ip': '127.0.0.1', 'replication_port': port, 'meta': ''})
    builder.rebalance()
    builder.get_ring().save('%s/%s.ring.gz' % (folder, name))
`;

export const swiftIsThere = () =>
  PROGRAMS.every((name) => spawnSync('which', [name], { env: { PATH: PATHS } }).status === 0);

export class Swift {
  #children = [];

  static async start() {
    const swift = new Swift();
    swift.folder = mkdtempSync(path.join(os.tmpdir(), 'ringback-swift-'));
    try {
      await swift.#prepare();
      await swift.#launch();
    } catch (failure) {
      await swift.end();
      throw failure;
    }
    return swift;
  }

  async #prepare() {
    const { folder } = this;
    this.access_key = 'calls:archive';
    this.secret_key = 'only-of-this-test';
    this.ports = { account: await freePort(), container: await freePort(), object: await freePort() };
    this.cache = await freePort();
    this.port = await freePort();
    mkdirSync(path.join(folder, 'devices', 'd1'), { recursive: true });
    writeFileSync(path.join(folder, 'swift.conf'),
      '[swift-hash]\nswift_hash_path_prefix = test\nswift_hash_path_suffix = test\n[storage-policy:0]\nname = only\ndefault = yes\n');
    const made = spawnSync('/usr/bin/python3', ['-c', RINGS, folder, JSON.stringify(this.ports)], { encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`no rings: ${made.stderr}`);
    const common = `bind_ip = 127.0.0.1\nworkers = 0\nuser = ${os.userInfo().username}\nswift_dir = ${folder}\n` +
      `devices = ${folder}/devices\nmount_check = false\nlog_address = /dev/null\nlog_level = WARNING\n` +
      `disable_fallocate = true\nrecon_cache_path = ${folder}\n`;
    for (const [name, port] of Object.entries(this.ports)) {
      writeFileSync(path.join(folder, `${name}.conf`),
        `[DEFAULT]\nbind_port = ${port}\n${common}[pipeline:main]\npipeline = ${name}-server\n[app:${name}-server]\nuse = egg:swift#${name}\n`);
    }
    writeFileSync(path.join(folder, 'proxy.conf'),
      `[DEFAULT]\nbind_port = ${this.port}\n${common}` +
      '[pipeline:main]\npipeline = catch_errors gatekeeper healthcheck cache listing_formats s3api tempauth bulk slo dlo proxy-server\n' +
      '[app:proxy-server]\nuse = egg:swift#proxy\naccount_autocreate = true\nallow_account_management = true\n' +
      ['catch_errors', 'gatekeeper', 'healthcheck', 'listing_formats', 'bulk', 'slo', 'dlo'].map((name) => `[filter:${name}]\nuse = egg:swift#${name}\n`).join('') +
      `[filter:cache]\nuse = egg:swift#memcache\nmemcache_servers = 127.0.0.1:${this.cache}\n` +
      `[filter:s3api]\nuse = egg:swift#s3api\nlocation = ${REGION}\ns3_acl = false\n` +
      `[filter:tempauth]\nuse = egg:swift#tempauth\nuser_calls_archive = ${this.secret_key} .admin\n`);
  }

  #run(program, args) {
    const log = openSync(path.join(this.folder, `${program}.log`), 'a');
    const child = spawn(program, args, { cwd: this.folder, env: { PATH: PATHS, HOME: this.folder }, stdio: ['ignore', log, log] });
    child.ended = new Promise((resolve) => child.once('close', resolve));
    this.#children.push(child);
    return child;
  }

  async #launch() {
    const cache = ['-l', '127.0.0.1', '-p', String(this.cache), '-U', '0', '-m', '16'];
    if (os.userInfo().uid === 0) cache.push('-u', 'root');
    this.#run('memcached', cache);
    for (const name of Object.keys(this.ports)) this.#run(`swift-${name}-server`, [`${name}.conf`]);
    await this.open();
    await until('a bucket can be made', async (seen) => {
      const answer = await this.bucket('probe').create().catch((error) => ({ status: error.message }));
      seen(answer.status);
      return answer.status === 200;
    });
  }

  // The way in; while it is shut, nothing answers.
  async open() {
    this.proxy = this.#run('swift-proxy-server', ['proxy.conf']);
    await until('the store answers', async () => {
      if (this.proxy.exitCode !== null) throw new Error(this.log('swift-proxy-server'));
      const answer = await fetch(`http://127.0.0.1:${this.port}/healthcheck`).catch(() => null);
      return answer?.status === 200;
    });
  }

  async shut() {
    this.proxy.kill('SIGKILL');
    await this.proxy.ended;
  }

  log(program) {
    return readFileSync(path.join(this.folder, `${program}.log`), 'utf8');
  }

  bucket(name) {
    return new Bucket({ port: this.port, access_key: this.access_key, secret_key: this.secret_key, region: REGION, bucket: name });
  }

  async end() {
    for (const child of this.#children) child.kill('SIGKILL');
    await Promise.all(this.#children.map((child) => child.ended));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
