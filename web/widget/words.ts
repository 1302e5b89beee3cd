// Every sentence the form can say that the server did not send, in one place.
// Plain, true, active; says who does what next; never claims what is not known.
import type { SiteInfo, StatusDocument } from './api';
import { inAnotherZone, momentText } from '../shared/format';
import type { IconName } from '../shared/icons';

export type Tone = 'info' | 'warn' | 'accent' | 'danger' | 'muted';

export interface StateLook {
  icon: IconName;
  tone: Tone;
  word: string;
}

const looks: Record<string, StateLook> = {
  pending: { icon: 'key', tone: 'info', word: 'Waiting for your code' },
  scheduled: { icon: 'calendar', tone: 'info', word: 'Scheduled' },
  queued: { icon: 'hourglass', tone: 'info', word: 'In line' },
  calling: { icon: 'ringing', tone: 'warn', word: 'Calling' },
  in_doubt: { icon: 'question', tone: 'warn', word: 'Checking' },
  connected: { icon: 'joined', tone: 'accent', word: 'Connected' },
  completed: { icon: 'check', tone: 'accent', word: 'Done' },
  missed: { icon: 'envelope', tone: 'danger', word: 'Missed' },
  failed: { icon: 'cross', tone: 'danger', word: 'Failed' },
  cancelled: { icon: 'stroke', tone: 'muted', word: 'Cancelled' },
  expired: { icon: 'clock', tone: 'muted', word: 'Expired' },
};

export function lookOf(doc: StatusDocument): StateLook {
  const key = doc.phase === 'in_doubt' ? 'in_doubt' : doc.state;
  return looks[key] ?? { icon: 'question', tone: 'muted', word: doc.state };
}

/** What is going on, as the heading of the live view. */
export function headline(doc: StatusDocument, name: string): string {
  switch (doc.state) {
    case 'pending':
      return 'Enter the code';
    case 'scheduled':
      if (doc.phase === 'retry') return `${name} was not reached yet`;
      return doc.scheduled_for === null
        ? 'Your call is scheduled'
        : `We call ${momentText(doc.scheduled_for)}`;
    case 'queued':
      return (doc.position ?? 0) > 1 ? `You are number ${doc.position} in line` : 'Your call is next';
    case 'calling':
      if (doc.phase === 'ringing_visitor') return 'Your phone is ringing';
      if (doc.phase === 'screening') return `${name} picked up`;
      if (doc.phase === 'in_doubt') return 'We are checking a call';
      return `We are ringing ${name}`;
    case 'connected':
      return 'You are connected';
    case 'completed':
      return 'The call is over';
    case 'missed':
      return doc.reason?.startsWith('visitor_') === true
        ? 'We did not reach you'
        : `${name} could not take the call`;
    case 'failed':
      return 'This call cannot be made';
    case 'cancelled':
      return 'Cancelled';
    case 'expired':
      return doc.reason === 'too_old' ? 'This request grew too old' : 'The code ran out';
    default:
      return doc.state;
  }
}

const reasons: Record<string, string> = {
  business_no_answer: 'Nobody answered. They have your details by text and can call you.',
  business_busy: 'The line was busy. They have your details by text and can call you.',
  business_declined: 'Nobody could take the call. They have your details by text and can call you.',
  business_machine: 'A machine answered, so we hung up. They have your details by text.',
  visitor_no_answer: 'Your phone rang and was not answered. They know that you asked.',
  visitor_busy: 'Your phone was busy. They know that you asked.',
  visitor_declined: 'The call was declined on your phone. You can ask again.',
  visitor_unreachable: 'Your phone could not be reached. Check the number, then ask again.',
  carrier_refused: 'The phone company refused this call. Check the number, then ask again.',
  carrier_unavailable: 'The phone network cannot reach you now. Try again later.',
  joined: 'You had asked already; that request goes on.',
  number_blocked: 'This number cannot be called from here.',
  budget_reached: 'No more calls can be made today. Try again tomorrow.',
  outside_hours: 'They are closed now and have your details by text.',
  outcome_unknown: 'The call may have rung; we could not find out. They have your details by text.',
  too_old: 'Nobody could be reached in time. Nothing more will ring. You can ask again.',
  by_visitor: 'Nobody will ring you about this request.',
  by_operator: 'The business closed this request. Nobody will ring you about it.',
};

/** The sentence under the heading: the server's own where it sent one. */
export function sentence(doc: StatusDocument, name: string): string {
  if (doc.message !== null && doc.message !== '') return doc.message;
  if (doc.reason !== null && reasons[doc.reason] !== undefined) return reasons[doc.reason] as string;
  switch (doc.state) {
    case 'scheduled':
      return 'You can close this page; the call comes all the same.';
    case 'queued':
      return `We ring ${name} first, then you.`;
    case 'calling':
      if (doc.phase === 'ringing_visitor') return `${name} is on the line. Answer your phone.`;
      if (doc.phase === 'screening') return 'We make sure that a person is there. Then we ring you.';
      if (doc.phase === 'in_doubt') return 'The call may have rung; we are checking.';
      return 'As soon as somebody accepts, your phone rings.';
    case 'connected':
      return `You are talking with ${name}.`;
    case 'completed':
      return 'Thank you for calling.';
    case 'expired':
      return 'The number was not confirmed in time. Nobody was called.';
    default:
      return '';
  }
}

/** When the phone can ring: as much as the server said and no more. */
export function openingText(site: SiteInfo): string {
  if (site.open) return 'Now: we are open.';
  if (site.next_opening === null) return 'We are closed now.';
  const own = inAnotherZone(site.timezone, new Date(site.next_opening)) ? ', your time' : '';
  return `We are closed now and open ${dayPrefix(site.next_opening)}${own}.`;
}

function dayPrefix(iso: string): string {
  const text = momentText(iso);
  return /^\d/.test(text) && text.length < 9 ? `at ${text}` : text;
}

export const tooLateToCancel =
  'It is too late to cancel: your phone may already be ringing. You can decline the call.';

export const unreachableCreate =
  'No answer from the server, so we do not know whether your request arrived. ' +
  'Check your connection and press again: you will not be called twice.';
export const unreachableVerify =
  'No answer from the server. The code was not used up: press Confirm to send it again.';
export const unreachableAction = 'No answer from the server. Nothing changed that we know of; try again.';
export const unexplained =
  'The server could not do this and did not say why. Nothing was called. Try again in a minute.';
export const lostLink = 'Connection lost. Reconnecting by itself; your call does not depend on this page.';
export const goneLink =
  'The server no longer knows this request. If your phone does not ring, ask again.';

export const fieldFallback: Record<string, string> = {
  phone: 'This is not a phone number we can call. Nothing was sent.',
  name: 'This name cannot be used. Nothing was sent.',
  message: 'This message cannot be used. Nothing was sent.',
};
