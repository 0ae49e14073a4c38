import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The test files that take longest, by a part of their path. They are started first. */
const LONGEST = [
  "sessiond-namespaces",
  "docs/pages",
  "linux-routing",
  "site/browser",
  "fuzz/fuzz.system",
  "reliability/attacks",
  "fuzz/time",
  "scaffold/init",
  "breaking/completeness",
  "irc/irc.system",
  "decoded-memory",
  "write/output-folder",
  "catalogue/readme",
  "conform.bus",
  "watch-deps",
  "linux-network",
  "service-end",
  "descriptors.bus",
  "match-rules.bus",
  "peers/connman",
  "statements-network",
  "run/status-line",
  "demo/start",
  "types/oracle",
  "site/snippets",
  "slow-clients",
  "message-quota",
  "large-arguments",
];

/**
 * Starts the files that take longest first, so that no core is idle at the end. Vitest sorts by the durations of the last
 * run, and in a new clone by the sizes of the files.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}

/** Returns the position of a file in the order of start: smaller numbers start earlier. */
function rankOf({ moduleId }: TestSpecification): number {
  const index = LONGEST.findIndex((part) => moduleId.includes(part));
  return index < 0 ? LONGEST.length : index;
}
