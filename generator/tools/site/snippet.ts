/** A way to use something: code to copy, whole but for what a spec cannot say. */
export interface Snippet {
  readonly kind: "client" | "service" | "busctl" | "gdbus";
  readonly language: "ts" | "sh";
  /** Import lines that the code needs. */
  readonly imports: readonly string[];
  readonly body: readonly Piece[];
}

/** What the kinds of snippets are called. */
export const SNIPPET_TITLES: Readonly<Record<Snippet["kind"], string>> = {
  client: "Client",
  service: "Service",
  busctl: "busctl",
  gdbus: "gdbus",
};

/** A text, or what the reader fills in. */
export type Piece = string | Fill;

/** Which bus, which service, which object: no spec says it. */
export interface Fill {
  readonly fill: "destination" | "path" | "bus";
  /** What stands there until somebody fills it in; for the bus, the session bus. */
  readonly text: string;
  /** What stands there for the system bus. */
  readonly system?: string;
}

export const DESTINATION: Fill = { fill: "destination", text: "BUS_NAME" };
export const PATH: Fill = { fill: "path", text: "/OBJECT/PATH" };

/** A snippet as text. */
export function snippetText({ imports, body }: Snippet): string {
  const text = body.map((piece) => (typeof piece === "string" ? piece : piece.text)).join("");
  return imports.length === 0 ? text : `${imports.join("\n")}\n\n${text}`;
}
