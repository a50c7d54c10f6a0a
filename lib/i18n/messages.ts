import type { ErrorCode, LimitReason, RefusalReason } from '@/lib/errors';

/** One text for each plural form that the language has (CLDR plural rules); `other` serves for the rest. */
export type Plural = Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }>;

/** What can go wrong on the page: the server's codes, and what the page finds out by itself. */
export type ProblemCode = ErrorCode | 'NO_CONNECTION' | 'UNREADABLE_REPLY' | 'NUMBER_MISSING' | 'CODE_INCOMPLETE';

/** Where one code needs more than one text. */
type ProblemVariant = RefusalReason | LimitReason | 'LOCKED_FOR_GOOD' | 'CHALLENGE_WAIT';

/**
 * Every text of the page, in one language. Words in braces are put in: `{number}`, `{seconds}`. What a person reads
 * aloud or hears is a whole sentence each, so that no language has to build one from pieces.
 */
export interface Messages {
  readonly title: string;
  /** In its place, and in that of the first heading, where the page is a brand's; with `{brand}`. */
  readonly brandedTitle: string;
  readonly description: string;
  /** Label of the switch between languages. */
  readonly language: string;
  readonly inbox: string;
  /** What everybody should know, whatever the screen; followed by `aboutLink`. */
  readonly footer: string;
  readonly aboutLink: string;

  readonly phone: {
    readonly step: string;
    readonly heading: string;
    readonly lead: string;
    readonly country: string;
    /** In the empty field that the list of countries is searched with. */
    readonly search: string;
    readonly noCountry: string;
    /** How many the search has found; with `{count}`. */
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
    readonly newCodeIn: string;
    readonly call: string;
    readonly callIn: string;
    readonly sending: string;
    /** What became of it; with `{number}` where it is `sent`. */
    readonly sent: string;
    readonly calling: string;
    readonly sentAgain: string;
    readonly sentNewCode: string;
  };

  /** In place of the code's field, once no code can be entered: why, as a heading, and how to go on. */
  readonly ended: {
    readonly PIN_EXPIRED: string;
    readonly TOO_MANY_ATTEMPTS: string;
    readonly PIN_NOT_FOUND: string;
    readonly NUMBER_LOCKED: string;
    /** With `{number}`. */
    readonly newCode: string;
    /** With `{wait}`. */
    readonly lockedFor: string;
    readonly lockedForGood: string;
    readonly useAnother: string;
  };

  readonly verified: {
    readonly heading: string;
    /** With `{number}`. */
    readonly lead: string;
    /** The button, where there is somewhere to go, and what is said where there is not. */
    readonly goOn: string;
    readonly close: string;
    readonly another: string;
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
