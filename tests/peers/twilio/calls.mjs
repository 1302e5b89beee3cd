// The telephone side of the carrier: legs that are dialled, ring, are answered by people, follow the
// program's markup, and end. Says what happens in signed webhooks.
import { Gone, Line, Moved } from '../lib/line.mjs';
import { elementsOf, readTwiml, textOf } from './twiml.mjs';

const RING_BUFFER = 5; // seconds that are added to each time-out
const SETUP = 0.5; // from the dialling to the first ring
const LETTERS_PER_SECOND = 15;
const LONGEST_TALK = 14_400;
const VERDICT_AFTER = 2; // answering machine detection
const MOST_DOCUMENTS = 50; // of one leg; more is a loop
const SIP = { busy: 486, declines: 603, unreachable: 404, 'no-answer': 487 };
export const FINAL = ['completed', 'busy', 'failed', 'no-answer', 'canceled'];
const EVENT_OF = { initiated: 'initiated', ringing: 'ringing', 'in-progress': 'answered' };

export class Leg extends Line {
  started = null; // dialled
  answered = null;
  ended = null;
  status = 'queued';
  heard = []; // what was said to this leg, in words
  asked = []; // the answers to its questions: {url, document}
  children = [];
  sequence = 0;
  answeredBy = null;

  constructor(switchboard, { sid, to, from, parent = null, hooks, timeout, timeLimit, queued = 0 }) {
    super(switchboard.clock);
    Object.assign(this, { sid, to, from, parent, hooks, timeout, timeLimit, queued });
    this.created = this.clock.now();
    this.person = switchboard.people.rung(to);
    this.direction = parent ? 'outbound-dial' : 'outbound-api';
  }

  get seconds() {
    return this.answered === null ? 0 : Math.max(1, Math.round((this.ended - this.answered) / 1000));
  }
}

// peer: {clock, people, weather, account, breach, debug, changed(leg), ask(...), notify(...), newSid(prefix)}
export class Switchboard {
  legs = new Map();
  #free = 0; // when the account's pace allows the next call

  constructor(peer) {
    this.peer = peer;
    this.clock = peer.clock;
    this.people = peer.people;
  }

  // ---- placing

  place(wanted) {
    const now = this.clock.now();
    const turn = Math.max(now, this.#free);
    // The pace is the carrier's own; a quick clock quickens it, too.
    this.#free = turn + (1000 / this.peer.callsPerSecond) * (this.clock.pace ?? 1);
    const queued = (turn - now) / (this.clock.pace ?? 1);
    const leg = this.#add(new Leg(this, { sid: this.peer.newSid('CA'), queued, ...wanted }));
    leg.script = wanted.script;
    leg.amd = wanted.amd;
    this.#live(leg, queued / 1000);
    return leg;
  }

  #add(leg) {
    this.legs.set(leg.sid, leg);
    this.peer.changed(leg);
    return leg;
  }

  async #live(leg, turn) {
    try {
      await leg.wait(turn);
      if (!(await this.#ring(leg))) return;
      if (leg.amd) {
        await leg.wait(VERDICT_AFTER);
        leg.answeredBy = leg.person.machine ? 'machine_start' : 'human';
      }
      let next = leg.script;
      for (;;) {
        try {
          await this.#follow(leg, next);
          break;
        } catch (error) {
          if (!(error instanceof Moved)) throw error;
          next = leg.moved;
          for (const child of leg.children) this.#leave(child);
        }
      }
      this.finish(leg, 'completed');
    } catch (error) {
      if (!(error instanceof Gone)) this.peer.breach('the peer itself failed', error.stack);
    }
  }

  // Dials and rings; true when somebody answered. Otherwise the leg is over.
  async #ring(leg) {
    const { person } = leg;
    leg.started = this.clock.now();
    this.#report(leg, 'initiated');
    await leg.wait(SETUP);
    if (person.pickup === 'unreachable') return this.finish(leg, 'failed', SIP.unreachable);
    leg.status = 'ringing';
    this.peer.changed(leg);
    this.#report(leg, 'ringing');
    const patience = leg.timeout + RING_BUFFER;
    await leg.wait(Math.min(person.pickup === 'no_answer' ? Infinity : person.after, patience));
    if (person.pickup === 'no_answer' || person.after > patience) return this.finish(leg, 'no-answer', SIP['no-answer']);
    if (person.pickup !== 'answers') return this.finish(leg, 'busy', SIP[person.pickup]);
    leg.answered = this.clock.now();
    leg.status = 'in-progress';
    this.peer.changed(leg);
    this.#report(leg, 'in-progress');
    this.clock.after(leg.timeLimit, () => this.finish(leg, 'completed'));
    return true;
  }

  // ---- ending

  finish(leg, status, sip) {
    if (leg.over) return false;
    leg.close();
    leg.status = status;
    leg.ended = this.clock.now();
    leg.sip = sip;
    this.peer.changed(leg);
    for (const child of leg.children) this.#leave(child);
    this.#report(leg, status);
    if (leg.recorded && leg.joined) this.peer.recorded(leg);
    return false;
  }

  // The other end of a bridge is gone. Which end a ringing leg then has is not documented: either.
  #leave(child) {
    if (child.over) return;
    if (child.answered !== null) this.finish(child, 'completed');
    else this.finish(child, this.peer.weather.random() < 0.5 ? 'canceled' : 'no-answer', 487);
  }

  // Sends a live leg to other markup.
  move(leg, script) {
    leg.moved = script;
    leg.break(new Moved());
  }

  hangUp(sid) {
    const leg = this.legs.get(sid);
    if (!leg || leg.over || leg.answered === null) return false;
    this.finish(leg, 'completed');
    return true;
  }

  // ---- markup

  async #follow(leg, script) {
    let document = script.twiml ? this.#read(leg, script.twiml) : await this.#question(leg, script.url, script, leg.answeredBy ? { AnsweredBy: leg.answeredBy, MachineDetectionDuration: '2000' } : {});
    for (let round = 0; document; ++round) {
      if (round === MOST_DOCUMENTS) return this.peer.breach('a loop of documents', leg.asked.at(-1)?.url);
      document = await this.#run(leg, document);
    }
  }

  // Runs the verbs; returns the document that takes over, or null at the end.
  async #run(leg, tree) {
    for (const verb of elementsOf(tree)) {
      switch (verb.name) {
        case 'Say':
          await this.#say(leg, verb);
          break;
        case 'Pause':
          await leg.wait(Number(verb.attributes.length ?? 1));
          break;
        case 'Hangup':
          return null;
        case 'Redirect':
          return this.#question(leg, textOf(verb), { method: verb.attributes.method ?? 'POST' });
        case 'Gather': {
          const next = await this.#gather(leg, verb);
          if (next) return next;
          break;
        }
        case 'Dial': {
          const next = await this.#dial(leg, verb);
          if (next !== undefined) return next;
          break;
        }
      }
    }
    return null;
  }

  async #say(leg, verb) {
    const words = textOf(verb);
    leg.heard.push(words);
    this.#mayLeave(leg, 'prompt');
    await leg.wait(words.length / LETTERS_PER_SECOND);
  }

  #mayLeave(leg, at) {
    const { leaves } = leg.person;
    if (leaves?.at !== at || leg.leaving) return;
    leg.leaving = true;
    this.clock.after(leaves.after, () => this.finish(leg, 'completed'));
  }

  async #gather(leg, verb) {
    const { attributes } = verb;
    this.#mayLeave(leg, 'prompt');
    for (const part of elementsOf(verb)) {
      if (part.name === 'Say') await this.#say(leg, part);
      else await leg.wait(Number(part.attributes.length ?? 1));
    }
    const patience = Number(attributes.timeout ?? 5);
    const key = leg.person.keys.length > 0 ? leg.person.keys.shift() : null;
    const pressed = key !== null && leg.person.think <= patience;
    await leg.wait(pressed ? leg.person.think : patience);
    const finish = attributes.finishOnKey ?? '#';
    let digits = pressed ? key.slice(0, Number(attributes.numDigits ?? Infinity)) : '';
    if (finish !== '' && digits.includes(finish)) digits = digits.slice(0, digits.indexOf(finish));
    if (digits === '' && attributes.actionOnEmptyResult !== 'true') return null;
    const url = attributes.action ?? leg.asked.at(-1).url;
    return this.#question(leg, url, { method: attributes.method ?? 'POST' }, { Digits: digits, FinishedOnKey: '' });
  }

  async #dial(leg, verb) {
    const { attributes } = verb;
    const callerId = attributes.callerId ?? leg.from;
    const isOurs = this.peer.account.numbers.includes(callerId);
    if (!isOurs) this.peer.debug('13214', `callerId ${callerId} is not the account's`);
    const numbers = elementsOf(verb).length > 0 ? elementsOf(verb) : [{ attributes: {}, children: [textOf(verb)] }];
    this.#mayLeave(leg, 'dial');
    const children = numbers.map((number) =>
      this.#add(new Leg(this, {
        sid: this.peer.newSid('CA'), to: textOf(number), from: callerId, parent: leg,
        timeout: Number(attributes.timeout ?? 30), timeLimit: Number(attributes.timeLimit ?? LONGEST_TALK),
        hooks: number.attributes.statusCallback && {
          url: number.attributes.statusCallback, method: number.attributes.statusCallbackMethod ?? 'POST',
          events: (number.attributes.statusCallbackEvent ?? 'completed').split(' '),
        },
      })),
    );
    leg.children.push(...children);
    if ((attributes.record ?? 'do-not-record') !== 'do-not-record') {
      const recorded = {
        channels: attributes.record.endsWith('-dual') ? 2 : 1, url: attributes.recordingStatusCallback,
        method: attributes.recordingStatusCallbackMethod ?? 'POST', events: (attributes.recordingStatusCallbackEvent ?? 'completed').split(' '),
      };
      for (const child of children) child.recorded = recorded;
    }
    const ends = children.map((child, i) => this.#dialled(leg, child, numbers[i], isOurs));
    // The first who answers wins; the others stop ringing.
    let winner = null;
    const won = (child) => {
      winner = child;
      for (const other of children) if (other !== child) this.#leave(other);
    };
    children.forEach((child) => (child.won = () => (winner ? false : (won(child), true))));
    const method = attributes.method ?? 'POST';
    const result = () => {
      const end = winner ?? children[0];
      const extra = { DialCallStatus: winner ? 'completed' : end.status, DialCallSid: end.sid, DialBridged: String(end.joined === true) };
      return end.answered === null ? extra : { ...extra, DialCallDuration: String(end.seconds) };
    };
    try {
      await leg.until(Promise.all(ends));
    } catch (error) {
      // Whether the action is asked for a leg that is gone is not documented: either.
      if (error instanceof Gone && attributes.action && this.peer.weather.random() < 0.5) {
        this.peer.ask(leg, attributes.action, method, result());
      }
      throw error;
    }
    if (!attributes.action) return undefined;
    return this.#question(leg, attributes.action, { method }, result());
  }

  // One visitor's leg from dialling to its end. Never throws: the parent may be gone by then.
  async #dialled(leg, child, number, isOurs) {
    try {
      if (!isOurs) return this.finish(child, 'failed');
      if (!(await this.#ring(child))) return;
      if (!child.won()) return this.#leave(child);
      if (number.attributes.url) await this.#follow(child, { url: number.attributes.url, method: number.attributes.method ?? 'POST' });
      if (child.over || leg.over) return;
      child.joined = true;
      child.joinedAt = this.clock.now();
      await child.wait(Math.min(leg.person.talk, child.person.talk, child.timeLimit));
      this.finish(child, 'completed');
    } catch (error) {
      if (!(error instanceof Gone)) this.peer.breach('the peer itself failed', error.stack);
    }
  }

  async #question(leg, url, { method = 'POST', fallback } = {}, extra = {}) {
    let answer = await leg.until(this.peer.ask(leg, url, method, extra));
    if (answer === null && fallback) {
      url = fallback;
      answer = await leg.until(this.peer.ask(leg, url, 'POST', { ErrorCode: '11200' }));
    }
    if (answer === null) return null;
    leg.asked.push({ url, document: answer });
    return this.#read(leg, answer);
  }

  #read(leg, text) {
    const { tree, faults } = readTwiml(text);
    for (const fault of faults) this.peer.breach('markup', `${fault}: ${text.slice(0, 300)}`);
    return tree;
  }

  #report(leg, status) {
    const event = EVENT_OF[status] ?? 'completed';
    if (!leg.hooks || !leg.hooks.events.includes(event)) return;
    const extra = {
      CallStatus: status, Timestamp: new Date(this.clock.now()).toUTCString().replace('GMT', '+0000'),
      CallbackSource: 'call-progress-events', SequenceNumber: String(leg.sequence++),
    };
    if (FINAL.includes(status)) {
      extra.CallDuration = String(leg.seconds);
      if (leg.answered !== null) extra.Duration = String(Math.ceil(leg.seconds / 60));
      if (leg.sip) extra.SipResponseCode = String(leg.sip);
      if (leg.answeredBy) extra.AnsweredBy = leg.answeredBy;
    } else if (status !== 'initiated') {
      extra.StirStatus = 'B';
    }
    this.peer.notify(leg, leg.hooks, extra);
  }
}
