import { connect, ServiceUnknownError } from "@dbus-codegen-ts/runtime";
import {
  ConnectionClient,
  ConnectionStatus,
  ConnectionStatusReason,
  HandleType,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { ContactsClient } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Contacts";
import { DisconnectedError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { expect, test } from "vitest";
import { onDiagnostic } from "../../../reliability/support.ts";
import { eventually } from "../eventually.ts";
import { ScriptedProtocol } from "../scripted-protocol.ts";
import { startTestManager, until } from "../test-manager.ts";
import { connectScripted } from "./connected-connection.ts";

const { Contact } = HandleType;

test("calls are refused before the connection is connected, and Connect and Disconnect can be repeated [S28]", async () => {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  // The object is on the bus until the protocol has disconnected.
  const protocol = new ScriptedProtocol({ disconnect: () => ended });
  await using setup = await startTestManager([protocol]);
  const target = await setup.request(protocol.name, { account: "me" });
  const client = new ConnectionClient(setup.client, target);
  const contacts = new ContactsClient(setup.client, target);
  const received: unknown[] = [];
  await client.signals.statusChanged.subscribe((...args) => received.push(args));
  const expectRefusals = async () => {
    for (const call of [
      () => client.requestHandles(Contact, []),
      () => client.requestHandles(HandleType.None, [""]),
      () => client.inspectHandles(Contact, []),
      () => client.inspectHandles(HandleType.None, [0]),
      () => contacts.getContactAttributes([], []),
    ]) {
      await expect(call()).rejects.toMatchObject({ errorName: DisconnectedError.errorName });
    }
  };
  await expectRefusals();
  await client.connect();
  await expectRefusals();
  await client.connect();
  protocol.last.host.connected("me");
  await client.connect();
  expect(protocol.last.log).toEqual(["connect"]);
  await Promise.all([client.disconnect(), client.disconnect()]);
  end();
  await eventually(() => expect(client.disconnect()).rejects.toBeInstanceOf(ServiceUnknownError));
  expect(received).toEqual([
    [ConnectionStatus.Connecting, ConnectionStatusReason.Requested],
    [ConnectionStatus.Connected, ConnectionStatusReason.Requested],
    [ConnectionStatus.Disconnected, ConnectionStatusReason.Requested],
  ]);
});

test("every receiver gets ConnectionError immediately before StatusChanged to disconnected [S29]", async () => {
  await using fixture = await connectScripted();
  const receivers = await Promise.all(Array.from({ length: 3 }, () => connect({ bus: fixture.setup.daemon.address })));
  const received = new Map<string, string[]>(receivers.map(({ uniqueName }) => [uniqueName, []]));
  const stopRecording = onDiagnostic("dbus-codegen:message", ({ connection, direction, header }) => {
    if (direction === "in" && header.path === fixture.target.path) received.get(connection)?.push(header.member ?? "");
  });
  for (const bus of receivers) {
    const { signals, properties } = fixture.connectionOf(bus);
    await signals.connectionError.subscribe(() => undefined);
    await signals.statusChanged.subscribe(() => undefined);
    await properties.status.subscribe(() => undefined);
  }
  fixture.protocol.last.host.disconnected(ConnectionStatusReason.CertRevoked);
  await until("all have received", () => [...received.values()].every((members) => members.includes("StatusChanged")));
  stopRecording();
  const expected = ["PropertiesChanged", "ConnectionError", "StatusChanged"];
  expect([...received.values()]).toEqual([expected, expected, expected]);
  for (const bus of receivers) await bus.close();
});
