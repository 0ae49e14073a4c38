import { connect } from "@dbus-codegen-ts/runtime";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { findConnectionManagers, loopback, RemoteManager, serveConnectionManager } from "@dbus-codegen-ts/telepathy";
import { say } from "./say.ts";

/** Shows a Telepathy connection on a bus. */
export async function showConnection(address: string): Promise<void> {
  await using service = await connect({ bus: address });
  await using _ = await serveConnectionManager(service, { name: "demo", protocols: [loopback] });
  await using bus = await connect({ bus: address });
  const [manager] = await findConnectionManagers(bus);
  if (manager === undefined) throw new Error("there is no connection manager");
  const remote = new RemoteManager(bus, manager.name);
  say("chat", `manager ${manager.name} speaks ${Object.keys(await remote.protocols()).join(", ")}`);
  await using connection = await remote.connect("loopback", { account: "romeo@example.org" });
  const handles = await connection.handles(HandleType.Contact, ["juliet@example.org", "JULIET@example.org"]);
  const identifiers = await connection.identifiers(HandleType.Contact, handles);
  say(
    "chat",
    `connected as handle ${connection.selfHandle}; handles ${handles.join(", ")} are ${identifiers.join(", ")}`,
  );
  await connection.disconnect();
  say("chat", `disconnected: ${(await connection.ended).message}`);
}
