/** Sources whose mutants a command runs, and the tests that must notice a change. Paths start at the root of the repository. */
export interface Area {
  /** Folders, and files that end in `.ts`. */
  readonly sources: readonly string[];
  /** Folders whose unit tests count, with their subfolders. A test that does not import the sources is not run. */
  readonly tests: readonly string[];
}

const COMPILER_TESTS = [
  "test/generator/compiler",
  "test/generator/tools/breaking",
  "test/generator/tools/lint",
  "test/generator/tools/site",
];

export const AREAS: Readonly<Record<string, Area>> = {
  wire: { sources: ["runtime/core/wire"], tests: ["test/runtime/core"] },
  resolve: { sources: ["generator/compiler/resolve"], tests: COMPILER_TESTS },
  names: { sources: ["generator/compiler/names"], tests: COMPILER_TESTS },
  policy: { sources: ["runtime/connman/policy"], tests: ["test/runtime/connman"] },
  sessions: { sources: ["runtime/connman/sessions"], tests: ["test/runtime/connman"] },
  handles: {
    sources: ["runtime/telepathy/connection/handle-table.ts", "runtime/telepathy/connection/connection-handles.ts"],
    tests: ["test/runtime/telepathy/connection"],
  },
  interests: {
    sources: ["runtime/telepathy/connection/interest-counts.ts"],
    tests: ["test/runtime/telepathy/connection"],
  },
  "irc-presence": {
    sources: [
      ..."contact-names contact-presence monitor-list nick-spellings own-nick own-presence presence-queries watched-contacts"
        .split(" ")
        .map((name) => `runtime/telepathy/protocols/irc/${name}.ts`),
    ],
    tests: ["test/runtime/telepathy/protocols/irc"],
  },
};
