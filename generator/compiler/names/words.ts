/** Splits a name into words: at characters other than letters and digits, and where the case changes. */
function words(name: string): readonly string[] {
  const isUpperSnakeCase = !/[a-z]/.test(name) && name.split("_").filter((part) => /[A-Z]/.test(part)).length > 1;
  const text = isUpperSnakeCase ? name.toLowerCase() : name;
  return text.match(/IPv[46]|DBus|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+[0-9]*|[A-Z]+[0-9]*|[0-9]+/g) ?? [];
}

const capitalize = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** Converts a name to camel case, for members and parameters: `InspectHandles`, `Self_Handle`, `debug-message` → `inspectHandles`, `selfHandle`, `debugMessage`. */
export function camelCase(name: string): string {
  const [first = "", ...rest] = words(name);
  return withValidStart(first.toLowerCase() + rest.map(capitalize).join(""));
}

/** Converts a name to Pascal case, for types: `Handle_Type` → `HandleType`. */
export function pascalCase(name: string): string {
  return withValidStart(words(name).map(capitalize).join(""));
}

/** Returns whether a text is an identifier of ASCII characters. Other identifiers of TypeScript are not accepted. */
export function isIdentifier(text: string): boolean {
  return /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(text);
}

function withValidStart(text: string): string {
  return /^[A-Za-z]/.test(text) ? text : `_${text}`;
}
