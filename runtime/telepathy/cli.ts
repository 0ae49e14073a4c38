import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Bus, connect } from "@dbus-codegen-ts/runtime";
import { FileStore } from "./accounts/file-store.ts";
import { type Accounts, serveAccounts } from "./accounts/serve.ts";
import { isManagerName } from "./names/names.ts";
import type { Protocol } from "./protocol/protocol.ts";
import { PROTOCOLS } from "./protocols.ts";
import { serveConnectionManager } from "./service/connection-manager.ts";

const PROGRAM = "dbus-codegen-connection-manager";
const EXIT = { fine: 0, failure: 1, usage: 2 } as const;

/** What the program has of the world outside. */
export interface ManagerShell {
  /** Results: the bus name, help. */
  out(text: string): void;
  /** Errors. */
  talk(text: string): void;
  /** Resolves when the program is asked to end. */
  readonly stopped: Promise<void>;
}

interface Flag {
  readonly type: "string" | "boolean";
  readonly short?: string;
  readonly multiple?: boolean;
  /** Placeholder of a value in the help text. */
  readonly value?: string;
  readonly help: string;
}

/** All flags: parsing and help come from this table. */
const FLAGS = {
  protocol: {
    type: "string",
    multiple: true,
    value: "<name>",
    help: `a protocol to speak, repeatable: ${PROTOCOLS.map(({ name }) => name).join(", ")}; the first by default`,
  },
  bus: { type: "string", value: "<bus>", help: "session (default), system, or an address such as unix:path=/run/bus" },
  name: { type: "string", value: "<name>", help: "name of the connection manager: dbus_codegen (default)" },
  accounts: {
    type: "string",
    value: "<folder>",
    help: "be the account manager too, and keep the accounts in a folder",
  },
  help: { type: "boolean", short: "h", help: "show this help" },
  version: { type: "boolean", short: "V", help: "show the version" },
} as const satisfies Record<string, Flag>;

const HELP = `A Telepathy connection manager: makes connections for clients on the message bus.

Usage:
  ${PROGRAM} [flags]

Flags:
${Object.entries<Flag>(FLAGS).map(helpLine).join("\n")}

It prints its bus name when it is ready, and runs until SIGTERM or SIGINT, which disconnect all connections.

Exit code: 0 asked to end, 1 the bus cannot be used or was lost, 2 wrong usage.
`;

/** A wrong call of the program; its message is for the user. */
class UsageError extends Error {}

/** Runs the connection manager until it is asked to end, and gives its exit code. */
export async function main(argv: readonly string[], shell: ManagerShell = processShell()): Promise<number> {
  try {
    return await run(argv, shell);
  } catch (error) {
    complain(shell, error);
    return error instanceof UsageError ? EXIT.usage : EXIT.failure;
  }
}

async function run(argv: readonly string[], shell: ManagerShell): Promise<number> {
  const { help, version, protocol = [], bus: address = "session", name = "dbus_codegen", accounts } = parse(argv);
  if (version) shell.out(`${packageVersion()}\n`);
  else if (help) shell.out(HELP);
  if (version || help) return EXIT.fine;
  const protocols = protocolsNamed(protocol);
  if (!isManagerName(name)) throw new UsageError(`--name takes letters, digits and underscores, not "${name}"`);
  const onError = (error: unknown): void => complain(shell, error);
  await using bus = await connect({ bus: address, onError });
  await using manager = await serveConnectionManager(bus, { name, protocols, onError });
  await using _ = accounts === undefined ? undefined : await serveAccountsIn(accounts, bus, onError);
  shell.out(`${manager.place.destination}\n`);
  return await untilStopped(bus, shell);
}

/** Serves accounts whose files are in a folder. */
function serveAccountsIn(folder: string, bus: Bus, onError: (error: unknown) => void): Promise<Accounts> {
  const onBroken = (file: string, reason: string): void => onError(`${file} cannot be used: ${reason}`);
  return serveAccounts(bus, { store: new FileStore({ folder, onBroken }), onStoreError: onError });
}

async function untilStopped(bus: Bus, shell: ManagerShell): Promise<number> {
  const asked = shell.stopped.then(() => "asked" as const);
  const end = await Promise.race([asked, bus.closed]);
  if (end === "asked") return EXIT.fine;
  throw end ?? new Error("the connection to the bus was closed");
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: FLAGS }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function protocolsNamed(names: readonly string[]): readonly Protocol[] {
  if (names.length === 0) return PROTOCOLS.slice(0, 1);
  return [...new Set(names)].map((name) => {
    const found = PROTOCOLS.find((protocol) => protocol.name === name);
    if (found !== undefined) return found;
    throw new UsageError(`--protocol is one of ${PROTOCOLS.map((one) => one.name).join(", ")}, not "${name}"`);
  });
}

function complain(shell: ManagerShell, error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  shell.talk(`${PROGRAM}: ${text.replace(/\s*\n\s*/g, " ")}\n`);
}

function helpLine([name, { short, value, help }]: readonly [string, Flag]): string {
  const flag = `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
  return `  ${flag.padEnd(26)}${help}`;
}

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    readonly version: string;
  };
  return version;
}

function processShell(): ManagerShell {
  const { stdout, stderr } = process;
  return {
    out: (text) => void stdout.write(text),
    talk: (text) => void stderr.write(text),
    stopped: new Promise((resolve) => {
      for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
    }),
  };
}
