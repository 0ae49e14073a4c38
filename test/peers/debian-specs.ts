// Generates from the specs of about a hundred projects, and compares with GIO: npm run peers -- debian-specs [part]
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { connect, type ObjectPath } from "@dbus-codegen-ts/runtime";
import { analyze, Diagnostics, generate, type OutputFile } from "dbus-codegen-ts";
import { conformTo } from "dbus-codegen-ts/conform";
import { isStandardInterface } from "../../generator/compiler/resolve/standard-interfaces.ts";
import { unscriptedService } from "../../generator/tools/mock/scripted-mock.ts";
import { compile } from "../generator/compile.ts";
import { PYTHON } from "../runtime/connman/foreign-applications.ts";
import { startPrivateBus } from "../setup/private-bus.ts";
import { Gio } from "./debian-specs/gio.ts";
import { PACKAGES, REJECTED } from "./debian-specs/packages.ts";
import { type DebianSpec, debianSpecs } from "./debian-specs/specs.ts";

const NAME = "org.example.DebianSpecs";

const [part = ""] = process.argv.slice(2);
const missing = ["/usr/bin/apt-get", PYTHON].find((path) => !existsSync(path));
if (missing !== undefined) {
  console.log(`skipped  needs ${missing}`);
  process.exit();
}
const specs = debianSpecs(PACKAGES.filter((name) => name.includes(part)));
const modules: OutputFile[] = [];
const counts = { acceptedByGio: 0, generated: 0, served: 0 };
await using daemon = await startPrivateBus();
await using bus = await connect({ bus: daemon.address });
await bus.requestName(NAME);
using gio = new Gio(daemon.address);
for (const [index, spec] of specs.entries()) await examine(spec, index);
for (const message of await compile(modules)) fail(message);
console.log(`${specs.length} specs, ${counts.acceptedByGio} accepted by GIO, ${counts.generated} generated`);
console.log(`${modules.length} modules type-checked, ${counts.served} interfaces served and compared with GIO`);
process.exit();

/** Generates from a spec, serves its interfaces, and compares the verdict and the interfaces with GIO's. */
async function examine(spec: DebianSpec, index: number): Promise<void> {
  const error = await gio.verdict(spec.path);
  if (error === null) counts.acceptedByGio++;
  const { files, diagnostics } = await generate([spec]);
  const first = diagnostics.find(({ severity }) => severity === "error");
  const reason = REJECTED[basename(spec.path)];
  if (first !== undefined) {
    if (error === null && reason === undefined) fail(`${spec.path}: ${first.code}: ${first.message}`);
    else console.log(`rejected ${basename(spec.path)}: ${reason ?? `also by GIO: ${error}`}`);
    return;
  }
  if (reason !== undefined) fail(`${spec.path} is accepted and listed as rejected`);
  counts.generated++;
  modules.push(...files.map(({ path, text }) => ({ path: `${index}/${path}`, text })));
  await serve(spec, error === null);
}

/** Serves each interface of a spec that the runtime does not serve itself, and checks it with `conform` and, if GIO accepts the spec, with GIO. */
async function serve(spec: DebianSpec, comparesWithGio: boolean): Promise<void> {
  for (const iface of analyze([spec], new Diagnostics()).ir.interfaces) {
    if (isStandardInterface(iface.name)) continue;
    const path: ObjectPath = `/served/${counts.served++}`;
    await using _ = await bus.serve(path, unscriptedService(iface, {}));
    const { checks } = await conformTo(bus, { destination: NAME, path }, [iface]);
    for (const { check, status, message } of checks)
      if (status === "failed") fail(`${spec.path}: ${iface.name}: ${check}: ${message}`);
    if (!comparesWithGio) continue;
    for (const difference of await gio.differences(NAME, path, iface.name, spec.path))
      fail(`${spec.path}: ${iface.name}: ${difference}`);
  }
}

function fail(message: string): void {
  console.log(`failed   ${message}`);
  process.exitCode = 1;
}
