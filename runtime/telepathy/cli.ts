import { createRequire } from "node:module";
import { resolve } from "node:path";
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
import { AccountManager } from "@dbus-codegen-ts/stubs/im.telepathy1.AccountManager";
import type { StoreErrorHook } from "./accounts/account-manager.ts";
import { FileStore } from "./accounts/file-store.ts";
import {
  type AccountManagerOptions,
  type ServedAccountManager,
  serveAccountManager,
} from "./accounts/serve-account-manager.ts";
import { isManagerName, managerTarget } from "./connection/object-names.ts";
import { type Dialect, nameIn } from "./dialects/dialect.ts";
import { DEFAULT_DIALECTS, DIALECTS } from "./dialects/dialects.ts";
import { irc } from "./protocols/irc/irc.ts";
import { loopback } from "./protocols/loopback/loopback.ts";
import type { Protocol } from "./protocols/protocol.ts";
import { DEFAULT_ACCOUNT_QUOTAS, DEFAULT_MANAGER_QUOTAS } from "./quotas.ts";
import { SecretService } from "./secrets/secret-service.ts";
import { serveConnectionManager } from "./service/connection-manager.ts";
import { managerFile, serviceFile } from "./service/system-files.ts";
import { warmUpConnections } from "./service/warm-up.ts";

/** Protocols that the program supports, the default first. */
const PROTOCOLS: readonly Protocol[] = [loopback, irc];
const PROTOCOL_NAMES = PROTOCOLS.map(({ name }) => name);

/**
 * Quotas of received messages: high enough for the handles that a client requests in one call, and low enough to
 * keep decoding short.
 */
const MESSAGE_QUOTAS = { decodedBytesPerMessage: 2 ** 24, excessBytesPerMessage: 2 ** 20 } as const;
const DIALECT_NAMES = Object.values(DIALECTS).map(({ name }) => name);
/** Kinds of files that `--print` prints. */
const FILES = ["manager", "service", "accounts-service"] as const;
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
    version: packageVersion(),
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
  const protocols = selectProtocols(protocol);
  const dialects = selectDialects(values.dialect ?? []);
  const quotas = parseQuotas("--quota", QUOTAS, quota);
  if (!isManagerName(name)) throw new UsageError(`--name takes letters, digits and underscores, not "${name}"`);
  if (print !== undefined) {
    running.print(fileText(print, { ...values, name }, protocols, dialects));
    return;
  }
  await using bus = await connect({ bus: running.bus, onError, quotas: MESSAGE_QUOTAS });
  const [dialect] = dialects;
  if (dialect !== undefined && values["no-warm-up"] !== true) {
    await warmUpConnections(dialect, { onError, quotas: MESSAGE_QUOTAS });
  }
  await using manager = await serveConnectionManager(bus, { name, protocols, dialects, onError, quotas });
  const accountOptions = { dialects, quotas, onStoreError: onError };
  await using _ = accounts === undefined ? undefined : await serveAccountsOf(accounts, bus, accountOptions);
  running.reportReady(manager.targets.map(({ destination }) => destination).join("\n"));
  await running.untilStopped(bus);
}

/** Returns the content of a file that describes the program to clients or to the message bus. */
function fileText(
  file: string,
  {
    name,
    protocol = [],
    accounts,
    quota = [],
    "no-warm-up": startsCold = false,
  }: FlagValues<typeof FLAGS> & { readonly name: string },
  protocols: readonly Protocol[],
  dialects: readonly Dialect[],
): string {
  const choice = parseChoice("--print", FILES, file);
  const [dialect, ...others] = dialects;
  if (dialect === undefined || others.length > 0) throw new UsageError("--print takes one --dialect");
  if (choice === "manager") return managerFile(name, protocols, dialect);
  const flags = [
    ...protocol.flatMap((value) => ["--protocol", value]),
    ...["--dialect", dialect.name, "--name", name],
    ...(accounts === undefined ? [] : ["--accounts", resolve(accounts)]),
    ...quota.flatMap((value) => ["--quota", value]),
    ...(startsCold ? ["--no-warm-up"] : []),
  ];
  const { root } = dialect;
  const busName = choice === "service" ? managerTarget(name, root).destination : nameIn(root, AccountManager.name);
  if (choice === "accounts-service" && accounts === undefined)
    throw new UsageError(`--print ${choice} needs --accounts`);
  // The bus starts programs with a different PATH, in which `env` may not find Node.js.
  return serviceFile(busName, [process.execPath, ...process.execArgv, resolve(process.argv[1] ?? ""), ...flags]);
}

/** Runs an account manager for the accounts that are stored in a folder. */
function serveAccountsOf(
  folder: string,
  bus: Bus,
  options: Omit<AccountManagerOptions, "store"> & { readonly onStoreError: StoreErrorHook },
): Promise<ServedAccountManager> {
  const onBroken = (file: string, reason: string): void =>
    options.onStoreError(`${file} cannot be used: ${reason}`, "");
  const onSecretsProblem = (problem: string): void => options.onStoreError(problem, "");
  const secretService = new SecretService(bus);
  const store = new FileStore({ folder, secretService, onBroken, onSecretsProblem });
  return serveAccountManager(bus, { ...options, store });
}

/**
 * Returns the protocols with the given names; the default protocol if there are no names. Throws UsageError for an
 * unknown name.
 */
function selectProtocols(names: readonly string[]): readonly Protocol[] {
  if (names.length === 0) return PROTOCOLS.slice(0, 1);
  const selected = new Set(names.map((name) => parseChoice("--protocol", PROTOCOL_NAMES, name)));
  return PROTOCOLS.filter(({ name }) => selected.has(name));
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
