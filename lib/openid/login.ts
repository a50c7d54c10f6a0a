import type { Provider } from 'oidc-provider';
import type { OpenIdClient } from '@/lib/config/openid-clients';
import { isLanguage, type Language } from '@/lib/i18n/languages';
import { ACR_VALUES } from './acr-values';
import { type Confirmation, readConfirmation } from './confirmation';

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

/** The result of a login: a verified number, or the person canceled. */
export type LoginResult =
  | {
      /** E.164. */
      readonly phoneNumber: string;
      /** RFC 8176. */
      readonly amr: readonly string[];
      /** One of `ACR_VALUES`. */
      readonly acr: string;
      /** When the number was verified. */
      readonly verifiedAt: Date;
    }
  | 'canceled';

/** A login in progress: one client's request for a verified number. */
export interface Login {
  readonly uid: string;
  readonly client: OpenIdClient;
  /** The number that the client expects; undefined if it named none. */
  readonly hint: string | undefined;
  readonly confirmation: Confirmation | undefined;
  /** The strengths that the client asks for, of those that exist; undefined if it asks for none. */
  readonly acrValues: readonly string[] | undefined;
  /** The language that the client requests, if the page speaks it. */
  readonly language: Language | undefined;
  /** The maximum age of an earlier verification, in seconds; undefined if the client requires a new one. */
  readonly maxAgeSeconds: number | undefined;
  /** @returns the path that leads back to the client. @throws if the store is down */
  finish(result: LoginResult): Promise<string>;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** The words of a parameter; undefined if there are none. */
const wordsOf = (value: unknown): string[] | undefined => text(value)?.split(' ');

/**
 * An earlier verification counts only if the client allows an age, does not demand a new code, and has nothing to
 * confirm.
 */
function maxAgeOf({ max_age: age, prompt, authorization_details: details }: Readonly<Record<string, unknown>>) {
  if (
    age === undefined ||
    details !== undefined ||
    String(prompt ?? '')
      .split(' ')
      .includes('login')
  )
    return undefined;
  return Number(age);
}

const resultOf = (result: LoginResult) =>
  result === 'canceled'
    ? { error: 'access_denied', error_description: 'the person canceled the request' }
    : {
        login: {
          accountId: result.phoneNumber,
          ts: Math.floor(result.verifiedAt.getTime() / 1000),
          amr: [...result.amr],
          acr: result.acr,
          remember: false,
        },
      };

/** The login behind the library's interaction; undefined if its client is no longer configured. */
export function loginOf(interaction: Interaction, clients: readonly OpenIdClient[]): Login | undefined {
  const { uid, params, returnTo } = interaction;
  const client = clients.find(({ id }) => id === params.client_id);
  if (!client) return undefined;
  const locales = wordsOf(params.ui_locales) ?? [];
  return {
    uid,
    client,
    hint: text(params.login_hint),
    confirmation: readConfirmation(params.authorization_details),
    acrValues: wordsOf(params.acr_values)?.filter((value) => ACR_VALUES.includes(value)),
    language: locales.map((locale) => locale.split('-')[0]).find(isLanguage),
    maxAgeSeconds: maxAgeOf(params),
    async finish(result) {
      interaction.result = resultOf(result);
      await interaction.save(Math.max(1, interaction.exp - Math.floor(Date.now() / 1000)));
      return new URL(returnTo).pathname;
    },
  };
}
