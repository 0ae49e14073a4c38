/** Names of the groups of checks, in their order. */
export const GROUPS = [
  ...(["systemd", "logind", "daemons", "polkit", "bluez"] as const),
  ...(["wireguard", "connman", "networkmanager"] as const),
] as const;
export type GroupName = (typeof GROUPS)[number];

/** A check, by its group and its name in the group. */
export interface Row {
  readonly group: GroupName;
  readonly name: string;
}

/** The result of a check. */
export interface Result extends Row {
  readonly status: "passed" | "failed" | "skipped";
  /** What was observed, the error, or why the check was skipped. */
  readonly detail: string;
  /** Milliseconds that the check took by the clock of the machine. */
  readonly durationMs: number;
}

/** A message of the machine, a line of JSON: a check begins, a check has ended, or all checks have ended. */
export type Report =
  | { readonly kind: "begin"; readonly row: Row }
  | { readonly kind: "result"; readonly result: Result }
  | { readonly kind: "end" };
