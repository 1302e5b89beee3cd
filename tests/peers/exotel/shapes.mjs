// How this carrier writes things: times without a zone (they are India's), numbers in the national
// form, legs flattened into names. What a request may say.

const INDIA_MS = 5.5 * 3600 * 1000;
export const EPOCH = '1970-01-01 05:30:00'; // what an empty time looks like in its applets

export const zoneless = (at) => (at === null || at === undefined ? null : new Date(at + INDIA_MS).toISOString().slice(0, 19).replace('T', ' '));
export const fromZoneless = (text) => Date.parse(`${text.replace(' ', 'T')}Z`) - INDIA_MS;

// +919876543210 comes back as 09876543210.
export const national = (number) => (number?.startsWith('+91') ? `0${number.slice(3)}` : number);
// The number that a request means.
export const plain = (number) => (/^0[6-9]\d{9}$/.test(number) ? `+91${number.slice(1)}` : number);
export const isPhone = (number) => /^\+[1-9]\d{6,14}$/.test(plain(number));

const number = (least, most) => (value) => /^\d+$/.test(value) && Number(value) >= least && Number(value) <= most;
const oneOf = (...values) => (value) => values.includes(value);
const url = (value) => {
  try {
    return /^https?:$/.test(new URL(value).protocol);
  } catch {
    return false;
  }
};
const any = () => true;
const contentType = oneOf('multipart/form-data', 'application/json', 'application/x-www-form-urlencoded');
const when = (value) => value.split(';').every((part) => /^(gte|lte|gt|lt|eq):\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(part));

export const PARAMETERS = {
  connect: {
    From: isPhone, To: isPhone, CallerId: isPhone, CallType: oneOf('trans'), TimeLimit: number(1, 14400), TimeOut: number(1, 60), WaitUrl: url,
    Record: oneOf('true', 'false'), RecordingChannels: oneOf('single', 'dual'), RecordingFormat: oneOf('mp3', 'mp3-hq'),
    CustomField: (value) => value.length <= 128, StartPlaybackToNew: oneOf('Callee', 'Both'), StartPlaybackValueNew: url, StatusCallback: url,
    StatusCallbackEvents: oneOf('terminal', 'answered'), StatusCallbackContentType: contentType, StreamUrl: any, StreamBegin: any,
    Url: (value) => /^http:\/\/my\.(in\.)?exotel\.com\/[^/]+\/exoml\/start_voice\/\d+$/.test(value),
  },
  sms: {
    From: any, To: isPhone, Body: (value) => [...value].length <= 2000, EncodingType: oneOf('plain', 'unicode'), DltEntityId: (value) => /^\d+$/.test(value),
    DltTemplateId: (value) => /^\d+$/.test(value), SmsType: oneOf('transactional', 'transactional_opt_in', 'promotional'), Priority: oneOf('normal', 'high'),
    CustomField: any, ShortenUrl: any, StatusCallback: url, StatusCallbackContentType: contentType,
  },
  calls: {
    Sid: any, DateCreated: when, To: any, From: any, Status: any, Direction: any, PhoneNumber: any, PageSize: number(1, 100),
    SortBy: oneOf('DateCreated:asc', 'DateCreated:desc'), Before: any, After: any,
  },
  details: { details: oneOf('true'), RecordingUrlValidity: number(5, 60) },
  none: {},
};

// {name: value}; the events of StatusCallbackEvents[i] as a list.
export function readParameters(operation, pairs, breach) {
  const known = PARAMETERS[operation];
  const found = {};
  for (const [given, value] of pairs) {
    const indexed = /^(StatusCallbackEvents)\[\d*\]$/.exec(given);
    const name = indexed ? indexed[1] : given;
    if (!Object.hasOwn(known, name) || (name === 'StatusCallbackEvents' && !indexed)) breach('unknown parameter', `${operation}: ${given}`);
    else if (value === '') breach('empty parameter', `${operation}: ${given}`);
    else if (!known[name](value)) breach('bad value', `${operation}: ${given}=${value}`);
    else if (indexed) (found[name] ??= []).push(value);
    else if (name in found) breach('repeated parameter', `${operation}: ${given}`);
    else found[name] = value;
  }
  return found;
}

// Nested fields as pairs: Legs[0][Status].
export function flattened(fields, prefix = '') {
  const pairs = [];
  for (const [name, value] of Object.entries(fields)) {
    const whole = prefix === '' ? name : `${prefix}[${name}]`;
    if (value !== null && typeof value === 'object') pairs.push(...flattened(value, whole));
    else pairs.push([whole, value === null || value === undefined ? '' : String(value)]);
  }
  return pairs;
}

export function multipart(pairs, boundary) {
  const parts = pairs.map(([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
  return `${parts.join('')}--${boundary}--\r\n`;
}

// The answer of a dynamic URL of the Connect applet: [faults].
const CONNECT = {
  fetch_after_attempt: 'boolean', destination: 'object', outgoing_phone_number: 'string', record: 'boolean', recording_channels: 'string',
  max_ringing_duration: 'number', max_conversation_duration: 'number', music_on_hold: 'object', start_call_playback: 'object', parallel_ringing: 'object',
  dial_passthru_event_url: 'string',
};
export function connectFaults(answer) {
  if (answer === null || typeof answer !== 'object') return ['not an object'];
  const faults = [];
  for (const [name, value] of Object.entries(answer)) {
    if (!Object.hasOwn(CONNECT, name)) faults.push(`no such member: ${name}`);
    else if (typeof value !== CONNECT[name]) faults.push(`${name} is a ${typeof value}`);
  }
  const numbers = answer.destination?.numbers;
  if (!Array.isArray(numbers)) faults.push('destination.numbers is no list');
  else for (const one of numbers) if (!/^\+[1-9]\d{6,14}$/.test(one)) faults.push(`not E.164: ${one}`);
  if (answer.destination && Object.keys(answer.destination).join() !== 'numbers') faults.push('destination has more than numbers');
  if (answer.music_on_hold && !['operator_tone', 'default_tone'].includes(answer.music_on_hold.type)) faults.push('music_on_hold.type');
  if (answer.recording_channels !== undefined && !['single', 'dual'].includes(answer.recording_channels)) faults.push('recording_channels');
  return faults;
}
