import { z } from "zod";
import { nearestWord } from "../compiler/text/nearest-word.ts";

/** A problem of a value that does not match its schema. */
export interface SchemaProblem {
  readonly path: readonly PropertyKey[];
  /** Whether the last element of the path is an unknown key. */
  readonly isUnknownKey: boolean;
  readonly message: string;
}

/**
 * Returns all problems of a value. The schema's error messages must be noun phrases for what is expected, such as
 * "a folder". Schemas from the functions of this file have such messages.
 */
export function schemaProblems(schema: z.ZodType, value: unknown): readonly SchemaProblem[] {
  const { error } = schema.safeParse(value, { reportInput: true });
  const problems = (error?.issues ?? []).flatMap((issue) => problemsOf(issue, []));
  const reported = new Set(problems.map(({ path }) => pathText(path)));
  return [...problems, ...ignoredKeys(value).filter(({ path }) => !reported.has(pathText(path)))];
}

/** Returns a problem for each key `__proto__`, which schemas ignore. */
function ignoredKeys(
  value: unknown,
  path: readonly PropertyKey[] = [],
  parents: readonly object[] = [],
): readonly SchemaProblem[] {
  if (typeof value !== "object" || value === null || parents.includes(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const place = [...path, Array.isArray(value) ? Number(key) : key];
    if (key === "__proto__") return [{ path: place, isUnknownKey: true, message: "the key __proto__ is not possible" }];
    return ignoredKeys(inner, place, [...parents, value]);
  });
}

function problemsOf(issue: z.core.$ZodIssue, parent: readonly PropertyKey[]): readonly SchemaProblem[] {
  const path = [...parent, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    const messages = issue.message.split("\n");
    return issue.keys.map((key, index) => ({
      path: [...path, key],
      isUnknownKey: true,
      message: messages[index] ?? "unknown key",
    }));
  }
  // For a union, only the problems of the alternative whose type is that of the value are useful.
  const alternative =
    issue.code === "invalid_union" ? issue.errors.find((issues) => !issues.some(isWrongType)) : undefined;
  if (alternative !== undefined) return alternative.flatMap((inner) => problemsOf(inner, path));
  const { input, message } = issue;
  const problem = input === undefined ? `missing; expected ${message}` : `${describe(input)} is not ${message}`;
  return [{ path, isUnknownKey: false, message: problem }];
}

function isWrongType({ code, path }: z.core.$ZodIssue): boolean {
  return path.length === 0 && (code === "invalid_type" || code === "invalid_union");
}

/** Returns a path in the notation of JavaScript, such as `rename["org.example.Lamp1"]`. */
export function pathText(path: readonly PropertyKey[]): string {
  const text = path.map((key) => {
    if (typeof key === "number") return `[${key}]`;
    return /^[A-Za-z_$][\w$]*$/.test(String(key)) ? `.${String(key)}` : `[${JSON.stringify(String(key))}]`;
  });
  return text.join("").replace(/^\./, "");
}

function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 37)}...` : value);
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (value === null || typeof value !== "object") return typeof value === "function" ? "a function" : String(value);
  return "an object";
}

/** Returns the schema of a text that is not empty. */
export function text(expected: string): z.ZodString {
  const error = `${expected}: a text that is not empty`;
  return z.string({ error }).min(1, { error });
}

/** Returns the schema of a list of one or more items. */
export function list<T extends z.ZodType>(item: T): z.ZodReadonly<z.ZodArray<T>> {
  const error = "a list of one or more";
  return z.array(item, { error }).min(1, { error }).readonly();
}

/** Returns the schema of one of several texts. The message about another text suggests a similar one. */
export function oneOf<const T extends readonly string[]>(values: T) {
  const all = values.map((value) => JSON.stringify(value)).join(", ");
  return z.enum(values, {
    error: ({ input }) => {
      const nearest = typeof input === "string" ? nearestWord(input, values) : undefined;
      return `one of ${all}${nearest === undefined ? "" : `; did you mean ${JSON.stringify(nearest)}?`}`;
    },
  });
}

/** Returns the schema of an object with any keys. */
export function record<T extends z.ZodType>(value: T): z.ZodRecord<z.ZodString, T> {
  return z.record(z.string(), value, { error: "an object" });
}

/** Returns the schema of an object that has only the keys of its shape. */
export function strictObject<T extends z.core.$ZodShape>(shape: T): z.ZodObject<T, z.core.$strict> {
  const keys = Object.keys(shape);
  return z.strictObject(shape, { error: objectError(keys, `the keys are ${keys.join(", ")}`) });
}

/**
 * Returns the error function of an object with known keys. The message has one line for each unknown key.
 * @param fallback - Hint for a key that is similar to none of the known keys.
 */
export function objectError(keys: readonly string[], fallback: string): z.core.$ZodErrorMap {
  return (issue) => {
    if (issue.code !== "unrecognized_keys") return "an object";
    const messages = issue.keys.map((key) => {
      const nearest = nearestWord(key, keys);
      return `unknown key; ${nearest === undefined ? fallback : `did you mean ${nearest}?`}`;
    });
    return messages.join("\n");
  };
}

/** Returns the JSON schema with which editors check and complete a file. */
export function editorSchema(schema: z.ZodType, title: string): object {
  return z.toJSONSchema(schema.meta({ title }), { unrepresentable: "any", target: "draft-7", reused: "ref" });
}
