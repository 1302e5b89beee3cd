// Two kinds of time for a carrier. In the virtual one nothing happens until somebody moves it on, so
// no test depends on how fast anything is. In the quick one the telephones' seconds are a few
// milliseconds, and the carrier's dates are those of this machine.
//
// io(promise) marks work on the network: the virtual clock does not ring a timer before it is done.

class Clock {
  #busy = 0;

  io(promise) {
    ++this.#busy;
    const done = () => --this.#busy;
    promise.then(done, done);
    return promise;
  }

  // Nothing is on the network, and nobody who waited for it is about to put anything there.
  async settled() {
    for (let quiet = 0; quiet < 3; quiet = this.#busy === 0 ? quiet + 1 : 0) await new Promise((resolve) => setImmediate(resolve));
  }

  sleep(seconds) {
    return new Promise((resolve) => this.after(seconds, resolve));
  }
}

export class VirtualClock extends Clock {
  #now;
  #timers = []; // by time, then by age
  #age = 0;
  #moving = Promise.resolve();

  constructor(start = Date.now()) {
    super();
    this.#now = start;
  }

  now() {
    return this.#now;
  }

  after(seconds, ring) {
    if (seconds === Infinity) return () => {};
    const timer = { at: this.#now + Math.max(0, seconds) * 1000, age: ++this.#age, ring };
    let place = this.#timers.length;
    while (place > 0 && this.#timers[place - 1].at > timer.at) --place;
    this.#timers.splice(place, 0, timer);
    return () => {
      const found = this.#timers.indexOf(timer);
      if (found >= 0) this.#timers.splice(found, 1);
    };
  }

  // Moves one after the other, however many ask.
  advance(seconds) {
    this.#moving = this.#moving.then(() => this.#advance(seconds));
    return this.#moving;
  }

  async #advance(seconds) {
    const end = this.#now + seconds * 1000;
    for (;;) {
      await this.settled();
      if (this.#timers.length === 0 || this.#timers[0].at > end) break;
      const timer = this.#timers.shift();
      this.#now = Math.max(this.#now, timer.at);
      timer.ring();
    }
    this.#now = end;
    await this.settled();
  }

  stop() {
    this.#timers = [];
  }
}

export class QuickClock extends Clock {
  #timers = new Set();

  // pace: how much of a second a second takes.
  constructor(pace = 0.01) {
    super();
    this.pace = pace;
  }

  now() {
    return Date.now();
  }

  after(seconds, ring) {
    if (seconds === Infinity) return () => {};
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      ring();
    }, Math.max(0, seconds) * 1000 * this.pace);
    this.#timers.add(timer);
    return () => {
      clearTimeout(timer);
      this.#timers.delete(timer);
    };
  }

  advance() {
    return Promise.reject(new Error('this clock moves by itself; start the peer with a virtual one'));
  }

  stop() {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
