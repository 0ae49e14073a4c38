import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { Variant } from "@dbus-codegen-ts/runtime";
import { Presence1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Presence1";
import { expect, test } from "vitest";
import { irc } from "../../../../../runtime/telepathy/protocols/irc/irc.ts";
import { validateParameters } from "../../../../../runtime/telepathy/protocols/validate-parameters.ts";
import { eventually } from "../../eventually.ts";
import { SILENT_HOST } from "../../silent-host.ts";

const WELCOME = [
  ":irc 001 Tester :Welcome",
  ":irc 005 Tester MONITOR=2 AWAYLEN=10 :are supported",
  ":irc 422 Tester :No MOTD",
];

test("a server with MONITOR reports contacts while a client is interested", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const parameters = {
    account: new Variant("s", "Tester"),
    server: new Variant("s", "127.0.0.1"),
    port: new Variant("q", port),
  };
  const events: unknown[] = [];
  const connection = irc.open(
    validateParameters(irc.parameters, new Map<string, Variant>(Object.entries(parameters))),
    {
      ...SILENT_HOST,
      connected: () => events.push("connected"),
      presence: {
        presencesChanged: (presences) =>
          events.push(Object.fromEntries([...presences].map(([nick, { status }]) => [nick, status]))),
      },
      aliases: { aliasesChanged: (aliases) => events.push([...aliases.values()]) },
    },
  );
  const accepted = once(server, "connection");
  connection.connect();
  const [socket] = await accepted;
  let received = "";
  socket.on("data", (bytes: Buffer) => {
    received += bytes.toString();
  });
  socket.write(`${WELCOME.join("\r\n")}\r\n`);
  await eventually(() => expect(events).toEqual(["connected", ["Tester"]]));
  expect(connection.interestTokens).toEqual([Presence1.name]);
  expect(connection.presence?.maximumMessageLength).toBe(10);
  connection.presence?.watch?.(["juliet", "nurse", "paris"]);
  await connection.presence?.presences(["juliet"]);
  expect(received).not.toMatch(/MONITOR|ISON/);

  connection.startReporting(Presence1.name);
  await eventually(() => expect(received).toMatch(/ISON paris\r\nMONITOR \+ juliet,nurse\r\n/));
  socket.write(":irc 730 Tester :Juliet!u@h\r\n:irc 731 Tester :nurse\r\n:irc 303 Tester :\r\n");
  await eventually(() =>
    expect(events.slice(2)).toEqual([["Juliet"], { juliet: "available" }, { nurse: "offline" }, { paris: "offline" }]),
  );
  connection.stopReporting(Presence1.name);
  await eventually(() => expect(received).toMatch(/MONITOR C\r\n/));
  expect(events.at(-1)).toEqual({ juliet: "unknown", nurse: "unknown", paris: "unknown" });
  const closed = connection.disconnect();
  socket.end();
  await closed;
  server.close();
});
