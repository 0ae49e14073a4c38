import type { Variant } from "@dbus-codegen-ts/runtime";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { Aliasing1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Aliasing1";
import { Presence1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Presence1";
import { ConnMgrParamFlags } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { InvalidArgumentError, InvalidHandleError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { ParameterValues } from "../parameters.ts";
import type { ConnectionHost, Protocol, ProtocolConnection } from "../protocol.ts";
import { CONTACT_TEXTS, ROOM_TEXTS, type TextHost } from "../text-messages.ts";
import { LoopbackContacts } from "./loopback-contacts.ts";
import { LoopbackNetwork } from "./loopback-network.ts";
import { LoopbackRooms, RoomsOfUser } from "./loopback-rooms.ts";
import { LoopbackText } from "./loopback-text.ts";

/** Interest tokens that a loopback connection supports. The connection never sends notifications for them. */
export const LOOPBACK_INTERESTS = [
  "im.telepathy1.Connection.Interface.Location1",
  "im.telepathy1.Connection.Interface.MailNotification1/count",
] as const;

/** Users and rooms that the connections of one loopback protocol share. */
interface LoopbackUsers {
  readonly contacts: LoopbackNetwork<LoopbackContacts>;
  readonly texts: LoopbackNetwork<TextHost>;
  readonly rooms: LoopbackRooms;
}

/**
 * Creates a protocol without a network, for tests and demonstrations. Every account connects immediately, and every
 * identifier is valid for a contact and for a room. Texts are delivered to connections of the same protocol. A
 * contact without a connection repeats each text to its sender.
 */
export function loopbackProtocol(): Protocol {
  const users: LoopbackUsers = {
    contacts: new LoopbackNetwork(),
    texts: new LoopbackNetwork(),
    rooms: new LoopbackRooms(),
  };
  return {
    connectionInterfaces: [Presence1.name, Aliasing1.name],
    name: "loopback",
    englishName: "Loopback",
    icon: "",
    vCardField: "",
    parameters: [{ name: "account", signature: "s", flags: ConnMgrParamFlags.Required }],
    channels: [CONTACT_TEXTS, ROOM_TEXTS],
    identifyAccount: accountIdentifier,
    normalizeContact: normalize,
    open: (parameters, host) => new LoopbackConnection(accountIdentifier(parameters), host, users),
  };
}

/** The loopback protocol whose connections in this process reach each other. */
export const loopback: Protocol = loopbackProtocol();

class LoopbackConnection implements ProtocolConnection {
  readonly handleTypes = [HandleType.Contact, HandleType.Room];
  readonly interestTokens = LOOPBACK_INTERESTS;
  readonly attributeInterfaces: readonly string[] = [];
  readonly presence: LoopbackContacts;
  readonly aliases: LoopbackContacts;
  readonly text: LoopbackText;
  readonly rooms: RoomsOfUser;
  readonly #account: string;
  readonly #host: ConnectionHost;

  constructor(account: string, host: ConnectionHost, users: LoopbackUsers) {
    this.#account = account;
    this.#host = host;
    const contacts = new LoopbackContacts(account, host, users.contacts);
    this.presence = contacts;
    this.aliases = contacts;
    this.rooms = new RoomsOfUser(users.rooms, account, host.rooms);
    this.text = new LoopbackText(account, users.texts, users.rooms, host.text);
  }

  connect(): void {
    this.presence.connected();
    this.text.connected();
    this.rooms.connected();
    this.#host.connected(this.#account);
  }

  async disconnect(): Promise<void> {
    this.presence.disconnected();
    this.text.disconnected();
    this.rooms.disconnected();
  }

  normalize(_type: HandleType, identifier: string): string {
    return normalize(identifier);
  }

  contactAttributes(): readonly Readonly<Record<string, Variant>>[] {
    return [];
  }

  startReporting(): void {
    // A loopback connection never sends notifications.
  }

  stopReporting(): void {
    // A loopback connection never sends notifications.
  }
}

function accountIdentifier(parameters: ParameterValues): string {
  const account = parameters.getString("account") ?? "";
  if (account === "") throw new InvalidArgumentError("parameter account is empty");
  return normalize(account);
}

function normalize(identifier: string): string {
  if (identifier === "") throw new InvalidHandleError("an identifier must not be empty");
  return identifier.toLowerCase();
}
