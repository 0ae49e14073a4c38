import { CABLES, COMPLETE, type Side } from "../../runtime/connman/machine.ts";
import type { NetworkManagerMachine } from "../../runtime/connman/network-manager-machine.ts";
import { Application } from "./application.ts";
import { say, until } from "./say.ts";

/** Shows a session on a machine with two cables that NetworkManager configures. */
export async function showNetworkManagerSessions(manager: NetworkManagerMachine): Promise<void> {
  const { machine } = manager;
  say("network", "two cables that NetworkManager configures, in a network namespace");
  await machine.startSessions("networkmanager");
  const mail = await Application.start(machine.address, "mail", {});
  await connected(mail, "a");
  if ((await machine.transfer(mail.settings.ipv4?.address ?? "")) === COMPLETE.a)
    say("mail", "receives 8 MiB over the first cable");
  say("network", "the first cable is pulled out");
  await machine.plug("a", false);
  await connected(mail, "b");
  say("network", "a user disconnects the second cable: nmcli connection down");
  await manager.nmcli("connection", "down", CABLES.b.profile);
  await until(() => mail.settings.state === "disconnected");
  say("mail", "Connect: wants to be online now");
  await mail.session.connect();
  await connected(mail, "b");
  say("mail", "Disconnect: does not need the network any more");
  await mail.session.disconnect();
  await manager.until("b", "disconnected");
  say("network", "NetworkManager has taken the second cable down");
  await mail.bus.close();
}

/** Waits until a session is online over a cable. */
function connected(application: Application, side: Side): Promise<void> {
  return until(() => {
    const { interface: name, state } = application.settings;
    return name === CABLES[side].interface && state === "online";
  });
}
