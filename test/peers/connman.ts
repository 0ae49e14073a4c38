import { mkdirSync, writeFileSync } from "node:fs";
import { compare, type Difference } from "./connman/compare.ts";
import { KNOWN_DIFFERENCES } from "./connman/known-differences.ts";
import { connmanVersion, whyNoMachine } from "./connman/machine.ts";
import { record } from "./connman/record.ts";
import { type Recording, toLines } from "./connman/recording.ts";
import { replay } from "./connman/replay.ts";

/**
 * Records random calls and network events on ConnMan, does the same with our session service in the dialect of ConnMan
 * 1.41, and compares the messages of each session.
 * Arguments: [messages] [first seed] [actions of a recording] [folder for the recordings].
 */
const [messages = 5000, firstSeed = 1, actions = 250] = process.argv.slice(2, 5).map(Number);
const { 5: folder } = process.argv;

/** Interfaces of the recordings, in turn. */
const LINKS = [["cma0"], ["cma0", "cmb0"], ["cma0", "cma1"], ["cma0", "cma1", "cmb0"]] as const;
/** Interfaces of other recordings, in which the addresses of one link come from a DHCP server. */
const LINKS_WITH_DHCP = [["cma2"], ["cma2", "cmb0"]] as const;

const ALL_LINKS = [...LINKS, ...LINKS_WITH_DHCP];

/** Part of the messages that must be equal. */
const GOAL = 0.999;

const print = (line = ""): void => void process.stdout.write(`${line}\n`);
const percent = (part: number): string => `${(100 * part).toFixed(2)} %`;

async function main(): Promise<void> {
  const reason = whyNoMachine();
  if (reason !== undefined) {
    print(`skipped: ${reason}`);
    return;
  }
  print(`ConnMan ${await connmanVersion()}, ${messages} messages from seed ${firstSeed}`);
  let [equal, total] = [0, 0];
  const differences: SeedDifference[] = [];
  for (let seed = firstSeed; total < messages; seed++) {
    const interfaces = ALL_LINKS[seed % ALL_LINKS.length] ?? LINKS[0];
    const recording = await record({ seed, actions, interfaces });
    if (folder !== undefined) save(recording);
    const result = compare(recording.outputs, await replay(recording));
    equal += result.equal;
    total += result.total;
    differences.push(...result.differences.map((difference) => ({ ...difference, seed })));
    const end = recording.inputs.some((input) => "end" in input) ? "" : ", until ConnMan crashed";
    print(`seed ${seed}, ${interfaces.join(" ")}: ${result.equal} of ${result.total} messages equal${end}`);
  }
  print(`\n${equal} of ${total} messages equal: ${percent(equal / total)}`);
  const unknown = differences.filter((difference) => !KNOWN_DIFFERENCES.some(({ matches }) => matches(difference)));
  printKnown(differences);
  print(`\n${unknown.length} differences without a known reason`);
  unknown.forEach(printDifference);
  if (unknown.length > 0 || equal / total < GOAL) process.exitCode = 1;
}

interface SeedDifference extends Difference {
  readonly seed: number;
}

function printKnown(differences: readonly SeedDifference[]): void {
  for (const { title, reason, matches } of KNOWN_DIFFERENCES) {
    const known = differences.filter(matches);
    print(`\n${known.length} known differences: ${title}\n  ${reason}`);
    known.forEach(printDifference);
  }
}

function printDifference({ seed, session, expected = "no message", actual = "no message" }: SeedDifference): void {
  print(`  seed ${seed}, session ${session}\n    ConnMan: ${expected}\n    ours:    ${actual}`);
}

function save(recording: Recording): void {
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/seed-${recording.seed}.jsonl`, toLines(recording));
}

// Ends ConnMan and removes its network in the handlers of `exit`.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

await main();
process.exit();
