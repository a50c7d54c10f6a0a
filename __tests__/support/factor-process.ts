/** A process of its own on an embedded database, for tests that crash it or run two of them. */
import { createPrivacy } from '@/lib/privacy';
import { createLazyFactorStore } from '@/lib/store/sql/factor-store';
import { newAccount, newPasskey } from './factor-records';

const [dataDir, key = '', task, ...words] = process.argv.slice(2);
const store = createLazyFactorStore({ databaseUrl: undefined, dataDir }, createPrivacy([key]));

const TASKS: Readonly<Record<string, () => Promise<void>>> = {
  /** Creates accounts until it is killed, and prints the id of each once it is stored. */
  async create() {
    for (;;) {
      const account = newAccount();
      if ((await store.createAccount(account, newPasskey())) === 'created') process.stdout.write(`${account.id}\n`);
    }
  },
  /** Removes accounts by their last factor, and prints the account's id of each once it is gone. */
  async remove() {
    for (const id of words) {
      const state = await store.findAccountById(id);
      const factor = state?.factors[0];
      if (factor && (await store.removeFactor(state.account, factor.id, Date.now()))) process.stdout.write(`${id}\n`);
    }
    // Stays until it is killed.
    setInterval(() => undefined, 1000);
  },
  /** Uses time steps of an authenticator app one after another, and prints how many it was the first to use. */
  async use() {
    const [factorId = '', steps] = words;
    let used = 0;
    for (let step = 1; step <= Number(steps); step += 1)
      if (await store.useTotpStep(factorId, step, Date.now())) used += 1;
    process.stdout.write(`${used}\n`);
    await store.close();
  },
};

void TASKS[task ?? '']?.();
