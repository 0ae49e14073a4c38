import type { Snippet, SnippetPart } from "./snippet.ts";

/** Letters that replace values in the data of a page: the bus, the bus name and the object path, which readers change. */
const PLACES = { bus: "β", name: "ν", path: "π" } as const;

/** The values of a member that its snippets contain. */
export interface SnippetValues {
  /** Name of the interface. */
  readonly name: string;
  /** Variable that contains the client. */
  readonly variable: string;
  /** Name of the member on D-Bus. */
  readonly member: string;
  /** Name of the member in TypeScript. */
  readonly identifier: string;
  /** TypeScript declaration of the member in clients. */
  readonly declaration: string;
}

/** The snippets of the members of a page as data. */
export interface PageSnippets {
  readonly variable: string;
  /** One entry for each method, signal and property, in this order. */
  readonly members: readonly MemberSnippets[];
}

/**
 * The name in TypeScript and the snippets of each kind, in the order of the kinds. A name that follows from the D-Bus
 * name is 0, as is a missing snippet.
 */
export type MemberSnippets = readonly (string | 0)[];

const [BUSCTL, GDBUS] = ["ν π ι μ", "--dest ν --object-path π"];

/**
 * Phrases that most snippets contain, by the letter that replaces them. The phrases themselves contain letters that
 * replace values.
 */
export const PHRASES: Readonly<Record<string, string>> = {
  Α: `busctl β call ${BUSCTL}`,
  Β: `busctl β get-property ${BUSCTL}`,
  Γ: `busctl β set-property ${BUSCTL} `,
  Δ: `busctl β monitor --match "type='signal',interface='ι',member='μ'"`,
  Ε: `gdbus call β ${GDBUS} --method ι.μ`,
  Ζ: `gdbus call β ${GDBUS} --method org.freedesktop.DBus.Properties.Get ι μ`,
  Η: `gdbus call β ${GDBUS} --method org.freedesktop.DBus.Properties.Set ι μ `,
  Θ: `gdbus monitor β ${GDBUS}`,
  Ι: 'import type { Incoming } from "@dbus-codegen-ts/runtime";\n\nasync σ {\n  ',
  Κ: "await κ.τ(",
  Λ: "await using _ = await κ.signals.τ.subscribe((",
  Μ: ") => {\n  console.log(",
  Ν: ");\n});",
  Ξ: "console.log(await κ.properties.τ.get());",
  Ο: "for await (const value of κ.properties.τ.changes) console.log(value);",
  Π: "await κ.properties.τ.set(",
  Ρ: "this.properties.τ = ",
  Σ: "this.signals.τ(",
  Τ: "const result = ",
  Υ: "new Uint8Array([1, 2, 3])",
  Φ: ' } from "./generated/ι.js";\n',
  Χ: ' } from "@dbus-codegen-ts/runtime";\n\n',
  Ψ: "return ",
};

/** Letter that precedes a letter of the snippet itself, which is not replaced. */
const LITERAL = "ω";
const LETTERS = /[\u0391-\u03C9]/g;
const KINDS = ["client", "service", "busctl", "gdbus"] as const;

/** Returns the snippets of a member as data. */
export function memberSnippets(snippets: readonly Snippet[], values: SnippetValues): MemberSnippets {
  const { member, identifier } = values;
  if (snippets.length === 0) return [];
  const isUsual = identifier === member.charAt(0).toLowerCase() + member.slice(1);
  const texts = KINDS.map((kind) => {
    const snippet = snippets.find((candidate) => candidate.kind === kind);
    return snippet === undefined ? 0 : encodeSnippet(snippet, values);
  });
  return [isUsual ? 0 : identifier, ...texts];
}

/** Returns a snippet with letters instead of phrases and values, for the data of a page. */
function encodeSnippet({ imports, body }: Snippet, values: SnippetValues): string {
  const parts = imports.length === 0 ? body : [`${imports.join("\n")}\n\n`, ...body];
  let text = parts.map(partText).join("");
  for (const [letter, value] of lettersOf(values)) text = text.replaceAll(value, letter);
  for (const [letter, phrase] of Object.entries(PHRASES)) text = text.replaceAll(phrase, letter);
  return text;
}

function partText(part: SnippetPart): string {
  return typeof part === "string" ? part.replace(LETTERS, `${LITERAL}$&`) : PLACES[part.placeholder];
}

/**
 * Returns the values of a member with the letters that replace them. `σ` is its declaration in a service, in which a
 * method has another last parameter than in a client.
 */
function lettersOf({
  name,
  variable,
  member,
  identifier,
  declaration,
}: SnippetValues): readonly (readonly [string, string])[] {
  return [
    ["σ", declaration.replace("call?: CallOptions", "incoming: Incoming")],
    ["ι", name],
    ["κ", variable],
    ["μ", member],
    ["τ", identifier],
  ];
}
