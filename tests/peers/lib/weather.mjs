// What goes wrong between the program and a carrier: told for the next requests of a kind, or by
// chance. The same seed gives the same weather for the same row of requests.

// [may the work have been done?, what the program sees]
export const FAULTS = {
  lose_request: 'nothing was done; the connection breaks',
  error_before: 'nothing was done; 500',
  proxy_before: 'nothing was done; 502 with a page of HTML',
  throttle: 'nothing was done; 429',
  throttle_hint: 'nothing was done; 429 with Retry-After',
  lose_reply: 'it was done; the connection breaks before the answer',
  error_after: 'it was done; 500',
  proxy_after: 'it was done; 502 with a page of HTML',
  garbage: 'it was done; the answer stops in the middle',
  slow: 'it was done; the answer comes late',
};

const WEBHOOK_CHANCES = ['drop', 'duplicate', 'late', 'ask_twice'];

// The same row of numbers for the same seed.
export function dice(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export class Weather {
  #told = new Map(); // kind -> faults, in order
  #chances = new Map(); // kind -> [[fault, rate]]
  webhooks = { drop: 0, duplicate: 0, late: 0, ask_twice: 0, late_seconds: 60 };
  slow_seconds = 3;
  random;

  constructor(seed = 1) {
    this.random = dice(seed);
  }

  // The next requests of this kind go like this; null is fine weather.
  next(kind, ...faults) {
    for (const fault of faults) if (fault !== null && !(fault in FAULTS)) throw new Error(`no such fault: ${fault}`);
    this.#told.set(kind, [...(this.#told.get(kind) ?? []), ...faults]);
  }

  // rates: {fault: 0..1}; a kind of '*' is every kind without chances of its own.
  chances(kind, rates) {
    for (const fault of Object.keys(rates)) if (!(fault in FAULTS)) throw new Error(`no such fault: ${fault}`);
    this.#chances.set(kind, Object.entries(rates));
  }

  set(webhooks) {
    for (const name of Object.keys(webhooks)) {
      if (!WEBHOOK_CHANCES.includes(name) && name !== 'late_seconds') throw new Error(`no such weather for webhooks: ${name}`);
    }
    Object.assign(this.webhooks, webhooks);
  }

  clear() {
    this.#told.clear();
    this.#chances.clear();
    Object.assign(this.webhooks, { drop: 0, duplicate: 0, late: 0, ask_twice: 0 });
  }

  fault(kind) {
    const told = this.#told.get(kind);
    if (told?.length > 0) return told.shift();
    let roll = this.random();
    for (const [fault, rate] of this.#chances.get(kind) ?? this.#chances.get('*') ?? []) {
      if (roll < rate) return fault;
      roll -= rate;
    }
    return null;
  }

  // When each copy of a notice is sent: [] is lost, [0, 12] is sent twice.
  deliveries() {
    const { drop, duplicate, late, late_seconds: most } = this.webhooks;
    const random = this.random;
    if (random() < drop) return [];
    const when = () => (random() < late ? random() * most : 0);
    return random() < duplicate ? [when(), when()] : [when()];
  }

  asksTwice() {
    return this.random() < this.webhooks.ask_twice;
  }
}
