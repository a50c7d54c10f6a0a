import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type Connection, createInfobipClient } from './client';
import { TransportError } from './faults';
import { answer } from './replies';

/** Infobip's ids in a form that is safe in a path, because the SDK does not encode them. */
const ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Infobip's schema ApplicationConfiguration. Durations are like `5m`, limits like `5/1d`. */
const applicationConfiguration = z.object({
  pinAttempts: z.number().int(),
  allowMultiplePinVerifications: z.boolean(),
  pinTimeToLive: z.string(),
  verifyPinLimit: z.string(),
  sendPinPerApplicationLimit: z.string(),
  sendPinPerPhoneNumberLimit: z.string(),
});
export type ApplicationConfiguration = z.infer<typeof applicationConfiguration>;

/** Infobip's schema ApplicationResponse. */
const application = z.object({
  applicationId: z.string().regex(ID),
  name: z.string(),
  enabled: z.boolean().default(true),
  configuration: applicationConfiguration.partial().default({}),
});
export type Application = z.infer<typeof application>;

/** Infobip's schema SmsOrVoiceMessage. */
const template = z.object({
  messageId: z.string().regex(ID),
  messageText: z.string().default(''),
  pinType: z.string().optional(),
  pinLength: z.number().int().optional(),
  language: z.string().nullish(),
  senderId: z.string().nullish(),
  repeatDTMF: z.string().nullish(),
  speechRate: z.number().nullish(),
});
export type Template = z.infer<typeof template>;

/** The fields that create a template. Infobip's schema CreateSmsOrVoiceMessageRequest. */
export interface NewTemplate {
  readonly messageText: string;
  readonly pinType: 'NUMERIC';
  readonly pinLength: number;
  readonly language?: string;
  readonly senderId?: string;
  /** The phone's key that repeats the message. */
  readonly repeatDTMF?: string;
  /** 0.5 to 2; 1 is normal. */
  readonly speechRate?: number;
}

/** A call without a usable result; safe to print. */
export interface AccountFailure {
  readonly kind: 'failed';
  /** A transport fault (see faults.ts), `refusal` for an error in Infobip's reply, or `bad-reply`. */
  readonly fault: string;
  /** HTTP status, if there was a reply. */
  readonly status?: number;
  /** The system's error code, such as `ECONNREFUSED`. */
  readonly errno?: string;
  /** Infobip's own words on what is wrong with the request. Without the API key, and at most 300 characters. */
  readonly detail?: string;
  /** Whether Infobip may have carried out the request anyway. */
  readonly maybeDone: boolean;
  /** Infobip's clock, as in {@link AccountReply}. */
  readonly date?: number | undefined;
}

/** A valid reply. */
export interface AccountReply<T> {
  readonly kind: 'ok';
  readonly value: T;
  /** Infobip's clock, epoch milliseconds; undefined if the reply does not state it. */
  readonly date: number | undefined;
}

export type AccountResult<T> = AccountReply<T> | AccountFailure;

/** Infobip's API for setting up and checking an account. Its methods return upstream faults, and send no messages. */
export interface Account {
  /**
   * Asks about a PIN that cannot exist, to learn whether the API key may send and verify. That needs the scope
   * `2fa:pin:send`. A key without the scope gives a failure with status 403, an unknown key one with 401.
   */
  probeKey(): Promise<AccountResult<true>>;
  /**
   * Whether the account has the application. Asks for the verifications of a number that nobody has, which needs only
   * the scope of `probeKey`.
   */
  probeApplication(appId: string): Promise<AccountResult<true>>;
  /** All methods below need the scope `2fa:manage`: with a send-only key they fail with status 403. */
  listApplications(): Promise<AccountResult<Application[]>>;
  getApplication(appId: string): Promise<AccountResult<Application>>;
  createApplication(name: string, configuration: ApplicationConfiguration): Promise<AccountResult<Application>>;
  /** @param enabled whether the application sends codes; a disabled one sends none */
  updateApplication(
    appId: string,
    name: string,
    enabled: boolean,
    configuration: ApplicationConfiguration,
  ): Promise<AccountResult<Application>>;
  /** SMS and voice templates; the method leaves out those for e-mail. */
  listTemplates(appId: string): Promise<AccountResult<Template[]>>;
  getTemplate(appId: string, messageId: string): Promise<AccountResult<Template>>;
  createTemplate(appId: string, fields: NewTemplate): Promise<AccountResult<Template>>;
  updateTemplate(appId: string, messageId: string, fields: NewTemplate): Promise<AccountResult<Template>>;
}

const MAX_DETAIL = 300;

const envelope = z.object({
  requestError: z.object({
    serviceException: z.object({
      messageId: z.string().default(''),
      text: z.string().default(''),
      validationErrors: z.unknown().optional(),
    }),
  }),
});

/** Infobip's words on an error, on one line. */
function detailOf(data: unknown, apiKey: string): string | undefined {
  const error = envelope.safeParse(data).data?.requestError.serviceException;
  if (!error) return undefined;
  const validation = error.validationErrors === undefined ? '' : ` ${JSON.stringify(error.validationErrors)}`;
  const text = `${error.messageId}: ${error.text}${validation}`.replace(/[^\x20-\x7e]+/g, ' ');
  return text.replaceAll(apiKey, '…').slice(0, MAX_DETAIL);
}

function assertId(id: string): void {
  if (!ID.test(id)) throw new Error('Not an Infobip id');
}

/** Reserved for fiction in North America. */
const NOBODYS_NUMBER = '12025550100';

/** A made-up pinId, in the form of Infobip's. */
const unknownPinId = () => randomBytes(16).toString('hex').toUpperCase();

export function createAccount(connection: Connection): Account {
  const sdk = createInfobipClient(connection);

  const refusal = (status: number, data: unknown, date: number | undefined): AccountFailure => {
    const detail = detailOf(data, connection.apiKey);
    return { kind: 'failed', fault: 'refusal', status, ...(detail && { detail }), maybeDone: status >= 500, date };
  };

  async function read<T>(schema: z.ZodType<T>, call: Promise<unknown>): Promise<AccountResult<T>> {
    const returned = await call;
    if (returned instanceof TransportError) {
      const { fault, written: maybeDone, code: errno } = returned;
      return { kind: 'failed', fault, ...(errno !== undefined && { errno }), maybeDone };
    }
    const parsed = answer.safeParse(returned);
    if (!parsed.success) throw new Error('Infobip SDK returned neither a reply nor a transport fault');
    const { status, data, headers } = parsed.data;
    const time = Date.parse(headers.date ?? '');
    const date = Number.isNaN(time) ? undefined : time;
    if (status >= 400) return refusal(status, data, date);
    const value = schema.safeParse(data);
    if (status < 300 && value.success) return { kind: 'ok', value: value.data, date };
    return { kind: 'failed', fault: 'bad-reply', status, maybeDone: status < 300, date };
  }

  // Templates for e-mail have no text.
  const templates = z.array(z.unknown()).transform((all) =>
    all.flatMap((one) => {
      const { data } = template.safeParse(one);
      return data && data.messageText !== '' ? [data] : [];
    }),
  );

  return {
    async probeKey() {
      const result = await read(
        z.object({ verified: z.boolean() }),
        sdk.verifyPhoneNumber(unknownPinId(), { pin: '000000' }),
      );
      if (result.kind === 'ok') return { ...result, value: true };
      // Infobip's own error about the PIN proves that the key works; any web server answers 404 to an unknown path.
      const isAboutPin = [400, 404].includes(result.status ?? 0) && result.detail !== undefined;
      return isAboutPin ? { kind: 'ok', value: true, date: result.date } : result;
    },
    listApplications: () => read(z.array(application), sdk.getApplications()),
    async probeApplication(appId) {
      assertId(appId);
      const verifications = z.object({ verifications: z.array(z.unknown()) }).transform(() => true as const);
      return read(verifications, sdk.getVerificationStatus(appId, { msisdn: NOBODYS_NUMBER }));
    },
    async getApplication(appId) {
      assertId(appId);
      return read(application, sdk.getApplication(appId));
    },
    createApplication: (name, configuration) =>
      read(application, sdk.createApplication({ name, enabled: true, configuration })),
    async updateApplication(appId, name, enabled, configuration) {
      assertId(appId);
      return read(application, sdk.updateApplication(appId, { name, enabled, configuration }));
    },
    async listTemplates(appId) {
      assertId(appId);
      return read(templates, sdk.getMessageTemplates(appId));
    },
    async getTemplate(appId, messageId) {
      assertId(appId);
      assertId(messageId);
      return read(template, sdk.getMessageTemplate(appId, messageId));
    },
    async createTemplate(appId, fields) {
      assertId(appId);
      return read(template, sdk.createMessageTemplate(appId, fields));
    },
    async updateTemplate(appId, messageId, fields) {
      assertId(appId);
      assertId(messageId);
      return read(template, sdk.updateMessageTemplate(appId, messageId, fields));
    },
  };
}
