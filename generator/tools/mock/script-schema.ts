import { MAX_TIMER_MS } from "@dbus-codegen-ts/runtime/async";
import { isErrorName } from "@dbus-codegen-ts/runtime/grammar";
import { z } from "zod";
import { editorSchema, record, strictObject } from "../schema-problems.ts";

/** A value whose type depends on the specs. `readScript` checks it, and the names of interfaces and members. */
const VALUE = z.unknown();
const VALUES = record(VALUE).describe("Values of properties, by name");

const MILLISECONDS = number(`a number of milliseconds from 0 to ${MAX_TIMER_MS}`);

function number(error: string) {
  return z.number({ error }).min(0, { error }).max(MAX_TIMER_MS, { error });
}

const ERROR_NAME_TEXT = "an error name, such as org.example.Error.Busy";
const ERROR_NAME = z.string({ error: ERROR_NAME_TEXT }).refine(isErrorName, { error: ERROR_NAME_TEXT });
const MESSAGE = z.union([z.string(), z.number(), z.boolean()], { error: "a text" });

const EMISSION = {
  signal: z.string({ error: "the name of a signal" }).describe("Name of the signal"),
  args: z.array(VALUE, { error: "a list of arguments" }).describe("Arguments of the signal").optional(),
};

const REPLY = strictObject({
  reply: VALUE.describe("The output argument, or a list of several").optional(),
  error: z
    .union([ERROR_NAME, strictObject({ name: ERROR_NAME, message: MESSAGE.optional() })], {
      error: `${ERROR_NAME_TEXT}, or { name, message }`,
    })
    .describe("Error that is sent instead of a reply")
    .optional(),
  delay: MILLISECONDS.describe("Delay of the reply in milliseconds").optional(),
  set: VALUES.optional(),
  emit: oneOrMore(strictObject(EMISSION)).describe("Signals that are emitted before the reply").optional(),
}).refine(({ reply, error }) => reply === undefined || error === undefined, {
  error: 'a reply: "reply" and "error" exclude each other',
});

const TIMED_EMISSION = strictObject({
  ...EMISSION,
  after: MILLISECONDS.describe("Milliseconds from the start to the first emission").optional(),
  every: MILLISECONDS.describe("Interval of further emissions in milliseconds").optional(),
});

const INTERFACE = strictObject({
  properties: VALUES.optional(),
  methods: record(oneOrMore(REPLY.nullable()))
    .describe("Replies of methods, by name or by name and types as in Seek(s). Of a list, the last reply is repeated")
    .optional(),
  emit: oneOrMore(TIMED_EMISSION).describe("Signals that are emitted by time").optional(),
}).nullable();

/** Returns the schema of an item or a list of items. */
function oneOrMore<T extends z.ZodType>(item: T) {
  return z.union([item, z.array(item)], { error: "an object or a list of objects" });
}

/** Objects by path, and interfaces by name. A script can contain both. */
export const SCRIPT_SCHEMA = z.intersection(
  z.looseRecord(z.string().regex(/^\//), record(INTERFACE), { error: "an object" }),
  z.looseRecord(z.string().regex(/^[^/$]/), INTERFACE, { error: "an object" }),
);

/** Depth of the structure: object, interface, methods, method, replies, reply, emit, signals, signal, args. */
export const SCRIPT_DEPTH = 10;

/** Returns the JSON schema of mock scripts. */
export function scriptJsonSchema(): object {
  return editorSchema(SCRIPT_SCHEMA, "Script of dbus-codegen mock");
}
