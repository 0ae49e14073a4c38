/** What a comment in the format of gtk-doc says of the element after it. */
export interface GtkDoc {
  /** Paragraphs, with empty lines between them. */
  readonly text: string;
  /** Version in which the element appeared. */
  readonly since?: string;
  /** Texts of arguments by their names. */
  readonly args: ReadonlyMap<string, string>;
}

const PARAMETER = /^\s*@([\w-]+):\s*(.*)$/;

/**
 * Reads a comment whose first line is the name of an element; any other comment is not for readers. Lines of
 * `@argument: text` follow, each up to the next or an empty line, then paragraphs.
 */
export function readGtkDoc(comment: string, name: string): GtkDoc | undefined {
  const [first = "", ...lines] = comment.trim().split(/\r?\n/);
  if (first.trim().replace(/\s*:$/, "") !== name) return undefined;
  const parameters = new Map<string, string>();
  const text: string[] = [];
  let open: string | undefined;
  for (const line of lines) {
    const [, parameter, begin = ""] = PARAMETER.exec(line) ?? [];
    if (parameter !== undefined) {
      open = parameter;
      parameters.set(parameter, begin);
    } else if (open !== undefined && line.trim() !== "") {
      parameters.set(open, `${parameters.get(open)} ${line.trim()}`.trim());
    } else {
      open = undefined;
      text.push(line);
    }
  }
  const { since, short_description: short = "", ...args } = Object.fromEntries(parameters);
  return {
    text: [short, text.join("\n")].join("\n\n"),
    ...(since && { since }),
    args: new Map(Object.entries(args)),
  };
}
