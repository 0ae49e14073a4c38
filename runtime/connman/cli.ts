import { createRequire } from "node:module";
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
import { CONNMAN_ONLINE_CHECK, type OnlineCheck } from "./adapters/network/linux/online-check.ts";
import { NETWORK_NAMES, type NetworkName } from "./open-network.ts";
import type { DialectName } from "./policy/dialect.ts";
import { DIALECTS } from "./policy/dialects.ts";
import type { Bearer } from "./policy/service.ts";
import { DEFAULT_QUOTAS, DEFAULT_ROUTING_QUOTAS } from "./quotas.ts";
import { runSessiond } from "./sessiond.ts";

const BEARERS = ["ethernet", "wifi", "bluetooth", "cellular", "gadget", "vpn", "wimax", "none"] as const;
const DIALECT_NAMES = Object.values(DIALECTS).map(({ name }) => name);

const QUOTAS = { ...DEFAULT_QUOTAS, ...DEFAULT_ROUTING_QUOTAS };

const FLAGS = {
  network: {
    type: "string",
    value: "<network>",
    help: "simulated (default), networkmanager, connman, networkd, linux (the interfaces of this machine), or auto (the one of these daemons that runs; linux if none runs)",
  },
  "network-bus": {
    type: "string",
    value: "<bus>",
    help: "connman: bus on which ConnMan runs: session, system (default) or an address; it must not be the bus of --bus",
  },
  dialect: {
    type: "string",
    value: "<dialect>",
    help: `version of the session API: ${DIALECT_NAMES.join(", ")} (default: the first)`,
  },
  "policy-dir": {
    type: "string",
    value: "<folder>",
    help: "folder of *.policy files, which are read again after each change",
  },
  bearer: {
    type: "string",
    multiple: true,
    value: "<name>=<bearer>",
    help: "linux, networkd: bearer of the interfaces with this name, such as veth*=ethernet; none: these interfaces are no services; repeatable, the first match applies",
  },
  online: {
    type: "string",
    value: "<url>",
    help: "linux, networkd: a service is online if this URL responds over it (default: the URLs that ConnMan requests); assume: if it has a default route; none: no service is online",
  },
  "state-dir": {
    type: "string",
    value: "<folder>",
    help: "linux: folder that stores offline mode, power of technologies and AutoConnect across restarts; default: they are not stored",
  },
  "keep-down": { type: "boolean", help: "linux: Connect does not bring up interfaces that are switched off" },
  routing: {
    type: "boolean",
    help: "route the traffic of sessions with a policy over their services (needs root and a network other than simulated)",
  },
  polkit: { type: "boolean", help: "let PolicyKit decide who may make emergency calls and roam" },
  quota: {
    type: "string",
    multiple: true,
    value: "<name>=<number>",
    help: `limit on what clients may use, repeatable: ${Object.keys(QUOTAS).join(", ")}`,
  },
  roaming: { type: "boolean", help: "allow roaming to sessions whose RoamingPolicy is default" },
} as const satisfies ProgramFlags;

/** Runs the session service until SIGINT or SIGTERM. Returns its exit code. */
export function main(argv: readonly string[], shell?: ProgramShell): Promise<number> {
  const program = {
    name: "dbus-codegen-sessiond",
    get version() {
      return packageVersion();
    },
    about: "Serves ConnMan's session API: net.connman.Manager at / of the bus name net.connman.",
    notes:
      "The program prints net.connman when it is ready, and runs until SIGTERM or SIGINT. Then it releases all sessions.",
    flags: FLAGS,
    serve,
  };
  return runProgram(program, argv, shell);
}

function serve(values: FlagValues<typeof FLAGS>, running: RunningProgram): Promise<void> {
  const network = parseChoice("--network", NETWORK_NAMES, values.network ?? "simulated");
  checkNetwork(values, network);
  const options = {
    network,
    networkBus: values["network-bus"] ?? "system",
    dialect: parseChoice<DialectName>("--dialect", DIALECT_NAMES, values.dialect ?? "session-2017"),
    policyFolder: values["policy-dir"],
    online: onlineCheck(values.online),
    stateFolder: values["state-dir"],
    switchInterfaces: values["keep-down"] !== true,
    bearers: Object.fromEntries((values.bearer ?? []).map(bearerOf)),
    routing: values.routing ?? false,
    polkit: values.polkit ?? false,
    roaming: values.roaming ?? false,
    quotas: parseQuotas("--quota", QUOTAS, values.quota ?? []),
  };
  return runSessiond(options, running);
}

/** Throws UsageError if a flag is set that the chosen kind of network does not use. */
function checkNetwork(values: FlagValues<typeof FLAGS>, network: NetworkName): void {
  const check = (
    flag: "routing" | "online" | "bearer" | "keep-down" | "state-dir" | "network-bus",
    networks: readonly NetworkName[],
  ): void => {
    if (values[flag] === undefined || networks.includes(network)) return;
    throw new UsageError(`--${flag} needs --network ${networks.join(" or ")}`);
  };
  check(
    "routing",
    NETWORK_NAMES.filter((name) => name !== "simulated"),
  );
  check("online", ["linux", "networkd", "auto"]);
  check("bearer", ["linux", "networkd", "auto"]);
  check("keep-down", ["linux", "auto"]);
  check("state-dir", ["linux", "auto"]);
  check("network-bus", ["connman"]);
}

function bearerOf(text: string): readonly [string, Bearer | "none"] {
  const [, name, bearer] = /^([^=]+)=(.*)$/.exec(text) ?? [];
  const knownBearer = BEARERS.find((candidate) => candidate === bearer);
  if (name !== undefined && knownBearer !== undefined) return [name, knownBearer];
  throw new UsageError(`--bearer takes <name>=<bearer> with one of the bearers ${BEARERS.join(", ")}, not "${text}"`);
}

function onlineCheck(value: string | undefined): OnlineCheck | "assume" | undefined {
  if (value === undefined) return CONNMAN_ONLINE_CHECK;
  if (value === "none") return undefined;
  if (value === "assume") return value;
  if (URL.canParse(value) && new URL(value).protocol === "http:") {
    return { header: CONNMAN_ONLINE_CHECK.header, url: value };
  }
  throw new UsageError(`--online takes none, assume or an http URL, not "${value}"`);
}

function packageVersion(): string {
  const { version } = createRequire(import.meta.url)("@dbus-codegen-ts/connman/package.json") as {
    readonly version: string;
  };
  return version;
}
