// Twilio's HTTP side for the tests: strict where the real one is, strict where the real one is silent,
// and as unreliable as it is asked to be. As a program: node twilio.mjs --port 0 --account AC… --token …
// As a module: await new Twilio({...}).start().
//
// It executes the program's markup with people at the telephones (lib/people.mjs), signs its webhooks
// with the vendor's own code, and keeps a list of breaches that tests want empty.
import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import webhooks from 'twilio/lib/webhooks/webhooks.js';
import { Ledger, Peer, options } from './lib/peer.mjs';
import { readForm, writeForm } from './lib/form.mjs';
import { dice } from './lib/weather.mjs';
import { FINAL, Switchboard } from './twilio/calls.mjs';
import { readParameters } from './twilio/parameters.mjs';

const VERSION = '2010-04-01';
const PHONE = /^\+[1-9]\d{6,14}$/;
const MAGIC_CALLER = '+15005550006';
// Test credentials' numbers: what the carrier says to them.
const CALL_FROM = { '+15005550001': 21212 };
const CALL_TO = { '+15005550001': 21217, '+15005550002': 21214, '+15005550003': 21215, '+15005550004': 21216 };
const TEXT_FROM = { '+15005550001': 21212, '+15005550007': 21606, '+15005550008': 21611 };
const TEXT_TO = { '+15005550001': 21211, '+15005550002': 21612, '+15005550003': 21408, '+15005550004': 21610, '+15005550009': 21614 };
const MESSAGES = {
  20003: 'Authentication Error - invalid username', 20404: 'The requested resource was not found', 20429: 'Too Many Requests',
  20500: 'An internal server error has occurred', 21201: 'No \'To\' number is specified', 21205: 'Url parameter is required',
  21210: 'The source phone number provided is not yet verified for your account', 21211: 'Invalid \'To\' Phone Number',
  21212: 'Invalid \'From\' Phone Number', 21213: '\'From\' phone number is required', 21214: '\'To\' phone number cannot be reached',
  21215: 'Account not authorized to call this number. Perhaps you need to enable some international permissions',
  21216: 'Account not allowed to call this number', 21217: 'Phone number does not appear to be valid',
  21218: 'Invalid ApplicationSid', 21220: 'Call is not in-progress. Cannot redirect.', 21408: 'Permission to send an SMS has not been enabled',
  21602: 'Message body is required.', 21603: 'A \'From\' phone number is required.', 21604: 'A \'To\' phone number is required.',
  21606: 'The \'From\' phone number is not a valid, SMS-capable number', 21610: 'Attempt to send to unsubscribed recipient',
  21611: 'This \'From\' number has exceeded the maximum number of queued messages', 21612: 'Unable to route to this number',
  21614: '\'To\' number is not a valid mobile number', 21617: 'The concatenated message body exceeds the 1600 character limit',
};
const STATUS_OF = { 20003: 401, 20404: 404, 20429: 429, 20500: 500 };
const LONGEST_TEXT = 1600;
const SMALL_PAGE = 50;
// eslint-disable-next-line no-misleading-character-class
const GSM7 = /^[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà^{}\\[~\]|€]*$/;

export class Twilio extends Peer {
  messages = [];
  recordings = []; // {sid, call, seconds, channels, sound, fetched, deleted}
  missingMedia = 0; // so many fetches find no file yet
  refuseCalls = 0; // an error code for every call, or text
  refuseTexts = 0;
  locked = 0; // an error code for whatever is asked, as after a token was taken back
  debugger = []; // {code, detail}: what the carrier shows only on its console
  #calls;
  #texts;
  #sids;

  constructor({
    account = 'AC' + '0123456789abcdef'.repeat(2), token = 'f'.repeat(32), keySid, keySecret, numbers = ['+12025550199'],
    callsPerSecond = 1000, signWith, ...peer
  } = {}) {
    super(peer);
    this.account = { sid: account, token, keySid, keySecret, numbers: [...numbers, MAGIC_CALLER] };
    this.signWith = signWith ?? token;
    this.callsPerSecond = callsPerSecond;
    this.#sids = dice((peer.seed ?? 1) + 7919);
    this.#calls = new Ledger(this.clock);
    this.#texts = new Ledger(this.clock);
    this.switchboard = new Switchboard(this);
  }

  // ---- what tests look at

  // Every leg, oldest first.
  get legs() {
    return [...this.switchboard.legs.values()];
  }

  get calls() {
    return this.legs.filter((leg) => leg.parent === null);
  }

  legsTo(number) {
    return this.legs.filter((leg) => leg.to === number);
  }

  textsTo(number) {
    return this.messages.filter((message) => message.to === number);
  }

  hangUp(sid) {
    return this.switchboard.hangUp(sid);
  }

  debug(code, detail) {
    this.debugger.push({ code, detail });
  }

  state() {
    const seen = (leg) => ({
      sid: leg.sid, parent: leg.parent?.sid ?? null, to: leg.to, from: leg.from, status: leg.status, heard: leg.heard, joined: leg.joined === true,
    });
    return { calls: this.legs.map(seen), messages: this.messages, debugger: this.debugger };
  }

  // ---- REST

  problem(status) {
    return this.#refuse({ 404: 20404, 500: 20500 }[status]);
  }

  throttled(hint) {
    return this.#refuse(20429, hint ? { 'retry-after': '1' } : {});
  }

  #refuse(code, headers = {}) {
    const status = STATUS_OF[code] ?? 400;
    const body = { code, message: MESSAGES[code] ?? `Error ${code}`, more_info: `https://www.twilio.com/docs/errors/${code}`, status };
    return { status, headers, text: JSON.stringify(body) };
  }

  route(method, path) {
    const media = /^\/2010-04-01\/Accounts\/([^/.]+)\/Recordings\/([^/.]+)\.(wav|mp3|json)$/.exec(path);
    if (media) return this.#recordingRoute(method, ...media.slice(1));
    const found = /^\/2010-04-01\/Accounts\/([^/.]+)(?:\/(Calls|Messages|IncomingPhoneNumbers))?(?:\/([^/]+))?\.json$/.exec(path);
    if (!found) return null;
    const [, account, resource = '', sid] = found;
    const kinds = {
      'POST Calls': ['call.create', (asked) => this.#createCall(asked)],
      'GET Calls': ['call.list', (asked) => this.#list(asked, 'CALL_LIST', 'calls', this.#calls)],
      'POST Calls/sid': ['call.update', (asked) => this.#updateCall(asked, sid)],
      'GET Calls/sid': ['call.fetch', () => this.#fetch(this.#calls, sid, /^CA[0-9a-f]{32}$/)],
      'POST Messages': ['message.create', (asked) => this.#createMessage(asked)],
      'GET Messages': ['message.list', (asked) => this.#list(asked, 'MESSAGE_LIST', 'messages', this.#texts)],
      'GET ': ['account.fetch', () => this.#aboutAccount()],
      'GET IncomingPhoneNumbers': ['number.list', (asked) => this.#numbers(asked)],
      'GET Messages/sid': ['message.fetch', () => this.#fetch(this.#texts, sid, /^SM[0-9a-f]{32}$/)],
    };
    const kind = kinds[`${method} ${resource}${sid ? '/sid' : ''}`];
    if (!kind) return null;
    return {
      kind: kind[0],
      work: (asked) => {
        const refused = this.#unknown(asked, account);
        return refused ?? kind[1](asked);
      },
    };
  }

  #recordingRoute(method, account, sid, form) {
    const kinds = {
      'GET mp3': ['recording.media', () => this.#media(sid, 'audio/mpeg')],
      'GET wav': ['recording.media', () => this.#media(sid, 'audio/x-wav')],
      'DELETE json': ['recording.delete', () => this.#deleteRecording(sid)],
    };
    const kind = kinds[`${method} ${form}`];
    if (!kind) return null;
    return { kind: kind[0], work: (asked) => this.#unknown(asked, account) ?? kind[1]() };
  }

  #recording(sid) {
    if (!/^RE[0-9a-f]{32}$/.test(sid)) this.breach('not a SID', sid);
    return this.recordings.find((recording) => recording.sid === sid && !recording.deleted);
  }

  #media(sid, type) {
    const recording = this.#recording(sid);
    if (!recording || this.missingMedia-- > 0) return this.#refuse(20404);
    ++recording.fetched;
    return { status: 200, headers: { 'content-type': type }, text: recording.sound };
  }

  #deleteRecording(sid) {
    const recording = this.#recording(sid);
    if (!recording) return this.#refuse(20404);
    recording.deleted = true;
    return { status: 204, text: '' };
  }

  // A talk that was to be recorded is over. Its address is not one that anybody may ask.
  recorded(leg) {
    const sid = this.newSid('RE');
    const { channels, url, method, events } = leg.recorded;
    const sound = Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\0\0', 'latin1'), Buffer.alloc(400 * leg.seconds, `${sid} sounds `)]);
    this.recordings.push({ sid, call: leg.parent.sid, seconds: leg.seconds, channels, sound, fetched: 0, deleted: false });
    if (!url || !events.includes('completed')) return;
    const form = [
      ['AccountSid', this.account.sid], ['CallSid', leg.parent.sid], ['RecordingSid', sid], ['RecordingUrl', `http://169.254.169.254/${sid}`],
      ['RecordingStatus', 'completed'], ['RecordingDuration', String(leg.seconds)], ['RecordingChannels', String(channels)],
      ['RecordingStartTime', mailDate(leg.answered)], ['RecordingSource', 'DialVerb'], ['RecordingTrack', 'both'], ['ErrorCode', '0'],
    ];
    this.clock.after(1, () => this.tell(() => this.#insist('recording', method, url, form)));
  }

  #unknown(asked, account) {
    if (this.locked) return this.#refuse(this.locked);
    const [scheme, credentials = ''] = (asked.headers.authorization ?? '').split(' ');
    const given = Buffer.from(credentials, 'base64').toString('utf8');
    const { sid, token, keySid, keySecret } = this.account;
    const good = [`${sid}:${token}`, ...(keySid ? [`${keySid}:${keySecret}`] : [])];
    if (scheme !== 'Basic' || !good.includes(given)) {
      this.breach('20003 not authenticated', `${asked.method} ${asked.path}`);
      return this.#refuse(20003, { 'www-authenticate': 'Basic realm="Twilio API"' });
    }
    if (account !== sid) {
      this.breach('foreign account', account);
      return this.#refuse(20404);
    }
    if (asked.method !== 'POST') {
      if (asked.text !== '') this.breach('a body on a GET', asked.path);
      return null;
    }
    if (asked.query !== '') this.breach('a query on a POST', asked.path);
    const type = asked.headers['content-type'] ?? '';
    if (!/^application\/x-www-form-urlencoded(; ?charset=utf-8)?$/i.test(type)) this.breach('content type', `${asked.path}: ${type}`);
    return null;
  }

  #parameters(operation, asked) {
    const rule = (what, detail) => this.breach(what, detail);
    return readParameters(operation, readForm(asked.method === 'POST' ? asked.text : asked.query, (what) => this.breach('encoding', what)), rule);
  }

  #createCall(asked) {
    const p = this.#parameters('CALL', asked);
    if (!p.To) return this.#refused('call', 21201);
    if (!p.From) return this.#refused('call', 21213);
    if (!p.Url && !p.Twiml && !p.ApplicationSid) return this.#refused('call', 21205);
    if ([p.Url, p.Twiml, p.ApplicationSid].filter(Boolean).length > 1) this.breach('more than one script', Object.keys(p).join(' '));
    if (p.ApplicationSid) return this.#refused('call', 21218);
    if (this.refuseCalls) return this.#refuse(this.refuseCalls);
    if (CALL_FROM[p.From]) return this.#refuse(CALL_FROM[p.From]);
    if (!this.account.numbers.includes(p.From)) return this.#refuse(21210);
    if (CALL_TO[p.To]) return this.#refuse(CALL_TO[p.To]);
    if (!PHONE.test(p.To)) return this.#refused('call', 21211);
    const leg = this.switchboard.place({
      to: p.To, from: p.From, timeout: Number(p.Timeout ?? 60), timeLimit: Number(p.TimeLimit ?? 14_400),
      script: { url: p.Url, method: p.Method, twiml: p.Url ? undefined : p.Twiml, fallback: p.FallbackUrl },
      amd: p.MachineDetection !== undefined && p.SendDigits === undefined,
      hooks: p.StatusCallback && { url: p.StatusCallback, method: p.StatusCallbackMethod ?? 'POST', events: p.StatusCallbackEvent ?? ['completed'] },
    });
    leg.placedAt = Date.now();
    return { status: 201, text: JSON.stringify(this.#callJson(leg)), sid: leg.sid };
  }

  // Our request was wrong, not the number: that is a breach, too.
  #refused(what, code) {
    this.breach(`${code} ${what}`, MESSAGES[code]);
    return this.#refuse(code);
  }

  #updateCall(asked, sid) {
    const p = this.#parameters('UPDATE', asked);
    const leg = this.switchboard.legs.get(sid);
    if (!leg) return this.#refuse(20404);
    if (p.Url && p.Twiml) this.breach('more than one script', 'update');
    if (p.Status && !['canceled', 'completed'].includes(p.Status)) this.breach('bad value', `UPDATE: Status=${p.Status}`);
    if (leg.over) return this.#refuse(21220);
    if (p.Status === 'completed' || (p.Status === 'canceled' && leg.answered === null)) {
      this.switchboard.finish(leg, leg.answered === null ? 'canceled' : 'completed', leg.answered === null ? 487 : undefined);
    } else if (p.Url || p.Twiml) {
      if (leg.answered === null) return this.#refuse(21220);
      this.switchboard.move(leg, { url: p.Url, method: p.Method, twiml: p.Twiml, fallback: p.FallbackUrl });
    }
    return { status: 200, text: JSON.stringify(this.#callJson(leg)), sid };
  }

  #fetch(ledger, sid, shape) {
    if (!shape.test(sid)) this.breach('not a SID', sid);
    const row = ledger.read(sid, this.lag);
    return row ? { status: 200, text: JSON.stringify(row) } : this.#refuse(20404);
  }

  #aboutAccount() {
    const { sid } = this.account;
    const uri = `/${VERSION}/Accounts/${sid}`;
    const body = { sid, friendly_name: 'Northwind', status: 'active', type: 'Full', owner_account_sid: sid, auth_token: '', uri: `${uri}.json`, date_created: mailDate(0), date_updated: mailDate(0) };
    return { status: 200, text: JSON.stringify(body) };
  }

  #numbers(asked) {
    const { PhoneNumber: wanted } = this.#parameters('NUMBER_LIST', asked);
    const found = this.account.numbers.filter((number) => wanted === undefined || number.includes(wanted));
    const rows = found.map((number) => ({ sid: this.#phoneSid(number), phone_number: number, account_sid: this.account.sid, capabilities: { voice: true, sms: true, mms: true } }));
    return { status: 200, text: JSON.stringify({ incoming_phone_numbers: rows, page: 0, page_size: 50, start: 0, end: 0, next_page_uri: null, previous_page_uri: null }) };
  }

  #list(asked, operation, name, ledger) {
    const p = this.#parameters(operation, asked);
    const equal = { To: 'to', From: 'from', ParentCallSid: 'parent_call_sid', Status: 'status' };
    const times = { StartTime: 'start_time', EndTime: 'end_time', DateSent: 'date_sent' };
    const rows = ledger.list(this.lag).filter((row) => {
      for (const [parameter, field] of Object.entries(equal)) if (p[parameter] !== undefined && row[field] !== p[parameter]) return false;
      for (const [parameter, field] of Object.entries(times)) {
        const at = row[field] === null ? NaN : Date.parse(row[field]);
        // "Started on or before midnight of this date": of the day named, nothing.
        if (p[`${parameter}<`] !== undefined && !(at <= Date.parse(p[`${parameter}<`]))) return false;
        if (p[`${parameter}>`] !== undefined && !(at >= Date.parse(p[`${parameter}>`]))) return false;
        if (p[parameter] !== undefined && !(Math.floor(at / 86_400_000) === Math.floor(Date.parse(p[parameter]) / 86_400_000))) return false;
      }
      return true;
    });
    const size = Math.min(Number(p.PageSize ?? SMALL_PAGE), this.largestPage ?? Infinity);
    const page = Number(p.Page ?? 0);
    const start = page * size;
    const found = rows.slice(start, start + size);
    const uri = (number) => {
      const query = new URLSearchParams(Object.entries(p).filter(([parameter]) => !['Page', 'PageToken'].includes(parameter)));
      query.set('PageSize', size);
      query.set('Page', number);
      if (number > 0) query.set('PageToken', `PA${rows[number * size - 1]?.sid}`);
      return `${asked.path}?${query}`;
    };
    const body = {
      first_page_uri: uri(0), end: Math.max(0, start + found.length - 1), previous_page_uri: page > 0 ? uri(page - 1) : null, [name]: found,
      uri: uri(page), page_size: size, start, next_page_uri: rows.length > start + size ? uri(page + 1) : null, page,
    };
    return { status: 200, text: JSON.stringify(body) };
  }

  #createMessage(asked) {
    const p = this.#parameters('MESSAGE', asked);
    if (!p.To) return this.#refused('message', 21604);
    if (!p.From && !p.MessagingServiceSid) return this.#refused('message', 21603);
    if (!p.Body && !p.MediaUrl && !p.ContentSid) return this.#refused('message', 21602);
    if ([...p.Body].length > LONGEST_TEXT) return this.#refused('message', 21617);
    if (TEXT_FROM[p.From]) return this.#refuse(TEXT_FROM[p.From]);
    if (this.refuseTexts) return this.#refuse(this.refuseTexts);
    if (TEXT_TO[p.To]) return this.#refuse(TEXT_TO[p.To]);
    if (!PHONE.test(p.To)) return this.#refused('message', 21211);
    if (p.From && !this.account.numbers.includes(p.From)) return this.#refuse(21606);
    if (p.MessagingServiceSid && !/^MG[0-9a-f]{32}$/.test(p.MessagingServiceSid)) this.breach('not a SID', p.MessagingServiceSid);
    const now = this.clock.now();
    const single = GSM7.test(p.Body);
    const letters = p.Body.length;
    const segments = single ? (letters <= 160 ? 1 : Math.ceil(letters / 153)) : letters <= 70 ? 1 : Math.ceil(letters / 67);
    const message = {
      sid: this.newSid('SM'), to: p.To, from: p.From ?? null, service: p.MessagingServiceSid ?? null, body: p.Body, segments,
      status: p.MessagingServiceSid ? 'accepted' : 'queued', created: now, updated: now, sent: null, callback: p.StatusCallback,
    };
    this.messages.push(message);
    this.#texts.write(message.sid, this.#messageJson(message));
    this.clock.after(0.5, () => this.#moveText(message, 'sent'));
    this.clock.after(2, () => this.#moveText(message, 'delivered'));
    return { status: 201, text: JSON.stringify(this.#messageJson(message)), sid: message.sid };
  }

  #moveText(message, status) {
    message.status = status;
    message.updated = this.clock.now();
    message.sent ??= message.updated;
    this.#texts.write(message.sid, this.#messageJson(message));
    if (!message.callback) return;
    const form = [
      ['MessageSid', message.sid], ['MessageStatus', status], ['SmsSid', message.sid], ['SmsStatus', status], ['To', message.to],
      ['From', message.from ?? ''], ['AccountSid', this.account.sid], ['ApiVersion', VERSION],
    ];
    this.tell(() => this.#post('message status', 'POST', message.callback, form));
  }

  // ---- shapes

  newSid(prefix) {
    let text = '';
    while (text.length < 32) text += Math.floor(this.#sids() * 16).toString(16);
    return prefix + text;
  }

  changed(leg) {
    this.#calls.write(leg.sid, this.#callJson(leg));
  }

  #callJson(leg) {
    const uri = `/${VERSION}/Accounts/${this.account.sid}/Calls/${leg.sid}`;
    const parts = ['notifications', 'recordings', 'payments', 'events', 'siprec', 'streams', 'user_defined_messages', 'user_defined_message_subscriptions'];
    return {
      sid: leg.sid, date_created: mailDate(leg.created), date_updated: mailDate(this.clock.now()), parent_call_sid: leg.parent?.sid ?? null,
      account_sid: this.account.sid, to: leg.to, to_formatted: leg.to, from: leg.from, from_formatted: leg.from, phone_number_sid: this.#phoneSid(leg.from),
      status: leg.status, start_time: mailDate(leg.started), end_time: mailDate(leg.ended), duration: leg.ended === null ? null : String(leg.seconds),
      price: null, price_unit: 'USD', direction: leg.direction, answered_by: leg.answeredBy, api_version: VERSION, forwarded_from: null, group_sid: null,
      caller_name: null, queue_time: String(Math.round(leg.queued ?? 0)), trunk_sid: null, annotation: null, uri: `${uri}.json`,
      subresource_uris: Object.fromEntries(parts.map((part) => [part, `${uri}/${part}.json`])),
    };
  }

  #phoneSid(number) {
    return `PN${createHash('md5').update(number).digest('hex')}`;
  }

  #messageJson(message) {
    const uri = `/${VERSION}/Accounts/${this.account.sid}/Messages/${message.sid}`;
    return {
      sid: message.sid, account_sid: this.account.sid, api_version: VERSION, body: message.body, date_created: mailDate(message.created),
      date_sent: mailDate(message.sent), date_updated: mailDate(message.updated), direction: 'outbound-api', error_code: null, error_message: null,
      from: message.from, messaging_service_sid: message.service, num_media: '0', num_segments: String(message.segments), price: null,
      price_unit: 'USD', status: message.status, to: message.to, uri: `${uri}.json`, subresource_uris: { media: `${uri}/Media.json` },
    };
  }

  // ---- webhooks

  // What every voice webhook says of its call, also what nobody needs: names and values that must be
  // signed although they are ignored.
  #about(leg) {
    const form = [
      ['CallSid', leg.sid], ['AccountSid', this.account.sid], ['From', leg.from], ['To', leg.to], ['Caller', leg.from], ['Called', leg.to],
      ['CallStatus', leg.status === 'queued' ? 'initiated' : leg.status], ['ApiVersion', VERSION], ['Direction', leg.direction],
      ['FromCountry', 'US'], ['FromCity', "O'Fallon & Søn"], ['FromState', ''], ['FromZip', '63366'], ['ToCountry', 'US'], ['ToCity', ''], ['Extra', 'b'],
      ['Extra', 'a'], ['Extra', 'b'],
    ];
    if (leg.parent) form.push(['ParentCallSid', leg.parent.sid]);
    return form;
  }

  #with(form, extra) {
    return [...form.filter(([name]) => !(name in extra)), ...Object.entries(extra)];
  }

  // The signature of what is sent to this URL, by the vendor's own code.
  sign(url, form, key = this.signWith) {
    const parameters = {};
    for (const [name, value] of form) {
      if (!(name in parameters)) parameters[name] = value;
      else parameters[name] = [].concat(parameters[name], value);
    }
    return webhooks.getExpectedTwilioSignature(key, url, parameters);
  }

  async #post(what, method, tuned, form, { token = this.newSid(''), more = {}, abandon = false } = {}) {
    const url = tuned.replace(/#.*$/, '');
    const target = method === 'GET' ? `${url}${url.includes('?') ? '&' : '?'}${writeForm(form)}` : url;
    // With or without the port: the real one is not consistent.
    const signed = this.weather.random() < 0.5 ? target : target.replace(/^(https?:\/\/[^/:]+):\d+/, '$1');
    const headers = {
      'x-twilio-signature': this.sign(signed, method === 'GET' ? [] : form), 'i-twilio-idempotency-token': token, 'user-agent': 'TwilioProxy/1.1', ...more,
      ...(method === 'GET' ? {} : { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' }),
    };
    return this.post(what, method, target, { headers, body: method === 'GET' ? undefined : writeForm(form), abandon });
  }

  // Retries as the fragment asks for; without one, once, and only if nobody was reached.
  async #insist(what, method, tuned, form, { twice = false } = {}) {
    const tuning = new URLSearchParams(new URL(tuned).hash.slice(1));
    const tries = 1 + Number(tuning.get('rc') ?? 1);
    const when = (tuning.get('rp') ?? 'ct').split(',');
    const again = (kind) => when.includes(kind) || when.includes('all');
    const token = this.newSid('');
    if (twice) await this.#post(what, method, tuned, form, { token, abandon: true });
    let answer;
    for (let i = 0; i < tries; ++i) {
      answer = await this.#post(what, method, tuned, form, { token });
      if (answer.status === 0 ? !again(answer.connect ? 'ct' : 'rt') : !again(`${Math.floor(answer.status / 100)}xx`)) break;
    }
    return answer;
  }

  // A question: the markup, or null.
  async ask(leg, url, method, extra) {
    const form = this.#with(this.#about(leg), extra);
    const answer = await this.#insist('question', method, url, form, { twice: this.weather.asksTwice() });
    const { status, headers, text } = answer;
    if (status === 0 || status >= 400) {
      this.debug('11200', `${status} from ${url}`);
      return null;
    }
    if (status >= 300) this.breach('a redirect loses the form', `${status} from ${url}`);
    else if (status !== 200) this.breach('a question wants markup', `${status} from ${url}`);
    else if (!/^(text|application)\/xml\b/.test(headers['content-type'] ?? '')) this.breach('12300 content type', `${headers['content-type']}: ${text.slice(0, 100)}`);
    else if (answer.tooLarge) this.breach('11750 the document is larger than 64 kB', url);
    else return text;
    return null;
  }

  notify(leg, hooks, extra) {
    const form = this.#with(this.#about(leg), extra);
    this.tell(async () => {
      const { status, text } = await this.#insist('status', hooks.method, hooks.url, form);
      if (status >= 300 && status < 400) this.breach('a redirect loses the form', hooks.url);
      if (status === 200 && text !== '' && !text.includes('<Response')) this.breach('an answer nobody reads', text.slice(0, 100));
      if (status === 0 || status >= 400) this.debug('11200', `${status} from ${hooks.url}`);
    });
  }

  // A webhook that the test makes up: {status, headers, text}.
  forge(url, form, { key, signature, account = this.account.sid } = {}) {
    const whole = form.some(([name]) => name === 'AccountSid') ? form : [['AccountSid', account], ...form];
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    if (signature !== null) headers['x-twilio-signature'] = signature ?? this.sign(url, whole, key);
    return this.post('forged', 'POST', url, { headers, body: writeForm(whole) });
  }
}

const mailDate = (at) => (at === null || at === undefined ? null : new Date(at).toUTCString().replace('GMT', '+0000'));

export { FINAL };

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const given = options(process.argv.slice(2), ['port', 'account', 'token', 'key', 'secret', 'numbers', 'seed', 'clock', 'pace', 'lag', 'calls-per-second', 'faults']);
  const peer = new Twilio({
    account: given.account, token: given.token, keySid: given.key, keySecret: given.secret, numbers: given.numbers?.split(','),
    seed: Number(given.seed ?? 1), clock: given.clock ?? 'quick', pace: Number(given.pace ?? 0.01), lag: Number(given.lag ?? 0),
    callsPerSecond: Number(given['calls-per-second'] ?? 1000),
  });
  // {"requests": {"call.create": {"lose_reply": 0.1}}, "webhooks": {"drop": 0.1}}
  const faults = JSON.parse(given.faults ?? '{}');
  peer.weather.set(faults.webhooks ?? {});
  for (const [kind, rates] of Object.entries(faults.requests ?? {})) peer.weather.chances(kind, rates);
  await peer.start(Number(given.port ?? 0));
  console.log(peer.port);
}
