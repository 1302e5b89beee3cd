// Sockets that say exactly what they are told, byte by byte.
import net from 'node:net';

/** Sends the bytes, then collects until the server closes or `patienceMs` is over. */
export function exchange(port, bytes, { patienceMs = 60_000, halfClose = false } = {}) {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const parts = [];
    const began = Date.now();
    const finish = (how) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ how, text: Buffer.concat(parts).toString('latin1'), ms: Date.now() - began });
    };
    const timer = setTimeout(() => finish('patience'), patienceMs);
    socket.on('data', (part) => parts.push(part));
    socket.on('end', () => finish('closed'));
    socket.on('error', () => finish('reset'));
    socket.on('connect', () => {
      for (const piece of [bytes].flat()) socket.write(Buffer.from(piece, 'latin1'));
      if (halfClose) socket.end();
    });
  });
}

/** The statuses in a stream of answers, told apart by their lengths. */
export function statuses(text) {
  const found = [];
  let rest = text;
  for (;;) {
    const head = /^HTTP\/1\.1 (\d{3})[^]*?\r\n\r\n/.exec(rest);
    if (!head) break;
    found.push(Number(head[1]));
    const length = /\r\nContent-Length: (\d+)/i.exec(head[0]);
    rest = rest.slice(head[0].length + Number(length?.[1] ?? 0));
  }
  return rest === '' ? found : [...found, `and ${rest.length} bytes of something else`];
}

/**
 * Keeps `count` sockets open until `stop()`: one that is closed is opened again. `talk(socket)` is
 * called for each and may return a function that ends what it began.
 */
export function crowd(port, count, talk) {
  const sockets = new Set();
  const figures = { opened: 0, closedByServer: 0, failed: 0, longestMs: 0 };
  let stopped = false;
  const open = () => {
    if (stopped) return;
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const began = Date.now();
    let undo;
    let up = false;
    sockets.add(socket);
    socket.on('connect', () => {
      up = true;
      figures.opened += 1;
      undo = talk(socket);
    });
    socket.on('end', () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('close', () => {
      undo?.();
      sockets.delete(socket);
      if (stopped) return;
      if (up) {
        figures.closedByServer += 1;
        figures.longestMs = Math.max(figures.longestMs, Date.now() - began);
      } else {
        figures.failed += 1;
      }
      setTimeout(open, up ? 0 : 50);
    });
  };
  for (let i = 0; i < count; ++i) open();
  return {
    figures,
    size: () => [...sockets].filter((socket) => !socket.connecting && !socket.destroyed).length,
    stop() {
      stopped = true;
      for (const socket of sockets) socket.destroy();
    },
  };
}
