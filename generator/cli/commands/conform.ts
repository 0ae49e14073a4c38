import type { Bus } from "@dbus-codegen-ts/runtime";
import { analyze } from "../../compiler/analyze.ts";
import { Diagnostics } from "../../compiler/diagnostics/diagnostic.ts";
import { render } from "../../compiler/diagnostics/render.ts";
import type { Interface } from "../../compiler/resolve/ir.ts";
import { type CallCheck, methodOf } from "../../tools/conform/calls.ts";
import { type ConformOptions, conformTo } from "../../tools/conform/conform.ts";
import { REPORT_FORMATS, type ReportFormat, renderReport, tally } from "../../tools/conform/render.ts";
import { itemsOf, ValuesDocument } from "../../tools/mock/yaml-document.ts";
import { ValueReader } from "../../tools/mock/wire-values.ts";
import type { Project } from "../config/project.ts";
import { readSpecs } from "../config/specs.ts";
import { UsageError } from "../usage-error.ts";
import type { Command, Flags, FlagValues } from "./command.ts";
import { BUS_FLAGS, checkService, checkTarget, onBus } from "../run/bus.ts";
import { CONFIG_FLAG, specsProject } from "../run/project.ts";
import { EXIT, type Shell } from "../shell.ts";

const FLAGS = {
  spec: { type: "string", short: "s", multiple: true, value: "<spec>", help: "what it is checked against; repeatable" },
  ...BUS_FLAGS,
  interface: { type: "string", multiple: true, value: "<name>", help: "check only this interface of the specs" },
  "allow-extra": { type: "boolean", help: "interfaces and members that no spec knows are fine" },
  watch: { type: "string", value: "<ms>", help: "listen so long to what the service announces of itself" },
  exercise: {
    type: "string",
    value: "<how>",
    values: ["none", "present", "change"],
    help: "set writable properties to the value they have, or to another and back",
  },
  call: {
    type: "string",
    multiple: true,
    value: "<method>",
    help: "call Interface.Method, or Interface.Method=[args]",
  },
  format: { type: "string", value: "<format>", values: REPORT_FORMATS, help: "how the report is written" },
  ...CONFIG_FLAG,
} as const satisfies Flags;

const USAGE = "<bus name> <path> [--spec <spec>]…";

/** `dbus-codegen conform`. */
export const CONFORM: Command<typeof FLAGS> = {
  name: "conform",
  usage: USAGE,
  about: `Checks an object of a running service against its specs: what it says of itself, what it answers and what it
announces. Nothing of it is changed unless --exercise or --call says so. Without --spec, the specs of the config
are meant; its annotations count.`,
  flags: FLAGS,
  examples: [
    "dbus-codegen conform org.example.Jukebox1 /org/example/Jukebox1 --spec specs",
    "dbus-codegen conform net.connman / --bus system --spec specs --interface net.connman.Manager --format junit",
  ],
  async run({ flags, positionals }, shell) {
    const [name, path, ...rest] = positionals;
    if (name === undefined || path === undefined || rest.length > 0)
      throw new UsageError(`name one object: dbus-codegen conform ${USAGE}`);
    checkTarget(name, path);
    const watch = milliseconds(flags.watch);
    const project = await specsProject(flags.config, flags.spec ?? [], `conform ${USAGE}`, shell);
    const specs = await readInterfaces(project, flags.interface ?? [], shell);
    if (specs === undefined) return EXIT.findings;
    const calls = (flags.call ?? []).map((text) => readCall(text, specs));
    const options = { watch, calls, exercise: flags.exercise, allowExtra: flags["allow-extra"] ?? false };
    const check = (bus: Bus): Promise<number> => report(bus, { name, path }, specs, options, flags, shell);
    return onBus(flags.bus, check);
  },
};

async function report(
  bus: Bus,
  { name, path }: { readonly name: string; readonly path: string },
  specs: readonly Interface[],
  options: ConformOptions,
  { bus: given, format }: FlagValues<typeof FLAGS>,
  shell: Shell,
): Promise<number> {
  await checkService(bus, name, given);
  const found = await conformTo(bus, { destination: name, path }, specs, options);
  shell.writeOutput(renderReport(found, format satisfies ReportFormat));
  const { passed, failed, skipped } = tally(found.checks);
  shell.writeError(
    `${name} ${path}: ${passed} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} could not be checked`}\n`,
  );
  return failed === 0 ? EXIT.fine : EXIT.findings;
}

/** The interfaces to check; undefined where the specs are wrong, after it was told. */
async function readInterfaces(
  { specs, options }: Project,
  only: readonly string[],
  shell: Shell,
): Promise<readonly Interface[] | undefined> {
  const diagnostics = new Diagnostics();
  const { interfaces } = analyze(await readSpecs(specs, shell), diagnostics, options, new Diagnostics()).ir;
  if (diagnostics.hasErrors) {
    shell.writeError(render(diagnostics.sorted(), "frame", shell.color));
    shell.writeError("the specs have errors, nothing was checked\n");
    return undefined;
  }
  const known = interfaces.map(({ name }) => name);
  const unknown = only.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`no spec has the interface ${unknown}; they have ${known.join(", ")}`);
  if (known.length === 0) throw new UsageError("the specs have no interface");
  return only.length === 0 ? interfaces : interfaces.filter(({ name }) => only.includes(name));
}

function milliseconds(text: string | undefined): number {
  if (text === undefined) return 0;
  if (!/^\d{1,7}$/.test(text)) throw new UsageError(`--watch is a number of milliseconds, not "${text}"`);
  return Number(text);
}

/** What `--call` says: a method, and its arguments as JSON. */
function readCall(text: string, specs: readonly Interface[]): CallCheck {
  const [, target = text, given = "[]"] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  const dot = target.lastIndexOf(".");
  const call = { interface: target.slice(0, Math.max(0, dot)), method: target.slice(dot + 1) };
  const diagnostics = new Diagnostics();
  const document = ValuesDocument.parse({ path: `--call ${target}`, content: given }, diagnostics);
  const items = document && itemsOf(document.node(document.root));
  const method = items && methodOf(specs, { ...call, args: items });
  if (document !== undefined && items === undefined)
    throw new UsageError(`--call: the arguments of ${target} are a list, such as ["text", 7]`);
  if (items !== undefined && method === undefined)
    throw new UsageError(`--call: no spec has a method ${target} that takes ${items.length} arguments`);
  const args =
    document &&
    method?.in.map(({ type, name }, index) =>
      new ValueReader(document, diagnostics).read(type, items?.[index], `argument ${index + 1} ${name}`.trim()),
    );
  if (args === undefined || diagnostics.hasErrors)
    throw new UsageError(render(diagnostics.sorted(), "plain").trimEnd());
  return { ...call, args };
}
