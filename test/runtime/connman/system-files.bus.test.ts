import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connect } from "@dbus-codegen-ts/runtime";
import type { ProgramShell } from "@dbus-codegen-ts/runtime/program";
import { afterEach, expect, test, vi } from "vitest";
import { main as sessiond } from "../../../runtime/connman/cli.ts";
import { main as connectionManager } from "../../../runtime/telepathy/cli.ts";
import { startStockBus } from "../../reliability/stock-bus.ts";
import { until } from "../../reliability/support.ts";
import { programArguments } from "../../setup/program.ts";
import { App } from "./support.ts";

const PROGRAMS: Readonly<Record<string, typeof sessiond>> = {
  "/usr/bin/dbus-codegen-sessiond": sessiond,
  "/usr/bin/dbus-codegen-connection-manager": connectionManager,
};
const SESSIOND = fileURLToPath(new URL("programs/sessiond.ts", import.meta.url));

/** Returns name and content of each service file in a package. */
async function serviceFiles(name: string): Promise<readonly (readonly [string, string])[]> {
  const folder = new URL(`../../../runtime/${name}/system/`, import.meta.url);
  const files = (await readdir(folder)).filter((file) => file.endsWith(".service"));
  return Promise.all(files.map(async (file) => [file, await readFile(new URL(file, folder), "utf8")] as const));
}

function commandOf(content: string): readonly string[] {
  return (/^Exec(?:Start)?=(.*)$/m.exec(content)?.[1] ?? "").split(" ");
}

afterEach(() => vi.unstubAllEnvs());

test("every shipped service file starts its program with flags that it accepts", async () => {
  const files = [...(await serviceFiles("connman")), ...(await serviceFiles("telepathy"))];
  expect(files.map(([file]) => file)).toEqual([
    "dbus-codegen-sessiond.service",
    "net.connman.service",
    "im.telepathy1.ConnectionManager.dbus_codegen.service",
  ]);
  for (const [, content] of files) {
    const [program = "", ...args] = commandOf(content);
    let errors = "";
    const shell: ProgramShell = {
      print: () => undefined,
      printError: (text) => {
        errors += text;
      },
      stopped: Promise.resolve(),
    };
    // `--help` comes last, so that all other flags are parsed before.
    const code = await PROGRAMS[program]?.([...args, "--help"], shell);
    expect([program, code, errors]).toEqual([program, 0, ""]);
  }
});

test("systemd and the bus start the session service with the same flags, with policies and polkit", async () => {
  const commands = (await serviceFiles("connman")).map(([, content]) => commandOf(content).join(" "));
  const command =
    "/usr/bin/dbus-codegen-sessiond --bus system --network auto --policy-dir /etc/dbus-codegen-sessiond --state-dir /var/lib/dbus-codegen-sessiond --polkit";
  expect(commands).toEqual([command, command]);
});

test("the session service that the bus activates by its service file applies policies", async () => {
  const folder = await mkdtemp(join(tmpdir(), "activation-"));
  const [, content = ""] = (await serviceFiles("connman")).find(([file]) => file === "net.connman.service") ?? [];
  // The folder of this clone can contain blanks.
  const command = [process.execPath, ...programArguments(SESSIOND)].map((word) => `"${word}"`).join(" ");
  const activation = content
    .replace("/usr/bin/dbus-codegen-sessiond", command)
    .replace("--bus system", "--bus session")
    .replace("/etc/dbus-codegen-sessiond", join(folder, "policies"))
    .replace("/var/lib/dbus-codegen-sessiond", join(folder, "state"));
  await mkdir(join(folder, "dbus-1/services"), { recursive: true });
  await mkdir(join(folder, "policies"));
  await writeFile(
    join(folder, "policies/root.policy"),
    `[policy]\nuid = ${process.getuid?.()}\nConnectionType = local\n`,
  );
  await writeFile(join(folder, "dbus-1/services/net.connman.service"), activation);
  vi.stubEnv("XDG_DATA_HOME", folder);
  {
    await using stock = await startStockBus();
    await using bus = await connect({ bus: stock.address });
    const app = new App(bus);
    const session = await app.create();
    await until("the first Update is received", () => session.received.length > 0);
    expect(session.settings["ConnectionType"]).toBe("local");
  }
  await rm(folder, { recursive: true });
});
