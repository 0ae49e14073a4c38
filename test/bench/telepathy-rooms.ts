import { createServer, type Socket } from "node:net";
import { connect } from "@dbus-codegen-ts/runtime";
import { RemoteManager } from "../../runtime/telepathy/client/remote-manager.ts";
import { RoomChannel } from "../../runtime/telepathy/client/room-channel.ts";
import { irc } from "../../runtime/telepathy/protocols/irc/irc.ts";
import { serveConnectionManager } from "../../runtime/telepathy/service/connection-manager.ts";
import { startPrivateBus } from "../setup/private-bus.ts";

/**
 * `npm run bench -- telepathy-rooms [members]`: measures a large IRC channel, from the server's lines to a client on
 * the bus.
 */
const [count = 10_000] = process.argv.slice(2).map(Number);
const NAMES_PER_LINE = 30;

const nicks = Array.from({ length: count }, (_, number) => `user${number}`);
const lines = (items: readonly string[], format: (item: string) => string): string =>
  items.map((item) => `${format(item)}\r\n`).join("");

/** Connection of the client to `server`, an IRC server with one room of many users. */
let client: Socket | undefined;
const server = createServer((socket) => {
  client = socket;
  socket.on("data", (bytes) => {
    for (const line of bytes.toString().split("\r\n")) answer(socket, line);
  });
});
server.listen(0, "127.0.0.1");

function answer(socket: Socket, line: string): void {
  const [command, parameter = ""] = line.split(" ");
  if (command === "USER") socket.write(":srv 001 me :Welcome\r\n:srv 422 me :No MOTD\r\n");
  if (command === "PING") socket.write(`:srv PONG srv ${parameter}\r\n`);
  if (command !== "JOIN") return;
  const parts = Array.from({ length: Math.ceil(count / NAMES_PER_LINE) }, (_, index) =>
    nicks.slice(index * NAMES_PER_LINE, (index + 1) * NAMES_PER_LINE).join(" "),
  );
  socket.write(`:me!u@h JOIN ${parameter}\r\n${lines(parts, (names) => `:srv 353 me = ${parameter} :${names}`)}`);
  socket.write(`:srv 353 me = ${parameter} :me\r\n:srv 366 me ${parameter} :End\r\n`);
}

await using daemon = await startPrivateBus();
await using service = await connect({ bus: daemon.address });
await using manager = await serveConnectionManager(service, { name: "bench", protocols: [irc] });
await using bus = await connect({ bus: daemon.address });
const address = server.address();
const port = typeof address === "object" && address !== null ? address.port : 0;
const remote = new RemoteManager(bus, manager.target.destination.split(".").at(-1) ?? "");
await using connection = await remote.connect("irc", { account: "me", server: "127.0.0.1", port });

let room: RoomChannel | undefined;
await measure(`join a room of ${count} members`, async () => {
  room = await RoomChannel.join(bus, connection, "#large");
});
const isSize = (size: number) => (): boolean => room?.members.size === size;
const others = nicks.map((nick) => `new-${nick}`);
await measure(`${count} joins, one by one`, async () => {
  client?.write(lines(others, (nick) => `:${nick}!u@h JOIN #large`));
  await until(isSize(2 * count + 1));
});
await measure(`${count} parts, one by one`, async () => {
  client?.write(lines(others, (nick) => `:${nick}!u@h PART #large`));
  await until(isSize(count + 1));
});
await measure(`a netsplit of ${count} members`, async () => {
  client?.write(lines(nicks, (nick) => `:${nick}!u@h QUIT :hub.example leaf.example`));
  await until(isSize(1));
});
client?.destroy();
server.close();

async function measure(name: string, run: () => Promise<void>): Promise<void> {
  const start = performance.now();
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  const cpu = Math.round((user + system) / 1000);
  console.log(`${name}: ${Math.round(performance.now() - start)} ms, processor time of service and client ${cpu} ms`);
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}
