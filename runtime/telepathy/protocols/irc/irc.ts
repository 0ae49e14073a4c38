import { Aliasing1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Aliasing1";
import { Presence1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Presence1";
import { Renaming1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Renaming1";
import { InvalidHandleError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { Protocol } from "../protocol.ts";
import { CONTACT_TEXTS, ROOM_TEXTS } from "../text-messages.ts";
import { foldCase } from "./casemapping.ts";
import { IrcConnection } from "./irc-connection.ts";
import { IRC_PARAMETERS, parseIrcSettings } from "./irc-settings.ts";
import { isNick } from "./name-syntax.ts";
import type { IrcOptions } from "./open-socket.ts";

/** Creates the IRC protocol, over TCP or TLS. Contacts are nicknames, rooms are channels. */
export function ircProtocol(options: IrcOptions = {}): Protocol {
  return {
    name: "irc",
    englishName: "IRC",
    icon: "im-irc",
    vCardField: "x-irc",
    parameters: IRC_PARAMETERS,
    connectionInterfaces: [Presence1.name, Aliasing1.name, Renaming1.name],
    // Some servers permit it: a bouncer accepts several connections with one nickname.
    permitsSeveralConnections: true,
    channels: [CONTACT_TEXTS, ROOM_TEXTS],
    identifyAccount(parameters) {
      const { nick, server, port } = parseIrcSettings(parameters);
      return `${foldCase("ascii", nick)}@${server.toLowerCase()}:${port}`;
    },
    normalizeContact(identifier) {
      // The server's case mapping is unknown, so only the conversion common to all servers is applied.
      if (isNick(identifier)) return foldCase("ascii", identifier);
      throw new InvalidHandleError("the text is not a valid nickname");
    },
    open: (parameters, host) => new IrcConnection(parseIrcSettings(parameters), options, host),
  };
}

/** The IRC protocol with the default options. */
export const irc: Protocol = ircProtocol();
