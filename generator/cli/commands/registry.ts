import { ADD } from "./add.ts";
import { BREAKING } from "./breaking.ts";
import type { Command } from "./command.ts";
import { COMPLETION } from "./completion.ts";
import { CONFORM } from "./conform.ts";
import { DOCS } from "./docs.ts";
import { EXPLAIN } from "./explain.ts";
import { GENERATE } from "./generate.ts";
import { INIT } from "./init.ts";
import { INTROSPECT } from "./introspect.ts";
import { LINT } from "./lint.ts";
import { MOCK } from "./mock.ts";
import { UPDATE } from "./update.ts";

/** All commands, in the order of the help text. */
export const COMMANDS: readonly Command[] = [
  GENERATE,
  INIT,
  ADD,
  UPDATE,
  INTROSPECT,
  DOCS,
  LINT,
  BREAKING,
  EXPLAIN,
  CONFORM,
  MOCK,
  COMPLETION,
];
