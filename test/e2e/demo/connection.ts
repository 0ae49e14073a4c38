import { connect } from "@dbus-codegen-ts/runtime";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import {
  findConnectionManagers,
  loopback,
  RemoteManager,
  serveConnectionManager,
  type TextChat,
} from "@dbus-codegen-ts/telepathy";
import { say } from "./say.ts";

/** Shows two Telepathy connections on a bus, whose users write to each other. */
export async function showConnection(address: string): Promise<void> {
  await using service = await connect({ bus: address });
  await using _ = await serveConnectionManager(service, { name: "demo", protocols: [loopback] });
  await using bus = await connect({ bus: address });
  const [manager] = await findConnectionManagers(bus);
  if (manager === undefined) throw new Error("there is no connection manager");
  const remote = new RemoteManager(bus, manager.name);
  say("chat", `manager ${manager.name} speaks ${Object.keys(await remote.protocols()).join(", ")}`);
  await using romeo = await remote.connect("loopback", { account: "romeo@example.org" });
  await using juliet = await remote.connect("loopback", { account: "juliet@example.org" });
  const handles = await romeo.handles(HandleType.Contact, ["juliet@example.org", "JULIET@example.org"]);
  const identifiers = await romeo.identifiers(HandleType.Contact, handles);
  say("chat", `connected as handle ${romeo.selfHandle}; handles ${handles.join(", ")} are ${identifiers.join(", ")}`);
  const toJuliet = await romeo.chats.ensure("juliet@example.org");
  await toJuliet.send("good morrow");
  for await (const toRomeo of juliet.chats.incoming()) {
    await showNextMessage("juliet", toRomeo);
    await toRomeo.send("what o'clock is it?");
    break;
  }
  await showNextMessage("romeo", toJuliet);
  await toJuliet.close();
  await juliet.disconnect();
  await romeo.disconnect();
  say("chat", `disconnected: ${(await romeo.ended).message}`);
}

/** Waits for a message, shows and acknowledges it. */
async function showNextMessage(reader: string, chat: TextChat): Promise<void> {
  for await (const message of chat.messages()) {
    say("chat", `${reader} reads "${message.text}" of ${message.senderId}`);
    await chat.acknowledge([message]);
    break;
  }
}
