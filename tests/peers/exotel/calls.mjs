// The telephone side of the carrier: two numbers that it joins by itself, or one number that is led
// through the flow which an account builds once in the dashboard: Gather, Passthru, Connect, Passthru.
import { Gone, Line } from '../lib/line.mjs';

const SETUP = 0.5;
const PROMPT = 6; // seconds of the flow's question
const ANSWER_PATIENCE = 8; // after the prompt
const LONGEST_TALK = 14_400;
const STANDARD_RING = 30;
const END = { busy: 'busy', declines: 'failed', unreachable: 'failed' };

export class Leg extends Line {
  started = null;
  answered = null;
  ended = null;
  status = null; // null: not attempted, or not yet
  heard = [];
  joined = false;

  constructor(peer, { to, timeout }) {
    super(peer.clock);
    Object.assign(this, { to, timeout });
    this.person = peer.people.rung(to);
  }

  seconds() {
    return this.answered === null || this.ended === null ? 0 : Math.max(1, Math.round((this.ended - this.answered) / 1000));
  }
}

export class Call {
  status = 'in-progress'; // right after it was taken: this does not mean that anybody answered
  ended = null;
  visitor = null;
  joinedAt = null;
  conversation = 0;

  // peer: {clock, people, breach, changed(call), callback(call, event), applet(...)}
  constructor(peer, wanted) {
    this.peer = peer;
    Object.assign(this, wanted);
    this.created = peer.clock.now();
    this.business = new Leg(peer, { to: wanted.from, timeout: wanted.timeout ?? STANDARD_RING });
    peer.clock.after(SETUP, () => this.#live());
  }

  get legs() {
    return this.visitor ? [this.business, this.visitor] : [this.business];
  }

  async #live() {
    try {
      if (await this.#ring(this.business)) {
        this.peer.callback(this, 'answered');
        if (this.flow) await this.#follow();
        else await this.#join(this.to, this.timeout ?? STANDARD_RING, this.limit ?? LONGEST_TALK);
      }
    } catch (error) {
      if (!(error instanceof Gone)) this.peer.breach('the peer itself failed', error.stack);
    }
    this.#end();
  }

  async #ring(leg) {
    const { person } = leg;
    leg.started = this.peer.clock.now();
    this.peer.changed(this);
    if (person.pickup === 'unreachable') {
      await leg.wait(SETUP);
      return this.#over(leg, 'failed');
    }
    const most = Math.min(leg.timeout, person.pickup === 'no_answer' ? Infinity : person.after);
    await leg.wait(most);
    if (person.pickup === 'no_answer' || person.after > leg.timeout) return this.#over(leg, 'no-answer');
    if (person.pickup !== 'answers') return this.#over(leg, END[person.pickup]);
    leg.answered = this.peer.clock.now();
    leg.status = 'in-progress';
    this.peer.changed(this);
    return true;
  }

  #over(leg, status) {
    if (leg.over) return false;
    leg.status = status;
    leg.ended = this.peer.clock.now();
    leg.close();
    this.peer.changed(this);
    return false;
  }

  #leavesAt(point) {
    const { leaves } = this.business.person;
    if (leaves?.at !== point) return;
    this.peer.clock.after(leaves.after, () => this.hangUp(this.business));
  }

  // A person ends the call.
  hangUp(leg) {
    if (leg.over) return false;
    this.#over(leg, leg.answered === null ? 'canceled' : 'completed');
    for (const other of this.legs) this.#over(other, other.answered === null ? 'canceled' : 'completed');
    return true;
  }

  // Dials the visitor and lets them talk. Returns what the Passthru after it says.
  async #join(number, ring, limit) {
    const { business, peer } = this;
    this.visitor = new Leg(peer, { to: number, timeout: ring });
    const { visitor } = this;
    this.#leavesAt('dial');
    try {
      if (!(await this.#ring(visitor))) return { DialCallStatus: visitor.status };
      visitor.joined = true;
      this.joinedAt = peer.clock.now();
      peer.callback(this, 'answered');
      await visitor.wait(Math.min(business.person.talk, visitor.person.talk, limit));
      this.#over(visitor, 'completed');
    } finally {
      if (this.joinedAt !== null) this.conversation = Math.max(1, Math.round((peer.clock.now() - this.joinedAt) / 1000));
    }
    return { DialCallStatus: 'completed', DialCallDuration: this.conversation };
  }

  async #follow() {
    const { business, peer } = this;
    this.#leavesAt('prompt');
    business.heard.push('prompt');
    await business.wait(PROMPT);
    const key = business.person.keys.shift() ?? null;
    const pressed = key !== null && business.person.think <= ANSWER_PATIENCE;
    await business.wait(pressed ? business.person.think : ANSWER_PATIENCE);
    const digits = pressed ? { digits: `"${key[0]}"` } : {};
    const gate = await business.until(peer.applet(this, 'gate', { ...digits, CallType: 'call-attempt' }));
    if (gate?.status !== 200) return;
    const wanted = await business.until(peer.connect(this, { ...digits, CallType: 'call-attempt' }));
    if (!wanted || wanted.numbers.length === 0) return;
    const result = await this.#join(wanted.numbers[0], wanted.ring ?? STANDARD_RING, wanted.talk ?? LONGEST_TALK);
    const type = result.DialCallStatus === 'completed' ? 'completed' : 'incomplete';
    await business.until(peer.applet(this, 'dialed', { ...digits, ...result, CallType: type, DialWhomNumber: this.visitor.to }));
    business.heard.push(`dialed ${result.DialCallStatus}`);
  }

  #end() {
    if (this.business.answered !== null) this.#over(this.business, 'completed');
    if (this.visitor) this.#over(this.visitor, this.visitor.answered === null ? 'canceled' : 'completed');
    const { business, visitor } = this;
    this.ended = this.peer.clock.now();
    this.status = business.status !== 'completed' ? business.status : this.flow || !visitor ? 'completed' : visitor.status;
    this.peer.changed(this);
    this.peer.callback(this, 'terminal');
  }
}
