import type { Attack, AttackMessage } from './attacks';
import type { Answer, Ask, CreateDefense, Defense } from './defense';
import { EventQueue } from './event-queue';
import type { World } from './markets';
import { DAY_MS, type Person } from './people';
import { createRandom } from './random';

/**
 * The start of the first day, in epoch milliseconds. It is far in the future, so that no key in Redis expires by the
 * real clock.
 */
const START = Date.UTC(2100, 0, 4);
/** The attack day has this many parts, each with its own counts. */
export const PARTS = 96;
/** A person waits once, and at most this long. */
const PATIENCE_MS = 120_000;
/** How soon an attacker who can read codes enters one. */
const ATTACKER_VERIFIES_AFTER_MS = 8000;

/** Counts of the attack day. Money is in 1/100,000 of the currency. */
export interface Tally {
  people: number;
  blocked: number;
  challenged: number;
  /** Messages that an attacker requested, and those that went out. */
  asked: number;
  passed: number;
  spent: number;
  saved: number;
  /** Stopped messages, by the limit that stopped them. */
  readonly stoppedBy: Record<string, number>;
  readonly blockedBy: Record<string, number>;
  readonly challengedBy: Record<string, number>;
  /** Messages of everybody, by part of the day. */
  readonly sends: number[];
  readonly verifications: number[];
  readonly money: number[];
}

const parts = () => Array.from({ length: PARTS }, () => 0);

const newTally = (): Tally => ({
  people: 0,
  blocked: 0,
  challenged: 0,
  asked: 0,
  passed: 0,
  spent: 0,
  saved: 0,
  stoppedBy: {},
  blockedBy: {},
  challengedBy: {},
  sends: parts(),
  verifications: parts(),
  money: parts(),
});

const count = (counts: Record<string, number>, name: string) => {
  counts[name] = (counts[name] ?? 0) + 1;
};

export interface Run {
  readonly world: World;
  readonly people: readonly Person[];
  readonly attack: Attack;
  readonly seed: number;
  /** 1 for the whole model. */
  readonly scale: number;
  /** The share of challenges that bots solve. */
  readonly botsPassing: number;
  readonly createDefense: CreateDefense;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** Plays two days of messages. */
class Days {
  readonly tally = newTally();
  readonly #queue = new EventQueue<() => Promise<void>>();
  #now = START;
  #defense: Defense | undefined;

  async play({ people, createDefense, env, ...attack }: Run): Promise<Tally> {
    this.#defense = await createDefense({ now: () => this.#now, env });
    for (const person of people) this.#at(person.at, () => this.#arrive(person));
    if (attack.attack.messages > 0) this.#startAttack(attack);
    for (let next = this.#queue.take(); next; next = this.#queue.take()) {
      this.#now = START + next.at;
      await next.event();
    }
    await this.#defense.close?.();
    return this.tally;
  }

  #at(time: number, event: () => Promise<void>): void {
    this.#queue.add(time, event);
  }

  #after(waitMs: number, event: () => Promise<void>): void {
    this.#queue.add(this.#now - START + waitMs, event);
  }

  get #defended(): Defense {
    if (!this.#defense) throw new Error('Nothing is played.');
    return this.#defense;
  }

  #part(): number | undefined {
    const since = this.#now - START - DAY_MS;
    return since >= 0 && since < DAY_MS ? Math.floor((since * PARTS) / DAY_MS) : undefined;
  }

  #sent(price: number): void {
    const part = this.#part();
    if (part === undefined) return;
    this.tally.sends[part] = (this.tally.sends[part] ?? 0) + 1;
    this.tally.money[part] = (this.tally.money[part] ?? 0) + price;
  }

  #verified(): void {
    const part = this.#part();
    if (part !== undefined) this.tally.verifications[part] = (this.tally.verifications[part] ?? 0) + 1;
  }

  async #arrive(person: Person): Promise<void> {
    const { tally } = this;
    const isCounted = person.at >= DAY_MS;
    if (isCounted) tally.people += 1;
    const ask: Ask = { ...person, method: 'sms' };
    const told = { isChallenged: false };
    const block = (by: string) => {
      if (!isCounted) return;
      tally.blocked += 1;
      count(tally.blockedBy, by);
    };

    /** Requests a message, solves a challenge if there is one, and waits once if the wait is short. */
    const request = async (
      again: (solved?: number) => Promise<Answer>,
      then: (verification: string) => void,
      isPatient = true,
    ): Promise<void> => {
      let answer = await again();
      if (answer.kind === 'challenge') {
        if (isCounted && !told.isChallenged) {
          told.isChallenged = true;
          tally.challenged += 1;
          count(tally.challengedBy, answer.by);
        }
        if (!person.canSolve) return block(answer.by);
        answer = await again(answer.level);
      }
      if (answer.kind === 'sent') {
        this.#sent(person.market.prices.sms);
        return then(answer.verification);
      }
      const { waitMs = Number.POSITIVE_INFINITY } = answer.kind === 'refused' ? answer : {};
      if (!isPatient || waitMs > PATIENCE_MS) return block(answer.by);
      this.#after(waitMs, () => request(again, then, false));
    };

    const verify = (verification: string): void => {
      if (person.verifiesAfterMs === undefined) return;
      this.#after(person.verifiesAfterMs, async () => {
        if (await this.#defended.verify(ask, verification)) this.#verified();
        else block('verify');
      });
    };

    await request(
      (solved) => this.#defended.send(ask, solved),
      (verification) => {
        if (person.resendsAfterMs === undefined) return verify(verification);
        this.#after(person.resendsAfterMs, () =>
          request((solved) => this.#defended.resend(ask, verification, solved), verify),
        );
      },
    );
  }

  #startAttack({ world, attack, seed, scale, botsPassing }: Omit<Run, 'people' | 'createDefense'>): void {
    const attacker = attack.start(world, createRandom(seed, 2));
    const solving = createRandom(seed, 3);
    const messages = Math.round(attack.messages * scale);
    const everyMs = DAY_MS / messages;
    const tick = async (index: number): Promise<void> => {
      const message = attacker.next();
      const isSent = await this.#askAsBot(message, solving.fraction() < botsPassing);
      attacker.learn?.(isSent);
      if (index + 1 < messages) this.#at(DAY_MS + (index + 1.5) * everyMs, () => tick(index + 1));
    };
    this.#at(DAY_MS + everyMs / 2, () => tick(0));
  }

  /** @returns whether the message went out */
  async #askAsBot(message: AttackMessage, canSolve: boolean): Promise<boolean> {
    const { tally } = this;
    const { market, method, isVerified } = message;
    const price = method === 'voice' ? market.prices.voice : market.attackedPrice;
    tally.asked += 1;
    let answer = await this.#defended.send(message);
    if (answer.kind === 'challenge' && canSolve) answer = await this.#defended.send(message, answer.level);
    if (answer.kind !== 'sent') {
      tally.saved += price;
      count(tally.stoppedBy, answer.by);
      return false;
    }
    tally.passed += 1;
    tally.spent += price;
    this.#sent(price);
    const { verification } = answer;
    if (isVerified)
      this.#after(ATTACKER_VERIFIES_AFTER_MS, async () => {
        if (await this.#defended.verify(message, verification)) this.#verified();
      });
    return true;
  }
}

/** Plays two days, with the attack on the second, and counts only that one. */
export const play = (run: Run): Promise<Tally> => new Days().play(run);
