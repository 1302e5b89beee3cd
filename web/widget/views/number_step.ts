// First step: the number, everything else folded away, and the truth in small print.
import { html, nothing, type TemplateResult } from 'lit';
import { phoneText } from '../../shared/format';
import { icon } from '../../shared/icons';
import type { SiteInfo } from '../api';
import type { CallbackSession } from '../session';
import { openingText } from '../words';
import { trackView } from './track_view';

/** What was typed, kept so that "Change number" does not ask for it all again. */
export interface Draft {
  phone: string;
  name: string;
  message: string;
}

export interface NumberStep {
  folded: boolean;
  draft: Draft;
  submit: () => void;
  fold: () => void;
}

const limits = { phone: 40, name: 80, message: 500 };

export function numberStep(session: CallbackSession, step: NumberStep): TemplateResult {
  const site = session.site as SiteInfo;
  const errors = session.fieldErrors;
  const folded = step.folded && errors['name'] === undefined && errors['message'] === undefined;
  const send = (event: Event): void => {
    event.preventDefault();
    step.submit();
  };
  return html`<form class="step" novalidate @submit=${send}>
    <h2 id="title" tabindex="-1">We call you back</h2>
    <p class="lead">Your phone rings once a person is there.</p>
    <div class="field ${errors['phone'] === undefined ? '' : 'wrong'}">
      <label for="phone">Your phone number</label>
      <input
        id="phone"
        name="phone"
        type="tel"
        dir="ltr"
        autocomplete="tel"
        inputmode="tel"
        required
        maxlength=${limits.phone}
        .value=${step.draft.phone}
        aria-invalid=${errors['phone'] !== undefined}
        aria-describedby="phone-hint"
      />
      <p id="phone-hint" class="hint">${errors['phone'] ?? countriesText(site.countries)}</p>
    </div>
    <button type="button" class="plain fold" aria-expanded=${!folded} aria-controls="more" @click=${step.fold}>
      <span class="plus" aria-hidden="true">${folded ? '+' : '−'}</span>Add a message
    </button>
    <div id="more" ?hidden=${folded}>
      ${optional('name', 'Your name', step.draft.name, errors['name'])}
      ${optional('message', 'What is it about', step.draft.message, errors['message'])}
    </div>
    <div class="hush" aria-hidden="true">
      <label>Leave this empty<input name="website" tabindex="-1" autocomplete="off" /></label>
    </div>
    ${folded && session.notice === '' ? trackView(session) : nothing}
    <div class="foot">
      ${session.notice === ''
        ? nothing
        : html`<p class="notice danger">${icon('cross')}<span>${session.notice}</span></p>`}
      <button class="primary" aria-disabled=${session.busy}>
        ${session.busy ? 'Sending…' : 'Call me back'}
      </button>
      <p class="print">${smallPrint(site)}</p>
    </div>
  </form>`;
}

function optional(
  name: 'name' | 'message',
  label: string,
  value: string,
  error: string | undefined,
): TemplateResult {
  const describe = error === undefined ? nothing : `${name}-hint`;
  const invalid = error !== undefined;
  const input =
    name === 'name'
      ? html`<input
          id="name"
          name="name"
          autocomplete="name"
          maxlength=${limits.name}
          .value=${value}
          aria-invalid=${invalid}
          aria-describedby=${describe}
        />`
      : html`<textarea
          id="message"
          name="message"
          rows="2"
          maxlength=${limits.message}
          .value=${value}
          aria-invalid=${invalid}
          aria-describedby=${describe}
        ></textarea>`;
  return html`<div class="field ${invalid ? 'wrong' : ''}">
    <label for=${name}>${label} <span class="aside">optional</span></label>
    ${input}
    ${invalid ? html`<p id="${name}-hint" class="hint">${error}</p>` : nothing}
  </div>`;
}

function smallPrint(site: SiteInfo): TemplateResult {
  const from =
    site.calls_from === null
      ? nothing
      : html` The call comes from <bdi class="whole" dir="ltr">${phoneText(site.calls_from)}</bdi>.`;
  const texts = site.verification.required ? 'text a code to your number and call it' : 'call your number';
  return html`${openingText(site)}${from} Pressing the button asks ${site.name} to ${texts}.`;
}

function countriesText(codes: string[]): string {
  const shown = codes.slice(0, 4).map((code) => {
    try {
      return new Intl.DisplayNames(undefined, { type: 'region' }).of(code) ?? code;
    } catch {
      return code;
    }
  });
  if (shown.length === 0) return '';
  const list = new Intl.ListFormat(undefined, { type: 'conjunction' }).format(shown);
  return `Where we call: ${list}${codes.length > shown.length ? ' and others' : ''}`;
}
