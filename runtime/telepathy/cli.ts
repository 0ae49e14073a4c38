import { createRequire } from "node:module";
import { type Bus, connect } from "@dbus-codegen-ts/runtime";
import {
  type FlagValues,
  type ProgramFlags,
  type ProgramShell,
  parseChoice,
  parseQuotas,
  type RunningProgram,
  runProgram,
  UsageError,
} from "@dbus-codegen-ts/runtime/program";
import { FileStore } from "./accounts/file-store.ts";
import { type ServedAccountManager, serveAccountManager } from "./accounts/serve-account-manager.ts";
import { isManagerName } from "./connection/object-names.ts";
import { irc } from "./protocols/irc/irc.ts";
import { loopback } from "./protocols/loopback/loopback.ts";
import type { Protocol } from "./protocols/protocol.ts";
import { type AccountQuotas, DEFAULT_ACCOUNT_QUOTAS, DEFAULT_MANAGER_QUOTAS } from "./quotas.ts";
import { serveConnectionManager } from "./service/connection-manager.ts";

/** Protocols that the program supports, the default first. */
const PROTOCOLS: readonly Protocol[] = [loopback, irc];
const PROTOCOL_NAMES = PROTOCOLS.map(({ name }) => name);

/** More than the handles that a client requests in one call, and little enough that decoding takes a short time. */
const MESSAGE_QUOTAS = { elementsPerMessage: 2 ** 18 } as const;
const QUOTAS = { ...DEFAULT_MANAGER_QUOTAS, ...DEFAULT_ACCOUNT_QUOTAS };

const FLAGS = {
  protocol: {
    type: "string",
    multiple: true,
    value: "<name>",
    help: `protocol to support, repeatable: ${PROTOCOL_NAMES.join(", ")} (default: ${PROTOCOL_NAMES[0]})`,
  },
  name: { type: "string", value: "<name>", help: "name of the connection manager (default: dbus_codegen)" },
  quota: {
    type: "string",
    multiple: true,
    value: "<name>=<number>",
    help: `limit on what clients may use, repeatable: ${Object.keys(QUOTAS).join(", ")}`,
  },
  accounts: {
    type: "string",
    value: "<folder>",
    help: "also run the account manager, which stores accounts in this folder",
  },
} as const satisfies ProgramFlags;

/** Runs the connection manager until SIGTERM, SIGINT or the loss of the bus. Returns the exit code. */
export function main(argv: readonly string[], shell?: ProgramShell): Promise<number> {
  const program = {
    name: "dbus-codegen-connection-manager",
    version: packageVersion(),
    about: "Telepathy connection manager: creates connections for clients on the message bus.",
    notes: "Prints its bus name when it is ready. Runs until SIGTERM or SIGINT, and then disconnects all connections.",
    flags: FLAGS,
    serve,
  };
  return runProgram(program, argv, shell);
}

async function serve(
  { protocol = [], name = "dbus_codegen", accounts, quota = [] }: FlagValues<typeof FLAGS>,
  running: RunningProgram,
): Promise<void> {
  const { reportError: onError } = running;
  const protocols = selectProtocols(protocol);
  const quotas = parseQuotas("--quota", QUOTAS, quota);
  if (!isManagerName(name)) throw new UsageError(`--name takes letters, digits and underscores, not "${name}"`);
  await using bus = await connect({ bus: running.bus, onError, quotas: MESSAGE_QUOTAS });
  await using manager = await serveConnectionManager(bus, { name, protocols, onError, quotas });
  await using _ = accounts === undefined ? undefined : await serveAccountsOf(accounts, bus, quotas, onError);
  running.reportReady(manager.target.destination);
  await running.untilStopped(bus);
}

/** Serves the accounts that are stored in a folder. */
function serveAccountsOf(
  folder: string,
  bus: Bus,
  quotas: AccountQuotas,
  onError: (error: unknown) => void,
): Promise<ServedAccountManager> {
  const onBroken = (file: string, reason: string): void => onError(`${file} cannot be used: ${reason}`);
  return serveAccountManager(bus, { store: new FileStore({ folder, onBroken }), quotas, onStoreError: onError });
}

/** Returns the protocols with these names; the default protocol for no names. Throws UsageError for an unknown name. */
function selectProtocols(names: readonly string[]): readonly Protocol[] {
  if (names.length === 0) return PROTOCOLS.slice(0, 1);
  const selected = new Set(names.map((name) => parseChoice("--protocol", PROTOCOL_NAMES, name)));
  return PROTOCOLS.filter(({ name }) => selected.has(name));
}

function packageVersion(): string {
  const { version } = createRequire(import.meta.url)("@dbus-codegen-ts/telepathy/package.json") as {
    readonly version: string;
  };
  return version;
}
