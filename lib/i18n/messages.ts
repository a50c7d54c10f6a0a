import type { FactorType } from '@/lib/contract';
import type { ErrorCode, LimitReason, RefusalReason } from '@/lib/error-table';

/** One text for each plural form that the language has (CLDR plural rules); `other` covers the rest. */
export type Plural = Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }>;

/** Everything that can go wrong on the page: the server's codes, and the problems that the page detects itself. */
export type ProblemCode =
  | ErrorCode
  | 'NO_CONNECTION'
  | 'UNREADABLE_REPLY'
  | 'NUMBER_MISSING'
  | 'CODE_INCOMPLETE'
  | 'PASSKEY_NOT_USED'
  | 'PASSKEY_NOT_ADDED'
  | 'PASSKEY_EXISTS';

/** Additional texts for codes that need more than one. */
type ProblemVariant = RefusalReason | LimitReason | 'LOCKED_FOR_GOOD' | 'CHALLENGE_WAIT';

/**
 * Every text of the page, in one language. Words in braces are placeholders: `{number}`, `{seconds}`. Each text is
 * complete, so that no language has to build a sentence from pieces.
 */
export interface Messages {
  readonly title: string;
  /** Replaces the title and the first heading if the page has a brand; with `{brand}`. */
  readonly brandedTitle: string;
  readonly description: string;
  /** Label of the switch between languages. */
  readonly language: string;
  readonly inbox: string;
  /** Appears on every screen, followed by `aboutLink`. */
  readonly footer: string;
  readonly aboutLink: string;

  readonly phone: {
    readonly step: string;
    readonly heading: string;
    readonly lead: string;
    readonly country: string;
    /** In the empty search field of the list of countries. */
    readonly search: string;
    readonly noCountry: string;
    /** How many countries the search has found; with `{count}`. */
    readonly countries: Plural;
    readonly number: string;
    /** With `{number}`, an example. */
    readonly hint: string;
    readonly send: string;
    readonly sending: string;
    readonly call: string;
    readonly back: string;
  };

  readonly code: {
    readonly step: string;
    readonly heading: string;
    /** With `{number}`. */
    readonly texted: string;
    readonly called: string;
    /** Read out instead of the masked number; with `{digits}`. */
    readonly ending: string;
    readonly change: string;
    readonly label: string;
    /** With `{count}`. */
    readonly hint: string;
    /** With `{time}`, like 4:59. */
    readonly expiresIn: string;
    /** With `{seconds}`. */
    readonly lastSeconds: string;
    readonly lastAttempt: string;
    readonly verify: string;
    readonly checking: string;
    readonly again: string;
    /** With `{wait}`. */
    readonly againIn: string;
    readonly newCode: string;
    /** On buttons that cannot be pressed yet. The server sends nothing until somebody presses them. */
    readonly newCodeIn: string;
    readonly call: string;
    readonly callIn: string;
    readonly sending: string;
    /** The outcome of a request for a code; `sent` with `{number}`. */
    readonly sent: string;
    readonly calling: string;
    readonly sentAgain: string;
    readonly sentNewCode: string;
  };

  /** Replaces the code field once no code can be entered. Says why, as a heading, and how to continue. */
  readonly ended: {
    readonly PIN_EXPIRED: string;
    readonly TOO_MANY_ATTEMPTS: string;
    readonly PIN_NOT_FOUND: string;
    readonly NUMBER_LOCKED: string;
    /** With `{number}`. */
    readonly newCode: string;
    /** With `{number}` and `{wait}`. */
    readonly lockedFor: string;
    readonly lockedForGood: string;
    readonly useAnother: string;
  };

  readonly verified: {
    readonly heading: string;
    /** `goOn` is the button if there is a next page; `close` is the text if there is none. */
    readonly goOn: string;
    readonly close: string;
    readonly another: string;
  };

  /** Ways to verify other than codes by phone. */
  readonly factors: {
    readonly usePasskey: string;
    /** Link to the page for codes that do not come in a message. */
    readonly otherWays: string;
    /** Link to the page that lists the ways, and its heading. */
    readonly ways: string;
    /** After a success with a code: the offer, why it matters, and what the person can do. */
    readonly offer: string;
    readonly why: string;
    /** The name that a new passkey gets. */
    readonly passkey: string;
    readonly add: string;
    readonly adding: string;
    readonly notNow: string;
    readonly added: string;
    /** After a success with a code, for people who have another way. */
    readonly nextTime: Readonly<Record<FactorType, string>>;
  };

  /** For people sent here by another application. `{client}` is its name; only the refusal lacks it. */
  readonly login: {
    readonly asks: string;
    /** If the application names the number; also with `{number}`. */
    readonly asksFixed: string;
    /** The heading above what the application wants the person to confirm, and the labels of its parts. */
    readonly confirm: string;
    readonly amount: string;
    readonly payee: string;
    readonly onlyIf: string;
    readonly cancel: string;
    /** If an earlier verification is enough; with `{number}`. */
    readonly verifiedBefore: string;
    readonly goOn: string;
    readonly leaving: string;
    /** If nobody knows which application it was; with `{error}`, a code. */
    readonly refusedHeading: string;
    readonly refused: string;
  };

  /** Read out while the browser solves a challenge. */
  readonly checkingBrowser: string;
  readonly retry: string;
  /** With `{wait}`. */
  readonly tryAgainIn: string;
  readonly tryAgainNow: string;
  /** With `{count}`. */
  readonly wait: { readonly seconds: Plural; readonly minutes: Plural; readonly hours: Plural };
  readonly attemptsLeft: Plural;

  readonly problems: Readonly<Record<ProblemCode | ProblemVariant, string>>;

  readonly about: {
    readonly heading: string;
    readonly paragraphs: readonly string[];
    readonly back: string;
  };
}
