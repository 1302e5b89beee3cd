// TwiML as the carrier's manual has it: which elements, which attributes, which values. What the
// real one ignores with a warning in its debugger is a fault here.
import { readXml } from '../lib/xml.mjs';

const LARGEST_DOCUMENT = 64 * 1024;
const LONGEST_SAY = 4096;
const PHONE = /^\+[1-9]\d{6,14}$/;
const EVENTS = ['initiated', 'ringing', 'answered', 'completed'];

const any = () => true;
const oneOf = (...values) => (value) => values.includes(value);
const boolean = oneOf('true', 'false');
const method = oneOf('GET', 'POST');
const between = (least, most) => (value) => /^\d+$/.test(value) && Number(value) >= least && Number(value) <= most;
const words = (...known) => (value) => value !== '' && value.split(' ').every((word) => known.includes(word));
// Ours are absolute, since a relative one is read against whatever the carrier called last.
export const isUrl = (value) => {
  try {
    const url = new URL(value);
    return /^https?:$/.test(url.protocol) && !url.hostname.includes('_') && !/\s/.test(value) && isTuning(url.hash);
  } catch {
    return false;
  }
};
// Connection overrides in the fragment: #rc=3&rp=ct,rt,5xx
const TUNING = {
  rc: between(0, 5), ct: between(100, 10_000), rt: between(100, 15_000), tt: between(100, 15_000),
  rp: (value) => value.split(',').every((one) => ['4xx', '5xx', 'ct', 'rt', 'all'].includes(one)), e: any,
};
const isTuning = (hash) =>
  hash === '' || hash.slice(1).split('&').every((pair) => {
    const [name, value = ''] = pair.split('=');
    return name in TUNING && TUNING[name](value);
  });

const ATTRIBUTES = {
  Response: {},
  Say: { language: any, loop: between(0, 1000), voice: any },
  Pause: { length: between(1, 600) },
  Hangup: {},
  Redirect: { method },
  Gather: {
    action: isUrl, actionOnEmptyResult: boolean, bargeIn: boolean, debug: boolean, enhanced: boolean, finishOnKey: (value) => /^[0-9#*]?$/.test(value),
    hints: any, input: words('dtmf', 'speech'), language: any, maxSpeechTime: between(1, 600), method, numDigits: between(1, 1000),
    partialResultCallback: isUrl, partialResultCallbackMethod: method, profanityFilter: boolean, speechModel: any, speechTimeout: any,
    timeout: between(1, 600),
  },
  Dial: {
    action: isUrl, answerOnBridge: boolean, callerId: (value) => PHONE.test(value), events: any, hangupOnStar: boolean, method, passports: any,
    record: oneOf('do-not-record', 'record-from-answer', 'record-from-ringing', 'record-from-answer-dual', 'record-from-ringing-dual'),
    recordingConfigurationId: any, recordingStatusCallback: isUrl, recordingStatusCallbackEvent: words('in-progress', 'completed', 'absent'),
    recordingStatusCallbackMethod: method, recordingTrack: oneOf('inbound', 'outbound', 'both'), referMethod: method, referUrl: isUrl,
    ringTone: any, sequential: boolean, timeLimit: between(1, 14400), timeout: between(5, 600), trim: oneOf('trim-silence', 'do-not-trim'),
  },
  Number: {
    amdStatusCallback: isUrl, amdStatusCallbackMethod: method, byoc: any, machineDetection: oneOf('Enable', 'DetectMessageEnd'),
    machineDetectionSilenceTimeout: between(2000, 10000), machineDetectionSpeechEndThreshold: between(500, 5000),
    machineDetectionSpeechThreshold: between(1000, 6000), machineDetectionTimeout: between(3, 120), method, sendDigits: any,
    statusCallback: isUrl, statusCallbackEvent: words(...EVENTS), statusCallbackMethod: method, url: isUrl,
  },
};
const CHILDREN = {
  Response: ['Say', 'Pause', 'Hangup', 'Redirect', 'Gather', 'Dial'],
  Gather: ['Say', 'Pause'],
  Dial: ['Number'],
};
const WITH_TEXT = ['Say', 'Redirect', 'Dial', 'Number'];

export const textOf = (node) => node.children.filter((child) => typeof child === 'string').join('').trim();
export const elementsOf = (node) => node.children.filter((child) => typeof child !== 'string');

// {tree, faults}: a document that is no XML has no tree.
export function readTwiml(text) {
  const faults = [];
  if (Buffer.byteLength(text) > LARGEST_DOCUMENT) faults.push('11750 the document is larger than 64 kB');
  let tree;
  try {
    tree = readXml(text);
  } catch (error) {
    return { tree: null, faults: [`12100 ${error.message}`] };
  }
  if (tree.name !== 'Response') return { tree: null, faults: [`12100 the root is <${tree.name}>`] };
  check(tree, faults);
  return { tree, faults };
}

function check(node, faults) {
  const known = ATTRIBUTES[node.name];
  for (const [name, value] of Object.entries(node.attributes)) {
    if (!Object.hasOwn(known, name)) faults.push(`12200 <${node.name}> has no attribute "${name}"`);
    else if (!known[name](value)) faults.push(`12200 <${node.name} ${name}="${value}"> is not allowed`);
  }
  const text = textOf(node);
  if (text !== '' && !WITH_TEXT.includes(node.name)) faults.push(`12200 <${node.name}> holds text`);
  for (const child of elementsOf(node)) {
    if (!(CHILDREN[node.name] ?? []).includes(child.name)) faults.push(`12200 <${node.name}> cannot hold <${child.name}>`);
    else check(child, faults);
  }
  if (node.name === 'Say') {
    if (text === '') faults.push('13520 nothing to say');
    if ([...text].length > LONGEST_SAY) faults.push('13521 too long to say');
  }
  if (node.name === 'Number' && !PHONE.test(text)) faults.push(`13223 not a number: ${text}`);
  if (node.name === 'Dial') {
    const numbers = elementsOf(node).length;
    if (numbers > 10) faults.push('13220 more than ten numbers');
    if (numbers === 0 && !PHONE.test(text)) faults.push('13223 nobody is dialled');
    if (numbers > 0 && text !== '') faults.push('12200 <Dial> holds a number and text');
  }
  if (node.name === 'Response') {
    const verbs = elementsOf(node).map((child) => child.name);
    const end = verbs.findIndex((name) => name === 'Hangup' || name === 'Redirect');
    if (end >= 0 && end < verbs.length - 1) faults.push(`12200 nobody comes past <${verbs[end]}>`);
  }
}
