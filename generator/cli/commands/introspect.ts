import { resolve } from "node:path";
import { FORMATS, type Format, render, toJson } from "../../compiler/diagnostics/render.ts";
import { apply } from "../../compiler/write/folder.ts";
import type { Step } from "../../compiler/write/plan.ts";
import { type Introspected, introspect } from "../../tools/introspect/introspect.ts";
import { planSpecs } from "../../tools/introspect/write-specs.ts";
import { UsageError } from "../usage-error.ts";
import type { Command, Flags } from "./command.ts";
import { BUS_FLAGS, checkService, checkTarget, onBus } from "../run/bus.ts";
import { count } from "../run/report.ts";
import { EXIT, type Shell } from "../shell.ts";

const FLAGS = {
  ...BUS_FLAGS,
  out: { type: "string", short: "o", value: "<folder>", help: "a file for each interface goes there; else one text" },
  format: { type: "string", value: "<format>", values: FORMATS, help: "how diagnostics are written" },
} as const satisfies Flags;

const USAGE = "<bus name> [<path>]";

/** `dbus-codegen introspect`. */
export const INTROSPECT: Command<typeof FLAGS> = {
  name: "introspect",
  usage: `${USAGE} [--bus <bus>] [-o <folder>]`,
  about: `Asks an object of a running service and all below it, from / where no path is given. Without -o the specs are
printed as one, for "dbus-codegen generate -".`,
  flags: FLAGS,
  examples: [
    "dbus-codegen introspect org.bluez --bus system -o specs",
    "dbus-codegen introspect net.connman / --bus system | dbus-codegen generate - -o generated",
  ],
  async run({ flags, positionals }, shell) {
    const [name, path = "/", ...rest] = positionals;
    if (name === undefined || rest.length > 0)
      throw new UsageError(`name one service and at most one object: dbus-codegen introspect ${USAGE}`);
    if (flags.out === undefined && flags.format === "json")
      throw new UsageError("--format json is for -o <folder>: without it the specs go to standard output");
    checkTarget(name, path);
    return onBus(flags.bus, async (bus) => {
      await checkService(bus, name, flags.bus);
      const found = await introspect(bus, name, path);
      return found.specs.length === 0 ? nothing(found, flags.format, shell) : give(found, name, flags, shell);
    });
  },
};

function nothing(found: Introspected, format: Format, shell: Shell): number {
  report(found, [], format, shell);
  shell.writeError(
    found.objects === 0
      ? "no object has answered, nothing written\n"
      : `${count(found.objects, "object")} with standard interfaces alone, nothing written\n`,
  );
  return EXIT.findings;
}

async function give(
  found: Introspected,
  name: string,
  { out, format }: { readonly out: string | undefined; readonly format: Format },
  shell: Shell,
): Promise<number> {
  const objects = `${count(found.specs.length, "interface")} of ${count(found.objects, "object")}`;
  if (out === undefined) {
    report(found, [], format, shell);
    shell.writeOutput(found.document);
    shell.writeError(`${objects}\n`);
  } else {
    const folder = resolve(shell.cwd, out);
    const plan = await planSpecs(found, name, folder);
    if (plan.refused.length > 0)
      throw new UsageError(
        plan.refused.map(({ path, reason }) => `will not write ${out}/${path}: ${reason}`).join("\n"),
      );
    await apply(folder, plan);
    report(found, plan.steps, format, shell);
    const kept = plan.steps.filter(({ kind }) => kind === "keep").length;
    shell.writeError(`${objects}: ${plan.steps.length - kept} written, ${kept} unchanged\n`);
  }
  return found.diagnostics.some(({ severity }) => severity === "error") ? EXIT.findings : EXIT.fine;
}

function report({ diagnostics }: Introspected, steps: readonly Step[], format: Format, shell: Shell): void {
  if (format !== "json") {
    shell.writeError(render(diagnostics, format, shell.color));
    return;
  }
  const files = steps.map(({ kind, path }) => ({ path, change: kind }));
  shell.writeOutput(`${JSON.stringify({ version: 1, files, diagnostics: diagnostics.map(toJson) }, undefined, 2)}\n`);
}
