import { resolve } from "node:path";
import { UsageError } from "@dbus-codegen-ts/runtime/program";
import { AccountManager } from "@dbus-codegen-ts/stubs/im.telepathy1.AccountManager";
import { managerTarget } from "./connection/object-names.ts";
import { type Dialect, nameIn } from "./dialects/dialect.ts";
import type { Protocol } from "./protocols/protocol.ts";
import { managerFile, serviceFile } from "./service/system-files.ts";

/** A file that describes the connection manager to clients (`manager`) or to the message bus. */
export type ProgramFile = "manager" | "service" | "accounts-service";

/** Flags of the program that are relevant for the content of its files. */
interface ProgramFileFlags {
  readonly name: string;
  readonly protocol?: readonly string[] | undefined;
  readonly accounts?: string | undefined;
  readonly quota?: readonly string[] | undefined;
  readonly "no-warm-up"?: boolean | undefined;
}

/**
 * Returns the content of a file that describes the program with its present flags.
 *
 * @throws UsageError if there are several dialects, or the file requires a flag that is missing.
 */
export function fileText(
  file: ProgramFile,
  { name, protocol = [], accounts, quota = [], "no-warm-up": startsCold = false }: ProgramFileFlags,
  protocols: readonly Protocol[],
  dialects: readonly Dialect[],
): string {
  const [dialect, ...others] = dialects;
  if (dialect === undefined || others.length > 0) throw new UsageError("--print takes one --dialect");
  if (file === "manager") return managerFile(name, protocols, dialect);
  const flags = [
    ...protocol.flatMap((value) => ["--protocol", value]),
    ...["--dialect", dialect.name, "--name", name],
    ...(accounts === undefined ? [] : ["--accounts", resolve(accounts)]),
    ...quota.flatMap((value) => ["--quota", value]),
    ...(startsCold ? ["--no-warm-up"] : []),
  ];
  const { root } = dialect;
  const busName = file === "service" ? managerTarget(name, root).destination : nameIn(root, AccountManager.name);
  if (file === "accounts-service" && accounts === undefined) throw new UsageError(`--print ${file} needs --accounts`);
  // The bus starts programs with a different PATH, in which `env` may not find Node.js.
  return serviceFile(busName, [process.execPath, ...process.execArgv, resolve(process.argv[1] ?? ""), ...flags]);
}
