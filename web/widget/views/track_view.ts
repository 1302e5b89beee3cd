// The stages of a callback as a short vertical track; the same one before, during and after.
import { html, nothing, type TemplateResult } from 'lit';
import { clockText } from '../../shared/format';
import { icon, type IconName } from '../../shared/icons';
import type { SiteInfo } from '../api';
import type { CallbackSession } from '../session';
import { isFinal, stages, type Standing } from '../track';
import { lookOf } from '../words';

const heard: Record<Standing, string> = {
  todo: 'to come',
  current: 'now',
  done: 'done',
  stopped: 'ended here',
};

export function trackView(session: CallbackSession): TemplateResult {
  const { doc } = session;
  const site = session.site as SiteInfo;
  const rows = stages(doc, session.reached, site.name, site.verification.required);
  const look = doc === null ? null : lookOf(doc);
  const running =
    doc === null || isFinal(doc) || doc.state === 'pending'
      ? ''
      : clockText((performance.now() - session.stageSince) / 1000);
  return html`<ol class="track" aria-label="How the call goes">
    ${rows.map((row, index) => {
      const live = row.standing === 'current' || row.standing === 'stopped';
      const shape: IconName | null = row.standing === 'done' ? 'check' : live && look !== null ? look.icon : null;
      return html`<li
        class="${row.standing} ${live && look !== null ? look.tone : ''}"
        aria-current=${row.standing === 'current' ? 'step' : nothing}
      >
        <span class="dot" aria-hidden="true">${shape === null ? index + 1 : icon(shape)}</span>
        <span class="label">${row.label}<span class="hush">, ${heard[row.standing]}</span></span>
        ${row.standing === 'current' && running !== ''
          ? html`<span class="time" aria-hidden="true">${running}</span>`
          : nothing}
      </li>`;
    })}
  </ol>`;
}
