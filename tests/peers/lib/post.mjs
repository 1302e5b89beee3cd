// One request of a carrier to the program. Rejects with `connect: true` if the program was not reached.
import http from 'node:http';

const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
const LONGEST_MS = 15_000;
const LARGEST_BODY = 64 * 1024;

// abandon: the carrier hangs up as soon as the answer begins, as if it had never come.
export function send(method, url, { headers = {}, body, abandon = false, timeout = LONGEST_MS } = {}) {
  const target = new URL(url);
  return new Promise((resolve, reject) => {
    let connected = false;
    const request = http.request(
      {
        agent, method, timeout, family: 4,
        host: target.hostname, port: target.port || 80, path: target.pathname + target.search,
        headers: { host: target.host, ...headers, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) },
      },
      (response) => {
        if (abandon) {
          request.destroy();
          return resolve({ status: 0, headers: {}, text: '' });
        }
        const chunks = [];
        let size = 0;
        response.on('data', (chunk) => {
          size += chunk.length;
          chunks.push(chunk);
        });
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString('utf8'), tooLarge: size > LARGEST_BODY }),
        );
      },
    );
    request.on('socket', (socket) => {
      if (!socket.connecting) connected = true;
      else socket.once('connect', () => (connected = true));
    });
    request.on('timeout', () => request.destroy(new Error(`no answer from ${method} ${target.pathname}`)));
    request.on('error', (error) => {
      const never = error.code === 'ECONNREFUSED' || (!connected && error.code !== 'ECONNRESET');
      // A kept connection that the program closed while we picked it up: nothing was read.
      const stale = request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      reject(Object.assign(error, { connect: never || stale }));
    });
    request.end(body);
  });
}
