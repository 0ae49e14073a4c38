/** Returns whether a value of a message contains a text, as text or as bytes. */
export function containsText(value: unknown, text: string): boolean {
  if (typeof value === "string") return value.includes(text);
  if (value instanceof Uint8Array) return Buffer.from(value).includes(text);
  if (value instanceof Map) return containsText([...value], text);
  return typeof value === "object" && value !== null && Object.values(value).some((part) => containsText(part, text));
}
