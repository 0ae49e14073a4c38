import { argumentsCodec, bodyCodec } from "../wire/arguments.ts";

/** Bus name of the message bus itself. */
export const DAEMON = "org.freedesktop.DBus";
/** Object path of the message bus itself. */
export const DAEMON_PATH = "/org/freedesktop/DBus";

/** Bodies of the calls that the runtime makes to the bus, and of the signal it hears from it. */
export const DAEMON_BODIES = {
  rule: argumentsCodec([{ name: "rule", type: "s" }]),
  name: argumentsCodec([{ name: "name", type: "s" }]),
  nameAndFlags: argumentsCodec([
    { name: "name", type: "s" },
    { name: "flags", type: "u" },
  ]),
  text: bodyCodec("s"),
  code: bodyCodec("u"),
  nameOwnerChanged: bodyCodec("sss"),
} as const;
