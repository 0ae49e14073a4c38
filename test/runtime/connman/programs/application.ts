// Creates sessions and runs until it is killed. Arguments: bus address, number of sessions, variant. The variant `crashes`
// exits at the second Update of its last session. Prints its unique name after the first Updates of all sessions. For each
// line of input, prints the last State, or Online, of each session.

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
    const shown = state ?? extra?.["Online"]?.value;
    if (shown !== undefined) states.set(path, String(shown));
    if (states.size === Number(count)) told();
  }

  release(): void {
    process.stdout.write("released\n");
  }
}

let told: () => void = () => undefined;
const all = new Promise<void>((resolve) => {
  told = resolve;
});
const bus = await connect({ bus: address });
const manager = new ManagerClient(bus, { destination: "net.connman", path: "/" });
for (let number = 1; number <= Number(count); number++) {
  await bus.serve(`/n${number}`, new Notification());
  await manager.createSession({}, `/n${number}`);
}
await all;
process.stdout.write(`${bus.uniqueName}\n`);
for await (const _ of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify([...states.values()])}\n`);
}
