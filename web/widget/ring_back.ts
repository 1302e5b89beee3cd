// <ring-back site="default">: the visitor's form and live status as one card that never jumps.
// Draws what CallbackSession knows; owns typing, focus and the running clock, nothing else.
// Attributes: site, api (origin of Ringback; by default where this script came from).
// Events: "ringback-status" {state, phase} and "ringback-step" {step} on every change.
// Methods: fillNumber(phone), fillCode(code).
import { html, LitElement, nothing, type PropertyValues, type TemplateResult, unsafeCSS } from 'lit';
import controls from '../shared/controls.css?inline';
import { phoneText } from '../shared/format';
import { icon, mark } from '../shared/icons';
import tokens from '../shared/tokens.css?inline';
import { VisitorApi } from './api';
import { CallbackSession } from './session';
import styles from './ring_back.css?inline';
import { isFinal } from './track';
import { codeStep, type CodeStep } from './views/code_step';
import { liveStep } from './views/live_step';
import { numberStep, type Draft, type NumberStep } from './views/number_step';
import { headline, lookOf, sentence } from './words';

const codeLength = 6;

export class RingBack extends LitElement {
  static override styles = [unsafeCSS(tokens), unsafeCSS(controls), unsafeCSS(styles)];
  static override properties = {
    site: { type: String },
    api: { type: String },
    folded: { state: true },
    code: { state: true },
  };

  declare site: string;
  declare api: string;
  declare folded: boolean;
  declare code: string;

  private session!: CallbackSession;
  private draft: Draft = { phone: '', name: '', message: '' };
  private triedCode = '';
  private drawnStep = '';
  private announced = '';
  /** True between a press and its outcome: only then may focus move to a wrong field. */
  private awaitingOutcome = false;
  private tallest = 0;
  private measuredWidth = 0;
  private readonly widths = new ResizeObserver(() => this.keepHeight(true));
  private ticking: ReturnType<typeof setInterval> | undefined;
  private otp: AbortController | undefined;

  constructor() {
    super();
    this.site = 'default';
    this.api = '';
    this.folded = true;
    this.code = '';
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.session = new CallbackSession(new VisitorApi(this.api || scriptOrigin()), this.site, () =>
      this.sessionChanged(),
    );
    addEventListener('online', this.retryLoading);
    this.widths.observe(this);
    void this.session.loadSite();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('online', this.retryLoading);
    this.widths.disconnect();
    this.session.close();
    this.tick(false);
    this.otp?.abort();
  }

  /** Types a number for a visitor to check and send; ignored unless a number is asked for. */
  fillNumber(phone: string): void {
    const field = this.field('phone');
    if (this.session.step !== 'number' || field === null) return;
    field.value = phoneText(phone);
    field.focus();
  }

  /** Types a code as a phone's auto-fill would; ignored unless a code is asked for. */
  fillCode(code: string): void {
    if (this.session.step === 'code') this.takeCode(code);
  }

  private readonly retryLoading = (): void => {
    if (this.session.step === 'unavailable') void this.session.loadSite();
  };

  private sessionChanged(): void {
    const { step, doc } = this.session;
    this.tick(step === 'code' || (step === 'live' && doc !== null && !isFinal(doc)));
    const state = doc === null ? '' : `${doc.state}/${doc.phase}`;
    if (doc !== null && state !== this.announced) {
      const detail = { state: doc.state, phase: doc.phase };
      this.dispatchEvent(new CustomEvent('ringback-status', { detail, bubbles: true, composed: true }));
    }
    this.announced = state;
    this.requestUpdate();
  }

  private tick(on: boolean): void {
    if (on) this.ticking ??= setInterval(() => this.requestUpdate(), 1000);
    else {
      clearInterval(this.ticking);
      this.ticking = undefined;
    }
  }

  protected override updated(_: PropertyValues): void {
    this.keepHeight(false);
    const { step, fieldErrors, busy } = this.session;
    const entered = step !== this.drawnStep && this.drawnStep !== '' && this.drawnStep !== 'loading';
    const before = this.drawnStep;
    if (step !== before) {
      this.dispatchEvent(new CustomEvent('ringback-step', { detail: { step }, bubbles: true, composed: true }));
    }
    this.drawnStep = step;
    if (step === 'code' && before !== 'code') this.listenForCode();
    if (step !== 'code') this.otp?.abort();
    if (entered && step === 'code') this.field('code')?.focus();
    else if (entered && step === 'number') this.field('phone')?.focus();
    else if (entered) this.renderRoot.querySelector<HTMLElement>('h2')?.focus();
    else if (!busy && this.awaitingOutcome) {
      const wrong = ['phone', 'name', 'message', 'code'].find((name) => fieldErrors[name] !== undefined);
      if (wrong !== undefined) {
        this.field(wrong)?.focus();
        if (wrong === 'code') this.field('code')?.select();
      }
    }
    if (!busy) this.awaitingOutcome = false;
  }

  /** The card may grow for a long word, never shrink: what is below it stays where it is. */
  private keepHeight(newWidth: boolean): void {
    const card = this.renderRoot.querySelector<HTMLElement>('.card');
    const width = this.offsetWidth;
    if (card === null || (newWidth && width === this.measuredWidth)) return;
    if (newWidth) {
      this.measuredWidth = width;
      this.tallest = 0;
      card.style.minBlockSize = '';
    }
    if (card.offsetHeight <= this.tallest) return;
    this.tallest = card.offsetHeight;
    card.style.minBlockSize = `${this.tallest}px`;
  }

  private field(name: string): HTMLInputElement | null {
    return this.renderRoot.querySelector<HTMLInputElement>(`[name="${name}"]`);
  }

  private takeCode(typed: string): void {
    this.code = typed.replace(/\D/g, '').slice(0, codeLength);
    if (this.code.length === codeLength && this.code !== this.triedCode) this.sendCode();
  }

  private sendCode(): void {
    if (this.session.busy || this.code.length !== codeLength) return;
    this.triedCode = this.code;
    this.awaitingOutcome = true;
    void this.session.verify(this.code);
  }

  /** WebOTP where the browser has it: the text itself fills the field in. */
  private listenForCode(): void {
    this.code = '';
    this.triedCode = '';
    if (!('OTPCredential' in window)) return;
    this.otp = new AbortController();
    const wish = { otp: { transport: ['sms'] }, signal: this.otp.signal } as CredentialRequestOptions;
    navigator.credentials.get(wish).then(
      (found) => this.takeCode((found as unknown as { code?: string } | null)?.code ?? ''),
      () => undefined,
    );
  }

  private submit(): void {
    const read = (name: string): string => this.field(name)?.value.trim() ?? '';
    const phone = read('phone');
    this.draft = { phone, name: read('name'), message: read('message') };
    if (phone === '') {
      this.session.fieldErrors = { phone: 'Type the number we can call. Nothing was sent.' };
      this.awaitingOutcome = true;
      this.requestUpdate();
      return;
    }
    const optional = { name: this.draft.name, message: this.draft.message, website: read('website') };
    const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== ''));
    const locale = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*/.exec(navigator.language)?.[0];
    this.awaitingOutcome = true;
    void this.session.submit({
      site: this.site,
      phone,
      ...given,
      ...(locale === undefined ? {} : { locale }),
      consent: true,
    });
  }

  protected override render(): TemplateResult {
    const { session } = this;
    const { site, doc, step } = session;
    const name = site?.name ?? '';
    const ringing = doc?.state === 'calling' && doc.phase !== 'in_doubt';
    const said =
      step === 'live' && doc !== null ? `${headline(doc, name)}. ${sentence(doc, name)}` : (Object.values(session.fieldErrors)[0] ?? session.notice);
    return html`<section class="card" aria-labelledby="title" aria-busy=${session.busy}>
      <header>
        ${mark(ringing)}
        <span class="name">${name}</span>
        ${site === null
          ? nothing
          : html`<span class="open ${site.open ? 'now' : ''}">${site.open ? 'Open now' : 'Closed now'}</span>`}
      </header>
      ${this.stepView()}
      <p class="hush" role="status" aria-live="polite">${said}</p>
    </section>`;
  }

  private stepView(): TemplateResult {
    const { session } = this;
    switch (session.step) {
      case 'loading':
        return html`<div class="step blank">
          <h2 id="title" class="hush">Loading the form</h2>
          <span></span><span></span><span></span>
        </div>`;
      case 'unavailable':
        return html`<div class="step">
          <h2 id="title" tabindex="-1">The form is not available</h2>
          <p class="notice danger">${icon('lost')}<span>${session.notice}</span></p>
          <div class="foot">
            <button class="primary" @click=${() => session.loadSite()}>Try again</button>
          </div>
        </div>`;
      case 'number': {
        const actions: NumberStep = {
          folded: this.folded,
          draft: this.draft,
          submit: () => this.submit(),
          fold: () => (this.folded = !this.folded),
        };
        return numberStep(session, actions);
      }
      case 'code': {
        const actions: CodeStep = {
          code: this.code,
          type: (typed) => this.takeCode(typed),
          confirm: () => this.sendCode(),
        };
        return codeStep(session, actions);
      }
      case 'live':
        return liveStep(session, lookOf);
    }
  }
}

/** Where this script was served from; works as a classic script and as a module. */
function scriptOrigin(): string {
  const own = document.querySelector<HTMLScriptElement>('script[src$="/w/ringback.js"]');
  return own === null ? location.origin : new URL(own.src).origin;
}

if (customElements.get('ring-back') === undefined) customElements.define('ring-back', RingBack);
