import type { Source } from "./source.ts";

/** The documentation of a code: a diagnostic, a lint rule or a kind of change. */
export interface Explanation {
  /** What the code means and why it matters, as whole sentences. */
  readonly meaning: string;
  /** What to do about it, as whole sentences. */
  readonly fix: string;
}

/** Contents of spec files by path. */
export type Example = Readonly<Record<string, string | Uint8Array>>;

/** The documentation of a code that specs can demonstrate. */
export interface SpecExplanation extends Explanation {
  /** Specs in which the code occurs. Absent for a code that no spec can cause, such as one about a running service. */
  readonly bad?: Example;
  /** The specs of `bad` without the problem. */
  readonly good?: Example;
  /** Other codes that `bad` causes. */
  readonly also?: readonly string[];
}

/** Converts an example to the input of the compiler. */
export function sourcesOf(example: Example): readonly Source[] {
  return Object.entries(example).map(([path, content]) => ({ path, content }));
}

/** Returns a spec of one interface, in a file that is named after the interface. */
export function example(body: string, name = "org.example.Jukebox1"): Example {
  const iface = `  <interface name="${name}">\n${indent(body, 4)}\n  </interface>`;
  return { [`${name}.xml`]: `${startTag("node", body)}\n${iface}\n</node>\n` };
}

/** Returns a spec without an interface. `root` is the name of the root element, with its attributes. */
export function sharedSpec(path: string, root: string, body: string): Example {
  const [name = ""] = root.split(" ");
  return { [path]: `${startTag(root, `<${root}`)}\n${indent(body, 2)}\n</${name}>\n` };
}

const NAMESPACES: Readonly<Record<string, string>> = {
  "tp:": 'xmlns:tp="http://telepathy.freedesktop.org/wiki/DbusSpec#extensions-v0"',
  "dct:": 'xmlns:dct="urn:dbus-codegen-ts:dictionary:1"',
};

/** Returns a start tag that declares the namespaces whose prefixes occur in `body`. */
function startTag(root: string, body: string): string {
  const used = Object.entries(NAMESPACES).flatMap(([prefix, attribute]) => (body.includes(prefix) ? [attribute] : []));
  return `<${[root, ...used].join(" ")}>`;
}

function indent(text: string, width: number): string {
  return text.trim().replace(/^(?=.)/gm, " ".repeat(width));
}
