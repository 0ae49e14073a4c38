import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compile } from "../compile.ts";
import { ROOT, run, temporaryFolder } from "../support.ts";
import { expectSound, interfaceNames } from "./sound.ts";

/** Returns whether a program is installed. */
const isInstalled = (program: string): boolean => spawnSync("which", [program]).status === 0;

describe("the specs of this project", () => {
  const files = readdirSync(join(ROOT, "specs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".xml"))
    .map((name) => join(ROOT, "specs", name));
  const withInterface = files.filter((file) => interfaceNames(readFileSync(file)).length > 0);

  test("generate without diagnostics", async () => {
    const result = await run(Object.fromEntries(files.map((file) => [file, readFileSync(file)])));
    expectSound(result);
    expect(await compile(result.files)).toEqual([]);
    expect(result.diagnostics).toEqual([]);
    expect(withInterface.length).toBeGreaterThan(8);
  });

  const gdbus = isInstalled("gdbus-codegen");
  test.skipIf(!gdbus)(`gdbus-codegen accepts each${gdbus ? "" : " (skipped: it is not installed)"}`, async () => {
    const folder = await temporaryFolder();
    const args = ["--generate-c-code", "code", "--output-directory", folder, ...withInterface];
    execFileSync("gdbus-codegen", args, { stdio: "pipe" });
    const code = readFileSync(join(folder, "code.c"), "utf8");
    const names = withInterface.flatMap((file) => interfaceNames(readFileSync(file)));
    expect(names.filter((name) => !code.includes(`"${name}"`))).toEqual([]);
  });

  const qt = isInstalled("qdbusxml2cpp");
  test.skipIf(!qt)(
    `qdbusxml2cpp accepts net.connman.Session${qt ? "" : " (skipped: it is not installed)"}`,
    async () => {
      const folder = await temporaryFolder();
      const file = join(ROOT, "specs/connman/net.connman.Session.xml");
      execFileSync("qdbusxml2cpp", ["-p", join(folder, "session"), file], { stdio: "pipe" });
      expect(readFileSync(join(folder, "session.h"), "utf8")).toContain("class NetConnmanSessionInterface");
    },
  );
});
