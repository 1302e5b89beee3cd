// <ringback-phone>: one device on the desk. Rings, answers, listens, presses keys, reads texts.
// Is given its PhoneState; tells what the finger did as "phone-act" {id, action, digits} and, for what
// a form may want, "ringback-number" {phone} and "ringback-code" {code}. At most one thing on it
// glows: the sensible next one.
import { html, LitElement, nothing, type TemplateResult, unsafeCSS } from 'lit';
import controls from '../shared/controls.css?inline';
import { clockText, phoneText } from '../shared/format';
import { icon, mark } from '../shared/icons';
import tokens from '../shared/tokens.css?inline';
import type { Action, Call, Message } from './exchange';
import styles from './phone.css?inline';
import { codeIn, endedText, keyAsked, type Line, type PhoneState, type ThreadItem } from './phone_state';

const keys = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];
const names = { business: 'Business phone', visitor: 'Visitor phone' } as const;
const idleText = {
  business: 'This phone rings first. If it misses the call, it gets a text.',
  visitor: 'The code arrives here. Later this phone rings.',
} as const;
/** What the ear has while nothing is said to it. */
const tones: Record<Line, string> = {
  idle: 'Silence for a moment.',
  business: 'Silence for a moment.',
  visitor: 'You hear the other phone ring.',
  joined: 'You hear the other side.',
};
const others: [Action, string][] = [
  ['busy', 'Line is busy'],
  ['no_answer', 'Let it ring out'],
  ['machine', 'A machine answers'],
];

export class RingbackPhone extends LitElement {
  static override styles = [unsafeCSS(tokens), unsafeCSS(controls), unsafeCSS(styles)];
  static override properties = {
    phone: { attribute: false },
    banner: { attribute: false },
    offer: { attribute: false },
    line: { attribute: false },
    more: { state: true },
    pressed: { state: true },
    copied: { state: true },
  };

  declare phone: PhoneState;
  /** A text that has just come and was not tapped yet. */
  declare banner: Message | null;
  /** A form waits for a number, so this phone offers its own. */
  declare offer: boolean;
  declare line: Line;
  declare more: boolean;
  declare pressed: string;
  declare copied: string;

  private shownCall = '';
  private shownItems = 0;

  constructor() {
    super();
    this.banner = null;
    this.offer = false;
    this.line = 'idle';
    this.more = false;
    this.pressed = '';
    this.copied = '';
  }

  protected override willUpdate(): void {
    const call = this.phone.live?.id ?? '';
    if (call !== this.shownCall) {
      this.more = false;
      this.pressed = '';
      this.shownCall = call;
    }
  }

  protected override updated(): void {
    if (this.phone.thread.length === this.shownItems) return;
    this.shownItems = this.phone.thread.length;
    const thread = this.renderRoot.querySelector('.thread');
    thread?.scrollTo({ top: thread.scrollHeight });
  }

  private act(action: Action, digits?: string): void {
    const id = this.phone.live?.id;
    if (id === undefined) return;
    const detail = { id, action, digits };
    this.dispatchEvent(new CustomEvent('phone-act', { detail, bubbles: true, composed: true }));
  }

  private press(key: string): void {
    this.pressed = (this.pressed + key).slice(-12);
    this.act('digits', key);
  }

  private async tap(message: Message): Promise<void> {
    const code = codeIn(message.body);
    if (this.banner?.id === message.id) {
      this.dispatchEvent(new CustomEvent('banner-done', { bubbles: true, composed: true }));
    }
    if (code === null) return;
    // Without leave to write to the clipboard the code is still there to read.
    const wrote = await navigator.clipboard?.writeText(code).then(() => true, () => false);
    this.copied = wrote === true ? message.id : '';
    const detail = { code };
    this.dispatchEvent(new CustomEvent('ringback-code', { detail, bubbles: true, composed: true }));
  }

  protected override render(): TemplateResult {
    const { phone } = this;
    return html`<section class="device" aria-label=${names[phone.role]}>
      <header>
        <h2>${names[phone.role]}</h2>
        <bdi class="number" dir="ltr">${phone.number === '' ? '…' : phoneText(phone.number)}</bdi>
      </header>
      <div class="screen">${phone.live === null ? this.idle() : this.inCall(phone.live)}</div>
      ${this.banner === null ? nothing : this.bannerView(this.banner)}
    </section>`;
  }

  private idle(): TemplateResult {
    const { thread, role } = this.phone;
    if (thread.length === 0) {
      return html`<div class="empty">${mark()}<p>${idleText[role]}</p></div>
        ${this.offerView()}`;
    }
    return html`<ol class="thread" tabindex="0" aria-label="Texts and calls">
        ${thread.map((item) => html`<li>${this.item(item)}</li>`)}
      </ol>
      ${this.offerView()}`;
  }

  private offerView(): TemplateResult | typeof nothing {
    const { number } = this.phone;
    if (!this.offer || number === '') return nothing;
    const tell = (): void => {
      const detail = { phone: number };
      this.dispatchEvent(new CustomEvent('ringback-number', { detail, bubbles: true, composed: true }));
    };
    return html`<p class="offer">
      <button class="primary wide glow" @click=${tell}>Use this number</button>
    </p>`;
  }

  private item(item: ThreadItem): TemplateResult {
    const time = new Date(item.at).toLocaleTimeString(undefined, { timeStyle: 'short' });
    if (item.call !== undefined) {
      return html`<p class="ended">${endedText(item.call)} · ${time}</p>`;
    }
    const message = item.message as Message;
    const code = codeIn(message.body);
    return html`<div class="bubble">
      <p class="body" dir="auto">${message.body}</p>
      <p class="meta"><bdi dir="ltr">${phoneText(message.from)}</bdi> · ${time}</p>
      ${code === null
        ? nothing
        : html`<button class="copy" @click=${() => this.tap(message)}>
            ${icon(this.copied === message.id ? 'check' : 'copy')}
            ${this.copied === message.id ? 'Copied' : `Copy ${code}`}
          </button>`}
    </div>`;
  }

  private bannerView(message: Message): TemplateResult {
    const code = codeIn(message.body);
    const open = this.phone.live === null;
    return html`<button
      class="banner ${code !== null && open && !this.offer ? 'glow' : ''}"
      @click=${() => this.tap(message)}
    >
      <span class="from">${icon('envelope')} New text</span>
      <span class="excerpt" dir="auto">${message.body.split('\n')[0]}</span>
      <span class="hint">${code === null ? 'Tap to put away' : `Tap to use ${code}`}</span>
    </button>`;
  }

  private inCall(call: Call): TemplateResult {
    const waiting = this.phone.others === 0 ? nothing : html`<p class="waiting">+${this.phone.others} waiting</p>`;
    return call.status === 'ringing' ? this.ringing(call, waiting) : this.talking(call, waiting);
  }

  private ringing(call: Call, waiting: unknown): TemplateResult {
    return html`<div class="sheet">
      <p class="what">Incoming call</p>
      <p class="who"><bdi dir="ltr">${phoneText(call.from)}</bdi></p>
      ${waiting}
      <div class="pulse">${mark(true)}</div>
      <div class="choices">
        <button class="decline" @click=${() => this.act('decline')}>${icon('hangUp')}Decline</button>
        <button class="primary glow" @click=${() => this.act('answer')}>${icon('ringing')}Answer</button>
      </div>
      <div class="more">
        <button class="plain" aria-expanded=${this.more} @click=${() => (this.more = !this.more)}>
          ${this.more ? 'Less' : 'More endings'}
        </button>
        <div class="endings" ?hidden=${!this.more}>
          ${others.map(
            ([action, label]) => html`<button @click=${() => this.act(action)}>${label}</button>`,
          )}
        </div>
      </div>
    </div>`;
  }

  private talking(call: Call, waiting: unknown): TemplateResult {
    const asked = this.pressed === '' ? keyAsked(call.prompt) : null;
    const seconds = (Date.now() - Date.parse(call.answered_at ?? '')) / 1000;
    return html`<div class="sheet">
      <p class="who"><bdi dir="ltr">${phoneText(call.from)}</bdi></p>
      <p class="what" role="timer">${Number.isNaN(seconds) ? '' : clockText(seconds)}</p>
      ${waiting}
      <p class="caption" tabindex="0" aria-live="polite">
        ${icon('ear')}<span dir="auto">${call.prompt || tones[this.line]}</span>
      </p>
      <p class="pressed" aria-hidden="true">${this.pressed || '\u00a0'}</p>
      <div class="keypad" role="group" aria-label="Keypad">
        ${keys.map(
          (key) =>
            html`<button class=${key === asked ? 'glow' : ''} @click=${() => this.press(key)}>${key}</button>`,
        )}
      </div>
      <button class="decline wide" @click=${() => this.act('hang_up')}>${icon('hangUp')}Hang up</button>
    </div>`;
  }
}

customElements.define('ringback-phone', RingbackPhone);
