import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { enroll } from '@/__tests__/support/accounts';
import { NO_LIMITS, testEnvironment } from '@/__tests__/support/app';
import { loadConfig } from '@/lib/config/config';
import { AppError } from '@/lib/errors';
import { createLimits } from '@/lib/limits/reservation';
import { termsOf } from '@/lib/limits/terms';
import { createRequestNotes } from '@/lib/observability/request-log';
import { createPrivacy } from '@/lib/privacy';
import type { Account, AccountState, FactorStore, FactorType } from '@/lib/store/factors';
import { createMemoryStores } from '@/lib/store/memory/memory-stores';
import { createLazyFactorStore } from '@/lib/store/sql/factor-store';
import type { StepUpMethod } from '@/lib/verification/account';
import type { Caller } from '@/lib/verification/caller';
import { createChallenges } from '@/lib/verification/challenge';
import { checkVerification, type Passed } from '@/lib/verification/check';
import type { Dependencies } from '@/lib/verification/dependencies';
import { passFactor } from '@/lib/verification/factor-passed';
import { type Opened, renewSession } from '@/lib/verification/open-session';
import { createProofs } from '@/lib/verification/proof';
import { findSession, type Session } from '@/lib/verification/session';
import { startVerification } from '@/lib/verification/start';

export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;

/** The services of a server with factors, on stores of its own. Codes are not sent, and always right. */
export class TestServer {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'factors-'));
  readonly dependencies: Dependencies & { readonly factors: FactorStore };

  constructor() {
    const variables = { ...testEnvironment('http://127.0.0.1:9'), ...NO_LIMITS, RESEND_COOLDOWN_SECONDS: '0' };
    const config = loadConfig({ ...variables, DATA_DIR: this.#folder } as unknown as NodeJS.ProcessEnv);
    const privacy = createPrivacy(config.privacyKeys);
    const now = () => Date.now();
    const { verifications, sessions, limits } = createMemoryStores({ maxAttempts: 5, now });
    this.dependencies = {
      config,
      privacy,
      verifications,
      sessions,
      limits: createLimits(limits, termsOf(config, 4500)),
      proofs: createProofs(config.proof),
      challenges: createChallenges(privacy),
      factors: createLazyFactorStore({ databaseUrl: undefined, dataDir: this.#folder }, privacy),
    };
  }

  async close(): Promise<void> {
    await this.dependencies.factors.close();
    rmSync(this.#folder, { recursive: true });
  }

  /** One more connection to the database, which a test may break. */
  connect(): FactorStore {
    return createLazyFactorStore({ databaseUrl: undefined, dataDir: this.#folder }, this.dependencies.privacy);
  }

  /** Creates an account with these factors. */
  enroll(phoneNumber: string, ...types: FactorType[]): Promise<Account> {
    return enroll(this.dependencies.factors, phoneNumber, ...types);
  }

  async stateOf(phoneNumber: string): Promise<AccountState> {
    const state = await this.dependencies.factors.findAccount(phoneNumber);
    if (!state) throw new Error('The number has no account.');
    return state;
  }
}

type Asker = Pick<Caller, 'program' | 'login'>;

/** A client of such a server: it keeps the tokens that it gets. */
export class Client {
  sessionToken: string | undefined;
  factorToken: string | undefined;
  readonly #dependencies: Dependencies;
  readonly #asker: Asker;

  constructor({ dependencies }: { readonly dependencies: Dependencies }, asker: Asker = {}) {
    this.#dependencies = dependencies;
    this.#asker = asker;
  }

  get caller(): Caller {
    const { sessionToken, factorToken } = this;
    const place = { address: '20.0.0.1', site: undefined, network: '20.0.0.0/24' };
    return {
      ...place,
      verificationToken: undefined,
      startMark: undefined,
      deviceCookie: undefined,
      sessionToken,
      factorToken,
      ...this.#asker,
    };
  }

  #keep<Result extends Opened>(opened: Result): Result {
    this.sessionToken = opened.sessionToken;
    return opened;
  }

  /**
   * Verifies a number with a code.
   * @param meanwhile happens while Infobip checks the code
   */
  async enterCode(
    phoneNumber: string,
    { method = 'sms', meanwhile = async () => undefined }: { method?: string; meanwhile?: () => Promise<unknown> } = {},
  ): Promise<Passed> {
    const dependencies = this.#dependencies;
    const log = createRequestNotes();
    const send = async () => ({ kind: 'sent', methodState: '' }) as const;
    const start = { subject: phoneNumber, method, ttlMs: 5 * MINUTE, solution: undefined, send };
    const { verificationToken } = await startVerification(dependencies, start, this.caller, log);
    const check = {
      note: () => undefined,
      onFailure: () => undefined,
      async ask() {
        await meanwhile();
        return { kind: 'right' } as const;
      },
    };
    return this.#keep(await checkVerification(dependencies, check, { ...this.caller, verificationToken }, log));
  }

  /** Verifies a number with a factor that somebody has checked. Keeps the token if a code is due as well. */
  async useFactor(account: Account, method: StepUpMethod): Promise<Opened> {
    try {
      return this.#keep(await passFactor(this.#dependencies, { account, method }, this.caller));
    } catch (error) {
      if (error instanceof AppError) this.factorToken = error.details.ceremony;
      throw error;
    }
  }

  /** The client's session. */
  async session(): Promise<Session> {
    const session = await findSession(this.#dependencies, this.sessionToken);
    if (!session) throw new Error('The client has no session.');
    return session;
  }

  /** Replaces the session, as after a factor was added or removed. */
  async renew(account: Pick<Account, 'id' | 'sessionsSince'> | undefined): Promise<Opened> {
    return this.#keep(await renewSession(this.#dependencies, await this.session(), account, this.caller));
  }
}
