// The shapes that stand beside a word: a state is never told by colour alone.
// One table, one stroke weight, drawn on a grid of 24; all are decoration for the ear.
import { html, svg, type SVGTemplateResult, type TemplateResult } from 'lit';

const shapes = {
  key: svg`<circle cx="8" cy="15" r="4"/><path d="m11 12 8-8m-3 3 3 3"/>`,
  calendar: svg`<rect x="4" y="5" width="16" height="15" rx="2"/><path d="M4 10h16M8 3v4m8-4v4"/>`,
  hourglass: svg`<path d="M7 3h10M7 21h10M8 3c0 5 8 5 8 9s-8 4-8 9m8-18c0 5-8 5-8 9s8 4 8 9"/>`,
  ringing: svg`<path d="M7 4H5a1 1 0 0 0-1 1c0 8 6 14 14 14a1 1 0 0 0 1-1v-2.5l-4-1.5-1.5 2A11 11 0 0 1 8 10.5l2-1.5L8.5 4.7A1 1 0 0 0 7 4Z"/><path d="M14 4a6 6 0 0 1 6 6m-6-2.5a2.5 2.5 0 0 1 2.5 2.5"/>`,
  question: svg`<circle cx="12" cy="12" r="9"/><path d="M9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7m0 3v.1"/>`,
  joined: svg`<circle cx="8.5" cy="12" r="5.5"/><circle cx="15.5" cy="12" r="5.5"/>`,
  check: svg`<path d="m5 12.5 4.5 4.5L19 7.5"/>`,
  envelope: svg`<rect x="3" y="5.5" width="18" height="13" rx="2"/><path d="m4 7 8 6 8-6"/>`,
  cross: svg`<path d="m6.5 6.5 11 11m0-11-11 11"/>`,
  stroke: svg`<path d="M6 12h12"/>`,
  clock: svg`<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3.5 2"/>`,
  hangUp: svg`<path d="M4 14.5c0-6 16-6 16 0v1.5a1 1 0 0 1-1.2 1l-3-.6a1 1 0 0 1-.8-1v-2a11 11 0 0 0-6 0v2a1 1 0 0 1-.8 1l-3 .6A1 1 0 0 1 4 16Z"/>`,
  copy: svg`<rect x="9" y="9" width="11" height="11" rx="2"/><path d="M15 5.5V5a1 1 0 0 0-1-1H5a1 1 0 0 0-1 1v9a1 1 0 0 0 1 1h.5"/>`,
  weather: svg`<path d="M7 17a4 4 0 1 1 .8-7.9 5 5 0 0 1 9.5 1.4A3.3 3.3 0 0 1 17 17Z"/><path d="m9 20 .5-1m4 1 .5-1"/>`,
  ear: svg`<path d="M7 9a5 5 0 0 1 10 0c0 4-4 4-4 8a3 3 0 0 1-5 2.2M10 9a2 2 0 0 1 4 0c0 1.5-1.5 2-1.5 3.5"/>`,
  lost: svg`<path d="M3 3l18 18M5 12a10 10 0 0 1 4-2.5m4-.4a10 10 0 0 1 6 2.9M8.5 15.5a5 5 0 0 1 6 0M12 19v.1"/>`,
} as const;

export type IconName = keyof typeof shapes;

export function icon(name: IconName): TemplateResult {
  const shape: SVGTemplateResult = shapes[name];
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${shape}</svg>`;
}

/** Two rings that overlap: two legs, bridged. While a phone rings they pulse in turn. */
export function mark(ringing = false): TemplateResult {
  return html`<svg class="mark ${ringing ? 'ringing' : ''}" viewBox="0 0 36 24" aria-hidden="true">
    <path class="overlap" d="M18 4.25a9.5 9.5 0 0 1 0 15.5a9.5 9.5 0 0 1 0-15.5Z" />
    <circle class="first" cx="12.5" cy="12" r="9.5" />
    <circle class="second" cx="23.5" cy="12" r="9.5" />
  </svg>`;
}
