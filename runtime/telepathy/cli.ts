import { createRequire } from "node:module";
import { type Bus, connect } from "@dbus-codegen-ts/runtime";
import {
  type FlagValues,
  type ProgramFlags,
  type ProgramShell,
  parseChoice,
  type RunningProgram,
  runProgram,
  UsageError,
} from "@dbus-codegen-ts/runtime/program";
import { FileStore } from "./accounts/file-store.ts";
import { type Accounts, serveAccounts } from "./accounts/serve-account-manager.ts";
import { isManagerName } from "./connection/object-names.ts";
import type { Protocol } from "./protocols/protocol.ts";
import { PROTOCOLS } from "./protocols/protocols.ts";
import { serveConnectionManager } from "./service/connection-manager.ts";

const PROTOCOL_NAMES = PROTOCOLS.map(({ name }) => name);

const FLAGS = {
  protocol: {
    type: "string",
    multiple: true,
    value: "<name>",
    help: `a protocol to speak, repeatable: ${PROTOCOL_NAMES.join(", ")}; the first by default`,
  },
  name: { type: "string", value: "<name>", help: "name of the connection manager: dbus_codegen (default)" },
  accounts: {
    type: "string",
    value: "<folder>",
    help: "be the account manager too, and keep the accounts in a folder",
  },
} as const satisfies ProgramFlags;

/** Runs the connection manager until it is asked to end, and gives its exit code. */
export function main(argv: readonly string[], shell?: ProgramShell): Promise<number> {
  const program = {
    name: "dbus-codegen-connection-manager",
    version: packageVersion(),
    about: "A Telepathy connection manager: makes connections for clients on the message bus.",
    notes:
      "It prints its bus name when it is ready, and runs until SIGTERM or SIGINT, which disconnect all connections.",
    flags: FLAGS,
    serve,
  };
  return runProgram(program, argv, shell);
}

async function serve(
  { protocol = [], name = "dbus_codegen", accounts }: FlagValues<typeof FLAGS>,
  running: RunningProgram,
): Promise<void> {
  const { reportError: onError } = running;
  const protocols = protocolsNamed(protocol);
  if (!isManagerName(name)) throw new UsageError(`--name takes letters, digits and underscores, not "${name}"`);
  await using bus = await connect({ bus: running.bus, onError });
  await using manager = await serveConnectionManager(bus, { name, protocols, onError });
  await using _ = accounts === undefined ? undefined : await serveAccountsIn(accounts, bus, onError);
  running.reportReady(manager.place.destination);
  await running.untilStopped(bus);
}

/** Serves accounts whose files are in a folder. */
function serveAccountsIn(folder: string, bus: Bus, onError: (error: unknown) => void): Promise<Accounts> {
  const onBroken = (file: string, reason: string): void => onError(`${file} cannot be used: ${reason}`);
  return serveAccounts(bus, { store: new FileStore({ folder, onBroken }), onStoreError: onError });
}

function protocolsNamed(names: readonly string[]): readonly Protocol[] {
  if (names.length === 0) return PROTOCOLS.slice(0, 1);
  const chosen = new Set(names.map((name) => parseChoice("--protocol", PROTOCOL_NAMES, name)));
  return PROTOCOLS.filter(({ name }) => chosen.has(name));
}

function packageVersion(): string {
  const { version } = createRequire(import.meta.url)("@dbus-codegen-ts/telepathy/package.json") as {
    readonly version: string;
  };
  return version;
}
