// Writes the specs of the other Telepathy dialects to node_modules/.cache/specs, from ../telepathy and the differences in
// this folder. README.md describes the elements. Usage: node specs/telepathy-dialects/derive.mjs
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = "im.telepathy1";
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

/** Returns a pattern of a member with its text, as a direct child of its interface. */
function memberPattern(kind, name) {
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
      else if (dictionary !== undefined) {
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

for (const name of readdirSync(here).filter((file) => file.endsWith(".dialect"))) {
  const dialect = readFileSync(`${here}${name}`, "utf8");
  const { name: dialectName, root } = attributesOf(/<dialect[^>]*>/.exec(dialect)[0]);
  const differences = new Map(
    [...dialect.matchAll(/<interface name="([^"]*)">([\s\S]*?)\n {2}<\/interface>/g)].map(([, iface, text]) => [
      iface,
      text,
    ]),
  );
  const folder = `${here}../../node_modules/.cache/specs/${dialectName}`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(base)) {
    const iface = file.replace(/\.xml$/, "");
    const spec = applyDifferences(readFileSync(`${base}/${file}`, "utf8"), differences.get(iface) ?? "", file);
    differences.delete(iface);
    const renamed = spec.replaceAll(ROOT, root).replaceAll("/im/telepathy1", `/${root.replaceAll(".", "/")}`);
    const [, name = iface] = /<interface name="([^"]*)"/.exec(renamed) ?? [];
    writeFileSync(`${folder}/${name}.xml`, renamed);
  }
  if (differences.size > 0) throw new Error(`${name}: there is no spec of ${[...differences.keys()].join(", ")}`);
}
