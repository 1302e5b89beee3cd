// Third step and end: what happens now, the stages passed, and the way out while there is one.
import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../../shared/icons';
import type { SiteInfo, StatusDocument } from '../api';
import type { CallbackSession } from '../session';
import { canCancel, isFinal } from '../track';
import { goneLink, headline, lostLink, sentence, tooLateToCancel, type StateLook } from '../words';
import { trackView } from './track_view';

export function liveStep(
  session: CallbackSession,
  lookOf: (doc: StatusDocument) => StateLook,
): TemplateResult {
  const doc = session.doc as StatusDocument;
  const name = (session.site as SiteInfo).name;
  const look = lookOf(doc);
  return html`<div class="step">
    <p class="state ${look.tone}">${icon(look.icon)}<span>${look.word}</span></p>
    <h2 id="title" tabindex="-1">${headline(doc, name)}</h2>
    <p class="lead tall">${sentence(doc, name)}</p>
    ${linkNotice(session, doc)} ${session.notice === '' ? nothing : notice(session.notice)}
    ${trackView(session)}
    <div class="foot">${wayOut(session, doc)}</div>
  </div>`;
}

function notice(text: string): TemplateResult {
  return html`<p class="notice">${icon('question')}<span>${text}</span></p>`;
}

function linkNotice(session: CallbackSession, doc: StatusDocument): TemplateResult | typeof nothing {
  if (isFinal(doc) || session.link === 'open') return nothing;
  return html`<p class="notice">
    ${icon('lost')}<span>${session.link === 'gone' ? goneLink : lostLink}</span>
  </p>`;
}

function wayOut(session: CallbackSession, doc: StatusDocument): TemplateResult | typeof nothing {
  if (isFinal(doc) || session.link === 'gone') {
    return html`<button @click=${() => session.startOver()}>
        ${doc.state === 'completed' ? 'Ask for another call' : 'Ask again'}
      </button>
      <p class="print">Nothing you typed is kept in this browser.</p>`;
  }
  if (doc.state === 'connected') return nothing;
  if (session.cancelRefused !== '' || !canCancel(doc)) {
    return html`<p class="notice">
      ${icon('stroke')}<span>${session.cancelRefused || tooLateToCancel}</span>
    </p>`;
  }
  return html`<button aria-disabled=${session.busy} @click=${() => session.cancel()}>
      ${session.busy ? 'Cancelling…' : 'Cancel the call'}
    </button>
    <p class="print">You can close this page; the call comes all the same.</p>`;
}
