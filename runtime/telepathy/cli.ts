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
import type { ServedAccountManager } from "./accounts/serve-account-manager.ts";
import type { StoredAccountsOptions } from "./accounts/serve-stored-accounts.ts";
import { isManagerName } from "./connection/object-names.ts";
import type { Dialect } from "./dialects/dialect.ts";
import { DEFAULT_DIALECTS, DIALECTS } from "./dialects/dialects.ts";
import type { ProgramFile } from "./program-files.ts";
import { loopback } from "./protocols/loopback/loopback.ts";
import type { Protocol } from "./protocols/protocol.ts";
import { DEFAULT_ACCOUNT_QUOTAS, DEFAULT_MANAGER_QUOTAS } from "./quotas.ts";
import { serveConnectionManager } from "./service/connection-manager.ts";

// Parts that only some flags need are imported with these flags, because modules are much of the time of a start.

const PROTOCOL_NAMES = ["loopback", "irc"] as const;
type ProtocolName = (typeof PROTOCOL_NAMES)[number];

/** Functions that load the protocols that the program supports, the default first. */
const PROTOCOLS: Readonly<Record<ProtocolName, () => Promise<Protocol>>> = {
  loopback: () => Promise.resolve(loopback),
  irc: async () => (await import("./protocols/irc/irc.ts")).irc,
};

/**
 * Quotas of received messages: high enough for the handles that a client requests in one call, and low enough to
 * keep decoding short.
 */
const MESSAGE_QUOTAS = { decodedBytesPerMessage: 2 ** 24, excessBytesPerMessage: 2 ** 20 } as const;
const DIALECT_NAMES = Object.values(DIALECTS).map(({ name }) => name);
/** Kinds of files that `--print` prints. */
const FILES: readonly ProgramFile[] = ["manager", "service", "accounts-service"];
const QUOTAS = { ...DEFAULT_MANAGER_QUOTAS, ...DEFAULT_ACCOUNT_QUOTAS };

const FLAGS = {
  protocol: {
    type: "string",
    multiple: true,
    value: "<name>",
    help: `protocol to support, repeatable: ${PROTOCOL_NAMES.join(", ")} (default: ${PROTOCOL_NAMES[0]})`,
  },
  dialect: {
    type: "string",
    multiple: true,
    value: "<dialect>",
    help: `version of the API, repeatable: ${DIALECT_NAMES.join(", ")} (default: ${DIALECT_NAMES[0]})`,
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
  "no-warm-up": {
    type: "boolean",
    help: "start faster, but use more processor time for the first thousands of calls",
  },
  print: {
    type: "string",
    value: "<file>",
    help: `print a file that describes the program with the other flags, and exit: ${FILES.join(", ")}`,
  },
} as const satisfies ProgramFlags;

/** Runs the connection manager until SIGTERM, SIGINT or the loss of the bus. Returns the exit code. */
export function main(argv: readonly string[], shell?: ProgramShell): Promise<number> {
  const program = {
    name: "dbus-codegen-connection-manager",
    get version() {
      return packageVersion();
    },
    about: "Telepathy connection manager: creates connections for clients on the message bus.",
    notes: `Prints its bus name when it is ready, one line for each dialect. Runs until SIGTERM or SIGINT, and then
disconnects all connections.`,
    flags: FLAGS,
    serve,
  };
  return runProgram(program, argv, shell);
}

async function serve(values: FlagValues<typeof FLAGS>, running: RunningProgram): Promise<void> {
  const { protocol = [], name = "dbus_codegen", accounts, quota = [], print } = values;
  const { reportError: onError } = running;
  const protocols = await selectProtocols(protocol);
  const dialects = selectDialects(values.dialect ?? []);
  const quotas = parseQuotas("--quota", QUOTAS, quota);
  if (!isManagerName(name)) throw new UsageError(`--name takes letters, digits and underscores, not "${name}"`);
  if (print !== undefined) {
    const file = parseChoice("--print", FILES, print);
    const { fileText } = await loadProgramFiles();
    running.print(fileText(file, { ...values, name }, protocols, dialects));
    return;
  }
  await using bus = await connect({ bus: running.bus, onError, quotas: MESSAGE_QUOTAS });
  const [dialect] = dialects;
  if (dialect !== undefined && values["no-warm-up"] !== true) {
    const { warmUpConnections } = await loadWarmUp();
    await warmUpConnections(dialect, { onError, quotas: MESSAGE_QUOTAS });
  }
  await using manager = await serveConnectionManager(bus, { name, protocols, dialects, onError, quotas });
  const accountOptions = { dialects, quotas, onStoreError: onError };
  await using _ = accounts === undefined ? undefined : await serveAccounts(bus, accounts, accountOptions);
  running.reportReady(manager.targets.map(({ destination }) => destination).join("\n"));
  await running.untilStopped(bus);
}

// TypeScript does not rewrite the endings of dynamic imports in functions with `await using`.
const loadProgramFiles = () => import("./program-files.ts");
const loadWarmUp = () => import("./service/warm-up.ts");

async function serveAccounts(bus: Bus, folder: string, options: StoredAccountsOptions): Promise<ServedAccountManager> {
  const { serveStoredAccounts } = await import("./accounts/serve-stored-accounts.ts");
  return serveStoredAccounts(bus, folder, options);
}

/**
 * Returns the protocols with the given names; the default protocol if there are no names. Throws UsageError for an
 * unknown name.
 */
function selectProtocols(names: readonly string[]): Promise<readonly Protocol[]> {
  const selected = new Set(names.map((name) => parseChoice("--protocol", PROTOCOL_NAMES, name)));
  if (selected.size === 0) selected.add(PROTOCOL_NAMES[0]);
  return Promise.all(PROTOCOL_NAMES.filter((name) => selected.has(name)).map((name) => PROTOCOLS[name]()));
}

/**
 * Returns the dialects with the given names; the default dialects if there are no names. Throws UsageError for an
 * unknown name, and for dialects that cannot be combined.
 */
function selectDialects(names: readonly string[]): readonly Dialect[] {
  if (names.length === 0) return DEFAULT_DIALECTS;
  const dialects = [...new Set(names)].map((name) => DIALECTS[parseChoice("--dialect", DIALECT_NAMES, name)]);
  if (new Set(dialects.map(({ root }) => root)).size === dialects.length) return dialects;
  throw new UsageError(`the dialects ${names.join(" and ")} use the same names on the bus`);
}

function packageVersion(): string {
  const { version } = createRequire(import.meta.url)("@dbus-codegen-ts/telepathy/package.json") as {
    readonly version: string;
  };
  return version;
}
