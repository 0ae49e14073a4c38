/** Code to copy that uses a declaration. Values that no spec contains, such as the bus name, are placeholders. */
export interface Snippet {
  readonly kind: "client" | "service" | "busctl" | "gdbus";
  readonly language: "ts" | "sh";
  /** Import lines that the code needs. */
  readonly imports: readonly string[];
  readonly body: readonly SnippetPart[];
}

/** Titles of the kinds of snippets. */
export const SNIPPET_TITLES: Readonly<Record<Snippet["kind"], string>> = {
  client: "Client",
  service: "Service",
  busctl: "busctl",
  gdbus: "gdbus",
};

/** A part of a snippet: text, or a placeholder that the reader fills in. */
export type SnippetPart = string | Placeholder;

/** A placeholder for a value that no spec contains: the bus, the bus name or the object path. */
export interface Placeholder {
  readonly placeholder: "destination" | "path" | "bus";
  /** Text until the reader enters another one. For the bus: the text for the session bus. */
  readonly text: string;
  /** For the bus: the text for the system bus. */
  readonly system?: string;
}

export const DESTINATION: Placeholder = { placeholder: "destination", text: "BUS_NAME" };
export const PATH: Placeholder = { placeholder: "path", text: "/OBJECT/PATH" };

/** Returns a snippet as text. */
export function snippetText({ imports, body }: Snippet): string {
  const text = body.map((part) => (typeof part === "string" ? part : part.text)).join("");
  return imports.length === 0 ? text : `${imports.join("\n")}\n\n${text}`;
}
