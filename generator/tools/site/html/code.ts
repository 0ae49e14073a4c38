import type { Code, ImportRef } from "../../../compiler/emit/file-model.ts";
import { layOut, textOf } from "../../../compiler/print/code-layout.ts";
import type { Type } from "../../../compiler/resolve/ir.ts";
import type { SiteContext } from "../context.ts";
import { describeType, namedPart } from "../describe-type.ts";
import { CODE_WIDTH, type WirePart } from "../signatures.ts";
import { breakableName } from "./breakable-name.ts";
import { type Html, h } from "./element.ts";

/** Returns TypeScript code with links to the types of specs. The script adds links to the types of the runtime. */
export function typescriptCode(code: Code, site: SiteContext): Html {
  return layOut(code, { width: CODE_WIDTH, nameOf: ({ name }) => name }).map((token) => {
    if (typeof token === "string") return token;
    const location = site.locationOf(token);
    return location === undefined ? token.name : h("a", { href: location }, token.name);
  });
}

/** Returns TypeScript code as the text that a page displays. */
export function typescriptText(code: Code): string {
  const nameOf = ({ name }: ImportRef): string => name;
  return textOf(layOut(code, { width: CODE_WIDTH, nameOf }), nameOf);
}

/**
 * Returns a D-Bus declaration. The tooltip of a named type describes it in words; the script of the page adds tooltips
 * for other types.
 */
export function wireCode(parts: readonly WirePart[], site: SiteContext): Html {
  return parts.map((part) => (typeof part === "string" ? breakable(part) : wireSpan(part, site)));
}

/** Longest type and name, in characters together, between which no line is broken. */
const MAX_UNBROKEN = 28;

/** Returns a type and the name of its value, on one line if they are short. */
function wireSpan({ type, name }: Exclude<WirePart, string>, site: SiteContext): Html {
  const written = wireType(type, site);
  if (name === "") return written;
  return [written, name.length + type.signature.length > MAX_UNBROKEN ? " " : "\u00A0", name];
}

function wireType(type: Type, site: SiteContext): Html {
  const named = namedPart(type);
  if (named === undefined) return type.signature;
  const title = `${named.type.name}${named.suffix}: ${describeType(type)}`;
  return h("a", { class: "wire", href: site.siteMap.of(named.type), title }, type.signature);
}

/** Returns a table cell for a type: its signature, and its name or description. */
export function typeCell(type: Type, site: SiteContext): Html {
  const named = namedPart(type);
  const words = describeType(type);
  if (named === undefined) return [h("code", {}, type.signature), " ", h("span", { class: "words" }, words)];
  const link = h("a", { href: site.siteMap.of(named.type) }, breakableName(named.type.name), named.suffix);
  return [h("code", { title: words }, type.signature), " ", h("code", { class: "named" }, link)];
}

/** Inserts line break opportunities after opening brackets, and after commas that no space follows. */
function breakable(text: string): Html {
  return text.split(/(?<=[(<]|,(?! )|\. )/).flatMap((part, index) => (index === 0 ? [part] : [h("wbr", {}), part]));
}
