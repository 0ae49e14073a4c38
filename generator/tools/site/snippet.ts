import type { SnippetTarget } from "./service-targets.ts";

/** Code to copy that uses a declaration. Values that no spec contains, such as the bus name, come from the config. */
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

/** A part of a snippet: text, or a value that no spec contains. */
export type SnippetPart = string | Placeholder;

/** A value that no spec contains: the bus, the bus name or the object path. The reader can change it. */
export interface Placeholder {
  readonly placeholder: "bus" | "name" | "path";
  readonly text: string;
  /** Whether the text is a value for the service, not a word to be replaced. */
  readonly isKnown: boolean;
}

/** The values that no spec contains, as parts of snippets. */
export class Placeholders {
  readonly name: Placeholder;
  readonly path: Placeholder;
  readonly #bus: SnippetTarget["bus"];

  constructor({ bus, destination, path }: SnippetTarget) {
    this.#bus = bus;
    this.name = { placeholder: "name", text: destination ?? "BUS.NAME", isKnown: destination !== undefined };
    this.path = { placeholder: "path", text: path ?? "/OBJECT/PATH", isKnown: path !== undefined };
  }

  /**
   * Returns the bus of the service.
   *
   * @param session - Text for the session bus, from which the text for the system bus is derived.
   */
  bus(session: "session" | "--session" | "--user"): Placeholder {
    const system = session === "session" ? "system" : "--system";
    return { placeholder: "bus", text: this.#bus === "system" ? system : session, isKnown: true };
  }
}

/** Returns a snippet as text. */
export function snippetText({ imports, body }: Snippet): string {
  const text = body.map((part) => (typeof part === "string" ? part : part.text)).join("");
  return imports.length === 0 ? text : `${imports.join("\n")}\n\n${text}`;
}
