// The visitor routes of the API as typed calls. An answer is either a value or a Problem; a Problem
// always carries words that may be shown. Nothing is kept: token and documents belong to the caller.

export type State =
  | 'pending'
  | 'scheduled'
  | 'queued'
  | 'calling'
  | 'connected'
  | 'completed'
  | 'missed'
  | 'failed'
  | 'cancelled'
  | 'expired';

export interface SiteInfo {
  site: string;
  name: string;
  open: boolean;
  next_opening: string | null;
  timezone: string;
  calls_from: string | null;
  countries: string[];
  verification: { required: boolean };
}

export interface StatusDocument {
  id: string;
  site: string;
  state: State;
  phase: string | null;
  reason: string | null;
  message: string | null;
  phone_masked: string | null;
  updated_at: string;
  scheduled_for: string | null;
  position: number | null;
  verification: {
    channel: string | null;
    expires_at: string | null;
    attempts_left: number | null;
    resend_at: string | null;
  } | null;
  version: number;
  token?: string;
}

export interface CallbackRequest {
  site: string;
  phone: string;
  name?: string;
  message?: string;
  locale?: string;
  website?: string;
  consent: true;
}

export interface Problem {
  /** 0 when no answer came. */
  status: number;
  code: string;
  detail: string;
  errors: { field: string; code: string; detail: string }[];
  attemptsLeft: number | null;
  retryAfterSeconds: number | null;
}

export type Answer<T> = { ok: true; value: T } | { ok: false; problem: Problem };

export const noAnswer: Problem = {
  status: 0,
  code: 'unreachable',
  detail: '',
  errors: [],
  attemptsLeft: null,
  retryAfterSeconds: null,
};

const requestTimeoutMs = 20_000;

interface Call {
  method?: 'POST';
  token?: string;
  body?: string;
  key?: string;
}

export class VisitorApi {
  constructor(private readonly origin: string) {}

  site(site: string): Promise<Answer<SiteInfo>> {
    return this.call(`/sites/${encodeURIComponent(site)}`, {});
  }

  create(body: string, key: string): Promise<Answer<StatusDocument>> {
    return this.call('/callbacks', { method: 'POST', body, key });
  }

  verify(id: string, token: string, code: string): Promise<Answer<StatusDocument>> {
    return this.call(`${this.path(id)}/verify`, {
      method: 'POST',
      token,
      body: JSON.stringify({ code }),
    });
  }

  resend(id: string, token: string): Promise<Answer<StatusDocument | null>> {
    return this.call(`${this.path(id)}/resend`, { method: 'POST', token });
  }

  read(id: string, token: string): Promise<Answer<StatusDocument>> {
    return this.call(this.path(id), { token });
  }

  cancel(id: string, token: string): Promise<Answer<StatusDocument>> {
    return this.call(`${this.path(id)}/cancel`, { method: 'POST', token });
  }

  eventsUrl(id: string): string {
    return `${this.origin}/api/v1${this.path(id)}/events`;
  }

  private path(id: string): string {
    return `/callbacks/${encodeURIComponent(id)}`;
  }

  private async call<T>(path: string, call: Call): Promise<Answer<T>> {
    const headers: Record<string, string> = { Accept: 'application/json' };
    if (call.token !== undefined) headers['Authorization'] = `Bearer ${call.token}`;
    if (call.body !== undefined) headers['Content-Type'] = 'application/json';
    if (call.key !== undefined) headers['Idempotency-Key'] = call.key;
    try {
      const answer = await fetch(`${this.origin}/api/v1${path}`, {
        method: call.method ?? 'GET',
        headers,
        ...(call.body === undefined ? {} : { body: call.body }),
        credentials: 'omit',
        cache: 'no-store',
        signal: AbortSignal.timeout(requestTimeoutMs),
      });
      const text = await answer.text();
      if (answer.ok) return { ok: true, value: parse(text) as T };
      return { ok: false, problem: toProblem(answer, parse(text)) };
    } catch {
      return { ok: false, problem: noAnswer };
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function toProblem(answer: Response, body: unknown): Problem {
  const said = (body ?? {}) as Record<string, unknown>;
  const retry = Number(said['retry_after'] ?? answer.headers.get('Retry-After') ?? Number.NaN);
  return {
    status: answer.status,
    code: typeof said['code'] === 'string' ? said['code'] : 'internal',
    detail: typeof said['detail'] === 'string' ? said['detail'] : '',
    errors: Array.isArray(said['errors']) ? (said['errors'] as Problem['errors']) : [],
    attemptsLeft: typeof said['attempts_left'] === 'number' ? said['attempts_left'] : null,
    retryAfterSeconds: Number.isFinite(retry) ? retry : null,
  };
}

/** A random key; randomUUID exists only on secure origins, an embedding test page may not be one. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
