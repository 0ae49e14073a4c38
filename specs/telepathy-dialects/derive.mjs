// Writes the specs of the other Telepathy dialects to node_modules/.cache/specs, from ../telepathy and the differences in
// this folder. README.md describes the elements. Usage: node specs/telepathy-dialects/derive.mjs
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = "im.telepathy1";
/** Elements of types by the attributes of `remove`. */
const TYPE_ELEMENTS = { enum: "tp:enum", simpleType: "tp:simple-type" };
const here = fileURLToPath(new URL(".", import.meta.url));
const base = `${here}../telepathy`;

/** Returns the values of the attributes in a start tag. */
function attributesOf(tag) {
  const attributes = [...tag.matchAll(/([\w:-]+)="([^"]*)"/g)];
  return Object.fromEntries(attributes.map(([, name, value]) => [name, value.replaceAll("&quot;", '"')]));
}

/** Returns a text with the only occurrence of a pattern replaced. */
function replaceOnce(text, pattern, replacement, file) {
  if ([...text.matchAll(new RegExp(pattern, "g"))].length !== 1) throw new Error(`${file}: not exactly one ${pattern}`);
  return text.replace(new RegExp(pattern), (...match) => replacement(match));
}

/** Returns a pattern of a member, type or flag with its text, as a direct child of its interface or flags. */
function memberPattern(attribute, name) {
  if (attribute === "flag") return `\\n      <tp:flag suffix="${name}"[^>]*>[\\s\\S]*?\\n      </tp:flag>(?=\\n)`;
  const kind = TYPE_ELEMENTS[attribute] ?? attribute;
  return `\\n    <${kind} name="${name}"[^>]*>[\\s\\S]*?\\n    </${kind}>\\n`;
}

/** Returns the spec of an interface with its differences. */
function applyDifferences(spec, differences, file) {
  let result = spec;
  const additions = differences.replace(
    /\n *<(remove|rename)\b([^>]*)\/>|\n *<(insert)\b([^>]*)>([\s\S]*?\n)[ ]*<\/insert>/g,
    (_, simple, simpleTag, insert, insertTag, content) => {
      const { from, to, before, method, dictionary, ...removed } = attributesOf(simpleTag ?? insertTag);
      if (simple === "rename") result = result.replaceAll(from, to);
      else if (insert !== undefined && removed.signal !== undefined) {
        const pattern = `(<signal name="${removed.signal}"(?:(?!</signal>)[\\s\\S])*\\n)(    </signal>)`;
        result = replaceOnce(result, pattern, ([, head, end]) => `${head}${content.slice(1)}${end}`, file);
      } else if (dictionary !== undefined) {
        const pattern = `(<dct:dictionary name="${dictionary}"(?:(?!</dct:dictionary>)[\\s\\S])*\\n)(    </dct:dictionary>)`;
        result = replaceOnce(result, pattern, ([, head, end]) => `${head}${content.slice(1)}${end}`, file);
      } else if (insert !== undefined) {
        const pattern = `(<method name="${method}"(?:(?!</method>)[\\s\\S])*?\\n)(      <arg direction="${before}")`;
        result = replaceOnce(result, pattern, ([, head, arg]) => `${head}${content.slice(1)}${arg}`, file);
      } else {
        const [kind, name] = Object.entries({ method, ...removed }).find(([, value]) => value !== undefined);
        result = replaceOnce(result, memberPattern(kind, name), () => "", file);
      }
      return "";
    },
  );
  return additions.trim() === ""
    ? result
    : result.replace(/ *<\/interface>\n/, (end) => `\n    ${additions.trim()}\n${end}`);
}

/** Returns the files of a folder by name; empty if there is no such folder. */
function readSpecs(folder) {
  const files = existsSync(folder) ? readdirSync(folder) : [];
  return new Map(files.map((file) => [file, readFileSync(`${folder}/${file}`, "utf8")]));
}

for (const name of readdirSync(here).filter((file) => file.endsWith(".dialect"))) {
  const dialect = readFileSync(`${here}${name}`, "utf8");
  const { name: dialectName, root } = attributesOf(/<dialect[^>]*>/.exec(dialect)[0]);
  const specs = readSpecs(base);
  for (const [, tag, differences] of dialect.matchAll(/<interface( name="[^>]*)>([\s\S]*?)\n {2}<\/interface>/g)) {
    const { name: iface, from = iface } = attributesOf(tag);
    const spec = specs.get(`${from}.xml`);
    if (spec === undefined) throw new Error(`${name}: there is no spec of ${from}`);
    specs.set(`${iface}.xml`, applyDifferences(spec, differences, `${iface}.xml`));
  }
  // Complete specs replace those of other versions.
  for (const [file, spec] of readSpecs(`${here}${dialectName}`)) specs.set(file.replace(/\.spec$/, ".xml"), spec);
  const folder = `${here}../../node_modules/.cache/specs/${dialectName}`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [file, spec] of specs) {
    const renamed = spec.replaceAll(ROOT, root).replaceAll("/im/telepathy1", `/${root.replaceAll(".", "/")}`);
    const [, iface = file.replace(/\.xml$/, "")] = /<interface name="([^"]*)"/.exec(renamed) ?? [];
    writeFileSync(`${folder}/${iface}.xml`, renamed);
  }
}
