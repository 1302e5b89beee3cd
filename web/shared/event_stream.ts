// Follows a text/event-stream with fetch, because EventSource cannot send an Authorization header.
// Promises: reconnects by itself with a growing pause, carries Last-Event-ID on, notices a silent
// line, says "lost" only when a reconnect did not succeed at once, and gives up only when refused.

export interface StreamEvent {
  type: string;
  id: string;
  data: string;
}

export type Link = 'open' | 'lost' | 'gone';

export interface StreamOptions {
  headers?: () => Record<string, string>;
  onEvent: (event: StreamEvent) => void;
  onLink?: (link: Link) => void;
}

const firstPauseMs = 300;
const longestPauseMs = 10_000;
// The server comments at least every 15 s; twice that and a little in silence is a dead line.
const silenceMs = 35_000;
// A blip shorter than this is nobody's business.
const quietMs = 1_200;
const refusals = new Set([400, 401, 403, 404, 405, 410]);

/** Turns text as it arrives into events; what is cut in two waits for its other half. */
export class EventParser {
  private rest = '';
  private type = '';
  private data: string[] = [];
  private id = '';

  constructor(private readonly emit: (event: StreamEvent) => void) {}

  push(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.line(line.endsWith('\r') ? line.slice(0, -1) : line);
  }

  private line(line: string): void {
    if (line === '') {
      if (this.data.length > 0) {
        this.emit({ type: this.type || 'message', id: this.id, data: this.data.join('\n') });
      }
      this.type = '';
      this.data = [];
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.type = value;
    else if (field === 'data') this.data.push(value);
    else if (field === 'id') this.id = value;
  }
}

/** Starts following; the returned function stops for good. */
export function followEvents(url: string, options: StreamOptions): () => void {
  let stopped = false;
  let lastId = '';
  let pauseMs = firstPauseMs;
  let abort = new AbortController();
  let wake: (() => void) | null = null;
  let lostTimer: ReturnType<typeof setTimeout> | undefined;
  // A page of another origin may not be allowed to send this header; a first event is the
  // whole status anyway, so nothing is missed without it.
  const mayResume = new URL(url, location.href).origin === location.origin;

  const say = (link: Link): void => {
    clearTimeout(lostTimer);
    lostTimer = undefined;
    if (!stopped) options.onLink?.(link);
  };
  const sayLostSoon = (): void => {
    lostTimer ??= setTimeout(() => options.onLink?.('lost'), quietMs);
  };
  const hurry = (): void => wake?.();

  const readOnce = async (): Promise<'refused' | 'ended'> => {
    abort = new AbortController();
    let silence = setTimeout(() => abort.abort(), silenceMs);
    try {
      const headers: Record<string, string> = { Accept: 'text/event-stream', ...options.headers?.() };
      if (lastId !== '' && mayResume) headers['Last-Event-ID'] = lastId;
      const answer = await fetch(url, { headers, cache: 'no-store', signal: abort.signal });
      if (refusals.has(answer.status)) return 'refused';
      if (!answer.ok || answer.body === null) return 'ended';
      say('open');
      pauseMs = firstPauseMs;
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      const parser = new EventParser((event) => {
        if (event.id !== '') lastId = event.id;
        if (!stopped) options.onEvent(event);
      });
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return 'ended';
        clearTimeout(silence);
        silence = setTimeout(() => abort.abort(), silenceMs);
        parser.push(value);
      }
    } finally {
      clearTimeout(silence);
    }
  };

  const run = async (): Promise<void> => {
    while (!stopped) {
      const result = await readOnce().catch(() => 'ended' as const);
      if (stopped) break;
      if (result === 'refused') {
        say('gone');
        break;
      }
      sayLostSoon();
      const jitter = 0.75 + Math.random() * 0.5;
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, pauseMs * jitter);
      });
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
    removeEventListener('online', hurry);
  };

  addEventListener('online', hurry);
  void run();
  return () => {
    stopped = true;
    clearTimeout(lostTimer);
    abort.abort();
    hurry();
  };
}
