import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { checkAuthorization, subjectOfProcess } from "@dbus-codegen-ts/polkit";
import { restartUnit, startUnits, systemBus } from "./bus.ts";
import type { Group } from "./check.ts";
import { stop, until } from "./shell.ts";

/** An action for which an administrator must authenticate. */
const ACTION = "org.freedesktop.timedate1.set-time";
const TESTER = 1000;

/** Checks of polkit with an agent of another user, whose password PAM checks. */
export const POLKIT: Group = {
  name: "polkit",
  async run(check) {
    await using bus = await systemBus();
    await startUnits(bus, "polkit.service");
    const agent = spawn("/checks/node", ["/checks/polkit-agent.mjs"], {
      uid: TESTER,
      gid: TESTER,
      stdio: ["pipe", "pipe", "inherit"],
    });
    const lines: string[] = [];
    createInterface({ input: agent.stdout }).on("line", (line) => void lines.push(line));
    await until("the agent is registered", () => lines.includes("registered"));
    const authorize = async (): Promise<string> => {
      lines.length = 0;
      const result = await checkAuthorization(bus, await subjectOfProcess(agent.pid), ACTION, { isInteractive: true });
      return `${result.isAuthorized ? "authorized" : "refused"}: ${lines.join(", ")}`;
    };
    await check("the agent authenticates its user by PAM", async () => {
      const result = await authorize();
      assert.match(result, /^authorized: question tester/);
      return result;
    });
    await check("polkit restarts: the agent is registered", async () => {
      await restartUnit(bus, "polkit.service");
      return await until("the user is authorized", async () => {
        const result = await authorize();
        return result.startsWith("authorized") ? result : undefined;
      });
    });
    await stop(agent);
  },
};
