// One visitor's wish from number to end: what was sent, what is known, what may be done next.
// Owns the token (in memory only) and the live connection. No DOM; the element draws what it reads.
import { followEvents, type Link } from '../shared/event_stream';
import {
  newKey,
  type Answer,
  type CallbackRequest,
  type Problem,
  type SiteInfo,
  type StatusDocument,
  type VisitorApi,
} from './api';
import { isFinal, stageIndex } from './track';
import * as words from './words';

export type Step = 'loading' | 'unavailable' | 'number' | 'code' | 'live';

const inWorkRetries = 4;
const inWorkPauseMs = 700;
const defaultResendSeconds = 60;
const longestResendMs = 15 * 60_000;

export class CallbackSession {
  step: Step = 'loading';
  site: SiteInfo | null = null;
  doc: StatusDocument | null = null;
  busy = false;
  link: Link = 'open';
  /** Words at a field, by the field's name. */
  fieldErrors: Record<string, string> = {};
  /** Words that belong to no field. */
  notice = '';
  /** Set when a cancel was refused: why. */
  cancelRefused = '';
  /** performance.now() when the current stage began, and when a new code may be asked for. */
  stageSince = 0;
  resendAt = 0;
  reached = 0;

  private skewMs = 0;
  private token = '';
  private unansweredBody = '';
  private unansweredKey = '';
  private stopFollowing: (() => void) | null = null;

  constructor(
    private readonly api: VisitorApi,
    private readonly siteId: string,
    private readonly changed: () => void,
  ) {}

  async loadSite(): Promise<void> {
    this.step = 'loading';
    this.notice = '';
    this.changed();
    const answer = await this.api.site(this.siteId);
    if (answer.ok) {
      this.site = answer.value;
      this.step = 'number';
    } else {
      this.step = 'unavailable';
      this.notice =
        answer.problem.status === 0
          ? 'The server does not answer. Nothing was sent. Check your connection and try again.'
          : answer.problem.detail || words.unexplained;
    }
    this.changed();
  }

  async submit(request: CallbackRequest): Promise<void> {
    if (this.busy) return;
    this.begin();
    const body = JSON.stringify(request);
    // The same words after an unanswered try carry the same key: it cannot become two calls.
    const key = body === this.unansweredBody ? this.unansweredKey : newKey();
    let answer = await this.api.create(body, key);
    for (let tries = 0; tries < inWorkRetries && stillInWork(answer); ++tries) {
      await new Promise((resolve) => setTimeout(resolve, inWorkPauseMs));
      answer = await this.api.create(body, key);
    }
    this.busy = false;
    if (answer.ok) {
      this.unansweredBody = '';
      this.adopt(answer.value);
      this.step = answer.value.state === 'pending' ? 'code' : 'live';
      this.follow();
    } else {
      const unknown = answer.problem.status === 0 || answer.problem.code === 'internal';
      this.unansweredBody = unknown ? body : '';
      this.unansweredKey = key;
      this.explain(answer.problem, words.unreachableCreate);
    }
    this.changed();
  }

  async verify(code: string): Promise<void> {
    if (this.busy || this.doc === null) return;
    this.begin();
    const answer = await this.api.verify(this.doc.id, this.token, code);
    this.busy = false;
    if (answer.ok) {
      const other = answer.value.id !== this.doc.id;
      this.adopt(answer.value);
      if (this.step === 'code' && answer.value.state !== 'pending') this.step = 'live';
      if (other) this.follow();
    } else if (answer.problem.status === 409) {
      // Proven by an earlier try whose answer was lost: the document knows.
      await this.refresh();
    } else {
      const left = answer.problem.attemptsLeft;
      this.fieldErrors['code'] =
        answer.problem.status === 0
          ? words.unreachableVerify
          : answer.problem.detail ||
            (left === null ? words.unexplained : `This is not the code. ${left} tries left.`);
      if (answer.problem.code === 'code_expired') this.resendAt = performance.now();
    }
    this.changed();
  }

  async resend(): Promise<void> {
    if (this.busy || this.doc === null) return;
    this.begin();
    const answer = await this.api.resend(this.doc.id, this.token);
    this.busy = false;
    if (answer.ok) {
      this.resendAt = performance.now() + defaultResendSeconds * 1000;
      if (answer.value !== null && typeof answer.value.state === 'string') this.adopt(answer.value);
      else await this.refresh();
      this.notice = 'A new code is on its way. Only the newest code works.';
    } else {
      const wait = answer.problem.retryAfterSeconds;
      if (wait !== null) this.resendAt = performance.now() + wait * 1000;
      this.notice = answer.problem.detail || words.unreachableAction;
    }
    this.changed();
  }

  async cancel(): Promise<void> {
    if (this.busy || this.doc === null) return;
    this.begin();
    const answer = await this.api.cancel(this.doc.id, this.token);
    this.busy = false;
    if (answer.ok) {
      this.adopt(answer.value);
      this.step = 'live';
    } else if (answer.problem.status === 409) {
      this.cancelRefused = answer.problem.detail || words.tooLateToCancel;
      await this.refresh();
    } else {
      this.notice = answer.problem.detail || words.unreachableAction;
    }
    this.changed();
  }

  /** Back to an empty form. A request that still waits for its code is withdrawn on the way. */
  startOver(): void {
    if (this.doc?.state === 'pending') void this.api.cancel(this.doc.id, this.token);
    this.close();
    this.doc = null;
    this.token = '';
    this.reached = 0;
    this.cancelRefused = '';
    this.link = 'open';
    this.fieldErrors = {};
    this.notice = '';
    this.step = 'number';
    this.changed();
  }

  close(): void {
    this.stopFollowing?.();
    this.stopFollowing = null;
  }

  private begin(): void {
    this.busy = true;
    this.fieldErrors = {};
    this.notice = '';
    this.changed();
  }

  private explain(problem: Problem, unreachable: string): void {
    for (const error of problem.errors) {
      if (error.field in words.fieldFallback) {
        this.fieldErrors[error.field] = error.detail || (words.fieldFallback[error.field] as string);
      } else {
        this.notice = error.detail;
      }
    }
    if (Object.keys(this.fieldErrors).length > 0 || this.notice !== '') return;
    this.notice = problem.status === 0 ? unreachable : problem.detail || words.unexplained;
  }

  private adopt(doc: StatusDocument): void {
    const same = this.doc !== null && this.doc.id === doc.id;
    if (same && this.doc !== null && doc.version < this.doc.version) return;
    const before = this.doc === null ? '' : `${this.doc.state}/${this.doc.phase}`;
    if (doc.token !== undefined) this.token = doc.token;
    this.doc = doc;
    const at = stageIndex(doc, this.reached);
    if (!isFinal(doc)) this.reached = at;
    if (before !== `${doc.state}/${doc.phase}`) this.stageSince = performance.now();
    const resend = doc.verification?.resend_at ?? null;
    // A document just made carries the server's time: the visitor's clock may be wrong.
    if (!same) this.skewMs = Date.parse(doc.updated_at) - Date.now();
    if (resend !== null) {
      const wait = Date.parse(resend) - (Date.now() + this.skewMs);
      this.resendAt = performance.now() + Math.min(wait, longestResendMs);
    }
    if (isFinal(doc)) this.close();
  }

  private async refresh(): Promise<void> {
    if (this.doc === null) return;
    const answer = await this.api.read(this.doc.id, this.token);
    if (!answer.ok) return;
    this.adopt(answer.value);
    if (answer.value.state !== 'pending') this.step = 'live';
  }

  private follow(): void {
    this.close();
    const id = this.doc?.id;
    if (id === undefined || this.doc === null || isFinal(this.doc)) return;
    this.stopFollowing = followEvents(this.api.eventsUrl(id), {
      headers: () => ({ Authorization: `Bearer ${this.token}` }),
      onLink: (link) => {
        this.link = link;
        this.changed();
      },
      onEvent: (event) => {
        if (event.type !== 'status') return;
        const doc = JSON.parse(event.data) as StatusDocument;
        if (doc.id !== this.doc?.id) return;
        this.adopt(doc);
        if (this.doc.state !== 'pending') this.step = 'live';
        this.changed();
      },
    });
  }
}

function stillInWork(answer: Answer<StatusDocument>): boolean {
  return !answer.ok && answer.problem.code === 'idempotency_conflict';
}
