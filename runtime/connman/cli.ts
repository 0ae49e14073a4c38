import { createRequire } from "node:module";
import { parseArgs } from "node:util";
import { CONNMAN_ONLINE_CHECK, type OnlineCheck } from "./network/online-check.ts";
import type { DialectName } from "./policy/dialect.ts";
import { DIALECTS } from "./policy/dialects.ts";
import type { Bearer } from "./policy/service.ts";
import { runSessiond, type SessiondShell } from "./sessiond.ts";

const PROGRAM = "dbus-codegen-sessiond";
const EXIT = { fine: 0, failure: 1, usage: 2 } as const;

interface Flag {
  readonly type: "string" | "boolean";
  readonly short?: string;
  readonly multiple?: boolean;
  /** Placeholder of a value in the help text. */
  readonly value?: string;
  readonly help: string;
}

const NETWORKS = ["simulated", "linux"] as const;
const BEARERS = ["ethernet", "wifi", "bluetooth", "cellular", "gadget", "vpn", "wimax", "none"] as const;
const DIALECT_NAMES = Object.values(DIALECTS).map(({ name }) => name);

/** All flags: parsing and help come from this table. */
const FLAGS = {
  bus: { type: "string", value: "<bus>", help: "session (default), system, or an address such as unix:path=/run/bus" },
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
  help: { type: "boolean", short: "h", help: "show this help" },
  version: { type: "boolean", short: "V", help: "show the version" },
} as const satisfies Record<string, Flag>;

const HELP = `Serves ConnMan's sessions: net.connman.Manager at / of the bus name net.connman.

Usage:
  ${PROGRAM} [flags]

Flags:
${Object.entries<Flag>(FLAGS).map(helpLine).join("\n")}

It prints net.connman when it is ready, and runs until SIGTERM or SIGINT, which release all sessions.

Exit code: 0 asked to end, 1 bus or network cannot be used, 2 wrong usage.
`;

/** A wrong call of the program; its message is for the user. */
class UsageError extends Error {}

/** Runs the session service until it is asked to end, and gives its exit code. */
export async function main(argv: readonly string[], shell: SessiondShell = processShell()): Promise<number> {
  try {
    return await run(argv, shell);
  } catch (error) {
    shell.complain(error);
    return error instanceof UsageError ? EXIT.usage : EXIT.failure;
  }
}

async function run(argv: readonly string[], shell: SessiondShell): Promise<number> {
  const values = parse(argv);
  if (values.version) shell.out(`${packageVersion()}\n`);
  else if (values.help) shell.out(HELP);
  if (values.version || values.help) return EXIT.fine;
  const network = choice("--network", NETWORKS, values.network ?? "simulated");
  if (values.routing && network !== "linux") throw new UsageError("--routing needs --network linux");
  if (values.online !== undefined && network !== "linux") throw new UsageError("--online needs --network linux");
  if (values.bearer !== undefined && network !== "linux") throw new UsageError("--bearer needs --network linux");
  await runSessiond(
    {
      bus: values.bus ?? "session",
      network,
      dialect: choice<DialectName>("--dialect", DIALECT_NAMES, values.dialect ?? "session-2013"),
      policyFolder: values["policy-dir"],
      online: onlineCheck(values.online),
      bearers: Object.fromEntries((values.bearer ?? []).map(bearerOf)),
      routing: values.routing ?? false,
      polkit: values.polkit ?? false,
      roaming: values.roaming ?? false,
    },
    shell,
  );
  return EXIT.fine;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: FLAGS }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function choice<T extends string>(flag: string, choices: readonly T[], value: string): T {
  const found = choices.find((one) => one === value);
  if (found === undefined) throw new UsageError(`${flag} is one of ${choices.join(", ")}, not "${value}"`);
  return found;
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

function helpLine([name, { short, value, help }]: readonly [string, Flag]): string {
  const flag = `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
  return `  ${flag.padEnd(30)}${help}`;
}

function packageVersion(): string {
  const { version } = createRequire(import.meta.url)("@dbus-codegen-ts/connman/package.json") as {
    readonly version: string;
  };
  return version;
}

function processShell(): SessiondShell {
  const { stdout, stderr } = process;
  return {
    out: (text) => void stdout.write(text),
    complain(error) {
      const text = error instanceof Error ? error.message : String(error);
      stderr.write(`${PROGRAM}: ${text.replace(/\s*\n\s*/g, " ")}\n`);
    },
    stopped: new Promise((resolve) => {
      for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
    }),
  };
}
