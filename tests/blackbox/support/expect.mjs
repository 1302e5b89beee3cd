// What every answer of a kind promises.
import assert from 'node:assert/strict';

const PROBLEM_STATUS = {
  bad_request: 400, validation_failed: 422, captcha_required: 422, captcha_failed: 422, sign_in_required: 401,
  unauthenticated: 401, forbidden: 403, not_found: 404, method_not_allowed: 405, state_conflict: 409,
  idempotency_conflict: 409, code_wrong: 422, code_expired: 410, too_many_attempts: 429, rate_limited: 429,
  payload_too_large: 413, unsupported_media_type: 415, budget_reached: 503, carrier_unavailable: 503,
  overloaded: 503, internal: 500,
};
export const PROBLEM_CODES = Object.keys(PROBLEM_STATUS);

const STATES = {
  pending: [null], scheduled: ['opening', 'slot', 'retry'], queued: [null],
  calling: ['ringing_business', 'screening', 'ringing_visitor', 'in_doubt'],
  connected: [null], completed: [null], missed: [null], failed: [null], cancelled: [null], expired: [null],
};
const REASONS = [
  'business_no_answer', 'business_busy', 'business_declined', 'business_machine', 'visitor_no_answer', 'visitor_busy',
  'visitor_declined', 'visitor_unreachable', 'carrier_refused', 'carrier_unavailable', 'joined', 'number_blocked',
  'budget_reached', 'outside_hours', 'outcome_unknown', 'too_old', 'by_visitor', 'by_operator',
];
const MEMBERS = [
  'id', 'site', 'state', 'phase', 'reason', 'message', 'phone_masked', 'created_at', 'updated_at', 'scheduled_for',
  'attempt', 'position', 'verification', 'version',
];
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

export function expectProblem(answer, code, programUrl) {
  assert.equal(answer.status, PROBLEM_STATUS[code], answer.text);
  assert.match(answer.headers['content-type'], /^application\/problem\+json/);
  const problem = answer.json;
  assert.equal(problem.code, code);
  assert.equal(problem.status, answer.status);
  assert.ok(problem.title && problem.detail, answer.text);
  assert.equal(problem.request_id, answer.headers['x-request-id']);
  assert.ok(problem.type.endsWith(`/docs/problems/${code}`), problem.type);
  if (programUrl) assert.equal(problem.type, `${programUrl}/docs/problems/${code}`);
  if (answer.status === 429 || answer.status === 503) {
    assert.match(answer.headers['retry-after'], /^[1-9]\d*$/);
    assert.equal(problem.retry_after, Number(answer.headers['retry-after']));
  }
  if (code === 'validation_failed') {
    assert.ok(problem.errors.length > 0);
    for (const error of problem.errors) assert.ok(error.field && error.code && error.detail, answer.text);
  }
  return problem;
}

export function expectFieldError(answer, field, code) {
  const { errors } = expectProblem(answer, 'validation_failed');
  assert.ok(errors.some((error) => error.field === field && (code === undefined || error.code === code)),
    `wanted ${field}: ${code}, got ${JSON.stringify(errors)}`);
}

export function expectDocument(document, { token = false } = {}) {
  assert.deepEqual(Object.keys(document).sort(), [...MEMBERS, ...(token ? ['token'] : [])].sort());
  assert.ok(document.state in STATES, document.state);
  assert.ok(STATES[document.state].includes(document.phase), `${document.state} ${document.phase}`);
  assert.ok(document.reason === null || REASONS.includes(document.reason), document.reason);
  assert.match(document.message, /^[^\n]{10,300}$/);
  assert.match(document.phone_masked, /^\+1202•••\d{4}$/);
  assert.match(document.created_at, TIME);
  assert.match(document.updated_at, TIME);
  if (document.scheduled_for !== null) assert.match(document.scheduled_for, TIME);
  assert.ok(document.attempt === null || (Number.isInteger(document.attempt) && document.attempt >= 1));
  assert.ok(document.position === null || (document.state === 'queued' && document.position >= 1));
  assert.ok(Number.isInteger(document.version) && document.version >= 1);
  if (document.state === 'pending') {
    assert.deepEqual(Object.keys(document.verification).sort(), ['attempts_left', 'channel', 'expires_at', 'resend_at']);
    assert.equal(document.verification.channel, 'sms');
  } else {
    assert.equal(document.verification, null);
  }
  if (document.state === 'scheduled') assert.notEqual(document.scheduled_for, null);
  return document;
}
