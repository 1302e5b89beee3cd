// The names a request may have, and what may be in them. The real API ignores an unknown name with a
// warning (20001), so a misspelt one silently switches something off; here it is a breach.
import { isUrl } from './twiml.mjs';

const CALL = `To From Method FallbackUrl FallbackMethod StatusCallback StatusCallbackEvent StatusCallbackMethod SendDigits Timeout Record
  RecordingChannels RecordingStatusCallback RecordingStatusCallbackMethod SipAuthUsername SipAuthPassword MachineDetection
  MachineDetectionTimeout RecordingStatusCallbackEvent Trim CallerId MachineDetectionSpeechThreshold MachineDetectionSpeechEndThreshold
  MachineDetectionSilenceTimeout AsyncAmd AsyncAmdStatusCallback AsyncAmdStatusCallbackMethod Byoc CallReason CallToken RecordingTrack
  TimeLimit ClientNotificationUrl Url Twiml ApplicationSid`;
const UPDATE = 'Url Method Status FallbackUrl FallbackMethod StatusCallback StatusCallbackMethod Twiml TimeLimit';
const MESSAGE = `To StatusCallback ApplicationSid MaxPrice ProvideFeedback Attempt ValidityPeriod ForceDelivery ContentRetention
  AddressRetention SmartEncoded PersistentAction TrafficType ShortenUrls ScheduleType SendAt SendAsMms ContentVariables RiskCheck From
  FallbackFrom MessagingServiceSid Body MediaUrl ContentSid`;
const CALL_LIST = 'To From ParentCallSid Status StartTime StartTime< StartTime> EndTime EndTime< EndTime> PageSize Page PageToken';
const NUMBER_LIST = 'Beta FriendlyName PhoneNumber Origin PageSize Page PageToken';
const MESSAGE_LIST = 'To From DateSent DateSent< DateSent> PageSize Page PageToken';

export const NAMES = Object.fromEntries(
  Object.entries({ CALL, UPDATE, MESSAGE, CALL_LIST, MESSAGE_LIST, NUMBER_LIST }).map(([name, text]) => [name, text.trim().split(/\s+/)]),
);
const REPEATED = ['StatusCallbackEvent', 'MediaUrl', 'PersistentAction'];

const number = (least, most) => (value) => /^\d+$/.test(value) && Number(value) >= least && Number(value) <= most;
const oneOf = (...values) => (value) => values.includes(value);
const method = oneOf('GET', 'POST');
const boolean = oneOf('true', 'false');
const date = (value) => /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?Z)?$/.test(value) && !Number.isNaN(Date.parse(value));
const VALUES = {
  Url: isUrl, FallbackUrl: isUrl, StatusCallback: isUrl, AsyncAmdStatusCallback: isUrl, RecordingStatusCallback: isUrl,
  Method: method, FallbackMethod: method, StatusCallbackMethod: method, AsyncAmdStatusCallbackMethod: method, RecordingStatusCallbackMethod: method,
  StatusCallbackEvent: oneOf('initiated', 'ringing', 'answered', 'completed'),
  Timeout: number(1, 600), TimeLimit: number(1, 14400), Record: boolean, AsyncAmd: boolean, RecordingChannels: oneOf('mono', 'dual'),
  MachineDetection: oneOf('Enable', 'DetectMessageEnd'), MachineDetectionTimeout: number(3, 60),
  MachineDetectionSpeechThreshold: number(1000, 6000), MachineDetectionSpeechEndThreshold: number(500, 5000),
  MachineDetectionSilenceTimeout: number(2000, 10000), Twiml: (value) => value.length <= 4000,
  ValidityPeriod: number(1, 36000), SmartEncoded: boolean, ForceDelivery: boolean, ProvideFeedback: boolean, ShortenUrls: boolean,
  RiskCheck: oneOf('enable', 'disable'), ContentRetention: oneOf('retain', 'discard'), AddressRetention: oneOf('retain', 'obfuscate'),
  StartTime: date, 'StartTime<': date, 'StartTime>': date, EndTime: date, 'EndTime<': date, 'EndTime>': date,
  DateSent: date, 'DateSent<': date, 'DateSent>': date, PageSize: number(1, 1000), Page: number(0, 1_000_000),
};

// {name: value, or all values of a name that may be repeated}. breach(rule, detail) hears of the rest.
export function readParameters(operation, pairs, breach) {
  const found = {};
  for (const [name, value] of pairs) {
    if (!NAMES[operation].includes(name)) {
      breach('20001 unknown parameter', `${operation}: ${name}`);
      continue;
    }
    if (value === '') breach('empty parameter', `${operation}: ${name}`);
    else if (VALUES[name] && !VALUES[name](value)) breach('bad value', `${operation}: ${name}=${value}`);
    if (REPEATED.includes(name)) (found[name] ??= []).push(value);
    else if (name in found) breach('repeated parameter', `${operation}: ${name}`);
    else found[name] = value;
  }
  return found;
}
