/** Package with the types of Node, installed next to the packages under test. */
export const NODE_TYPES = "@types/node@20";

/** Programs that use one package, which is installed with its dependencies only. */
export const ALONE = [
  {
    name: "@dbus-codegen-ts/runtime",
    program: `import { connect, Variant, type ObjectPath } from "@dbus-codegen-ts/runtime";
import { readSignature } from "@dbus-codegen-ts/runtime/grammar";
const path: ObjectPath = "/a";
console.log(typeof connect, path, new Variant("s", "x").value, readSignature("a{sv}").ok);
`,
    prints: "function /a x true",
  },
  {
    name: "@dbus-codegen-ts/stubs",
    program: `import { Session, SessionClient, type SessionSettings } from "@dbus-codegen-ts/stubs/net.connman.Session";
import { InvalidHandleError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
const settings: SessionSettings = { allowedBearers: ["wifi"] };
console.log(Session.name, SessionClient.name, InvalidHandleError.errorName, Object.keys(settings).length);
`,
    prints: "net.connman.Session SessionClient im.telepathy1.Error.InvalidHandle 1",
  },
  {
    name: "dbus-codegen-ts",
    program: `import { generate } from "dbus-codegen-ts";
const content = '<node><interface name="a.b"><method name="C"/></interface></node>';
const { files } = await generate([{ path: "a.xml", content }]);
console.log(files.map(({ path }) => path).join());
`,
    prints: "a.b.ts",
  },
  {
    name: "@dbus-codegen-ts/connman",
    program: `import { SimulatedNetwork, serveSessions } from "@dbus-codegen-ts/connman";
await using network = new SimulatedNetwork([{ id: "cable", bearer: "ethernet", interface: "eth0", state: "online" }]);
console.log(typeof serveSessions, typeof network.change);
`,
    prints: "function function",
  },
  {
    name: "@dbus-codegen-ts/telepathy",
    program: `import { isManagerName, loopback } from "@dbus-codegen-ts/telepathy";
console.log(isManagerName("dbus_codegen"), loopback.name);
`,
    prints: "true loopback",
  },
] as const;

/** Program that uses all packages: services and clients communicate over a private bus. */
export const TOGETHER = `import { SimulatedNetwork, serveSessions } from "@dbus-codegen-ts/connman";
import { ManagerClient } from "@dbus-codegen-ts/stubs/net.connman.Manager";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { loopback, RemoteManager, serveConnectionManager } from "@dbus-codegen-ts/telepathy";
import { generate } from "dbus-codegen-ts";
import { privateBus } from "dbus-codegen-ts/testing";

await using bus = await privateBus();
const [services, clients] = await Promise.all([bus.connect(), bus.connect()]);
await using network = new SimulatedNetwork([{ id: "cable", bearer: "ethernet", interface: "eth0", state: "online" }]);
await using _sessions = await serveSessions(services, { network });
const manager = new ManagerClient(clients, { destination: "net.connman", path: "/" });
const { state } = await manager.getProperties();

await serveConnectionManager(services, { name: "example", protocols: [loopback] });
await using connection = await new RemoteManager(clients, "example").connect("loopback", { account: "me@example.org" });
const handles = await connection.handles(HandleType.Contact, ["you@example.org"]);

const { files } = await generate([{ path: "a.xml", content: '<node><interface name="a.b"/></node>' }]);
console.log(state, handles.length, files.length);
await connection.disconnect();
`;

/** Expected output of `TOGETHER`. */
export const TOGETHER_PRINTS = "online 1 1";

/** Program that connects to itself without a bus and transfers a large value. */
export const PEERS = `import { mkdtemp, rm } from "node:fs/promises";
import { connectPeer, listen, PEER, Variant } from "@dbus-codegen-ts/runtime";
import { SessionClient, SessionService } from "@dbus-codegen-ts/stubs/net.connman.Session";

class Session extends SessionService {
  destroy() {}
  connect() {}
  disconnect() {}
  change(name, { value }) {
    console.log(name, value.length);
  }
}

const folder = await mkdtemp("/tmp/peers-");
const server = await listen(\`unix:path=\${folder}/socket\`, (peer) => void peer.serve("/", new Session()));
const peer = await connectPeer(server.address);
const session = new SessionClient(peer, { destination: PEER, path: "/" });
await session.change("Name", new Variant("s", "x".repeat(3_000_000)));
await Promise.all([peer.close(), server.close()]);
await rm(folder, { recursive: true });
`;

/** Expected output of `PEERS`. */
export const PEERS_PRINTS = "Name 3000000";
