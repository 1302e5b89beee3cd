// The program's side in the tests of the carriers themselves: answers webhooks with what the test says
// and keeps what came.
import http from 'node:http';
import { readForm } from './lib/form.mjs';

export class Listener {
  came = []; // {path, query, headers, text, form}

  static async start(t, answer) {
    const listener = new Listener();
    const server = http.createServer(async (request, response) => {
      let text = '';
      for await (const chunk of request.setEncoding('utf8')) text += chunk;
      const url = new URL(request.url, 'http://x');
      const pairs = request.method === 'GET' ? readForm(url.search.slice(1)) : readForm(text);
      const letter = { method: request.method, path: url.pathname, headers: request.headers, text, pairs, form: Object.fromEntries(pairs) };
      listener.came.push(letter);
      const { status = 204, type = 'text/xml', body } = (await answer(letter, listener)) ?? {};
      response.writeHead(status, body === undefined ? {} : { 'content-type': type });
      response.end(body);
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    listener.url = `http://127.0.0.1:${server.address().port}`;
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    return listener;
  }

  at(path) {
    return this.came.filter((letter) => letter.path === path);
  }
}
