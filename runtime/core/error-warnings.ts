import type { ErrorHook } from "./hooks.ts";
import { printable } from "./printable.ts";

/** Maximum number of places in the code whose errors are reported. Each place is kept in memory. */
const MAX_PLACES = 100;
/** Maximum number of characters of an error that are reported. An error can contain texts of peers. */
const MAX_TEXT_LENGTH = 10_000;
/** Maximum number of errors in a chain of causes that are reported. */
const MAX_CAUSES = 4;

/**
 * Returns a function that reports an error with its stack as a process warning, which Node prints on standard error.
 * Each error is reported once for each subject and place in the code, for at most 100 places. The function never
 * throws.
 */
export function errorWarnings(): (error: unknown, subject: string, details?: string) => void {
  const places = new Set<string>();
  return (error, subject, details = "") => {
    const text = textOf(error);
    const place = `${subject} ${/^ *at .*$/m.exec(text)?.[0]}`;
    if (places.has(place) || places.size >= MAX_PLACES) return;
    places.add(place);
    try {
      process.emitWarning(printable(`error in ${subject}${details}: ${text}`), "DBusCodegenWarning");
    } catch {
      // A program may have replaced `emitWarning` by a function that throws.
    }
  };
}

/** Returns an error hook that reports errors as process warnings, with the member and its caller. */
export function warnOfErrors(): ErrorHook {
  const report = errorWarnings();
  return (error, { kind, ...origin }) => {
    const { interface: interfaceName, member, name, path, sender }: OriginFields = origin;
    const subject = [interfaceName, member ?? name].filter(Boolean).join(".");
    const details = `${path ? ` at ${path}` : ""}${sender ? `, sender ${sender}` : ""}`;
    report(error, `${kind} ${subject}`.trim(), details);
  };
}

/** The fields of all kinds of error origins together. */
interface OriginFields {
  readonly interface?: string;
  readonly member?: string;
  readonly name?: string;
  readonly path?: string;
  readonly sender?: string;
}

/** Returns the stacks of an error and its causes as text. The error can be any value. Never throws. */
function textOf(error: unknown): string {
  try {
    const texts: string[] = [];
    let cause = error;
    do {
      texts.push(String((cause instanceof Error && cause.stack) || cause));
      cause = cause instanceof Error ? cause.cause : undefined;
    } while (cause !== undefined && texts.length < MAX_CAUSES);
    return texts.join("\ncaused by: ").slice(0, MAX_TEXT_LENGTH);
  } catch {
    return "an error without a text";
  }
}
