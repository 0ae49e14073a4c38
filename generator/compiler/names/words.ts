/** Words of a name: its parts between other characters, cut where the case says so. */
function words(name: string): readonly string[] {
  const shouting = /[A-Z]/.test(name) && !/[a-z]/.test(name) && /[A-Z].*_.*[A-Z]/.test(name);
  const text = shouting ? name.toLowerCase() : name;
  return text.match(/IPv[46]|DBus|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+[0-9]*|[A-Z]+[0-9]*|[0-9]+/g) ?? [];
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** A name as members and parameters are written: `InspectHandles`, `Self_Handle`, `debug-message` → `inspectHandles`, …. */
export function camelCase(name: string): string {
  const [first = "", ...rest] = words(name);
  return identifier(first.toLowerCase() + rest.map(capital).join(""));
}

/** A name as types are written: `Handle_Type` → `HandleType`. */
export function pascalCase(name: string): string {
  return identifier(words(name).map(capital).join(""));
}

/** Whether a text is an identifier of TypeScript; those of other alphabets are not asked for. */
export function isIdentifier(text: string): boolean {
  return /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(text);
}

function identifier(text: string): string {
  return /^[A-Za-z]/.test(text) ? text : `_${text}`;
}
