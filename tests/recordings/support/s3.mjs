// A second pair of eyes on the bucket: signs by itself (AWS Signature Version 4), with nothing of the
// program's.
import { createHash, createHmac } from 'node:crypto';
import http from 'node:http';

const sha256 = (text) => createHash('sha256').update(text).digest('hex');
const hmac = (key, text) => createHmac('sha256', key).update(text).digest();

export class Bucket {
  constructor({ port, access_key, secret_key, region, bucket }) {
    Object.assign(this, { port, access_key, secret_key, region, bucket });
  }

  request(method, path = '', query = '', body = '') {
    const host = `127.0.0.1:${this.port}`;
    const target = `/${this.bucket}${path === '' ? '' : `/${path}`}`;
    const stamp = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
    const payload = sha256(body);
    const names = 'host;x-amz-content-sha256;x-amz-date';
    const canonical = [method, target, query, `host:${host}`, `x-amz-content-sha256:${payload}`,
      `x-amz-date:${stamp}`, '', names, payload].join('\n');
    const scope = `${stamp.slice(0, 8)}/${this.region}/s3/aws4_request`;
    const key = hmac(hmac(hmac(hmac(`AWS4${this.secret_key}`, stamp.slice(0, 8)), this.region), 's3'), 'aws4_request');
    const signature = createHmac('sha256', key).update(['AWS4-HMAC-SHA256', stamp, scope, sha256(canonical)].join('\n')).digest('hex');
    const headers = {
      host, 'x-amz-content-sha256': payload, 'x-amz-date': stamp, 'content-length': Buffer.byteLength(body),
      authorization: `AWS4-HMAC-SHA256 Credential=${this.access_key}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
    };
    return new Promise((resolve, reject) => {
      const path_ = query === '' ? target : `${target}?${query}`;
      const request = http.request({ host: '127.0.0.1', port: this.port, method, path: path_, headers, timeout: 20_000 }, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }));
      });
      request.on('timeout', () => request.destroy(new Error('no answer from the bucket')));
      request.on('error', reject);
      request.end(body);
    });
  }

  create() {
    return this.request('PUT');
  }

  async keys() {
    const { status, body } = await this.request('GET', '', 'max-keys=1000');
    if (status !== 200) throw new Error(`the list of the bucket: ${status} ${body}`);
    return [...body.toString().matchAll(/<Key>([^<]*)<\/Key>/g)].map((match) => match[1]);
  }

  get(key) {
    return this.request('GET', key);
  }
}
