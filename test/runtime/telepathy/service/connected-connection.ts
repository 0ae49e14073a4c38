import type { Bus } from "@dbus-codegen-ts/runtime";
import { ConnectionClient } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import type { ManagerOptions } from "../../../../runtime/telepathy/service/connection-manager.ts";
import { type Script, ScriptedProtocol } from "../scripted-protocol.ts";
import { startTestManager } from "../test-manager.ts";

export const LOCATION = "im.telepathy1.Connection.Interface.Location1";
export const MAIL = "im.telepathy1.Connection.Interface.MailNotification1/count";

/** Connects a scripted connection of the user `me`, which supports the tokens LOCATION and MAIL. */
export async function connectScripted(script: Script = {}, options: Partial<ManagerOptions> = {}) {
  const protocol = new ScriptedProtocol({
    interests: [LOCATION, MAIL],
    connect: ({ host }) => host.connected("me"),
    ...script,
  });
  const setup = await startTestManager([protocol], options);
  const target = await setup.request(protocol.name, { account: "me" });
  const client = new ConnectionClient(setup.client, target);
  await client.connect();
  const connectionOf = (bus: Bus) => new ConnectionClient(bus, target);
  const dispose = () => setup[Symbol.asyncDispose]();
  return { setup, target, client, connectionOf, log: protocol.last.log, protocol, [Symbol.asyncDispose]: dispose };
}
