import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import { XINCLUDE } from "./vocabulary.ts";
import type { XmlElement } from "./xml-element.ts";

/** Returns whether an element is an `xi:include`. */
export function isInclude(element: XmlElement): boolean {
  return element.namespace === XINCLUDE && element.name === "include";
}

/** Returns the path of the file that an `xi:include` in the file `from` names. Reports an include that is not allowed and returns undefined. */
export function includedPath(include: XmlElement, from: string, diagnostics: Diagnostics): string | undefined {
  const href = include.attributes.find(({ name }) => name === "href");
  if (href === undefined || href.value === "") {
    diagnostics.report("include", include.span, "an include must have an href that names a file");
    return undefined;
  }
  const parse = include.attributes.find(({ name }) => name === "parse" || name === "xpointer");
  if (parse !== undefined && !(parse.name === "parse" && parse.value === "xml")) {
    diagnostics.report("include", parse.span, "only whole XML files can be included");
    return undefined;
  }
  const segments = href.value.split("/").filter((segment) => segment !== ".");
  if (/^[/\\]|:|\\|%/.test(href.value) || segments.some((segment) => segment === "" || segment === "..")) {
    diagnostics.report(
      "include",
      href.valueSpan,
      "an include must name a file in the folder of the including file or below it",
      {
        hint: "pass the other file to the generator too, or move it",
      },
    );
    return undefined;
  }
  return [...from.split("/").slice(0, -1), ...segments].join("/");
}
