import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import {
  type Application,
  type ResendPinRequest,
  resendPinRequest,
  type StartAuthenticationRequest,
  startAuthenticationRequest,
  verifyPinRequest,
} from './contract';
import { type Limit, parseLimit } from './durations';
import { ApiError, tooManyRequests } from './errors';
import type { OperationName } from './faults';
import type { Message } from './messages';
import { type Operation, operation, type Reply } from './operation';
import { type Pin, verifyPin } from './pins';
import { type Scenario, scenarioOf } from './scenarios';
import type { State } from './state';

type Channel = Message['channel'];

const scopes = ['2fa:manage', '2fa:pin:send'] as const;
const flag = z.enum(['true', 'false']).optional();

function send(channel: Channel, request: StartAuthenticationRequest, ncNeeded: boolean, state: State): Reply {
  const application = state.applications.getEnabled(request.applicationId);
  const template = state.applications.getTemplate(request.applicationId, request.messageId);
  const scenario = scenarioOf(request.to);
  if (meet(scenario) === 'hang') return 'hang';
  takeSend(application, request.to, state);
  const pin = state.pins.create(
    application,
    template,
    {
      msisdn: request.to,
      from: request.from ?? template.senderId ?? 'Unknown',
      ncStatus: scenario?.ncStatus ?? (ncNeeded ? 'NC_DESTINATION_REACHABLE' : 'NC_NOT_CONFIGURED'),
      sent: !scenario?.notSent,
    },
    state.clock.now(),
  );
  return deliver(channel, pin, request, state);
}

/** Sends the same PIN again: neither a new PIN nor a longer lifetime. */
function resend(channel: Channel, pinId: string, request: ResendPinRequest, state: State): Reply {
  const pin = state.pins.get(pinId);
  const application = state.applications.getEnabled(pin.applicationId);
  if (meet(scenarioOf(pin.msisdn)) === 'hang') return 'hang';
  takeSend(application, pin.msisdn, state);
  return deliver(channel, pin, request, state);
}

/** Throws the scenario's refusal, if it has one. */
function meet(scenario: Scenario | undefined): 'hang' | undefined {
  const refusal = scenario?.refusal;
  if (refusal?.retryAfterMs !== undefined) throw tooManyRequests(refusal.retryAfterMs);
  if (refusal) throw new ApiError(refusal.messageId);
  return scenario?.hangs && 'hang';
}

/** Counts a send against the limits. Resends count as sends, because they reach the phone as well. */
function takeSend({ applicationId, configuration }: Application, msisdn: string, state: State): void {
  state.limits.take(
    [
      { key: `send ${applicationId}`, limit: limitOf(configuration.sendPinPerApplicationLimit) },
      { key: `send ${applicationId} ${msisdn}`, limit: limitOf(configuration.sendPinPerPhoneNumberLimit) },
    ],
    state.clock.now(),
  );
}

/** Reads a stored limit. The schema has checked it, so `parseLimit` never returns null here. */
function limitOf(text: string): Limit {
  return parseLimit(text) ?? { attempts: 0, windowMs: 0 };
}

/** Adds the message to the inbox, and answers. Document: StartAuthenticationResponse. */
function deliver(channel: Channel, pin: Pin, request: ResendPinRequest, state: State): Reply {
  const template = state.applications.getTemplate(pin.applicationId, pin.messageId);
  const values: Record<string, string> = { ...request.placeholders, pin: pin.value };
  const arrive = () =>
    state.inbox.deliver({
      at: new Date(state.clock.now()).toISOString(),
      to: pin.msisdn,
      channel,
      from: pin.from,
      // A placeholder without a value stays in the text, so that people notice.
      text: template.messageText.replace(/\{\{(\w+)\}\}/g, (placeholder, name: string) => values[name] ?? placeholder),
      pin: pin.value,
      pinId: pin.pinId,
      ...(channel === 'voice' && template.repeatDTMF !== undefined && { repeatDTMF: template.repeatDTMF }),
    });
  const lateByMs = scenarioOf(pin.msisdn)?.lateByMs;
  if (pin.sent && lateByMs === undefined) arrive();
  if (pin.sent && lateByMs !== undefined) state.clock.after(lateByMs, arrive);

  const status =
    channel === 'sms'
      ? { ncStatus: pin.ncStatus, smsStatus: pin.sent ? 'MESSAGE_SENT' : 'MESSAGE_NOT_SENT' }
      : { callStatus: pin.sent ? 'PENDING_ACCEPTED' : 'REJECTED_DESTINATION' };
  const tracking = request.trackDelivery ? { externalMessageId: randomUUID() } : {};
  return { status: 200, body: { pinId: pin.pinId, to: pin.msisdn, ...status, ...tracking } };
}

function resendOperation(name: OperationName, path: string, channel: Channel): Operation {
  return operation({
    name,
    method: 'POST',
    path,
    scopes,
    body: resendPinRequest,
    bodyOptional: true,
    run: ({ params, body }, state) => resend(channel, params.pinId ?? '', body, state),
  });
}

/** Document: tag pin-sending-and-verification, without the parts about e-mail. */
export const PIN_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'send',
    method: 'POST',
    // The document has no trailing slash, but the official SDK posts to `/2fa/2/pin/`.
    path: '/2fa/2/pin/?',
    scopes,
    query: z.strictObject({ ncNeeded: flag }),
    body: startAuthenticationRequest,
    // "Field's default value is `true`."
    run: ({ query, body }, state) => send('sms', body, query.ncNeeded !== 'false', state),
  }),
  operation({
    name: 'voice',
    method: 'POST',
    path: '/2fa/2/pin/voice',
    scopes,
    body: startAuthenticationRequest,
    run: ({ body }, state) => send('voice', body, true, state),
  }),
  resendOperation('resend', '/2fa/2/pin/{pinId}/resend', 'sms'),
  resendOperation('resend-voice', '/2fa/2/pin/{pinId}/resend/voice', 'voice'),
  operation({
    name: 'verify',
    method: 'POST',
    path: '/2fa/2/pin/{pinId}/verify',
    scopes,
    body: verifyPinRequest,
    run: ({ params, body }, state) => {
      const pin = state.pins.get(params.pinId ?? '');
      const application = state.applications.getEnabled(pin.applicationId);
      const key = `verify ${pin.applicationId} ${pin.msisdn}`;
      const now = state.clock.now();
      state.limits.take([{ key, limit: limitOf(application.configuration.verifyPinLimit) }], now);
      return { status: 200, body: verifyPin(pin, application, body.pin, now) };
    },
  }),
  operation({
    name: 'verifications',
    method: 'GET',
    // The SDK needs the trailing slash here, too.
    path: '/2fa/2/applications/{appId}/verifications/?',
    scopes,
    query: z.strictObject({ msisdn: z.string().min(1), verified: flag, sent: flag }),
    run: ({ params, query }, state) => {
      const { applicationId } = state.applications.get(params.appId ?? '');
      const matches = (asked: string | undefined, is: boolean) => asked === undefined || asked === String(is);
      const verifications = state.pins
        .listFor(applicationId, query.msisdn)
        .filter((pin) => matches(query.verified, pin.verifiedAt !== null) && matches(query.sent, pin.sent))
        .map(({ msisdn, verifiedAt, sentAt }) =>
          verifiedAt === null ? { msisdn, verified: false, sentAt } : { msisdn, verified: true, verifiedAt, sentAt },
        );
      return { status: 200, body: { verifications } };
    },
  }),
];
