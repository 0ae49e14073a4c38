import { createRequire } from "node:module";
import {
  type FlagValues,
  type ProgramFlags,
  type ProgramShell,
  parseChoice,
  type RunningProgram,
  runProgram,
  UsageError,
} from "@dbus-codegen-ts/runtime/program";
import { CONNMAN_ONLINE_CHECK, type OnlineCheck } from "./adapters/network/linux/online-check.ts";
import type { DialectName } from "./policy/dialect.ts";
import { DIALECTS } from "./policy/dialects.ts";
import type { Bearer } from "./policy/service.ts";
import { runSessiond } from "./sessiond.ts";

const NETWORKS = ["simulated", "linux"] as const;
const BEARERS = ["ethernet", "wifi", "bluetooth", "cellular", "gadget", "vpn", "wimax", "none"] as const;
const DIALECT_NAMES = Object.values(DIALECTS).map(({ name }) => name);

const FLAGS = {
  network: { type: "string", value: "<network>", help: "simulated (default), or linux: the one of this machine" },
  dialect: { type: "string", value: "<dialect>", help: `${DIALECT_NAMES.join(", ")}; the first by default` },
  "policy-dir": { type: "string", value: "<folder>", help: "where *.policy files are, read again when they change" },
  bearer: {
    type: "string",
    multiple: true,
    value: "<name>=<bearer>",
    help: "linux: what interfaces are, repeatable: veth*=ethernet, docker*=none; the first that fits holds",
  },
  online: {
    type: "string",
    value: "<url>",
    help: "linux: asked whether a service is online, by default none is; assume: every gateway leads online",
  },
  routing: { type: "boolean", help: "lead the traffic of sessions with a policy over their services (linux, root)" },
  polkit: { type: "boolean", help: "ask PolicyKit who may make emergency calls and roam" },
  roaming: { type: "boolean", help: "let sessions roam that leave it to the machine" },
} as const satisfies ProgramFlags;

/** Runs the session service until it is asked to end, and gives its exit code. */
export function main(argv: readonly string[], shell?: ProgramShell): Promise<number> {
  const program = {
    name: "dbus-codegen-sessiond",
    version: packageVersion(),
    about: "Serves ConnMan's sessions: net.connman.Manager at / of the bus name net.connman.",
    notes: "It prints net.connman when it is ready, and runs until SIGTERM or SIGINT, which release all sessions.",
    flags: FLAGS,
    serve,
  };
  return runProgram(program, argv, shell);
}

function serve(values: FlagValues<typeof FLAGS>, running: RunningProgram): Promise<void> {
  const network = parseChoice("--network", NETWORKS, values.network ?? "simulated");
  if (values.routing && network !== "linux") throw new UsageError("--routing needs --network linux");
  if (values.online !== undefined && network !== "linux") throw new UsageError("--online needs --network linux");
  if (values.bearer !== undefined && network !== "linux") throw new UsageError("--bearer needs --network linux");
  const options = {
    network,
    dialect: parseChoice<DialectName>("--dialect", DIALECT_NAMES, values.dialect ?? "session-2013"),
    policyFolder: values["policy-dir"],
    online: onlineCheck(values.online),
    bearers: Object.fromEntries((values.bearer ?? []).map(bearerOf)),
    routing: values.routing ?? false,
    polkit: values.polkit ?? false,
    roaming: values.roaming ?? false,
  };
  return runSessiond(options, running);
}

function bearerOf(text: string): readonly [string, Bearer | "none"] {
  const [, name, bearer] = /^([^=]+)=(.*)$/.exec(text) ?? [];
  const known = BEARERS.find((one) => one === bearer);
  if (name !== undefined && known !== undefined) return [name, known];
  throw new UsageError(`--bearer takes <name>=<bearer>, a bearer being one of ${BEARERS.join(", ")}, not "${text}"`);
}

function onlineCheck(url: string | undefined): OnlineCheck | "assume" | undefined {
  if (url === undefined || url === "assume") return url;
  if (URL.canParse(url) && new URL(url).protocol === "http:") return { ...CONNMAN_ONLINE_CHECK, url };
  throw new UsageError(`--online takes assume or an http URL, not "${url}"`);
}

function packageVersion(): string {
  const { version } = createRequire(import.meta.url)("@dbus-codegen-ts/connman/package.json") as {
    readonly version: string;
  };
  return version;
}
