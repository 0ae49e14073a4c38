import { SimulatedNetwork, serveSessions } from "@dbus-codegen-ts/connman";
import { connect, Variant } from "@dbus-codegen-ts/runtime";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { ManagerClient } from "@dbus-codegen-ts/stubs/net.connman.Manager";
import { NotificationService } from "@dbus-codegen-ts/stubs/net.connman.Notification";
import { SessionClient, type SessionSettings } from "@dbus-codegen-ts/stubs/net.connman.Session";
import { findConnectionManagers, loopback, RemoteManager, serveConnectionManager } from "@dbus-codegen-ts/telepathy";
import { startPrivateBus } from "../../setup/private-bus.ts";

/** Shows both systems on a private bus (`npm start`). */
const say = (who: string, what: string): void => void process.stdout.write(`${who.padEnd(9)}${what}\n`);

/** Milliseconds in which all consequences of an event arrive. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 60));

/** An application that prints the updates of its session. */
class Application extends NotificationService {
  readonly #name: string;

  constructor(name: string) {
    super();
    this.#name = name;
  }

  update(settings: SessionSettings): void {
    const { state, bearer, ipv4 } = settings;
    const changed = [state, bearer, ipv4?.address].filter((value) => value !== undefined && value !== "");
    say(this.#name, `Update: ${changed.join(", ") || Object.keys(settings).join(", ")}`);
  }

  release(): void {
    say(this.#name, "Release: the service is going away");
  }
}

async function application(address: string, name: string, settings: SessionSettings) {
  const bus = await connect({ bus: address });
  await bus.serve("/notify", new Application(name));
  say(name, `CreateSession ${JSON.stringify(settings)}`);
  const path = await new ManagerClient(bus, { destination: "net.connman", path: "/" }).createSession(
    settings,
    "/notify",
  );
  await settle();
  return { bus, session: new SessionClient(bus, { destination: "net.connman", path }) };
}

async function showSessions(address: string): Promise<void> {
  say("network", "a cable that is online, and a wireless network that is not connected");
  const network = new SimulatedNetwork([
    { id: "cable", bearer: "ethernet", interface: "eth0", state: "online", ipv4: { address: "192.0.2.7" } },
    { id: "home", bearer: "wifi", interface: "wlan0", ipv4: { address: "198.51.100.7" } },
  ]);
  await using service = await connect({ bus: address });
  const sessions = await serveSessions(service, { network });
  const mail = await application(address, "mail", { allowedBearers: ["wifi", "*"] });
  const music = await application(address, "music", { connectionType: "internet", allowedBearers: ["ethernet"] });
  say("network", "the cable is pulled out");
  network.change("cable", { state: "idle" });
  await settle();
  say("mail", "Connect: wants to be online now");
  await mail.session.connect();
  await settle();
  say("network", "the cable is back");
  network.change("cable", { state: "online" });
  await settle();
  say("mail", "Change AllowedBearers to ethernet");
  await mail.session.change("AllowedBearers", new Variant("as", ["ethernet"]));
  await sessions.close();
  await settle();
  for (const { bus } of [mail, music]) await bus.close();
}

async function showConnection(address: string): Promise<void> {
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

await using daemon = await startPrivateBus();
await showSessions(daemon.address);
await showConnection(daemon.address);
