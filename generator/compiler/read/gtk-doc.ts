/** What a comment in the format of gtk-doc says of the element after it. */
export interface GtkDoc {
  /** Paragraphs, with empty lines between them. */
  readonly text: string;
  /** Version in which the element appeared. */
  readonly since?: string;
  /** Texts of arguments by their names. */
  readonly args: ReadonlyMap<string, string>;
}

const PARAMETER = /^@([\w-]+):\s*(.*)$/;

/**
 * Reads a comment whose first line is the name of an element; any other comment is not for readers. Lines of
 * `@argument: text` follow, each up to the next or an empty line, then paragraphs; a version is one line.
 *
 * @param args - Names of the arguments that the element has.
 */
export function readGtkDoc(comment: string, name: string, args: readonly string[] = []): GtkDoc | undefined {
  const [first = "", ...lines] = comment.trim().split(/\r?\n/);
  const heading = first.trim();
  if ((heading.endsWith(":") ? heading.slice(0, -1).trimEnd() : heading) !== name) return undefined;
  // An argument may be called as what is said of the element.
  const isOwn = (parameter: string): boolean => !args.includes(parameter);
  const text: string[] = [];
  const parameters = new Map<string, string[]>();
  let open = text;
  for (const line of lines.map((one) => one.trim())) {
    const [, parameter, begin = ""] = PARAMETER.exec(line) ?? [];
    if (parameter !== undefined) {
      const said = [begin];
      parameters.set(parameter, said);
      open = parameter === "since" && isOwn(parameter) ? text : said;
    } else {
      if (line === "") open = text;
      open.push(line);
    }
  }
  const said = (parameter: string): string => parameters.get(parameter)?.join(" ").trim() ?? "";
  const own = (parameter: string): string => (isOwn(parameter) ? said(parameter) : "");
  const since = own("since");
  return {
    text: [own("short_description"), text.join("\n").trim()].filter((part) => part !== "").join("\n\n"),
    ...(since !== "" && { since }),
    args: new Map(args.filter((arg) => parameters.has(arg)).map((arg) => [arg, said(arg)])),
  };
}
