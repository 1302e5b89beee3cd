// What one phone shows, worked out from the exchange's calls and texts. Pure.
import type { Call, Exchange, Message } from './exchange';

// A code older than this no longer works, so nobody is invited to use it.
export const codeLifeMs = 5 * 60_000;

export type Role = 'business' | 'visitor';

export interface ThreadItem {
  at: string;
  message?: Message;
  call?: Call;
}

export interface PhoneState {
  role: Role;
  number: string;
  /** The leg in front: talked on first, else the one that rang first. */
  live: Call | null;
  others: number;
  thread: ThreadItem[];
}

export function phoneState(exchange: Exchange, role: Role): PhoneState {
  const mine = (number: string): boolean =>
    role === 'business' ? exchange.business.has(number) : number === exchange.visitor;
  const calls = [...exchange.calls.values()].filter((call) => call.role === role);
  const live = calls.filter((call) => call.status === 'answered' || call.status === 'ringing');
  live.sort((a, b) => Number(b.status === 'answered') - Number(a.status === 'answered'));
  const thread: ThreadItem[] = [
    ...[...exchange.messages.values()]
      .filter((message) => mine(message.to))
      .map((message) => ({ at: message.sent_at, message })),
    ...calls
      .filter((call) => call.status === 'ended' && mine(call.to))
      .map((call) => ({ at: call.ended_at ?? call.placed_at, call })),
  ];
  thread.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return {
    role,
    number: role === 'business' ? exchange.mainBusiness : exchange.visitor,
    live: live[0] ?? null,
    others: Math.max(0, live.length - 1),
    thread,
  };
}

export type Line = 'idle' | 'business' | 'visitor' | 'joined';

/** The line between the phones: nothing, one side up, the other ringing, or a bridge. */
export function lineState(business: PhoneState, visitor: PhoneState): Line {
  if (business.live?.status === 'answered' && visitor.live?.status === 'answered') return 'joined';
  if (visitor.live !== null) return 'visitor';
  return business.live === null ? 'idle' : 'business';
}

/** The six digits in a text, if it carries a code. */
export function codeIn(body: string): string | null {
  return /(?:^|\D)(\d{6})(?!\d)/.exec(body)?.[1] ?? null;
}

/** A code was texted that may still be typed: no call came after it and it is not too old. */
export function codeInUse(exchange: Exchange, now = Date.now()): boolean {
  const codes = [...exchange.messages.values()].filter((message) => codeIn(message.body) !== null);
  const newest = Math.max(...codes.map((message) => Date.parse(message.sent_at)));
  const later = [...exchange.calls.values()].some((call) => Date.parse(call.placed_at) > newest);
  return now - newest < codeLifeMs && !later;
}

/** The key a prompt asks for first, so that it may glow: "… to be connected, press 1". */
export function keyAsked(prompt: string | null): string | null {
  const words = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
  const found = /press (?:the )?(?:key )?(\d|[*#]|[a-z]+)/i.exec(prompt ?? '')?.[1]?.toLowerCase();
  if (found === undefined) return null;
  const word = words.indexOf(found);
  if (word >= 0) return String(word);
  return found.length === 1 && /[\d*#]/.test(found) ? found : null;
}

const causes: Record<string, string> = {
  completed: 'Call ended',
  hang_up: 'Call ended',
  hung_up: 'Call ended',
  no_answer: 'Missed call',
  busy: 'Missed call, line busy',
  declined: 'Call declined',
  decline: 'Call declined',
  canceled: 'Missed call, caller gave up',
  cancelled: 'Missed call, caller gave up',
  machine: 'Answered by a machine',
  failed: 'Call failed',
};

export function endedText(call: Call): string {
  const known = causes[(call.cause ?? '').replace('-', '_')];
  return known ?? (call.answered_at === null ? 'Missed call' : 'Call ended');
}
