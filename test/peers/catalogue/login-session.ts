// Creates a session of the user root, prints its object path, and holds it until standard input ends.
import { once } from "node:events";
import { connect } from "@dbus-codegen-ts/runtime";
import { ManagerClient } from "../../../generator/catalogue/logind/generated/org.freedesktop.login1.Manager.ts";
import {
  SessionClass,
  SessionType,
} from "../../../generator/catalogue/logind/generated/org.freedesktop.login1.Session.ts";
import { MANAGER } from "../../../generator/catalogue/logind/index.ts";

await using bus = await connect({ bus: "system" });
const manager = new ManagerClient(bus, MANAGER);
const [, session] = await manager.createSession(
  ...([0, process.pid, "test", SessionType.TTY, SessionClass.User] as const),
  ...(["", "", 0, "", "", false, "", "", []] as const),
);
console.log(session);
process.stdin.resume();
await once(process.stdin, "end");
