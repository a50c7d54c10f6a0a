/**
 * The document's error ids and their texts. It lists no id for 405, 413 and 415, so those use BAD_REQUEST. Document:
 * responses ApiException400 to ApiException500.
 */
export const ERRORS = {
  BAD_REQUEST: { status: 400, text: 'Bad request' },
  UNAUTHORIZED: { status: 401, text: 'Unauthorized' },
  FORBIDDEN: { status: 403, text: 'Forbidden' },
  NOT_FOUND: { status: 404, text: 'Not found' },
  TOO_MANY_REQUESTS: { status: 429, text: 'Too many requests' },
  GENERAL_ERROR: { status: 500, text: 'Something went wrong. Please contact support.' },
} as const;

export type MessageId = keyof typeof ERRORS;

/** The fault of each field, by its dotted path. Document: ApiRequestErrorDetails, validationErrors. */
export type ValidationErrors = Record<string, string[]>;

interface ApiErrorOptions {
  status?: number;
  text?: string;
  validationErrors?: ValidationErrors;
  headers?: Record<string, string>;
}

/** A refusal. Any code that processes a call may throw it; the client gets the document's error envelope. */
export class ApiError extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: { requestError: { serviceException: Record<string, unknown> } };

  constructor(messageId: MessageId, options: ApiErrorOptions = {}) {
    const text = options.text ?? ERRORS[messageId].text;
    super(text);
    this.status = options.status ?? ERRORS[messageId].status;
    this.headers = options.headers ?? {};
    const { validationErrors } = options;
    this.body = {
      requestError: { serviceException: { messageId, text, ...(validationErrors && { validationErrors }) } },
    };
  }
}

/** 429 with `Retry-After` in whole seconds, rounded up and at least 1. */
export function tooManyRequests(retryAfterMs: number): ApiError {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
  return new ApiError('TOO_MANY_REQUESTS', { headers: { 'retry-after': String(seconds) } });
}

/**
 * The error id for an HTTP status. A 4xx without an id of its own gets BAD_REQUEST, and everything else GENERAL_ERROR.
 */
export function messageIdOf(status: number): MessageId {
  const ids = Object.keys(ERRORS) as MessageId[];
  const exact = ids.find((id) => ERRORS[id].status === status);
  return exact ?? (status >= 400 && status < 500 ? 'BAD_REQUEST' : 'GENERAL_ERROR');
}
