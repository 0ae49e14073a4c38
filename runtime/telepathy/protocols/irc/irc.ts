import { InvalidHandleError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { Protocol } from "../protocol.ts";
import { fold } from "./casemapping.ts";
import { IrcConnection } from "./irc-connection.ts";
import { IRC_PARAMETERS, ircSettings } from "./irc-settings.ts";
import { isNick } from "./name-syntax.ts";
import type { IrcOptions } from "./open-socket.ts";

/** IRC, over TCP or TLS. Contacts are nicknames, rooms are channels; both are folded as the server says. */
export function ircProtocol(options: IrcOptions = {}): Protocol {
  return {
    name: "irc",
    englishName: "IRC",
    icon: "im-irc",
    vCardField: "x-irc",
    parameters: IRC_PARAMETERS,
    identifyAccount(parameters) {
      const { nick, server, port } = ircSettings(parameters);
      return `${fold("ascii", nick)}@${server.toLowerCase()}:${port}`;
    },
    normalizeContact(identifier) {
      // How the server folds is not known yet, so only what all of them do.
      if (isNick(identifier)) return fold("ascii", identifier);
      throw new InvalidHandleError("not a nickname");
    },
    open: (parameters, host) => new IrcConnection(ircSettings(parameters), options, host),
  };
}

/** IRC as most servers want it. */
export const irc: Protocol = ircProtocol();
