import type { ErrorHook } from "../hooks.ts";
import type { DisconnectedError } from "../standard-errors.ts";
import type { Message } from "../wire/message.ts";
import { DAEMON } from "./bus-members.ts";
import type { DownState } from "./connection.ts";
import type { DropReason } from "./counters.ts";
import { Daemon, type NameSignalReceiver, receiveNameSignal, type SendRequest } from "./daemon.ts";
import { MatchRules } from "./match-rules.ts";
import { NameOwners } from "./name-owners.ts";
import { OwnedNames } from "./owned-names.ts";
import { type Delivery, SignalRouter } from "./signal-router.ts";

/**
 * Registrations of a connection on the bus, which are restored after a reconnect: match rules, name watches, signal
 * listeners and owned names.
 */
export class Subscriptions {
  readonly rules: MatchRules;
  readonly owners: NameOwners;
  readonly signals: SignalRouter;
  readonly names: OwnedNames;
  readonly #nameSignals: NameSignalReceiver = {
    onOwnerChanged: (name, owner) => this.owners.onOwnerChanged(name, owner),
    onNameAcquired: (name) => this.names.onNameAcquired(name),
    onNameLost: (name) => this.names.onNameLost(name),
  };

  /** @param onError - Called with errors of listeners. Must not throw. */
  constructor(send: SendRequest, onError: ErrorHook) {
    const daemon = new Daemon(send);
    this.rules = new MatchRules((member, rule) => daemon.match(member, rule));
    this.owners = new NameOwners(this.rules, (name, onReply) => daemon.getNameOwner(name, onReply));
    this.signals = new SignalRouter(this.rules, this.owners, onError);
    this.names = new OwnedNames(daemon);
  }

  /** Passes a signal to its listeners. Returns why the signal is dropped, or undefined if it is used. */
  receive(signal: Message, delivery: Delivery = {}): DropReason | undefined {
    const isNameSignal = delivery.unreadable === undefined && receiveNameSignal(signal, this.#nameSignals);
    const reason = this.signals.deliver(signal, delivery);
    if (isNameSignal) return undefined;
    // Only the bus may send signals of its interface, whether there is a listener or not.
    return reason !== undefined && signal.interface === DAEMON && signal.sender !== DAEMON ? "foreignSignal" : reason;
  }

  /** Called when the connection is lost or closed, so that the bus has removed all registrations. */
  onDown(reason: DisconnectedError, state: DownState): void {
    if (state !== "closed") this.owners.onDisconnected();
    if (state === "reconnecting") {
      this.signals.onDisconnected(reason);
    } else {
      this.signals.end(reason);
      this.names.end(reason, state === "closed");
    }
  }

  /** Restores all registrations on a new connection. Rejects if the bus refuses a registration. */
  restore(): Promise<unknown> {
    return Promise.all([this.rules.restore(), this.owners.restore(), this.names.restore()]);
  }
}
