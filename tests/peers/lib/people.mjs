// The people (and machines) at the other ends of the lines. Each number has a habit, or a row of
// them, one for each time it is rung; the last one stays. Times are in seconds.

const NEVER = Infinity;
const PERSON = {
  pickup: 'answers', // answers, busy, declines, no_answer, unreachable
  after: 2, // rings so long before anything happens
  machine: false,
  keys: ['1'], // one for each question; null is silence
  think: 1.5, // before a key
  leaves: null, // {at: 'prompt' | 'dial', after}
  talk: NEVER, // ends the talk after so long
};

export const HABITS = {
  accepts: { talk: NEVER },
  busy: { pickup: 'busy' },
  no_answer: { pickup: 'no_answer' },
  declines: { pickup: 'declines' },
  unreachable: { pickup: 'unreachable' },
  voicemail: { after: 6, machine: true, keys: [], leaves: { at: 'prompt', after: 45 } },
  silent: { keys: [] },
  other_key: { keys: ['5'] },
  second_key: { keys: [null, '1'] },
  slow: { after: 15 },
  hangs_up: { leaves: { at: 'prompt', after: 1 }, keys: [] },
  hangs_up_while_dialling: { leaves: { at: 'dial', after: 3 } },
  talks: { talk: 30 },
  chats: { talk: 4 },
};

// Without a habit of its own a number acts by its last two digits.
const BY_DIGITS = {
  '00': 'accepts', '01': 'busy', '02': 'no_answer', '03': 'declines', '04': 'voicemail', '05': 'silent',
  '06': 'unreachable', '07': 'slow', '08': 'hangs_up', '09': 'other_key', 10: 'second_key', 11: 'hangs_up_while_dialling', 12: 'talks', 13: 'chats',
};

export class People {
  #habits = new Map();

  // habit: a name, an object, or an array of those.
  set(number, habit) {
    const row = (Array.isArray(habit) ? habit : [habit]).map((one) => {
      if (typeof one === 'string' && !(one in HABITS)) throw new Error(`no such habit: ${one}`);
      return one;
    });
    this.#habits.set(number, row);
  }

  // Who takes this call. Each call takes one from the row.
  rung(number) {
    const row = this.#habits.get(number) ?? [BY_DIGITS[number.slice(-2)] ?? 'accepts'];
    const habit = row.length > 1 ? row.shift() : row[0];
    const person = { ...PERSON, ...(typeof habit === 'string' ? HABITS[habit] : habit) };
    return { ...person, keys: [...person.keys] };
  }
}
