// Runs one program of test/bench, test/fuzz, test/peers or test/reliability by name; without a name, lists them.
// Usage: npm run bench -- [name [arguments…]]
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Programs by npm script and name: the file, and a description that ends with the arguments. */
const PROGRAMS = {
  bench: {
    codec: ["bench/codec.ts", "encoding and decoding of messages, next to dbus-next"],
    generate: ["bench/generate.ts", "time and memory of the generator, next to other generators"],
    runtime: ["bench/runtime.ts", "calls per second, next to other libraries: [seconds per run] [rounds]"],
    sessions: ["bench/sessions.ts", "ConnMan sessions, next to connmand: [rounds] [numbers of sessions…]"],
    "session-updates": ["bench/session-updates.ts", "sessions on a simulated network: [sessions] [cycles]"],
    telepathy: ["bench/telepathy.ts", "handles and interests of a connection: [rounds]"],
    "telepathy-glib": ["bench/telepathy-glib.ts", "handles and interests, next to telepathy-glib: [rounds]"],
    "telepathy-rooms": ["bench/telepathy-rooms.ts", "a large IRC channel: [members]"],
  },
  fuzz: {
    comparisons: ["fuzz/comparisons-long.ts", "comparisons of mutated specs: [count] [first seed]"],
    files: ["fuzz/files-long.ts", "mutated account and policy files: [count] [first seed]"],
    handlers: ["fuzz/handlers-long.ts", "hostile results of handlers and hooks: [count] [first seed]"],
    libdbus: ["fuzz/libdbus/long.ts", "D-Bus messages, compared with libdbus: [count] [first seed]"],
    messages: ["fuzz/messages-long.ts", "mutated D-Bus messages: [count] [first seed]"],
    modules: ["fuzz/modules-long.ts", "compiles the modules of mutated specs: [count] [first seed]"],
    properties: ["fuzz/properties-long.ts", "the randomised unit tests with more runs: [factor] [paths…]"],
    specs: ["fuzz/long.ts", "mutated introspection XML through the whole pipeline: [count] [first seed]"],
    time: ["fuzz/time-long.ts", "hostile specs of growing size through all commands: [count] [first seed]"],
  },
  peers: {
    catalogue: [
      "peers/catalogue.ts",
      "daemons of the catalogue with generated programs: [part of the name of an API or daemon]",
    ],
    conform: ["peers/conform.ts", "conform on the daemons of Debian, behind their stock policies: [part of a name]"],
    connman: ["peers/connman.ts", "messages of ConnMan, compared: [messages] [first seed] [actions] [folder]"],
    "connman-network": ["peers/connman-network.ts", "sessions in front of ConnMan: [sessions]"],
    "connman-programs": ["peers/connman-programs.ts", "test programs of ConnMan: [folder of its sources]"],
    "debian-specs": [
      "peers/debian-specs.ts",
      "specs of about a hundred projects, compared with GIO: [part of a package]",
    ],
    dynamic: ["peers/dynamic.ts", "daemons of the catalogue without generated code: [part of a name]"],
    "mock-templates": [
      "peers/mock-templates.ts",
      "templates of mocks with nmcli, bluetoothctl and others: [part of a name]",
    ],
    networkmanager: ["peers/networkmanager.ts", "sessions in front of NetworkManager: [sessions]"],
    "networkmanager-helpers": [
      "peers/networkmanager-helpers.ts",
      "activations and a secret agent of the package networkmanager",
    ],
    telepathy: ["peers/telepathy.ts", "programs of Debian with the Telepathy package: [part of a name]"],
    "virtual-machine": [
      "peers/virtual-machine.ts",
      "daemons of Debian 12 with virtual radios in an emulated machine: [parts of names…]",
    ],
  },
  reliability: {
    attacks: ["reliability/attacks.ts", "attacks by another user: [largest message in MiB] [attack]"],
    decoding: ["reliability/decoding.ts", "calls with large bodies: [sizes in MiB] [part of a name]"],
    forged: ["reliability/forged.ts", "forged replies, errors and owner changes: [count of each]"],
    "kill-daemon": ["reliability/kill-daemon.ts", "the daemon is killed under load: [times]"],
    "kill-service": ["reliability/kill-service.ts", "the service is killed and restarted: [times]"],
    "large-arguments": ["reliability/large-arguments.ts", "large arguments and the event loop: [rounds]"],
    "large-spec": ["reliability/large-spec.ts", "one interface with very many methods: [largest number of methods]"],
    responsiveness: ["reliability/responsiveness.ts", "latency of a session service with bad clients: [calls]"],
    "session-churn": ["reliability/session-churn.ts", "ConnMan sessions created and destroyed: [sessions]"],
    "slow-reader": ["reliability/slow-reader.ts", "a subscriber stops reading: [seconds] [characters per signal]"],
    soak: ["reliability/soak.ts", "many calls in one process, and the memory they leave: [calls]"],
  },
};

const [script, name, ...args] = process.argv.slice(2);
const programs = PROGRAMS[script];
const program = Object.hasOwn(programs, name ?? "") ? programs[name] : undefined;
if (program === undefined) {
  const rows = Object.entries(programs).map(([key, [, title]]) => `  ${key.padEnd(16)}${title}\n`);
  process.stderr.write(`Usage: npm run ${script} -- <name> [arguments…]\n\n${rows.join("")}`);
  process.exitCode = 2;
} else {
  const file = fileURLToPath(new URL(program[0], import.meta.url));
  // Benchmarks measure the built packages, as users install them.
  const conditions = script === "bench" ? [] : ["--conditions=@dbus-codegen-ts/source"];
  const node = ["--expose-gc", ...conditions, "--import", "tsx", file, ...args];
  process.exitCode = spawnSync(process.execPath, node, { stdio: "inherit" }).status ?? 1;
}
