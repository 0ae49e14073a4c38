import { textOf, tokensOf } from "../../../compiler/print/code-layout.ts";
import type { Member, NamedType } from "../../../compiler/resolve/ir.ts";
import { keysOf } from "../../../compiler/resolve/walk.ts";
import { escapeMarkdown, markdownCode } from "../../../compiler/text/escape.ts";
import type { SiteContext } from "../context.ts";
import { enumValueText, versionNotes } from "../notes.ts";
import { TYPE_KINDS, typescriptType } from "../signatures.ts";
import type { MarkdownDoc } from "./doc.ts";
import { anchor, typeMarkdown as linkedType, notesMarkdown } from "./parts.ts";
import { markdownTable, paragraphs } from "./table.ts";

/** Returns the section of a named type. */
export function typeMarkdown(type: NamedType, site: SiteContext, doc: MarkdownDoc, level: 2 | 3): string {
  const mark = "#".repeat(level);
  return paragraphs(
    anchor(site.siteMap.of(type)),
    `${mark} ${escapeMarkdown(type.name)}`,
    `${TYPE_KINDS[type.kind]} ${markdownCode(type.signature)} · ${markdownCode(textOf(tokensOf(typescriptType(type, site))))}${notesMarkdown(versionNotes(type.doc))}`,
    doc.blocks(type.doc.blocks),
    parts(type, site, doc),
  );
}

function parts(type: NamedType, site: SiteContext, doc: MarkdownDoc): string {
  switch (type.kind) {
    case "simple":
      return type.type.kind === "named" ? `A refinement of ${linkedType(type.type, site)}.` : "";
    case "enum":
    case "flags": {
      const name = site.names.type(type).name;
      const rows = type.values.map((value) => [
        `${anchor(site.siteMap.of(value))}${markdownCode(value.name)}${notesMarkdown(versionNotes(value.doc))}`,
        markdownCode(enumValueText(value)),
        markdownCode(`${name}.${site.names.member(value)}`),
        doc.cell(value.doc.blocks),
      ]);
      return rows.length === 0 ? "" : markdownTable(["Name", "Value", "TypeScript", "Meaning"], rows);
    }
    case "struct":
      return memberTable(type.members, site, doc);
    case "mapping":
      return memberTable([type.key, type.value], site, doc);
    case "dictionary": {
      const rows = keysOf(type).map((entry) => [
        `${anchor(site.siteMap.of(entry))}${markdownCode("pattern" in entry ? entry.pattern : entry.name)}${notesMarkdown(versionNotes(entry.doc))}`,
        markdownCode(site.names.member(entry)),
        linkedType(entry.type, site),
        entry.access ?? "read",
        entry.default === undefined ? "" : markdownCode(entry.default),
        doc.cell(entry.doc.blocks),
      ]);
      return rows.length === 0
        ? ""
        : markdownTable(["Key", "TypeScript", "Type", "Access", "Default", "Meaning"], rows);
    }
    case "choice": {
      const rows = type.cases.map((choiceCase) => [
        markdownCode(choiceCase.name),
        linkedType({ kind: "named", type: choiceCase.type, signature: choiceCase.type.signature }, site),
        doc.cell(choiceCase.doc.blocks),
      ]);
      return paragraphs(
        `The ${type.fields ? "field" : "key"} ${markdownCode(type.key)} selects the type.`,
        markdownTable(["Value", "Type", "Meaning"], rows),
      );
    }
  }
}

/** Returns a table of members. Members of a mapping have no names in TypeScript. */
function memberTable(members: readonly Member[], site: SiteContext, doc: MarkdownDoc): string {
  const rows = members.map((member) => {
    const identifier = site.names.optionalMember(member);
    return [
      `${markdownCode(member.name)}${notesMarkdown(versionNotes(member.doc))}`,
      identifier === undefined ? "" : markdownCode(identifier),
      linkedType(member.type, site),
      doc.cell(member.doc.blocks),
    ];
  });
  return markdownTable(["Name", "TypeScript", "Type", "Meaning"], rows);
}
