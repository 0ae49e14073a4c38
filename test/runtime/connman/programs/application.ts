// An application with sessions. Arguments: bus address, number of sessions, and optionally `crashes`: it kills itself at
// the second Update of its last session. Prints its unique name after the first Update of each session, and for each line
// of input the last reported State, or Online, of each session.

import { createInterface } from "node:readline";
import { connect, type Incoming } from "@dbus-codegen-ts/runtime";
import { ManagerClient } from "@dbus-codegen-ts/stubs/net.connman.Manager";
import { NotificationService } from "@dbus-codegen-ts/stubs/net.connman.Notification";
import type { SessionSettings } from "@dbus-codegen-ts/stubs/net.connman.Session";

const [address = "", count = "1", special] = process.argv.slice(2);
const states = new Map<string, string>();

class Notification extends NotificationService {
  update({ state, extra }: SessionSettings, { path }: Incoming): void {
    if (special === "crashes" && states.has(path) && path === `/n${count}`) process.kill(process.pid, "SIGKILL");
    const reported = state ?? extra?.["Online"]?.value;
    if (reported !== undefined) states.set(path, String(reported));
    if (states.size === Number(count)) allUpdated();
  }

  release(): void {
    process.stdout.write("released\n");
  }
}

let allUpdated: () => void = () => undefined;
const firstUpdates = new Promise<void>((resolve) => {
  allUpdated = resolve;
});
const bus = await connect({ bus: address });
const manager = new ManagerClient(bus, { destination: "net.connman", path: "/" });
for (let number = 1; number <= Number(count); number++) {
  await bus.serve(`/n${number}`, new Notification());
  await manager.createSession({}, `/n${number}`);
}
await firstUpdates;
process.stdout.write(`${bus.uniqueName}\n`);
for await (const _ of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify([...states.values()])}\n`);
}
