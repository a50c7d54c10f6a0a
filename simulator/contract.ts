import { z } from 'zod';
import { ONE_DAY_MS, ONE_YEAR_MS, parseDuration, parseLimit } from './durations';

const text = z.string().min(1);

const duration = (maxMs: number) =>
  z.string().refine((value) => (parseDuration(value) ?? Infinity) <= maxMs, 'must be {timeLength}{timeUnit}, like 5m');

const limit = (maxMs: number) =>
  z
    .string()
    .refine(
      (value) => (parseLimit(value)?.windowMs ?? Infinity) <= maxMs,
      'must be {attempts}/{timeLength}{timeUnit}, like 3/1d',
    );

/** Document: StartAuthenticationRequest and ResendPinRequest, placeholders. */
const placeholders = z
  .record(z.string(), z.string())
  .refine((values) => !Object.hasOwn(values, 'pin'), 'should NOT contain a `pin` placeholder')
  .refine((values) => !/[{}]/.test(Object.keys(values).join('')), 'keys should NOT contain curly brackets');

/** Document: StartAuthenticationRequest. `to` is an MSISDN: digits only, country code first, no plus. */
export const startAuthenticationRequest = z.strictObject({
  applicationId: text,
  messageId: text,
  to: z.string().regex(/^[1-9]\d{4,14}$/, 'must be an MSISDN: 5 to 15 digits with the country code, no plus'),
  from: text.optional(),
  placeholders: placeholders.optional(),
  trackDelivery: z.boolean().optional(),
});
export type StartAuthenticationRequest = z.infer<typeof startAuthenticationRequest>;

/** Document: ResendPinRequest. */
export const resendPinRequest = z.strictObject({
  placeholders: placeholders.optional(),
  trackDelivery: z.boolean().optional(),
});
export type ResendPinRequest = z.infer<typeof resendPinRequest>;

/** Document: VerifyPinRequest. */
export const verifyPinRequest = z.strictObject({ pin: text });

/** Document: ApplicationRequest. {@link DEFAULT_CONFIGURATION} fills in what a configuration omits. */
export const applicationRequest = z.strictObject({
  name: text,
  enabled: z.boolean().optional(),
  configuration: z
    .strictObject({
      pinAttempts: z.int32().min(1),
      allowMultiplePinVerifications: z.boolean(),
      pinTimeToLive: duration(ONE_YEAR_MS),
      verifyPinLimit: limit(ONE_DAY_MS),
      sendPinPerApplicationLimit: limit(ONE_YEAR_MS),
      sendPinPerPhoneNumberLimit: limit(ONE_YEAR_MS),
    })
    .partial()
    .optional(),
});
export type ApplicationRequest = z.infer<typeof applicationRequest>;

/** Document: ApplicationConfiguration. Durations and limits stay in Infobip's notation. */
export interface ApplicationConfiguration {
  pinAttempts: number;
  allowMultiplePinVerifications: boolean;
  pinTimeToLive: string;
  verifyPinLimit: string;
  sendPinPerApplicationLimit: string;
  sendPinPerPhoneNumberLimit: string;
}

/** Document: ApplicationResponse. */
export interface Application {
  applicationId: string;
  name: string;
  configuration: ApplicationConfiguration;
  enabled: boolean;
}

/** The document's defaults. Document: ApplicationConfiguration. */
export const DEFAULT_CONFIGURATION: ApplicationConfiguration = {
  pinAttempts: 10,
  allowMultiplePinVerifications: true,
  pinTimeToLive: '15m',
  verifyPinLimit: '1/3s',
  sendPinPerApplicationLimit: '10000/1d',
  sendPinPerPhoneNumberLimit: '3/1d',
};

/** Document: Language. */
const LANGUAGES = 'en es ca da nl fr de it ja ko no pl ru sv fi hr sl ro pt_pt pt_br zh_cn zh_tw'.split(
  ' ',
) as readonly string[];

/** Document: PinType. */
export const PIN_TYPES = ['NUMERIC', 'ALPHA', 'HEX', 'ALPHANUMERIC'] as const;

/** Document: UpdateSmsOrVoiceMessageRequest. It sets no maximum length of a PIN, so this one is the simulator's own. */
export const updateTemplateRequest = z.strictObject({
  messageText: z.string().includes('{{pin}}').optional(),
  pinType: z.enum(PIN_TYPES).optional(),
  pinLength: z.int32().min(1).max(32).optional(),
  language: z.enum(LANGUAGES).optional(),
  senderId: text.optional(),
  voiceName: text.optional(),
  repeatDTMF: text.optional(),
  speechRate: z.number().min(0.5).max(2).optional(),
  regional: z
    .strictObject({
      indiaDlt: z
        .strictObject({
          principalEntityId: z.string().max(30),
          contentTemplateId: z.string().max(30).optional(),
          teleMarketerId: z.string().max(255).optional(),
        })
        .optional(),
    })
    .optional(),
});

/** Document: CreateSmsOrVoiceMessageRequest. */
export const createTemplateRequest = updateTemplateRequest.required({ messageText: true, pinType: true });

/** Document: SmsOrVoiceMessage. */
export interface Template extends z.infer<typeof createTemplateRequest> {
  messageId: string;
  applicationId: string;
  pinLength: number;
  pinPlaceholder: '{{pin}}';
}
