import type { Source } from "./source.ts";

/** Why a code exists, and what to do about it. */
export interface Explanation {
  /** What it means and why it matters. */
  readonly meaning: string;
  readonly fix: string;
}

/** Specs that show a code, by path. */
export type Example = Readonly<Record<string, string | Uint8Array>>;

/** A code that specs show by themselves: some that have it, and the same ones mended. */
export interface SpecExplanation extends Explanation {
  /** Absent where no spec can show it, but only a running service. */
  readonly bad?: Example;
  readonly good?: Example;
  /** Other codes that follow from the same mistake. */
  readonly also?: readonly string[];
}

/** An example as the pipeline takes it. */
export function sourcesOf(example: Example): readonly Source[] {
  return Object.entries(example).map(([path, content]) => ({ path, content }));
}

/** A spec of one interface, in a file of its name. */
export function example(body: string, name = "org.example.Jukebox1"): Example {
  return { [`${name}.xml`]: specOf(body, name) };
}

/** The text of a spec of one interface. */
function specOf(body: string, name = "org.example.Jukebox1"): string {
  return `${open("node", body)}\n  <interface name="${name}">\n${indent(body, 4)}\n  </interface>\n</node>\n`;
}

/** A file of types or errors without an interface. */
export function sharedSpec(path: string, root: string, body: string): Example {
  const [name = ""] = root.split(" ");
  return { [path]: `${open(root, `<${root}`)}\n${indent(body, 2)}\n</${name}>\n` };
}

const NAMESPACES: Readonly<Record<string, string>> = {
  "tp:": 'xmlns:tp="http://telepathy.freedesktop.org/wiki/DbusSpec#extensions-v0"',
  "dct:": 'xmlns:dct="urn:dbus-codegen-ts:dictionary:1"',
};

/** A start tag with the namespaces that a body needs. */
function open(root: string, body: string): string {
  const used = Object.entries(NAMESPACES).flatMap(([prefix, attribute]) => (body.includes(prefix) ? [attribute] : []));
  return `<${[root, ...used].join(" ")}>`;
}

function indent(text: string, width: number): string {
  return text.trim().replace(/^(?=.)/gm, " ".repeat(width));
}
