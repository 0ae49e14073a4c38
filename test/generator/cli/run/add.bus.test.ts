import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { privateBus } from "dbus-codegen-ts/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cli, spec, temporaryFolder } from "../../support.ts";
import { type RawService, rawService } from "../../tools/raw-service.ts";

const LAMP = "org.example.Lamp1";
const DOCUMENTED = spec(`<tp:docstring>A lamp.</tp:docstring><property name="Level" type="y" access="read"/>`, LAMP);
const PLAIN = spec(`<property name="Level" type="y" access="read"/>`, LAMP);
const CHANGED = spec(`<property name="Level" type="u" access="read"/>`, LAMP);

let folder = "";
let project = "";

/** Writes a file below the temporary folder. */
const write = async (path: string, text: string): Promise<void> => {
  await mkdir(join(folder, path, ".."), { recursive: true });
  await writeFile(join(folder, path), text);
};
const install = (name: string, text: string): Promise<void> => write(`share/dbus-1/interfaces/${name}.xml`, text);
const run = (...argv: readonly string[]): ReturnType<typeof cli> => cli(project, ...argv);
const read = (path: string): Promise<string> => readFile(join(project, path), "utf8");

/** Serves an introspection document at a bus name. */
const serve = (address: string, name: string, document: () => string): Promise<RawService> =>
  rawService(address, name, ({ member }) => (member === "Introspect" ? ["s", document()] : ["a{sv}", {}]));

beforeEach(async () => {
  folder = await temporaryFolder();
  project = join(folder, "project");
  await mkdir(project);
  vi.stubEnv("XDG_DATA_DIRS", join(folder, "share"));
  vi.stubEnv("XDG_DATA_HOME", join(folder, "home"));
  vi.stubEnv("DBUS_SESSION_BUS_ADDRESS", `unix:path=${folder}/no-session`);
  vi.stubEnv("DBUS_SYSTEM_BUS_ADDRESS", `unix:path=${folder}/no-system`);
});
afterEach(() => vi.unstubAllEnvs());

describe("add", () => {
  test("uses the catalogue for a service that is not on the machine, with its overlay", async () => {
    const { code, out, err } = await run("add", "notifications");
    expect([code, out]).toEqual([
      0,
      `notifications: desktop notifications
  1 interface from the catalogue (Desktop Notifications Specification 1.2)
wrote 1 spec in specs/notifications
wrote dbus-codegen.config.json
`,
    ]);
    expect(err).toContain(
      "it runs on no bus of this machine, and no installed file describes it; Debian packages: dunst, notification-daemon, mako-notifier",
    );
    expect(await read("generated/org.freedesktop.Notifications.ts")).toContain("hints: Hints");
    expect(JSON.parse(await read("dbus-codegen.config.json"))).toEqual({
      $schema: "./node_modules/dbus-codegen-ts/schemas/config.json",
      specs: ["specs"],
      overlays: ["catalogue:notifications"],
      services: {
        "org.freedesktop.Notifications": {
          bus: "session",
          objects: { "org.freedesktop.Notifications": "/org/freedesktop/Notifications" },
        },
      },
      out: "generated",
    });
  });

  test.each(["org.freedesktop.Notifications", "notifications"])(
    "finds the API of the catalogue by %s",
    async (name) => {
      expect((await run("add", name, "--dry-run")).out).toContain("notifications: desktop notifications");
      expect(await readdir(project)).toEqual([]);
    },
  );

  test("uses an installed file, with its documentation", async () => {
    await install("lamp", `<?xml version="1.0"?>\n${DOCUMENTED}`);
    const { code, out } = await run("add", LAMP);
    expect([code, out]).toEqual([
      0,
      `${LAMP}
  1 interface from ${folder}/share/dbus-1/interfaces
wrote 1 spec in specs/${LAMP}
wrote dbus-codegen.config.json
`,
    ]);
    expect(await read(`specs/${LAMP}/${LAMP}.xml`)).toBe(
      `<!-- Written by dbus-codegen add; without this line the file is yours. From an installed file. -->\n${DOCUMENTED}`,
    );
    expect(await read(`generated/${LAMP}.ts`)).toContain("A lamp.");
  });

  test("introspects a running service on either bus, and reports which", async () => {
    await using bus = await privateBus();
    await using _ = await serve(bus.address, LAMP, () => PLAIN);
    vi.stubEnv("DBUS_SYSTEM_BUS_ADDRESS", bus.address);
    const { code, out } = await run("add", LAMP, "-o", "src/dbus");
    expect([code, out]).toEqual([
      0,
      `${LAMP}
  1 interface from ${LAMP} on the system bus
wrote 1 spec in specs/${LAMP}
wrote dbus-codegen.config.json
`,
    ]);
    expect(await read(`src/dbus/${LAMP}.ts`)).toContain("level");
    expect(JSON.parse(await read("dbus-codegen.config.json"))).toMatchObject({
      services: { [LAMP]: { bus: "system", objects: { [LAMP]: "/" } } },
    });
  });

  test("finds the service of an interface by the beginning of its name", async () => {
    await using bus = await privateBus();
    const document = spec("", `${LAMP}.Switch`);
    await using _ = await serve(bus.address, LAMP, () => document);
    const { out } = await run("add", `${LAMP}.Switch`, "--bus", bus.address);
    expect(out).toContain(`1 interface from ${LAMP} on ${bus.address}`);
  });

  test("prefers the installed file to the running service, unless they differ", async () => {
    await using bus = await privateBus();
    let document = PLAIN;
    await using _ = await serve(bus.address, LAMP, () => document);
    await install(LAMP, DOCUMENTED);
    expect((await run("add", LAMP, "--bus", bus.address)).out).toContain("share/dbus-1/interfaces");
    document = CHANGED;
    const { out, err } = await run("add", LAMP, "--bus", bus.address);
    expect(out).toContain(`1 interface from ${LAMP} on`);
    expect(err).toContain("warning installed-differs: the running service has another version");
  });

  test("starts a service only if no file describes it", async () => {
    await write("services/lamp.service", `[D-BUS Service]\nName=${LAMP}\nExec=/bin/false\n`);
    await using bus = await privateBus({ serviceFolders: [join(folder, "services")] });
    const started = await run("add", LAMP, "--bus", bus.address);
    expect([started.code, started.err]).toEqual([2, expect.stringContaining("no spec of")]);
    expect(started.err).toContain("live-object");
    await install(LAMP, DOCUMENTED);
    const described = await run("add", LAMP, "--bus", bus.address);
    expect([described.code, described.err]).toEqual([0, expect.not.stringContaining("live-object")]);
  });

  test("keeps edited files: a spec without the first line is not overwritten", async () => {
    await install(LAMP, DOCUMENTED);
    await write(`project/specs/${LAMP}/${LAMP}.xml`, PLAIN);
    const { code, err } = await run("add", LAMP);
    expect([code, err]).toEqual([2, expect.stringContaining("it exists and was not generated")]);
    expect(await read(`specs/${LAMP}/${LAMP}.xml`)).toBe(PLAIN);
  });

  test("extends a config in TypeScript", async () => {
    await write(
      "project/dbus-codegen.config.ts",
      `import { defineConfig } from "dbus-codegen-ts";\n\nexport default defineConfig({\n  specs: ["interfaces"],\n  out: "src",\n});\n`,
    );
    const { code, out } = await run("add", "notifications");
    expect([code, out]).toEqual([0, expect.stringContaining("extended dbus-codegen.config.ts")]);
    expect(await read("dbus-codegen.config.ts")).toContain('  overlays: ["catalogue:notifications"],');
    expect(await readdir(join(project, "interfaces/notifications"))).toEqual(["org.freedesktop.Notifications.xml"]);
    expect(await readdir(join(project, "src"))).toEqual(["org.freedesktop.Notifications.ts"]);
  });

  test("prints the settings for a config that computes them", async () => {
    const config = 'const config = { specs: ["interfaces"], out: "src" };\nexport default config;\n';
    await write("project/dbus-codegen.config.mjs", config);
    const { code, err } = await run("add", "notifications");
    expect([code, err]).toEqual([1, expect.stringContaining('overlays: ["catalogue:notifications"]')]);
    expect(await read("dbus-codegen.config.mjs")).toBe(config);
  });

  test.each([
    ["notfications", "did you mean notifications?"],
    ["org.example.Lamp2", "did you mean org.example.Lamp1?"],
    ["..", "--list"],
    ["../../etc", "--list"],
    [":1.2", "--list"],
    ["\u001b[31m", "--list"],
  ])("reports that %j is unknown", async (name, hint) => {
    await install(LAMP, DOCUMENTED);
    const { code, err } = await run("add", name);
    expect([code, err]).toEqual([2, expect.stringContaining(hint)]);
    expect(err).not.toContain("\u001b");
    expect(await readdir(project)).toEqual([]);
  });

  test("ignores installed files that are invalid, with a warning", async () => {
    await install("org.freedesktop.Notifications", '<node><interface name="org.freedesktop.Notifications">');
    const { code, out, err } = await run("add", "notifications");
    expect([code, out]).toEqual([0, expect.stringContaining("from the catalogue")]);
    expect(err).toContain("warning xml-syntax");
  });

  test("writes nothing of a service whose names are paths, XML or escape sequences", async () => {
    await using bus = await privateBus();
    const hostile = '<interface name="org.example.Lamp1/../../x"/><interface name="--&gt;&#27;[31m"/>';
    await using _ = await serve(bus.address, LAMP, () => `<node>${hostile}</node>`);
    const { code, err } = await run("add", LAMP, "--bus", bus.address);
    expect([code, err]).toEqual([2, expect.stringContaining("no spec of")]);
    expect(err).not.toContain("\u001b");
    expect(await readdir(project)).toEqual([]);
  });
});

describe("add --list", () => {
  test("shows the catalogue and other services, installed and running", async () => {
    await write("services/clock.service", "[D-BUS Service]\nName=org.example.Clock1\nExec=/bin/false\n");
    await using bus = await privateBus({ serviceFolders: [join(folder, "services")] });
    await using _lamp = await serve(bus.address, LAMP, () => PLAIN);
    await using _notifications = await serve(bus.address, "org.freedesktop.Notifications", () => PLAIN);
    vi.stubEnv("DBUS_SESSION_BUS_ADDRESS", bus.address);
    const { code, out, err } = await run("add", "--list");
    expect(code).toBe(0);
    expect(out).toMatch(/^ {2}notifications +running \(session\) +desktop notifications$/m);
    expect(out).toMatch(
      /^Others on this machine:\n {2}org\.example\.Clock1 +installed\n {2}org\.example\.Lamp1 +running \(session\)$/m,
    );
    expect(err).toContain("cannot connect to the system bus");
  });

  test("shows an API whose specs are installed", async () => {
    await install("org.freedesktop.Notifications", PLAIN);
    expect((await run("add", "--list")).out).toMatch(/^ {2}notifications +installed/m);
  });
});

describe("update", () => {
  test("reports and writes changes of the specs, then generates", async () => {
    await install(LAMP, DOCUMENTED);
    await run("add", LAMP);
    expect((await run("update", "--check")).code).toBe(0);
    await install(LAMP, CHANGED);
    const check = await run("update", "--check");
    expect([check.code, check.out]).toEqual([1, expect.stringContaining("property-type")]);
    expect(await read(`specs/${LAMP}/${LAMP}.xml`)).toContain(DOCUMENTED);
    const { code, out, err } = await run("update");
    expect([code, out]).toEqual([0, expect.stringContaining(`${LAMP}\n  1 interface from ${folder}/share`)]);
    expect(err).toContain("since the present specs: 1 breaking on the wire");
    expect(await read(`generated/${LAMP}.ts`)).toContain('level: { name: "Level", type: "u"');
  });

  test("keeps interfaces that are not found at present", async () => {
    await install(LAMP, DOCUMENTED);
    await install("switch", spec("", `${LAMP}.Switch`));
    await run("add", LAMP);
    await install("switch", PLAIN);
    const { out } = await run("update");
    expect(out).toContain("1 file kept");
    expect(await readdir(join(project, "generated"))).toEqual([`${LAMP}.Switch.ts`, `${LAMP}.ts`]);
  });

  test("does not replace the spec of a running service by that of the catalogue", async () => {
    const name = "org.freedesktop.Notifications";
    await using bus = await privateBus();
    const service = await serve(bus.address, name, () => spec('<method name="Notify"/>', name));
    await run("add", "notifications", "--bus", bus.address);
    await service[Symbol.asyncDispose]();
    const { code, out } = await run("update", "--bus", bus.address);
    expect([code, out]).toEqual([0, expect.stringContaining("1 file kept")]);
    expect(await read(`specs/notifications/${name}.xml`)).not.toContain("CloseNotification");
  });

  test.each([
    [["update"], "nothing was added"],
    [["update", "lamp"], '"lamp" was not added'],
    [["update", "--config", "none"], "there is no config"],
  ])("%j reports that there is nothing to update", async (argv, message) => {
    await write("project/dbus-codegen.config.json", '{ "specs": ["specs"], "out": "generated" }');
    expect(await run(...argv)).toMatchObject({ code: 2, err: expect.stringContaining(message) });
  });
});

describe("catalogue:<name>", () => {
  test("names the specs and overlays of the catalogue in flags", async () => {
    const argv = ["generate", "catalogue:notifications", "--overlay", "catalogue:notifications", "-o", "out"];
    expect((await run(...argv)).code).toBe(0);
    expect(await read("out/org.freedesktop.Notifications.ts")).toContain("hints: Hints");
  });

  test("is an error for an API that the catalogue lacks", async () => {
    const { code, err } = await run("generate", "catalogue:notification", "-o", "out");
    expect([code, err]).toEqual([2, expect.stringContaining("did you mean catalogue:notifications?")]);
  });
});
