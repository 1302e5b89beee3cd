// What the pretend exchange knows, followed live: calls and texts by id, newest truth kept.
// Owns the connection to /simulator/api; promises that a call never goes back in its status.
import { followEvents, type Link } from '../shared/event_stream';
import { codeIn, codeLifeMs } from './phone_state';

export interface Call {
  id: string;
  parent: string | null;
  role: 'business' | 'visitor';
  from: string;
  to: string;
  status: 'queued' | 'ringing' | 'answered' | 'ended';
  cause: string | null;
  prompt: string | null;
  placed_at: string;
  answered_at: string | null;
  ended_at: string | null;
}

export interface Message {
  id: string;
  from: string;
  to: string;
  body: string;
  sent_at: string;
}

export interface TrackRow {
  at: string;
  direction: string;
  kind: string;
  summary: string;
  status: string | number | null;
}

export type Action = 'answer' | 'decline' | 'busy' | 'no_answer' | 'machine' | 'hang_up' | 'digits';

const base = '/simulator/api';
const order = { queued: 0, ringing: 1, answered: 2, ended: 3 } as const;
const defaultVisitor = '+12025550123';

export class Exchange {
  calls = new Map<string, Call>();
  messages = new Map<string, Message>();
  business = new Set<string>();
  visitor = defaultVisitor;
  mainBusiness = '';
  link: Link | 'opening' = 'opening';
  /** Why the last click did nothing, if it did nothing. */
  notice = '';

  private told = new Set<string>();
  private stop: (() => void) | null = null;
  private loading: Promise<void> | null = null;
  private waiting: (() => void)[] = [];

  constructor(
    private readonly changed: () => void,
    private readonly arrived: (message: Message) => void,
  ) {}

  start(): void {
    this.stop ??= followEvents(`${location.origin}${base}/events`, {
      onLink: (link) => {
        this.link = link;
        if (link === 'open') this.loading = this.load();
        this.changed();
      },
      onEvent: (event) => {
        const value = JSON.parse(event.data) as Call | Message;
        const take = (): void => {
          if (event.type === 'call') this.takeCall(value as Call);
          if (event.type === 'message') this.takeMessage(value as Message, true);
          this.changed();
        };
        if (this.loading === null) take();
        else this.waiting.push(take);
      },
    });
  }

  pause(): void {
    this.stop?.();
    this.stop = null;
  }

  async act(id: string, action: Action, digits?: string): Promise<void> {
    this.notice = '';
    const answer = await fetch(`${base}/calls/${encodeURIComponent(id)}/act`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(digits === undefined ? { action } : { action, digits }),
    }).catch(() => null);
    if (answer?.ok === true) return;
    const said = (await answer?.json().catch(() => null)) as { detail?: string } | null;
    this.notice = said?.detail ?? 'The exchange does not answer. The phone did nothing.';
    this.changed();
  }

  /** A restarted exchange knows nothing of before, so a fresh list replaces all there was. */
  private async load(): Promise<void> {
    const read = async <T>(path: string): Promise<T | null> =>
      fetch(`${base}${path}`)
        .then((answer) => (answer.ok ? (answer.json() as Promise<T>) : null))
        .catch(() => null);
    const [desk, calls, messages] = await Promise.all([
      read<{ business?: string; visitor?: string }>('/desk'),
      read<{ calls: Call[] }>('/calls'),
      read<{ messages: Message[] }>('/messages'),
    ]);
    if (calls !== null) this.calls.clear();
    if (messages !== null) this.messages.clear();
    if (desk?.business !== undefined) {
      this.business.add(desk.business);
      this.mainBusiness = desk.business;
    }
    if (desk?.visitor !== undefined && this.messages.size === 0) this.visitor = desk.visitor;
    for (const call of calls?.calls ?? []) this.takeCall(call);
    for (const message of messages?.messages ?? []) this.takeMessage(message, false);
    this.loading = null;
    for (const take of this.waiting.splice(0)) take();
    this.changed();
  }

  private takeCall(call: Call): void {
    const known = this.calls.get(call.id);
    if (known !== undefined && order[known.status] > order[call.status]) return;
    this.calls.set(call.id, call);
    if (call.role === 'business') {
      this.business.add(call.to);
      if (this.mainBusiness === '' || call.status !== 'ended') this.mainBusiness = call.to;
    } else {
      this.visitor = call.to;
    }
  }

  private takeMessage(message: Message, live: boolean): void {
    if (this.messages.has(message.id)) return;
    this.messages.set(message.id, message);
    if (!this.business.has(message.to)) this.visitor = message.to;
    if (this.told.has(message.id)) return;
    this.told.add(message.id);
    const usable = codeIn(message.body) !== null && Date.now() - Date.parse(message.sent_at) < codeLifeMs;
    if (live || usable) this.arrived(message);
  }
}

/** Follows every request and webhook; opened only while somebody looks. */
export function followTrack(take: (row: TrackRow) => void): () => void {
  return followEvents(`${location.origin}${base}/track`, {
    onEvent: (event) => take(JSON.parse(event.data) as TrackRow),
  });
}

export async function putFaults(faults: Record<string, number>): Promise<string> {
  const answer = await fetch(`${base}/faults`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(faults),
  }).catch(() => null);
  if (answer?.ok === true) return '';
  const said = (await answer?.json().catch(() => null)) as { detail?: string } | null;
  return said?.detail ?? 'The exchange does not answer. The weather is unchanged.';
}
