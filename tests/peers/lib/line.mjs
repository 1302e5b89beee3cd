// One telephone line of a carrier: waits that end when the line does.

export class Gone extends Error {}
export class Moved extends Error {}

export class Line {
  #waiting = new Set();
  over = false;

  constructor(clock) {
    this.clock = clock;
  }

  // Rejects with Gone when the line ends first, with Moved when it is sent elsewhere.
  wait(seconds) {
    return this.hold((done) => this.clock.after(seconds, done));
  }

  // begin(done) starts what is waited for and returns how to give it up.
  hold(begin) {
    if (this.over) return Promise.reject(new Gone());
    return new Promise((resolve, reject) => {
      const entry = { reject };
      const done = (value) => {
        this.#waiting.delete(entry);
        resolve(value);
      };
      this.#waiting.add(entry);
      entry.cancel = begin(done);
    });
  }

  // The wait for something else, given up with the line.
  until(promise) {
    return this.hold((done) => {
      promise.then(done, () => done(undefined));
      return () => {};
    });
  }

  break(error) {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const { cancel, reject } of waiting) {
      cancel?.();
      reject(error);
    }
  }

  close() {
    this.over = true;
    this.break(new Gone());
  }
}
