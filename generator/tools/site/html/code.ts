import type { Code } from "../../../compiler/emit/file-model.ts";
import { layOut } from "../../../compiler/print/code-layout.ts";
import type { Type } from "../../../compiler/resolve/ir.ts";
import type { SiteContext } from "../context.ts";
import { namedPart, typeInWords } from "../describe-type.ts";
import { CODE_WIDTH, type WirePiece } from "../signatures.ts";
import { type Html, h } from "./element.ts";
import { dotted } from "./page.ts";

/** TypeScript in which described names are links. */
export function typescriptCode(code: Code, site: SiteContext): Html {
  return h(
    "code",
    {},
    layOut(code, { width: CODE_WIDTH, nameOf: ({ name }) => name }).map((token) => {
      if (typeof token === "string") return token;
      const place = site.placeOf(token);
      return place === undefined ? token.name : h("a", { href: place }, token.name);
    }),
  );
}

/** A D-Bus signature; pointing at a type tells it in words. */
export function wireCode(pieces: readonly WirePiece[], site: SiteContext): Html {
  return h(
    "code",
    {},
    pieces.map((piece) => (typeof piece === "string" ? breakable(piece) : wireSpan(piece, site))),
  );
}

/** A type and the name of what has it, on one line. */
function wireSpan({ type, name }: Exclude<WirePiece, string>, site: SiteContext): Html {
  const written = wireType(type, site);
  if (name === "") return written;
  return name.length + type.signature.length > 28
    ? [written, ` ${name}`]
    : h("span", { class: "nowrap" }, written, ` ${name}`);
}

function wireType(type: Type, site: SiteContext): Html {
  const named = namedPart(type);
  const words = typeInWords(type);
  if (named === undefined) return h("span", { class: "wire", title: words }, type.signature);
  const title = `${named.type.name}${named.suffix}: ${words}`;
  return h("a", { class: "wire", href: site.places.of(named.type), title }, type.signature);
}

/** A type in a table: its signature, and under it the name of its meaning. */
export function typeCell(type: Type, site: SiteContext): Html {
  const named = namedPart(type);
  const signature = h("code", { class: "wire", title: typeInWords(type) }, type.signature);
  if (named === undefined) return [signature, " ", h("span", { class: "words" }, typeInWords(type))];
  const link = h("a", { href: site.places.of(named.type) }, dotted(named.type.name), named.suffix);
  return [signature, " ", h("code", { class: "named" }, link)];
}

/** Long lines may break after what opens a list or ends an item. */
function breakable(text: string): Html {
  return text.split(/(?<=[(<,]|\. )/).flatMap((part, index) => (index === 0 ? [part] : [h("wbr", {}), part]));
}
