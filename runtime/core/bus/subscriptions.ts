import type { DisconnectedError } from "../standard-errors.ts";
import type { Message } from "../wire/message.ts";
import type { DownState } from "./connection.ts";
import type { DropReason } from "./counters.ts";
import { DAEMON, Daemon, hearNames, type NameNews, type SendRequest } from "./daemon.ts";
import { MatchRules } from "./match-rules.ts";
import { NameOwners } from "./name-owners.ts";
import { OwnedNames } from "./owned-names.ts";
import { SignalRouter } from "./signal-router.ts";

/** What a connection has set up on the bus, and sets up again on the next. */
export class Subscriptions {
  readonly rules: MatchRules;
  readonly owners: NameOwners;
  readonly signals: SignalRouter;
  readonly names: OwnedNames;
  readonly #news: NameNews = {
    changed: (name, owner) => this.owners.changed(name, owner),
    acquired: (name) => this.names.acquired(name),
    lost: (name) => this.names.lost(name),
  };

  constructor(send: SendRequest) {
    const daemon = new Daemon(send);
    this.rules = new MatchRules((member, rule) => daemon.match(member, rule));
    this.owners = new NameOwners(this.rules, (name, answered) => daemon.getNameOwner(name, answered));
    this.signals = new SignalRouter(this.rules, this.owners);
    this.names = new OwnedNames(daemon);
  }

  /** Takes a signal; gives why it is dropped where nobody has a use for it. */
  receive(signal: Message): DropReason | undefined {
    const heard = hearNames(signal, this.#news);
    const reason = this.signals.deliver(signal);
    if (heard) return undefined;
    // Nobody but the bus can speak for the bus, whoever listens.
    return reason !== undefined && signal.interface === DAEMON && signal.sender !== DAEMON ? "foreignSignal" : reason;
  }

  /** Nothing of it is on the bus any more: for now, or for good. */
  down(reason: DisconnectedError, state: DownState): void {
    if (state !== "closed") this.owners.lost();
    if (state === "reconnecting") {
      this.signals.lost(reason);
    } else {
      this.signals.end(reason);
      this.names.end(reason, state === "closed");
    }
  }

  /** Sets everything up on another bus; rejects where the bus refuses a part. */
  restore(): Promise<unknown> {
    return Promise.all([this.rules.restore(), this.owners.restore(), this.names.restore()]);
  }
}
