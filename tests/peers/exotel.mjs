// Exotel's HTTP side for the tests: nothing is signed, calls cannot be hung up, what it tells of a
// call is complete only minutes after its end, and its forms come in three encodings.
// As a program: node exotel.mjs --port 0 --account … --key … --token … --flow http://…/{point}
// As a module: await new Exotel({...}).start().
//
// The flow's addresses are typed into the dashboard, so they are a setting here: {gate, connect, dialed}.
import { pathToFileURL } from 'node:url';
import { Peer, options } from './lib/peer.mjs';
import { readForm, writeForm } from './lib/form.mjs';
import { dice } from './lib/weather.mjs';
import { Call } from './exotel/calls.mjs';
import { EPOCH, connectFaults, flattened, fromZoneless, isPhone, multipart, national, plain, readParameters, zoneless } from './exotel/shapes.mjs';

const RETRIES = [300, 900]; // seconds after which a status callback comes again
const APPLET_MS = 5_000;
const SMALL_PAGE = 50;
const REASONS = { 400: 'Bad Request', 401: 'Authenticate', 402: 'Payment Required', 403: 'Forbidden', 404: 'Not Found', 429: 'Too Many Requests', 500: 'Internal Server Error' };

export class Exotel extends Peer {
  calls = [];
  messages = [];
  #sids;
  #recent = []; // when requests came, for the limit of a minute

  constructor({
    account = 'northwind1', key = 'k'.repeat(32), token = 't'.repeat(32), callerIds = ['+918047100000'], sender = 'NRTHWD', app = '123456', flow = null,
    requestsPerMinute = 200, detailsAfter = 120, listsLiveCalls = false, ...peer
  } = {}) {
    super(peer);
    this.account = { sid: account, key, token, callerIds, sender, app };
    this.flow = flow;
    this.requestsPerMinute = requestsPerMinute;
    this.listsLiveCalls = listsLiveCalls;
    this.detailsAfter = detailsAfter; // seconds of its clock after a call's end
    this.#sids = dice((peer.seed ?? 1) + 104_729);
  }

  get flowUrl() {
    return `http://my.exotel.com/${this.account.sid}/exoml/start_voice/${this.account.app}`;
  }

  get legs() {
    return this.calls.flatMap((call) => call.legs);
  }

  legsTo(number) {
    return this.legs.filter((leg) => leg.to === number);
  }

  callsTo(number) {
    return this.calls.filter((call) => call.business.to === number);
  }

  textsTo(number) {
    return this.messages.filter((message) => message.to === number);
  }

  hangUp(sid) {
    const call = this.calls.find((one) => one.sid === sid);
    return call?.hangUp(call.business) ?? false;
  }

  state() {
    const leg = (one) => one && { to: one.to, status: one.status, joined: one.joined };
    return {
      calls: this.calls.map((call) => ({ sid: call.sid, status: call.status, business: leg(call.business), visitor: leg(call.visitor) })),
      messages: this.messages,
    };
  }

  // ---- REST

  problem(status, message = REASONS[status]) {
    return { status, text: JSON.stringify({ RestException: { Status: status, Message: message } }) };
  }

  throttled(hint) {
    return { ...this.problem(429), headers: hint ? { 'retry-after': '1' } : {} };
  }

  route(method, path) {
    const found = /^\/v1\/Accounts\/([^/]+)\/(.+)$/.exec(path);
    if (!found) return null;
    const [, account, rest] = found;
    const sid = /^(?:Calls|SMS\/Messages|Numbers)\/([^/]+)\.json$/.exec(rest)?.[1];
    const kinds = {
      'POST Calls/connect.json': ['call.create', 'connect', (p) => this.#connect(p)],
      'GET Calls.json': ['call.list', 'calls', (p, asked) => this.#list(p, asked)],
      'POST Sms/send.json': ['message.create', 'sms', (p) => this.#text(p)],
      [`GET Calls/${sid}.json`]: ['call.fetch', 'details', (p) => this.#details(sid, p)],
      [`GET SMS/Messages/${sid}.json`]: ['message.fetch', 'none', () => this.#textDetails(sid)],
      [`GET Numbers/${sid}.json`]: ['number.fetch', 'none', () => this.#number(sid)],
    };
    const kind = kinds[`${method} ${rest}`];
    if (!kind) return null;
    const [name, operation, work] = kind;
    return {
      kind: name,
      work: (asked) => {
        const refused = this.#stranger(asked, account) ?? this.#tooMany();
        if (refused) return refused;
        const pairs = readForm(method === 'POST' ? asked.text : asked.query, (what) => this.breach('encoding', what));
        return work(readParameters(operation, pairs, (rule, detail) => this.breach(rule, detail)), asked);
      },
    };
  }

  #stranger(asked, account) {
    if (this.locked) return this.problem(this.locked);
    const [scheme, credentials = ''] = (asked.headers.authorization ?? '').split(' ');
    const good = `${this.account.key}:${this.account.token}`;
    if (scheme !== 'Basic' || Buffer.from(credentials, 'base64').toString('utf8') !== good) {
      this.breach('not authenticated', `${asked.method} ${asked.path}`);
      return this.problem(401);
    }
    if (account !== this.account.sid) {
      this.breach('foreign account', account);
      return this.problem(403);
    }
    const type = asked.headers['content-type'] ?? '';
    if (asked.method === 'POST' && !/^application\/x-www-form-urlencoded(; ?charset=utf-8)?$/i.test(type)) this.breach('content type', `${asked.path}: ${type}`);
    if (asked.method === 'POST' && asked.query !== '') this.breach('a query on a POST', asked.path);
    return null;
  }

  #tooMany() {
    const now = this.clock.now();
    while (this.#recent[0] <= now - 60_000) this.#recent.shift();
    if (this.#recent.length >= this.requestsPerMinute) return this.throttled(false);
    this.#recent.push(now);
    return null;
  }

  #connect(p) {
    if (!p.From || !p.CallerId) return this.#refused('Missing mandatory parameter');
    if (!p.To === !p.Url) return this.#refused('Either To or Url is wanted');
    if (!isPhone(p.From) || (p.To && !isPhone(p.To))) return this.problem(400, 'Invalid number');
    if (!this.account.callerIds.includes(plain(p.CallerId))) return this.problem(400, 'Invalid CallerId');
    if (p.Url && p.Url !== this.flowUrl) return this.#refused(`No such flow: ${p.Url}`);
    if (p.Url && p.StatusCallbackEvents) this.breach('events are not sent for flows', p.StatusCallbackEvents.join());
    if (p.Url && !this.flow) throw new Error('the account has no flow; set `flow`');
    const call = new Call(this, {
      sid: this.#sid(), from: plain(p.From), to: p.To && plain(p.To), callerId: plain(p.CallerId), flow: Boolean(p.Url), custom: p.CustomField ?? '',
      timeout: p.TimeOut && Number(p.TimeOut), limit: p.TimeLimit && Number(p.TimeLimit),
      hook: p.StatusCallback && { url: p.StatusCallback, events: p.StatusCallbackEvents ?? [], type: p.StatusCallbackContentType ?? 'multipart/form-data' },
    });
    this.calls.push(call);
    call.placedAt = Date.now();
    return { status: 200, text: JSON.stringify({ Call: this.#callJson(call) }), sid: call.sid };
  }

  #refused(message) {
    this.breach('400', message);
    return this.problem(400, message);
  }

  #details(sid, p) {
    const call = this.calls.find((one) => one.sid === sid && one.created <= this.clock.now() - this.lag * 1000);
    if (!call) return this.problem(404);
    const body = this.#callJson(call);
    if (p.details) {
      // Empty until the carrier has added it all up.
      const whole = this.#isAddedUp(call);
      body.Details = {
        ConversationDuration: whole ? call.conversation : null, Leg1Status: whole ? call.business.status : null,
        Leg2Status: whole ? (call.visitor?.status ?? null) : null,
        Legs: whole ? call.legs.map((leg, i) => ({ Leg: { Id: i + 1, OnCallDuration: leg.seconds() } })) : [],
      };
    }
    return { status: 200, text: JSON.stringify({ Call: body }), sid };
  }

  #isAddedUp(call) {
    return call.ended !== null && this.clock.now() - call.ended >= this.detailsAfter * 1000 * (this.clock.pace ?? 1);
  }

  #list(p, asked) {
    // Nothing promises that a call under way is in the list, so it is not.
    let rows = this.calls.filter((call) => call.created <= this.clock.now() - this.lag * 1000 && (call.ended !== null || this.listsLiveCalls));
    const among = (value, wanted) => wanted === undefined || wanted.split(',').some((one) => plain(one) === value || one === value);
    rows = rows.filter((call) => among(call.sid, p.Sid) && among(call.business.to, p.From) && among(call.to ?? call.callerId, p.To) && among(call.status, p.Status));
    for (const part of p.DateCreated?.split(';') ?? []) {
      const [, how, text] = /^(\w+):(.*)$/.exec(part);
      const at = fromZoneless(text);
      rows = rows.filter((call) => {
        const seconds = Math.floor(call.created / 1000) * 1000;
        return { gte: seconds >= at, lte: seconds <= at, gt: seconds > at, lt: seconds < at, eq: seconds === at }[how];
      });
    }
    if (p.SortBy !== 'DateCreated:asc') rows.reverse();
    const size = Math.min(Number(p.PageSize ?? SMALL_PAGE), this.largestPage ?? Infinity);
    const start = p.After ? rows.findIndex((call) => call.sid === p.After) + 1 : 0;
    const found = rows.slice(start, start + size);
    const uri = (after) => {
      const query = new URLSearchParams(Object.entries(p).filter(([name]) => name !== 'After'));
      if (after) query.set('After', after);
      return `${asked.path}?${query}`;
    };
    const more = start + size < rows.length;
    const metadata = { Total: rows.length, PageSize: size, FirstPageUri: uri(null), PrevPageUri: null, NextPageUri: more ? uri(found.at(-1).sid) : null };
    return { status: 200, text: JSON.stringify({ Metadata: metadata, Calls: found.map((call) => this.#callJson(call)) }) };
  }

  #text(p) {
    if (!p.From || !p.To || !p.Body) return this.#refused('Missing mandatory parameter');
    if (!isPhone(p.To)) return this.problem(400, 'Invalid number');
    if (p.From !== this.account.sender && !this.account.callerIds.includes(plain(p.From))) return this.problem(400, 'Invalid sender');
    if (plain(p.To).startsWith('+91') && !p.DltEntityId) this.breach('a text to India without DltEntityId', p.To);
    const message = {
      sid: this.#sid(), to: plain(p.To), from: p.From, body: p.Body, template: p.DltTemplateId ?? null, entity: p.DltEntityId ?? null, priority: p.Priority ?? 'normal',
      status: 'queued', code: 21010, created: this.clock.now(), sent: null, callback: p.StatusCallback, custom: p.CustomField ?? '',
    };
    this.messages.push(message);
    this.clock.after(2, () => {
      Object.assign(message, { status: 'sent', code: 20005, sent: this.clock.now() });
      if (!message.callback) return;
      const form = [
        ['SmsSid', message.sid], ['To', national(message.to)], ['Status', 'sent'], ['SmsUnits', '1'], ['DetailedStatus', 'DELIVERED_TO_HANDSET'],
        ['DetailedStatusCode', '20005'], ['DateSent', zoneless(message.sent)], ['CustomField', message.custom],
      ];
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      this.tell(() => this.post('text status', 'POST', message.callback, { headers, body: writeForm(form) }));
    });
    return { status: 200, text: JSON.stringify({ SMSMessage: this.#textJson(message) }), sid: message.sid };
  }

  #textDetails(sid) {
    const message = this.messages.find((one) => one.sid === sid);
    return message ? { status: 200, text: JSON.stringify({ SMSMessage: this.#textJson(message) }), sid } : this.problem(404);
  }

  #number(number) {
    const body = { PhoneNumber: number, Circle: 'KA', CircleName: 'Karnataka', Type: 'Mobile', Operator: 'A', OperatorName: 'Airtel', DND: 'No' };
    return { status: 200, text: JSON.stringify({ Numbers: body }) };
  }

  // ---- shapes

  #sid() {
    let text = '';
    while (text.length < 32) text += Math.floor(this.#sids() * 16).toString(16);
    return text;
  }

  #callJson(call) {
    const whole = this.#isAddedUp(call);
    return {
      Sid: call.sid, ParentCallSid: null, DateCreated: zoneless(call.created), DateUpdated: zoneless(this.clock.now()), AccountSid: this.account.sid,
      To: national(call.to ?? call.callerId), From: national(call.business.to), PhoneNumberSid: national(call.callerId), Status: call.status,
      StartTime: zoneless(call.created), EndTime: whole ? zoneless(call.ended) : null, Duration: whole ? String(call.business.seconds()) : null,
      Price: whole ? '1.500' : null, Direction: 'outbound-api', AnsweredBy: null, ForwardedFrom: null, CallerName: null,
      Uri: `/v1/Accounts/${this.account.sid}/Calls/${call.sid}.json`, RecordingUrl: null,
    };
  }

  #textJson(message) {
    return {
      Sid: message.sid, AccountSid: this.account.sid, From: message.from, To: national(message.to), Body: message.body, Status: message.status,
      DateCreated: zoneless(message.created), DateUpdated: zoneless(this.clock.now()), DateSent: zoneless(message.sent), Price: null, SmsUnits: 1,
      DetailedStatus: message.status === 'sent' ? 'DELIVERED_TO_HANDSET' : 'PENDING_TO_OPERATOR', DetailedStatusCode: message.code,
      Uri: `/v1/Accounts/${this.account.sid}/SMS/Messages/${message.sid}.json`,
    };
  }

  changed() {}

  // ---- callbacks

  callback(call, event) {
    const { hook } = call;
    if (!hook) return;
    const basic = { CallSid: call.sid, DateUpdated: zoneless(this.clock.now()), Status: call.status, RecordingUrl: '' };
    if (hook.events.length === 0) {
      if (event === 'terminal') this.#status(hook, basic);
      return;
    }
    if (!hook.events.includes(event)) return;
    const leg = (one, answeredBy) => ({ OnCallDuration: one?.seconds() ?? 0, Status: one?.status ?? '', AnsweredBy: answeredBy });
    this.#status(hook, {
      ...basic, EventType: event, DateCreated: zoneless(call.created), To: national(call.to), From: national(call.business.to),
      PhoneNumberSid: national(call.callerId), StartTime: zoneless(call.created), EndTime: event === 'terminal' ? zoneless(call.ended) : EPOCH,
      ConversationDuration: call.conversation, Direction: 'outbound-api', ...(event === 'terminal' ? { CustomField: call.custom } : {}),
      Legs: [leg(call.business, 'NA'), leg(call.visitor, call.visitor?.person.machine ? 'MACHINE' : 'HUMAN')],
    });
  }

  #status(hook, fields) {
    const pairs = flattened(fields);
    const boundary = `----exotel${this.#sid()}`;
    const body = { 'application/json': () => JSON.stringify(fields), 'multipart/form-data': () => multipart(pairs, boundary), 'application/x-www-form-urlencoded': () => writeForm(pairs) }[hook.type]();
    const headers = { 'content-type': hook.type === 'multipart/form-data' ? `${hook.type}; boundary=${boundary}` : hook.type };
    const attempt = async (again) => {
      const { status } = await this.post('status', 'POST', hook.url, { headers, body });
      if ((status < 200 || status >= 300) && again.length > 0) this.clock.after(again[0], () => attempt(again.slice(1)));
    };
    this.tell(() => attempt(RETRIES));
  }

  #applet(call, extra) {
    const fields = {
      CallSid: call.sid, CallFrom: national(call.business.to), CallTo: national(call.callerId), CallStatus: 'in-progress', Direction: 'outbound-dial',
      Created: zoneless(call.created), StartTime: zoneless(call.created), EndTime: EPOCH, From: national(call.business.to), To: national(call.callerId),
      CurrentTime: zoneless(this.clock.now()), CustomField: call.custom, ...extra,
    };
    if (call.visitor) {
      fields.Legs = [{ Number: national(call.visitor.to), OnCallDuration: call.visitor.seconds(), Cause: 'NORMAL_CLEARING', CauseCode: 16, DisconnectedBy: 'callee' }];
    }
    return writeForm(flattened(fields));
  }

  // A Passthru: 200 goes on, 302 takes the other branch. Whatever else comes, the flow stops.
  async applet(call, point, extra) {
    const url = `${this.flow[point]}?${this.#applet(call, extra)}`;
    if (this.weather.asksTwice()) await this.post(point, 'GET', url, { timeout: APPLET_MS, abandon: true });
    const answer = await this.post(point, 'GET', url, { timeout: APPLET_MS });
    if (answer.status !== 200 && answer.status !== 302 && answer.status < 500 && answer.status !== 0) this.breach('a Passthru knows 200 and 302', `${answer.status} at ${point}`);
    return answer;
  }

  // The Connect applet's address: {numbers, ring, talk}, or null.
  async connect(call, extra) {
    const url = `${this.flow.connect}?${this.#applet(call, extra)}`;
    const headers = { 'exotel-version': '1.0' };
    if (this.weather.asksTwice()) await this.post('connect', 'GET', url, { headers, timeout: APPLET_MS, abandon: true });
    const { status, text, headers: answered } = await this.post('connect', 'GET', url, { headers, timeout: APPLET_MS });
    if (status !== 200) return null;
    if (!/^application\/json\b/.test(answered['content-type'] ?? '')) this.breach('Connect wants JSON', answered['content-type']);
    let answer = null;
    try {
      answer = JSON.parse(text);
    } catch {
      this.breach('Connect wants JSON', text.slice(0, 100));
    }
    for (const fault of connectFaults(answer)) this.breach('Connect', fault);
    if (!Array.isArray(answer?.destination?.numbers)) return null;
    return { numbers: answer.destination.numbers, ring: answer.max_ringing_duration, talk: answer.max_conversation_duration };
  }

  // A callback that the test makes up.
  forge(url, fields, type = 'application/x-www-form-urlencoded') {
    const body = type === 'application/json' ? JSON.stringify(fields) : writeForm(flattened(fields));
    return this.post('forged', 'POST', url, { headers: { 'content-type': type }, body });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const given = options(process.argv.slice(2), ['port', 'account', 'key', 'token', 'flow', 'seed', 'clock', 'pace', 'requests-per-minute', 'faults']);
  const at = (point) => given.flow?.replace('{point}', point);
  const peer = new Exotel({
    account: given.account, key: given.key, token: given.token, flow: given.flow && { gate: at('gate'), connect: at('connect'), dialed: at('dialed') },
    seed: Number(given.seed ?? 1), clock: given.clock ?? 'quick', pace: Number(given.pace ?? 0.01), requestsPerMinute: Number(given['requests-per-minute'] ?? 200),
  });
  const faults = JSON.parse(given.faults ?? '{}');
  peer.weather.set(faults.webhooks ?? {});
  for (const [kind, rates] of Object.entries(faults.requests ?? {})) peer.weather.chances(kind, rates);
  await peer.start(Number(given.port ?? 0));
  console.log(peer.port);
}
