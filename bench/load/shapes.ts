import { PIN } from '@/bench/pin';
import { addressAt, NUMBERS, numberAt } from './numbers';

/** A request, and the reply that it must get. */
export interface Exchange {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
  readonly status: number;
  readonly address: string;
}

/** The result of a send that its verify needs. */
export interface Kept {
  readonly number: string;
  readonly pinId: string;
}

/** Creates requests of one kind. */
export interface Shape {
  /** @param kept the result of a send, for a kind that `takes` one */
  readonly make: (index: number, kept: Kept | undefined) => Exchange;
  /** Whether to keep the result in the reply for a verify, if one follows. */
  readonly keeps?: true;
  /** Whether each request needs the result of a send. */
  readonly takes?: true;
}

const numberOf = (index: number): string => numberAt(index % NUMBERS);

const get = (path: string): Shape => ({
  make: (index) => ({ method: 'GET', path, status: 200, address: addressAt(index) }),
});

const send = (path: string): Shape => ({
  make: (index) => ({
    method: 'POST',
    path,
    body: JSON.stringify({ phoneNumber: numberOf(index) }),
    status: 200,
    address: addressAt(index),
  }),
  keeps: true,
});

const verify = (path: string, bodyOf: (kept: Kept) => object): Shape => ({
  make: (index, kept) => ({
    method: 'POST',
    path,
    body: JSON.stringify(kept && bodyOf(kept)),
    status: 200,
    address: addressAt(index),
  }),
  takes: true,
});

const withPin = ({ pinId }: Kept) => ({ pinId, pin: PIN });

/** Requests by what they ask for. */
export const SHAPES = {
  empty: get('/api/empty'),
  health: get('/api/health'),
  /** A send to a number with one digit too many. */
  'refused-number': {
    make: (index) => ({
      method: 'POST',
      path: '/api/send-otp',
      body: JSON.stringify({ phoneNumber: `${numberOf(index)}0` }),
      status: 400,
      address: addressAt(index),
    }),
  },
  send: send('/api/send-otp'),
  verify: verify('/api/verify-otp', withPin),
  'tutorial-send': send('/api/tutorial/send-otp'),
  'tutorial-verify': verify('/api/tutorial/verify-otp', withPin),
  'better-auth-send': send('/api/auth/phone-number/send-otp'),
  // better-auth's code replaces the pinId.
  'better-auth-verify': verify('/api/auth/phone-number/verify', ({ number, pinId }) => ({
    phoneNumber: number,
    code: pinId,
  })),
  /** A request for the server `empty`. */
  'one-call': send('/api/one-call'),
  page: get('/'),
  'bare-send': send('/send'),
  'bare-verify': verify('/verify', withPin),
  /** The upstream itself, for latency. */
  'direct-send': {
    make: (index) => ({
      method: 'POST',
      path: '/2fa/2/pin?ncNeeded=false',
      body: JSON.stringify({ to: numberOf(index).slice(1) }),
      status: 200,
      address: addressAt(index),
    }),
  },
} as const satisfies Record<string, Shape>;

export type ShapeName = keyof typeof SHAPES;
