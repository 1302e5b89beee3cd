// The four stages of a callback and where it stands among them. Pure: a document in, rows out.
import type { StatusDocument } from './api';

export type Standing = 'todo' | 'current' | 'done' | 'stopped';

export interface Stage {
  label: string;
  standing: Standing;
}

/** Index of the stage that is going on (4: all are behind). `reached` is the furthest seen so far. */
export function stageIndex(doc: StatusDocument, reached: number): number {
  switch (doc.state) {
    case 'pending':
      return 0;
    case 'scheduled':
    case 'queued':
      return 1;
    case 'calling':
      if (doc.phase === 'ringing_visitor') return 2;
      return doc.phase === 'in_doubt' ? Math.max(1, Math.min(reached, 2)) : 1;
    case 'connected':
      return 3;
    case 'completed':
      return 4;
    case 'missed':
    case 'failed':
      return doc.reason?.startsWith('visitor_') === true ? 2 : 1;
    case 'expired':
      return doc.reason === 'too_old' ? 1 : 0;
    case 'cancelled':
      return Math.min(reached, 3);
    default:
      return reached;
  }
}

const finals = new Set(['completed', 'missed', 'failed', 'cancelled', 'expired']);

export function isFinal(doc: StatusDocument): boolean {
  return finals.has(doc.state);
}

/** From here on the visitor's phone may be ringing: a cancel would come too late. */
export function canCancel(doc: StatusDocument): boolean {
  return !isFinal(doc) && doc.state !== 'connected' && doc.phase !== 'ringing_visitor';
}

const labels = (name: string, proof: boolean): [string, string, string, string][] => [
  proof
    ? ['You confirm your number', 'Confirm your number', 'Number confirmed', 'Not confirmed']
    : ['You leave your number', 'Your number', 'Number received', 'Not received'],
  [`We ring ${name}`, `Ringing ${name}`, `${name} accepted`, `${name} was not reached`],
  ['Then your phone rings', 'Ringing you', 'You answered', 'Your phone was not answered'],
  ['You talk', 'Connected', 'You talked', 'Not connected'],
];

const waiting: Record<string, string> = {
  scheduled: 'Waiting for the time',
  queued: 'Waiting for a free line',
};

/** Rows for a document; without one, the story as it will go. */
export function stages(doc: StatusDocument | null, reached: number, name: string, proof: boolean): Stage[] {
  const at = doc === null ? -1 : stageIndex(doc, reached);
  const over = doc !== null && isFinal(doc);
  return labels(name, proof).map(([todo, current, done, stopped], index) => {
    if (doc === null || index > at) return { label: todo, standing: 'todo' };
    if (index < at) return { label: done, standing: 'done' };
    if (over) return { label: doc.state === 'cancelled' ? 'Cancelled' : stopped, standing: 'stopped' };
    if (doc.phase === 'in_doubt') return { label: 'Checking whether it rang', standing: 'current' };
    if (doc.phase === 'screening') return { label: `${name} picked up`, standing: 'current' };
    return { label: waiting[doc.state] ?? current, standing: 'current' };
  });
}
