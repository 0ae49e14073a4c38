/** Mutants that no test can notice, because they change no result. They do not count in the score. */
interface Equivalents {
  readonly file: string;
  readonly reason: string;
  /** Changed lines of the source, as one line without indentation, and the same lines with the change. */
  readonly mutants: readonly (readonly [from: string, to: string])[];
}

// biome-ignore format: the changed line follows the source line
export const EQUIVALENTS: readonly Equivalents[] = [
  {
    file: "runtime/connman/policy/session-request.ts",
    reason: "only the order of the distances counts",
    mutants: [[
      "const ROAMING_DISTANCE: Readonly<Record<Roaming, number>> = { home: 0, national: 1, international: 2 };",
      "const ROAMING_DISTANCE: Readonly<Record<Roaming, number>> = { home: 0, national: 1, international: (2 + 1) };",
    ]],
  },
  {
    file: "runtime/connman/policy/reported-settings.ts",
    reason: "the requested settings contain each setting of clients, and no other; the conditions are for the compiler",
    mutants: [
      [`else if (row.source === "client") {`, "else if (true) {"],
      [
        "if (value !== undefined) settings[name] = row.report(value, view);",
        "if (true) settings[name] = row.report(value, view);",
      ],
    ],
  },
  {
    file: "runtime/connman/policy/reported-settings.ts",
    reason: "both values of a setting have its type, which is not null; only the earlier value can be missing",
    mutants: [
      [
        `if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;`,
        `if (typeof left !== "object" || typeof right !== "object" || left === null && right === null) return false;`,
      ],
      [
        `if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;`,
        `if (typeof left !== "object" || typeof right !== "object" && left === null || right === null) return false;`,
      ],
    ],
  },
  {
    file: "runtime/connman/policy/requested-settings.ts",
    reason: "each setting of clients has an initial value; the condition is for the compiler",
    mutants: [[
      `if (!isComplete(settings)) throw new Error("a setting has no initial value");`,
      `if (false) throw new Error("a setting has no initial value");`,
    ]],
  },
  {
    file: "runtime/telepathy/connection/handle-table.ts",
    reason: "the condition only saves time far from the limits",
    mutants: [
      [
        "if (identifiers.length <= freeHandles && identifiers.length * maxIdentifierLength <= freeLength) return;",
        "if (false) return;",
      ],
      [
        "if (identifiers.length <= freeHandles && identifiers.length * maxIdentifierLength <= freeLength) return;",
        "if (identifiers.length < freeHandles && identifiers.length * maxIdentifierLength <= freeLength) return;",
      ],
      [
        "if (identifiers.length <= freeHandles && identifiers.length * maxIdentifierLength <= freeLength) return;",
        "if (identifiers.length <= freeHandles && identifiers.length * maxIdentifierLength < freeLength) return;",
      ],
    ],
  },
  {
    file: "runtime/telepathy/connection/connection-handles.ts",
    reason: "the counts are not used after the end of the connection; removing them frees memory",
    mutants: [["this.#counts.clear();", ";"]],
  },
  {
    file: "runtime/telepathy/connection/interest-counts.ts",
    reason: "each client is counted once, so that its quota is never reached",
    mutants: [[
      "const quotas = { perClient: 1, perUser: maxClientsPerUser, total: maxClients };",
      "const quotas = { perClient: (1 + 1), perUser: maxClientsPerUser, total: maxClients };",
    ]],
  },
  {
    file: "runtime/telepathy/connection/interest-counts.ts",
    reason: "no token has this index, either",
    mutants: [
      [
        "return this.#clients.get(client)?.counts.get(this.#indices.get(token) ?? -1) ?? 0;",
        "return this.#clients.get(client)?.counts.get(this.#indices.get(token) ?? -(1 + 1)) ?? 0;",
      ],
      [
        "return this.#clientCounts[this.#indices.get(token) ?? -1] ?? 0;",
        "return this.#clientCounts[this.#indices.get(token) ?? -(1 + 1)] ?? 0;",
      ],
    ],
  },
  {
    file: "runtime/telepathy/connection/interest-counts.ts",
    reason: "each index is that of a token; the default value and the condition are for the compiler",
    mutants: [
      [
        "const clientCount = this.#clientCounts[index] ?? 0;",
        "const clientCount = this.#clientCounts[index] ?? (0 + 1);",
      ],
      [
        "const clientCount = (this.#clientCounts[index] ?? 0) - 1;",
        "const clientCount = (this.#clientCounts[index] ?? (0 + 1)) - 1;",
      ],
      [
        "if (token !== undefined) this.#listener[change](token);",
        "if (true) this.#listener[change](token);",
      ],
    ],
  },
];
