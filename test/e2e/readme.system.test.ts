import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { TSC } from "../generator/compile.ts";
import { ROOT } from "../generator/support.ts";
import { startPrivateBus } from "../setup/private-bus.ts";

const run = promisify(execFile);

/** Returns the code block of the README that contains a text. */
function block(readme: string, language: string, contains: string): string {
  const blocks = [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(
    ([, text = ""]) => text,
  );
  const found = blocks.find((text) => text.includes(contains));
  if (found === undefined) throw new Error(`the README has no ${language} block with "${contains}"`);
  return found;
}

test("the README's first program is that of the package for notifications, which is tested with its mock", async () => {
  const [readme, ofPackage] = await Promise.all(
    ["README.md", "generator/catalogue/notifications/README.md"].map((path) => readFile(join(ROOT, path), "utf8")),
  );
  const program = block(ofPackage ?? "", "ts", "NotificationsClient");
  expect(block(readme ?? "", "ts", "NotificationsClient")).toBe(program);
  // Ten lines of code, without imports and blank lines.
  expect(program.split("\n").filter((line) => line !== "" && !line.startsWith("import")).length).toBeLessThanOrEqual(
    10,
  );
});

test("the README's example generates, compiles and runs", async () => {
  const readme = await readFile(join(ROOT, "README.md"), "utf8");
  const folder = await mkdtemp(join(ROOT, "test/e2e/.readme-"));
  await using bus = await startPrivateBus();
  const env = { ...process.env, DBUS_SESSION_BUS_ADDRESS: bus.address };
  try {
    await writeFile(join(folder, "package.json"), '{ "type": "module" }');
    await writeFile(join(folder, "org.example.Jukebox1.xml"), block(readme, "xml", "org.example.Jukebox1"));
    await writeFile(join(folder, "service.ts"), block(readme, "ts", "// service.ts"));
    await writeFile(join(folder, "client.ts"), block(readme, "ts", "// client.ts"));
    const [, ...generate] = block(readme, "sh", "org.example.Jukebox1.xml").trim().split(" ");
    await run("npx", generate, { cwd: folder });
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      target: "es2022",
      lib: ["es2023", "esnext.disposable"],
      module: "nodenext",
      types: ["node"],
    };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
    const { stdout: problems } = await run(process.execPath, [TSC, "--singleThreaded"], { cwd: folder }).catch(
      (error: { stdout: string }) => error,
    );
    expect(problems).toBe("");

    const service = spawn(process.execPath, ["service.js"], { cwd: folder, env });
    const heard: string[] = [];
    service.stdout.on("data", (chunk) => heard.push(String(chunk)));
    try {
      const wait = ["wait", "--address", bus.address, "org.example.Jukebox1", "--timeout", "20"];
      await run("gdbus", wait);
      const { stdout } = await run(process.execPath, ["client.js"], { cwd: folder, env });
      expect(stdout.trim().split("\n").toSorted()).toEqual(["0.3", "0n", "now playing file:///a.ogg"]);
      expect(heard.join("")).toMatch(/^:1\.\d+ plays file:\/\/\/a\.ogg\n$/);
    } finally {
      service.kill();
      await once(service, "exit");
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
