// <ringback-desk>: two phones, the line between them that becomes a bridge, nothing more.
// Attribute start: where a call is asked for, when the form is on another page. Property offer: the
// form beside waits for a number, so the visitor's phone offers its own.
import { html, LitElement, nothing, type TemplateResult, unsafeCSS } from 'lit';
import controls from '../shared/controls.css?inline';
import { clockText } from '../shared/format';
import { icon, mark } from '../shared/icons';
import tokens from '../shared/tokens.css?inline';
import styles from './desk.css?inline';
import { Exchange, type Action, type Message } from './exchange';
import './phone';
import { codeIn, codeInUse, lineState, phoneState, type Line, type PhoneState, type Role } from './phone_state';

const lineWords: Record<Line, string> = {
  idle: 'No call',
  business: 'Business first',
  visitor: 'Now the visitor',
  joined: 'Connected',
};

export class RingbackDesk extends LitElement {
  static override styles = [unsafeCSS(tokens), unsafeCSS(controls), unsafeCSS(styles)];
  static override properties = {
    start: { type: String },
    offer: { type: Boolean },
    tab: { state: true },
  };

  declare start: string;
  declare offer: boolean;
  declare tab: Role;

  private banners: Record<Role, Message | null> = { business: null, visitor: null };
  private ticking: ReturnType<typeof setInterval> | undefined;
  private readonly exchange = new Exchange(
    () => this.exchangeChanged(),
    (message) => {
      this.banners[this.exchange.business.has(message.to) ? 'business' : 'visitor'] = message;
    },
  );

  constructor() {
    super();
    this.start = '';
    this.offer = false;
    this.tab = 'visitor';
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('visibilitychange', this.follow);
    this.follow();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('visibilitychange', this.follow);
    this.exchange.pause();
    clearInterval(this.ticking);
  }

  /** A page nobody sees holds no connection: browsers allow six for one server. */
  private readonly follow = (): void => {
    if (document.hidden) this.exchange.pause();
    else this.exchange.start();
  };

  private exchangeChanged(): void {
    const calls = [...this.exchange.calls.values()];
    const code = this.banners.visitor;
    // A call that came after the code means the code was used, typed or tapped.
    if (code !== null && calls.some((call) => Date.parse(call.placed_at) > Date.parse(code.sent_at))) {
      this.banners.visitor = null;
    }
    const talking = calls.some((call) => call.status === 'answered');
    if (talking) this.ticking ??= setInterval(() => this.requestUpdate(), 1000);
    else {
      clearInterval(this.ticking);
      this.ticking = undefined;
    }
    this.requestUpdate();
  }

  protected override render(): TemplateResult {
    const visitor = phoneState(this.exchange, 'visitor');
    const business = phoneState(this.exchange, 'business');
    const line = lineState(business, visitor);
    const offer = this.offer && visitor.live === null && business.live === null;
    return html`<div class=${this.start === '' ? '' : 'top'}>${this.notices(visitor, business)}</div>
      <div class="tabs" role="group" aria-label="Phone shown">
        ${this.tabButton('visitor', 'Visitor phone', visitor)}
        ${this.tabButton('business', 'Business phone', business)}
      </div>
      <div
        class="desk"
        @phone-act=${(event: CustomEvent<{ id: string; action: Action; digits?: string }>) =>
          this.exchange.act(event.detail.id, event.detail.action, event.detail.digits)}
      >
        ${this.phone(visitor, line, offer)} ${this.line(visitor, line)} ${this.phone(business, line)}
      </div>`;
  }

  private notices(visitor: PhoneState, business: PhoneState): TemplateResult | typeof nothing {
    const { exchange } = this;
    if (exchange.link === 'lost' || exchange.link === 'gone') {
      return html`<p class="notice" role="status">
        ${icon('lost')}<span>The simulator does not answer. Start it with <code>./dev run</code>; the
        phones come back by themselves.</span>
      </p>`;
    }
    if (exchange.notice !== '') {
      return html`<p class="notice" role="status">${icon('question')}<span>${exchange.notice}</span></p>`;
    }
    const busy = visitor.live !== null || business.live !== null || codeInUse(exchange);
    if (this.start === '' || busy || exchange.link === 'opening') return nothing;
    const quiet = visitor.thread.length + business.thread.length === 0;
    return html`<p class="notice invite">
      <span>${quiet ? 'Nothing has happened yet.' : 'No call is going on.'}</span
      ><a class="glow" href=${this.start}>Ask for a call</a>
    </p>`;
  }

  private tabButton(role: Role, label: string, phone: PhoneState): TemplateResult {
    const shown = this.tab === role;
    const wants = !shown && (phone.live?.status === 'ringing' || this.banners[role] !== null);
    return html`<button
      aria-pressed=${shown}
      class=${wants ? 'glow' : ''}
      @click=${() => (this.tab = role)}
    >
      ${label}${wants ? html`<span class="badge"><span class="hush">, wants you</span></span>` : nothing}
    </button>`;
  }

  private phone(phone: PhoneState, line: Line, offer = false): TemplateResult {
    const { role } = phone;
    return html`<div class="place ${this.tab === role ? 'chosen' : ''}">
      <ringback-phone
        class=${role}
        .phone=${phone}
        .banner=${this.banners[role]}
        .offer=${offer}
        .line=${line}
        @banner-done=${() => this.putAway(role)}
        @ringback-code=${() => this.codeUsed()}
      ></ringback-phone>
    </div>`;
  }

  private putAway(role: Role): void {
    this.banners[role] = null;
    this.requestUpdate();
  }

  private codeUsed(): void {
    const banner = this.banners.visitor;
    if (banner !== null && codeIn(banner.body) !== null) this.putAway('visitor');
  }

  private line(visitor: PhoneState, line: Line): TemplateResult {
    const since = Date.parse(visitor.live?.answered_at ?? '');
    const time = line === 'joined' && !Number.isNaN(since) ? clockText((Date.now() - since) / 1000) : '';
    return html`<div class="line ${line}">
      <span class="half" aria-hidden="true"></span>
      <span class="node">${mark(line === 'business' || line === 'visitor')}</span>
      <span class="half" aria-hidden="true"></span>
      <p role="status">${lineWords[line]}</p>
      <p class="time" aria-hidden="true">${time}</p>
    </div>`;
  }
}

customElements.define('ringback-desk', RingbackDesk);
