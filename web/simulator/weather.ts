// <ringback-weather>: the drawer that makes the carrier slow, forgetful or rude on purpose.
// Sends the whole of what it shows; says what is set by this page, never what it cannot know.
import { html, LitElement, type TemplateResult, unsafeCSS } from 'lit';
import controls from '../shared/controls.css?inline';
import tokens from '../shared/tokens.css?inline';
import { putFaults } from './exchange';
import styles from './panel.css?inline';

interface Dial {
  key: string;
  label: string;
  unit: 'ms' | '%';
  max: number;
}

const dials: Dial[] = [
  { key: 'latency_ms', label: 'Answers late by', unit: 'ms', max: 5000 },
  { key: 'lose_reply_rate', label: 'Does it, but the reply is lost', unit: '%', max: 100 },
  { key: 'error_rate', label: 'Refuses with an error', unit: '%', max: 100 },
  { key: 'duplicate_rate', label: 'Sends a webhook twice', unit: '%', max: 100 },
  { key: 'drop_rate', label: 'Forgets a webhook', unit: '%', max: 100 },
  { key: 'reorder_ms', label: 'Mixes webhooks up within', unit: 'ms', max: 5000 },
];

const calm: Record<string, number> = Object.fromEntries(dials.map((dial) => [dial.key, 0]));
const skies: [string, Record<string, number>][] = [
  ['Clear', calm],
  ['Slow', { ...calm, latency_ms: 1500 }],
  ['Forgetful', { ...calm, lose_reply_rate: 40, drop_rate: 25 }],
  ['Storm', { latency_ms: 800, lose_reply_rate: 30, error_rate: 20, duplicate_rate: 40, drop_rate: 20, reorder_ms: 1500 }],
];
const seed = 1;

export class RingbackWeather extends LitElement {
  static override styles = [unsafeCSS(tokens), unsafeCSS(controls), unsafeCSS(styles)];
  static override properties = { values: { state: true }, said: { state: true } };

  declare values: Record<string, number>;
  declare said: string;

  constructor() {
    super();
    this.values = calm;
    this.said = '';
  }

  private async send(values: Record<string, number>): Promise<void> {
    this.values = values;
    const faults = Object.fromEntries(
      dials.map(({ key, unit }) => [key, unit === '%' ? (values[key] ?? 0) / 100 : (values[key] ?? 0)]),
    );
    const problem = await putFaults({ ...faults, seed });
    this.said = problem || (Object.values(values).every((value) => value === 0) ? 'The sky is clear.' : 'Set.');
  }

  protected override render(): TemplateResult {
    return html`<details>
      <summary>Carrier weather</summary>
      <p class="about">Make the carrier misbehave and watch the callback come through.</p>
      <div class="skies">
        ${skies.map(
          ([name, values]) =>
            html`<button aria-pressed=${same(values, this.values)} @click=${() => this.send(values)}>
              ${name}
            </button>`,
        )}
        <span role="status">${this.said}</span>
      </div>
      <div class="dials">${dials.map((dial) => this.dial(dial))}</div>
    </details>`;
  }

  private dial(dial: Dial): TemplateResult {
    const value = this.values[dial.key] ?? 0;
    const set = (event: Event): void => {
      void this.send({ ...this.values, [dial.key]: Number((event.target as HTMLInputElement).value) });
    };
    return html`<label>
      <span>${dial.label}</span>
      <input
        type="range"
        min="0"
        max=${dial.max}
        step=${dial.unit === '%' ? 5 : 100}
        .value=${String(value)}
        aria-valuetext="${value} ${dial.unit}"
        @change=${set}
      />
      <output>${value} ${dial.unit}</output>
    </label>`;
  }
}

function same(a: Record<string, number>, b: Record<string, number>): boolean {
  return dials.every(({ key }) => (a[key] ?? 0) === (b[key] ?? 0));
}

customElements.define('ringback-weather', RingbackWeather);
