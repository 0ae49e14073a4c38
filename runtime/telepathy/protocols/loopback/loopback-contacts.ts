import { ConnectionPresenceType, type Presence } from "@dbus-codegen-ts/stubs/generic-types";
import type { StatusSpecMap } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Presence1";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { LOOPBACK_LIMITS } from "../../quotas.ts";
import type { AliasProtocol } from "../aliases.ts";
import type { PresenceProtocol } from "../presence.ts";
import type { ConnectionHost } from "../protocol.ts";
import type { LoopbackNetwork } from "./loopback-network.ts";

const { Available, Away, ExtendedAway, Hidden, Busy, Offline } = ConnectionPresenceType;

const STATUSES = {
  available: { type: Available, maySetOnSelf: true, canHaveMessage: true },
  away: { type: Away, maySetOnSelf: true, canHaveMessage: true },
  xa: { type: ExtendedAway, maySetOnSelf: true, canHaveMessage: true },
  busy: { type: Busy, maySetOnSelf: true, canHaveMessage: true },
  hidden: { type: Hidden, maySetOnSelf: true, canHaveMessage: false },
  offline: { type: Offline, maySetOnSelf: false, canHaveMessage: false },
} satisfies StatusSpecMap;

const AVAILABLE: Presence = { type: Available, status: "available", statusMessage: "" };
const OFFLINE: Presence = { type: Offline, status: "offline", statusMessage: "" };

/**
 * Presences and aliases on one connection of the loopback protocol: of its user, and of the other users in the
 * process.
 */
export class LoopbackContacts implements PresenceProtocol, AliasProtocol {
  readonly statuses: StatusSpecMap = STATUSES;
  readonly maximumMessageLength = LOOPBACK_LIMITS.messageLength;
  readonly #identifier: string;
  readonly #host: ConnectionHost;
  readonly #network: LoopbackNetwork<LoopbackContacts>;
  #presence = AVAILABLE;
  #alias: string | undefined;

  constructor(identifier: string, host: ConnectionHost, network: LoopbackNetwork<LoopbackContacts>) {
    this.#identifier = identifier;
    this.#host = host;
    this.#network = network;
  }

  /** Adds the user to the online users and reports the presence to the other users. */
  connected(): void {
    this.#network.join(this.#identifier, this);
    this.#announcePresence();
  }

  /** Removes the user from the online users and reports the presence to the other users. */
  disconnected(): void {
    this.#network.leave(this.#identifier, this);
    this.#announcePresence();
  }

  setInitialPresence(status: string, statusMessage: string): void {
    const spec = Object.entries(STATUSES).find(([name]) => name === status)?.[1];
    if (spec === undefined) throw new InvalidArgumentError("the status does not exist");
    this.#presence = { type: spec.type, status, statusMessage };
  }

  setPresence(status: string, statusMessage: string): void {
    this.setInitialPresence(status, statusMessage);
    this.#host.presence.presencesChanged(new Map([[this.#identifier, this.#presence]]));
    this.#announcePresence();
  }

  presences(identifiers: readonly string[]): readonly Presence[] {
    return identifiers.map((identifier) =>
      identifier === this.#identifier ? this.#presence : this.#visiblePresence(identifier),
    );
  }

  alias(identifier: string): string | undefined {
    const user = this.#network.connectionsOf(identifier).at(-1);
    return user === undefined ? undefined : user.#alias;
  }

  /** Sets the user's alias, or removes it if the text is empty. Throws InvalidArgumentError if it is too long. */
  setOwnAlias(alias: string): void {
    if (alias.length > LOOPBACK_LIMITS.aliasLength) {
      throw new InvalidArgumentError(`an alias may have at most ${LOOPBACK_LIMITS.aliasLength} characters`);
    }
    this.#alias = alias === "" ? undefined : alias;
    const aliases = new Map([[this.#identifier, this.#alias ?? this.#identifier]]);
    for (const user of this.#network.all()) user.#host.aliases.aliasesChanged(aliases);
  }

  /** Reports the user's presence to all other online users. */
  #announcePresence(): void {
    const presences = new Map([[this.#identifier, this.#visiblePresence(this.#identifier)]]);
    for (const user of this.#network.all()) {
      if (user.#identifier !== this.#identifier) user.#host.presence.presencesChanged(presences);
    }
  }

  /** Returns the presence of a user for other users: that of the newest connection, where Hidden becomes Offline. */
  #visiblePresence(identifier: string): Presence {
    const user = this.#network.connectionsOf(identifier).at(-1);
    const presence = user === undefined ? OFFLINE : user.#presence;
    return presence.type === Hidden ? OFFLINE : presence;
  }
}
