import type {
  ChoiceType,
  DictionaryType,
  Entry,
  EntryPattern,
  EnumMember,
  EnumType,
  Interface,
  Member,
  NamedType,
} from "../../../compiler/resolve/ir.ts";
import { keysOf } from "../../../compiler/resolve/walk.ts";
import type { SiteContext } from "../context.ts";
import { describeType } from "../describe-type.ts";
import { describeAccess, enumValueText, versionNotes } from "../notes.ts";
import { TYPE_KINDS, typescriptType } from "../signatures.ts";
import { breakableName } from "./breakable-name.ts";
import { typeCell, typescriptCode } from "./code.ts";
import type { HtmlDoc } from "./doc.ts";
import { type Html, type HtmlElement, h } from "./element.ts";
import { anchorOf, noteBadges } from "./page.ts";
import { sourceLink } from "./source.ts";
import { type Row, table } from "./table.ts";

/** Returns the section of a named type: its D-Bus and TypeScript types, its parts, and the declarations that use it. */
export function typeSection(type: NamedType, site: SiteContext, doc: HtmlDoc): HtmlElement {
  const location = site.siteMap.of(type);
  const id = anchorOf(location);
  return h(
    "section",
    { id },
    h(
      "h3",
      {},
      h("span", { class: "kind" }, TYPE_KINDS[type.kind]),
      " ",
      type.name,
      noteBadges(versionNotes(type.doc)),
      " ",
      sourceLink(type.span, site),
    ),
    h(
      "dl",
      {},
      h("dt", {}, "D-Bus"),
      h("dd", {}, type.signature, " ", h("span", { class: "words" }, words(type))),
      h("dt", {}, "TypeScript"),
      h("dd", {}, typescriptCode(typescriptType(type, site), site)),
    ),
    doc.blocks(type.doc.blocks),
    parts(type, site, doc),
    users(type, site),
  );
}

function words(type: NamedType): string {
  return describeType({ kind: "named", type, signature: type.signature });
}

function parts(type: NamedType, site: SiteContext, doc: HtmlDoc): Html {
  switch (type.kind) {
    case "simple":
      return type.type.kind === "named" ? h("p", {}, "A refinement of ", typeCell(type.type, site), ".") : [];
    case "enum":
    case "flags":
      return valueTable(type, site, doc);
    case "struct":
      return memberTable("Members", type.members, site, doc);
    case "mapping":
      return memberTable("Key and value", [type.key, type.value], site, doc);
    case "dictionary":
      return keyTable(type, site, doc);
    case "choice":
      return caseTable(type, site, doc);
  }
}

function valueTable(type: EnumType, site: SiteContext, doc: HtmlDoc): Html {
  const rows = type.values.map(
    (value): Row => ({
      id: anchorOf(site.siteMap.of(value)),
      cells: [nameCell(value, site), h("code", {}, enumValueText(value)), doc.blocks(value.doc.blocks)],
    }),
  );
  return rows.length === 0 ? [] : table(`Values of ${type.name}`, ["Name", "Value", "Meaning"], rows);
}

function memberTable(label: string, members: readonly Member[], site: SiteContext, doc: HtmlDoc): Html {
  const rows = members.map(
    (member): Row => ({
      cells: [nameCell(member, site), typeCell(member.type, site), doc.blocks(member.doc.blocks)],
    }),
  );
  return table(label, ["Name", "Type", "Meaning"], rows);
}

/** Returns the name in the spec and, if it differs, in TypeScript. Members of a mapping have no name in TypeScript. */
function nameCell(member: Member | EnumMember, site: SiteContext): Html {
  const identifier = site.names.optionalMember(member);
  return [
    h("code", {}, breakableName(member.name)),
    identifier === undefined || identifier === member.name
      ? []
      : h("span", { class: "second" }, h("code", { title: "in TypeScript" }, breakableName(identifier))),
    noteBadges(versionNotes(member.doc)),
  ];
}

function keyTable(type: DictionaryType, site: SiteContext, doc: HtmlDoc): Html {
  const rows = keysOf(type).map(
    (entry): Row => ({
      id: anchorOf(site.siteMap.of(entry)),
      ...(entry.doc.deprecated !== undefined && { class: "deprecated" }),
      cells: [
        "pattern" in entry ? patternCell(entry, site) : nameCell(entry, site),
        typeCell(entry.type, site),
        accessCell(entry),
        doc.blocks(entry.doc.blocks),
      ],
    }),
  );
  if (rows.length === 0) return [];
  return table(`Keys of ${type.name}`, ["Key", "Type", "Access", "Meaning"], rows);
}

/** Returns the pattern of keys, and the TypeScript member that contains the keys. */
function patternCell(entry: EntryPattern, site: SiteContext): Html {
  return [
    h("code", {}, breakableName(entry.pattern)),
    h("span", { class: "second" }, h("code", { title: "in TypeScript" }, breakableName(site.names.member(entry)))),
    noteBadges(versionNotes(entry.doc)),
  ];
}

function caseTable(type: ChoiceType, site: SiteContext, doc: HtmlDoc): Html {
  const rows = type.cases.map(
    (choiceCase): Row => ({
      cells: [
        h("code", {}, breakableName(choiceCase.name)),
        typeCell({ kind: "named", type: choiceCase.type, signature: choiceCase.type.signature }, site),
        doc.blocks(choiceCase.doc.blocks),
      ],
    }),
  );
  return table(
    `Cases of ${type.name} by its ${type.fields ? "field" : "key"} ${type.key}`,
    ["Value", "Type", "Meaning"],
    rows,
  );
}

function accessCell(entry: Entry): Html {
  const { access = "read", default: defaultValue } = entry;
  return [
    h("span", { title: describeAccess(entry) }, access),
    defaultValue === undefined ? [] : h("span", { class: "second" }, "default ", h("code", {}, defaultValue)),
  ];
}

function users(type: NamedType, site: SiteContext): Html {
  const uses = site.typeUses.get(type) ?? [];
  if (uses.length === 0) return [];
  const links = uses.map((user) =>
    "type" in user
      ? h("a", { href: site.siteMap.of(user.type) }, user.type.name)
      : h(
          "a",
          { href: site.siteMap.of(user.member) },
          memberName(user.of, user.member.name, site.siteMap.pageSubjectOf(type) === user.of),
        ),
  );
  return h(
    "p",
    { class: "users" },
    "Used by ",
    links.flatMap((link, index) => (index === 0 ? [link] : [", ", link])),
  );
}

function memberName({ name }: Interface, member: string, isHere: boolean): string {
  return isHere ? member : `${name.slice(name.lastIndexOf(".") + 1)}.${member}`;
}
