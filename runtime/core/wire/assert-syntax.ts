import { describeValue, InvalidValueError } from "./errors.ts";

/**
 * Throws InvalidValueError if a text is present and invalid.
 *
 * @param field - Name of the text in the error message.
 * @param expected - Description of a valid text in the error message, such as `a bus name`.
 */
export function assertSyntax(
  text: string | undefined,
  isValid: (text: string) => boolean,
  field: string,
  expected: string,
): void {
  if (text === undefined || (typeof text === "string" && isValid(text))) return;
  throw new InvalidValueError(`${field}: expected ${expected}, got ${describeValue(text)}`);
}
