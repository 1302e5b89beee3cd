// An exchange that does what the test says: it takes calls, shows where it was told to report them,
// and signs its letters like the real one. It sees what nobody else outside does: the tokens.
import { createHmac } from 'node:crypto';
import http from 'node:http';
import { until } from './until.mjs';

export class Exchange {
  orders = []; // calls that were asked for: {id, to, hook, sign_key}
  requests = []; // everything else that was asked
  texts = [];
  #server;
  #letters = 0;
  answer = (order) => ({ status: 200, body: { id: order.id } });

  static async start(t) {
    const exchange = new Exchange();
    exchange.#server = http.createServer((request, response) => exchange.#take(request, response));
    await new Promise((resolve) => exchange.#server.listen(0, '127.0.0.1', resolve));
    exchange.url = `http://127.0.0.1:${exchange.#server.address().port}`;
    t.after(() => {
      exchange.#server.closeAllConnections();
      exchange.#server.close();
    });
    return exchange;
  }

  async #take(request, response) {
    let text = '';
    for await (const chunk of request) text += chunk;
    const body = text === '' ? {} : JSON.parse(text);
    const say = ({ status, body: answer }) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer));
    };
    if (request.method === 'POST' && request.url === '/v1/calls') {
      const order = { id: `CALL${this.orders.length + 1}`, ...body };
      this.orders.push(order);
      const answer = this.answer(order);
      return answer === null ? request.socket.destroy() : say(answer);
    }
    this.requests.push({ method: request.method, url: request.url, body });
    if (request.method === 'POST' && request.url === '/v1/messages') {
      this.texts.push(body);
      return say({ status: 200, body: { id: `TEXT${this.texts.length}` } });
    }
    if (request.method === 'POST') return say({ status: 200, body: {} });
    return say({ status: 404, body: { status: 404, code: 'not_found', message: 'unknown' } });
  }

  order(nth = 1) {
    return until(`order ${nth}`, () => this.orders[nth - 1]);
  }

  // A letter about a call, ready to be sent to the program: {path, body, headers}.
  letter(order, point, more, { id = `letter-${++this.#letters}`, age = 0, key = order.sign_key, hook = order.hook } = {}) {
    const url = `${hook}/${point}`;
    const body = JSON.stringify({ id, call: order.id, ...more });
    const seconds = Math.floor(Date.now() / 1000) - age;
    const signature = createHmac('sha256', key).update(`${seconds}.${url}.${body}`).digest('hex');
    return { path: new URL(url).pathname, body, headers: { 'x-simulator-signature': `t=${seconds},v1=${signature}` } };
  }

  status(order, status, { cause = '', side = 'business', ...more } = {}, signing) {
    return this.letter(order, 'status', { side, status, cause, machine: false, joined: false, talk_seconds: 0, ...more }, signing);
  }

  question(order, point, digits = '', signing) {
    return this.letter(order, point, { point, round: 1, digits, machine: false, visitor: null }, signing);
  }
}
