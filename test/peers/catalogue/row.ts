import type { Bus, Target } from "@dbus-codegen-ts/runtime";
import type { CallCheck } from "../../../generator/tools/conform/call-checks.ts";
import type { RunningDaemon } from "./daemon.ts";

/** An API of the catalogue with a real daemon, and a program that reads, changes and writes typed values. */
export interface Row {
  /** Name in the catalogue. */
  readonly api: string;
  /** Name of the program, which only this row has. */
  readonly daemon: string;
  readonly busName: string;
  /** Why the daemon cannot be started; absent if it can. */
  readonly missing: string | undefined;
  readonly start: () => Promise<RunningDaemon>;
  /** Text of the program, which imports generated modules as `./<interface>.js`. */
  readonly program: string;
  /** Environment variables of the program. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What the program prints, without the lines of `writeBack`. */
  readonly prints: RegExp;
  /** Why the program does not change a dictionary and write it back; absent if it does so with `writeBack`. */
  readonly notWritten?: string;
  /** Objects whose properties and results of calls are checked: an object path, or how the object is found. */
  readonly objects: readonly {
    readonly path: string | ((bus: Bus) => Promise<string | Target>);
    readonly calls?: readonly CallCheck[];
  }[];
}

/** The first lines of each program. */
export const HEAD = `import { connect } from "@dbus-codegen-ts/runtime";
await using bus = await connect({ bus: "system" });
`;
