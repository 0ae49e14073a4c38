import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The test files that take longest, by a part of their path. They are started first. */
const LONGEST = [
  "docs/pages",
  "site/browser",
  "sessiond-namespaces",
  "linux-routing",
  "watch-deps",
  "statements-network",
  "run/status-line",
  "demo/start",
  "scaffold/init",
  "linux-network",
  "types/oracle",
  "site/snippets",
  "fuzz/time",
  "conform.bus",
  "descriptors.bus",
];

/**
 * Starts the files that take longest first, so that no core is idle at the end. Vitest sorts by the durations of the last
 * run, and in a new clone by the sizes of the files.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => LONGEST.some((part) => moduleId.includes(part));
    return [...new Set(sorted.map(({ project }) => project))].flatMap((project) => {
      const own = sorted.filter((file) => file.project === project);
      return [...own.filter(isLong), ...own.filter((file) => !isLong(file))];
    });
  }
}
