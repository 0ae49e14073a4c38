import { SimulatedNetwork, serveSessions } from "@dbus-codegen-ts/connman";
import { connect, Variant } from "@dbus-codegen-ts/runtime";
import { Application } from "./application.ts";
import { say, until } from "./say.ts";

/** Shows sessions on a simulated network. */
export async function showSimulatedSessions(address: string): Promise<void> {
  say("network", "a cable that is online, and a wireless network that is not connected");
  const network = new SimulatedNetwork(
    [
      { id: "cable", bearer: "ethernet", interface: "eth0", state: "online", ipv4: { address: "192.0.2.7" } },
      { id: "home", bearer: "wifi", interface: "wlan0", ipv4: { address: "198.51.100.7" } },
    ],
    // On a busy machine, shorter steps could be announced in one Update.
    { stepDelayMs: 100 },
  );
  await using service = await connect({ bus: address });
  const sessions = await serveSessions(service, { network });
  const mail = await Application.start(address, "mail", { allowedBearers: ["wifi", "*"] });
  await until(() => mail.settings.state === "online");
  const music = await Application.start(address, "music", { connectionType: "internet", allowedBearers: ["ethernet"] });
  await until(() => music.settings.state === "online");
  say("network", "the cable is pulled out");
  network.change("cable", { state: "idle" });
  await until(() => [mail, music].every(({ settings }) => settings.state === "disconnected"));
  say("mail", "Connect: wants to be online now");
  await mail.session.connect();
  await until(() => mail.settings.state === "online");
  say("network", "the cable is back");
  network.change("cable", { state: "online" });
  await until(() => music.settings.state === "online");
  say("mail", "Change AllowedBearers to ethernet");
  await mail.session.change("AllowedBearers", new Variant("as", ["ethernet"]));
  await until(() => mail.settings.bearer === "ethernet");
  await sessions.close();
  await until(() => mail.released && music.released);
  for (const { bus } of [mail, music]) await bus.close();
}
