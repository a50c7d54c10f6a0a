import type { FactorType } from '@/lib/contract';
import type { Plural } from '@/lib/i18n/messages';

/** The words for one kind of code, on the page for codes that do not come in a message. */
interface CodeWords {
  readonly heading: string;
  readonly label: string;
  readonly hint: string;
  /** Link to this form from the form for the other kind of code. */
  readonly instead: string;
}

/** The texts of the page where people verify with a code that does not come in a message. */
export interface SignInMessages {
  readonly title: string;
  readonly totp: CodeWords;
  readonly 'recovery-code': CodeWords;
  readonly back: string;
}

/**
 * The texts of the pages for ways to verify other than codes by phone, except for those that the main page also shows.
 * Words in braces are placeholders.
 */
export interface WaysMessages {
  readonly signIn: SignInMessages;

  /** With `{number}`. */
  readonly lead: string;
  /** Why people should have another way. */
  readonly weaker: string;
  /** If nobody has verified a number in this browser. */
  readonly verifyFirst: string;
  readonly verify: string;
  /** If the number has other ways and the person used none of them; followed by the problem STEP_UP_REQUIRED. */
  readonly confirmHeading: string;

  readonly types: Readonly<Record<FactorType, string>>;
  readonly synced: string;
  /** With `{date}`. */
  readonly addedOn: string;
  readonly usedOn: string;
  readonly unused: string;

  readonly remove: string;
  /** For screen readers; with `{name}`. */
  readonly removeNamed: string;
  /** The page that asks before it removes a way; the heading with `{name}`. */
  readonly removal: {
    readonly heading: string;
    readonly text: string;
    /** If the way to remove is the last one. */
    readonly last: string;
    readonly keep: string;
  };

  readonly passkeyName: string;
  readonly appName: string;
  readonly nameHint: string;
  readonly passkeyText: string;
  readonly appText: string;
  readonly addApp: string;

  /** Adding an authenticator app. */
  readonly enroll: {
    readonly heading: string;
    readonly scan: string;
    /** Describes the picture. */
    readonly qr: string;
    /** Link to an app on the same device. */
    readonly open: string;
    readonly key: string;
    readonly label: string;
    readonly hint: string;
    readonly add: string;
    readonly cancel: string;
  };

  readonly recovery: {
    readonly heading: string;
    readonly text: string;
    /** With `{count}`. */
    readonly left: Plural;
    readonly create: string;
    readonly renew: string;
    readonly renewText: string;
  };

  /** New recovery codes. */
  readonly codes: {
    readonly heading: string;
    readonly text: string;
    readonly copy: string;
    readonly copied: string;
    readonly print: string;
    readonly done: string;
  };

  readonly reset: {
    readonly heading: string;
    readonly text: string;
    readonly request: string;
    /** With `{date}`. */
    readonly pending: string;
    readonly open: string;
  };
}
