// The development page "/": the form beside the phones. What is tapped on the visitor's phone types
// itself into the form: its number, and later the code, as the auto-fill of a real phone would.
import '../simulator/main';
import type { RingbackDesk } from '../simulator/desk';
import { RingBack } from '../widget/ring_back';

const form = (): RingBack | null => document.querySelector('ring-back');
const desk = (): RingbackDesk | null => document.querySelector('ringback-desk');

function on<Detail>(name: string, take: (detail: Detail) => void): void {
  addEventListener(name, (event) => take((event as CustomEvent<Detail>).detail));
}

function offerNumber(offer: boolean): void {
  const phones = desk();
  if (phones !== null) phones.offer = offer;
}

on<{ step: string }>('ringback-step', ({ step }) => offerNumber(step === 'number'));
on<{ phone: string }>('ringback-number', ({ phone }) => {
  form()?.fillNumber(phone);
  offerNumber(false);
});
on<{ code: string }>('ringback-code', ({ code }) => form()?.fillCode(code));
