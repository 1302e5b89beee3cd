// <ringback-track>: every request and webhook between the program and its carrier, as it happens.
// Connects only while it is open, so that a folded track costs nothing.
import { html, LitElement, nothing, type TemplateResult, unsafeCSS } from 'lit';
import controls from '../shared/controls.css?inline';
import tokens from '../shared/tokens.css?inline';
import { followTrack, type TrackRow } from './exchange';
import styles from './panel.css?inline';

const longest = 300;

export class RingbackTrack extends LitElement {
  static override styles = [unsafeCSS(tokens), unsafeCSS(controls), unsafeCSS(styles)];
  static override properties = { open: { type: Boolean, reflect: true }, rows: { state: true } };

  declare open: boolean;
  declare rows: TrackRow[];

  private seen = new Set<string>();
  private stop: (() => void) | null = null;
  private atEnd = true;

  constructor() {
    super();
    this.open = false;
    this.rows = [];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('visibilitychange', this.follow);
    this.follow();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('visibilitychange', this.follow);
    this.stop?.();
    this.stop = null;
  }

  private readonly follow = (): void => {
    if (this.open && !document.hidden) {
      this.stop ??= followTrack((row) => this.take(row));
    } else {
      this.stop?.();
      this.stop = null;
    }
  };

  /** A server may tell the past again after a reconnect; what was seen is not shown twice. */
  private take(row: TrackRow): void {
    const key = `${row.at} ${row.direction} ${row.kind} ${row.summary} ${row.status}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    const list = this.renderRoot.querySelector('.rows');
    this.atEnd = list === null || list.scrollHeight - list.scrollTop - list.clientHeight < 40;
    this.rows = [...this.rows, row].slice(-longest);
  }

  protected override updated(): void {
    const list = this.renderRoot.querySelector('.rows');
    if (this.atEnd && list !== null) list.scrollTop = list.scrollHeight;
  }

  protected override render(): TemplateResult {
    const toggled = (event: Event): void => {
      this.open = (event.target as HTMLDetailsElement).open;
      this.follow();
    };
    return html`<details ?open=${this.open} @toggle=${toggled}>
      <summary>Event track</summary>
      <p class="about">Every request and webhook between Ringback and the carrier, as it happens.</p>
      ${this.rows.length === 0
        ? html`<p class="none">Nothing yet. Ask for a call and watch it go by.</p>`
        : html`<div class="rows" tabindex="0" role="region" aria-label="Events">
            <table>
              <thead>
                <tr><th>Time</th><th>Way</th><th>Kind</th><th>What</th><th>Answer</th></tr>
              </thead>
              <tbody>
                ${this.rows.map((row) => this.row(row))}
              </tbody>
            </table>
          </div>`}
    </details>`;
  }

  private row(row: TrackRow): TemplateResult {
    const at = new Date(row.at);
    const time = Number.isNaN(at.getTime())
      ? row.at
      : `${at.toLocaleTimeString('en-GB')}.${String(at.getMilliseconds()).padStart(3, '0')}`;
    const status = row.status ?? '';
    const bad = Number(status) >= 400;
    return html`<tr>
      <td class="time">${time}</td>
      <td>${row.direction}</td>
      <td>${row.kind}</td>
      <td class="what">${row.summary}</td>
      <td class=${bad ? 'bad' : ''}>${bad ? '✕ ' : nothing}${status}</td>
    </tr>`;
  }
}

customElements.define('ringback-track', RingbackTrack);
