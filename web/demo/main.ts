// The development page "/": the form beside the phones. A tapped code fills the form in, as the
// auto-fill of a real phone would.
import '../simulator/main';
import { RingBack } from '../widget/ring_back';

addEventListener('ringback-code', (event) => {
  const form = document.querySelector('ring-back');
  if (form instanceof RingBack) form.fillCode((event as CustomEvent<{ code: string }>).detail.code);
});
