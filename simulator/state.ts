import { Applications } from './applications';
import { Clock } from './clock';
import { Faults } from './faults';
import { Limits } from './limits';
import { Inbox } from './messages';
import { Pins } from './pins';
import { RequestLog } from './request-log';
import { SEED } from './seed';

/** What an API key may do. Document: x-scopes. */
export type Scope = '2fa:manage' | '2fa:pin:send';

/** Everything that one simulator remembers. */
export interface State {
  clock: Clock;
  applications: Applications;
  pins: Pins;
  limits: Limits;
  inbox: Inbox;
  faults: Faults;
  requests: RequestLog;
  /** The scopes of each API key. */
  apiKeys: ReadonlyMap<string, readonly Scope[]>;
}

/** A simulator's state as seeded. `apiKey` replaces the seeded full-access key. */
export function createState(apiKey: string = SEED.apiKey): State {
  return {
    clock: new Clock(),
    applications: new Applications(),
    pins: new Pins(),
    limits: new Limits(),
    inbox: new Inbox(),
    faults: new Faults(),
    requests: new RequestLog(),
    apiKeys: new Map<string, readonly Scope[]>([
      [SEED.sendOnlyApiKey, ['2fa:pin:send']],
      [apiKey, ['2fa:manage', '2fa:pin:send']],
    ]),
  };
}

/** Restores the seed, and drops late messages that were still due. */
export function resetState(state: State): void {
  state.clock.reset();
  state.applications.reset();
  state.pins.reset();
  state.limits.reset();
  state.inbox.empty();
  state.faults.clear();
  state.requests.clear();
}
