import { readSignature } from "@dbus-codegen-ts/runtime/grammar";
import type { Type } from "../../../compiler/resolve/ir.ts";
import { plainType } from "../../../compiler/resolve/plain-type.ts";
import type { SiteContext } from "../context.ts";
import { describeType } from "../describe-type.ts";
import { RUNTIME_TYPES } from "../runtime-types.ts";
import { typescriptCode } from "./code.ts";
import { h } from "./element.ts";
import type { Page } from "./page.ts";
import { type Row, table } from "./table.ts";

const EXAMPLES = "ybnqiuxtdsogvhasaya{sv}a{us}(su)";

/** Returns the types of the table: all basic types, and an example of each container. */
function exampleTypes(): readonly Type[] {
  const result = readSignature(EXAMPLES);
  return result.ok ? result.types.map(plainType) : [];
}

/** Returns the page about D-Bus types, their types in TypeScript, and types of the runtime. */
export function typesPage(site: SiteContext): Page {
  const rows = exampleTypes().map(
    (type): Row => ({
      cells: [
        h("code", {}, type.signature),
        describeType(type),
        h("code", {}, typescriptCode(site.types.type(type), site)),
      ],
    }),
  );
  const runtime = RUNTIME_TYPES.map(([name, meaning]): Row => ({ id: name, cells: [h("code", {}, name), meaning] }));
  return {
    title: "Types",
    main: [
      h("h1", {}, "Types"),
      h(
        "p",
        {},
        "How D-Bus types are written in signatures, and as which types TypeScript code receives and passes their values.",
      ),
      table("D-Bus types", ["D-Bus", "Meaning", "TypeScript"], rows),
      h("h2", {}, "Types of the runtime"),
      h("p", {}, "These are exported by ", h("code", {}, "@dbus-codegen-ts/runtime"), "."),
      table("Types of the runtime", ["Type", "Meaning"], runtime),
    ],
    hasMembers: false,
  };
}
