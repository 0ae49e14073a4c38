import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import { XINCLUDE } from "./vocabulary.ts";
import type { XmlElement } from "./xml-element.ts";

export function isInclude(element: XmlElement): boolean {
  return element.namespace === XINCLUDE && element.name === "include";
}

/** Path that an `xi:include` names, relative to the same place as `from`; undefined after a complaint. */
export function includedPath(include: XmlElement, from: string, diagnostics: Diagnostics): string | undefined {
  const href = include.attributes.find(({ name }) => name === "href");
  if (href === undefined || href.value === "") {
    diagnostics.report("include", include.span, "an include names a file in its href");
    return undefined;
  }
  const parse = include.attributes.find(({ name }) => name === "parse" || name === "xpointer");
  if (parse !== undefined && !(parse.name === "parse" && parse.value === "xml")) {
    diagnostics.report("include", parse.span, "only whole XML files can be included");
    return undefined;
  }
  const segments = href.value.split("/").filter((segment) => segment !== ".");
  if (/^[/\\]|:|\\|%/.test(href.value) || segments.some((segment) => segment === "" || segment === "..")) {
    diagnostics.report("include", href.valueSpan, "an include stays in the folder of the file that includes", {
      hint: "give the other file to the generator too, or move it",
    });
    return undefined;
  }
  return [...from.split("/").slice(0, -1), ...segments].join("/");
}
