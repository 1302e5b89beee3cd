// Second step: six digits that prove the number. Sends itself on the sixth.
import { html, type TemplateResult } from 'lit';
import { clockText, phoneText } from '../../shared/format';
import type { CallbackSession } from '../session';
import { trackView } from './track_view';

export interface CodeStep {
  code: string;
  type: (typed: string) => void;
  confirm: () => void;
}

export function codeStep(session: CallbackSession, step: CodeStep): TemplateResult {
  const error = session.fieldErrors['code'];
  const wait = Math.ceil((session.resendAt - performance.now()) / 1000);
  const send = (event: Event): void => {
    event.preventDefault();
    step.confirm();
  };
  const hint = error ?? (session.notice || 'The sixth digit sends it.');
  return html`<form class="step" novalidate @submit=${send}>
    <h2 id="title" tabindex="-1">Enter the code</h2>
    <p class="lead">
      It goes to
      <bdi class="whole" dir="ltr">${phoneText(session.doc?.phone_masked ?? 'your number')}</bdi> by text.
    </p>
    <div class="field ${error === undefined ? '' : 'wrong'}">
      <label for="code">Code from the text</label>
      <input
        id="code"
        name="code"
        class="code"
        dir="ltr"
        inputmode="numeric"
        autocomplete="one-time-code"
        pattern="[0-9]{6}"
        maxlength="6"
        .value=${step.code}
        ?readonly=${session.busy}
        aria-invalid=${error !== undefined}
        aria-describedby="code-hint"
        @input=${(event: InputEvent) => step.type((event.target as HTMLInputElement).value)}
      />
      <p id="code-hint" class="hint">${hint}</p>
    </div>
    <div class="row">
      <button type="button" class="plain" aria-disabled=${wait > 0} @click=${() => wait <= 0 && session.resend()}>
        ${wait > 0 ? `New code in ${clockText(wait)}` : 'Send a new code'}
      </button>
      <button type="button" class="plain" @click=${() => session.startOver()}>Change number</button>
    </div>
    ${trackView(session)}
    <div class="foot">
      <button class="primary" aria-disabled=${session.busy || step.code.length < 6}>
        ${session.busy ? 'Checking…' : 'Confirm'}
      </button>
      <p class="print">Nobody is called before your number is confirmed.</p>
    </div>
  </form>`;
}
