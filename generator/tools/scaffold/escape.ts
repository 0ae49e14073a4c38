/** A value in an INI file, such as a D-Bus activation file: one line, whose backslashes mean themselves. */
export function iniValue(text: string): string {
  return text.replaceAll("\\", "\\\\").replace(/[\u0000-\u001F\u007F]/g, " ");
}

/** A value in a systemd unit: as in any INI file, and a percent sign is no specifier. */
export function unitValue(text: string): string {
  return iniValue(text).replaceAll("%", "%%");
}

/** A text as a code span in Markdown. */
export function markdownCode(text: string): string {
  return `\`${text.replace(/[\u0000-\u001F\u007F]/g, " ").replaceAll("`", "'")}\``;
}

/** A JSON file. */
export function jsonFile(value: unknown, indent: string | number = 2): string {
  return `${JSON.stringify(value, undefined, indent)}\n`;
}
