import { bodyCodec } from "../wire/arguments-codec.ts";
import { MessageType } from "../wire/header.ts";
import { decodeMessage, encodeMessage, type Message } from "../wire/message.ts";
import { Writer } from "../wire/writer.ts";
import { DAEMON, METHODS } from "./bus-members.ts";
import { LOCAL_PEER, PEER } from "./peer-names.ts";
import type { Request } from "./request.ts";

const ERROR = "org.freedesktop.DBus.Error.";

/**
 * Returns the reply to a call to `org.freedesktop.DBus` on a connection without a message bus. Match rules have no
 * effect, each end has one name and no credentials, and other names cannot be owned.
 */
export function replyOfLocalDaemon({ member, args }: Request): Message {
  const [name] = args;
  const isName = name === PEER || name === LOCAL_PEER;
  switch (member) {
    case "AddMatch":
    case "RemoveMatch":
      return reply("", []);
    case "NameHasOwner":
      return reply(METHODS.NameHasOwner.out, [isName]);
    case "GetNameOwner":
      if (isName) return reply(METHODS.GetNameOwner.out, [name]);
      return reply("s", [`there is no bus, and no name except ${PEER}`], `${ERROR}NameHasNoOwner`);
    case "GetConnectionCredentials":
      return reply(METHODS.GetConnectionCredentials.out, [{}]);
    default:
      return reply("s", [`${member} needs a bus, and this is a connection to a peer`], `${ERROR}NotSupported`);
  }
}

/**
 * Returns the reply to a call to `org.freedesktop.DBus` on a simulated bus. On this bus, every name exists, and each
 * name can be owned.
 */
export function replyOfSimulatedDaemon({ member, args }: Request): Message {
  switch (member) {
    case "RequestName":
    case "ReleaseName":
      return reply(METHODS[member].out, [1]);
    case "NameHasOwner":
      return reply(METHODS.NameHasOwner.out, [true]);
    case "GetNameOwner":
      return reply(METHODS.GetNameOwner.out, args);
    case "GetConnectionCredentials":
      return reply(METHODS.GetConnectionCredentials.out, [{}]);
    default:
      return reply("", []);
  }
}

function reply(signature: string, values: readonly unknown[], errorName?: string): Message {
  const type = errorName === undefined ? MessageType.MethodReturn : MessageType.Error;
  const writer = new Writer();
  encodeMessage(
    writer,
    { type, flags: 0, serial: 1, replySerial: 1, sender: DAEMON, errorName },
    bodyCodec(signature),
    values,
  );
  return decodeMessage(writer.copyBytes());
}
