import { SEEDS } from "./seeds.ts";

/** Specs by path. */
export type Mutant = Readonly<Record<string, string | Uint8Array>>;

/** Returns the mutated spec of a seed. The same seed results in the same spec on every machine. */
export function mutant(seed: number): Mutant {
  const random = new Random(seed);
  let text = random.of(SEEDS);
  for (let count = 1 + random.below(3); count > 0; count--) text = random.of(MUTATIONS)(text, random);
  const content = random.below(8) === 0 ? mutateBytes(Buffer.from(text), random) : text;
  const hasOther = text.includes("other.xml") || random.below(10) === 0;
  return { "mutant.xml": content, ...(hasOther && { "other.xml": random.of(SEEDS) }) };
}

/** A pseudorandom number generator with a seed (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** Returns an integer that is at least 0 and less than a bound. */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  }

  of<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError("nothing to choose from");
    return item;
  }
}

type Mutation = (text: string, random: Random) => string;

/** Texts that caused errors in code generators. */
const VALUES: readonly string[] = [
  ...[
    "",
    "s",
    "u",
    "ay",
    "as",
    "au",
    "a{sv}",
    "a{vs}",
    "(us)",
    "()",
    "a(uas)",
    "aay",
    "{sv}",
    "v",
    "h",
    "t",
    "ss",
    "z",
    "a{o(uas)}",
  ],
  ...[
    "in",
    "out",
    "inout",
    "read",
    "write",
    "readwrite",
    "true",
    "false",
    "const",
    "invalidates",
    "0",
    "-1",
    "0xFFFFFFFF",
    "1e3",
  ],
  ...[
    "Pair",
    "Pair[]",
    "Pair[][]",
    "Table",
    "Handle",
    "Handle[]",
    "Contact",
    "Kind",
    "Flag",
    "Settings",
    "Settings[]",
    "Socket",
    "Socket[]",
  ],
  ...[
    "then",
    "constructor",
    "__proto__",
    "prototype",
    "hasOwnProperty",
    "properties",
    "signals",
    "class",
    "await",
    "arguments",
    "call",
  ],
  ...[
    "Client",
    "Bus",
    "Error",
    "Map",
    "Object",
    "Promise",
    "Variant",
    "_",
    "__",
    "a_b",
    "A_B",
    "AB",
    "aB",
    "toString",
    "incoming",
    "extra",
  ],
  ...[
    "org.example.Player1",
    "org.example.player1",
    "im.example.Error.Busy",
    "im.example.Error",
    "other.xml",
    "../x",
    "/a/b",
    "a/b",
    "x.y",
  ],
  ...[
    "org.freedesktop.DBus.Deprecated",
    "org.freedesktop.DBus.Method.NoReply",
    "org.freedesktop.DBus.Properties",
    "org.gtk.GDBus.DocString",
  ],
  ...[
    "*/",
    "/*",
    "*",
    "/",
    "//",
    "\\",
    "`",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a hostile spec contains it
    "${x}",
    "{@link x}",
    "@throws",
    "&lt;b&gt;",
    "&#42;/",
    "&amp;",
    "&api;",
    "&#0;",
    "&",
    "'",
    "\u2028",
    "\u{1F600}",
  ],
  ...["*/ process.exit() /*", "&#10;", "&#13;", "]]>", "-->", "é", "x(){}", "a".repeat(256), "\uFFFE"],
];

const NAMES: readonly string[] = [
  ...[
    "node",
    "interface",
    "method",
    "signal",
    "property",
    "arg",
    "annotation",
    "metod",
    "tp:docstring",
    "tp:struct",
    "tp:member",
  ],
  ...[
    "tp:mapping",
    "tp:enum",
    "tp:enumvalue",
    "tp:flags",
    "tp:flag",
    "tp:simple-type",
    "tp:errors",
    "tp:error",
    "tp:possible-errors",
  ],
  ...[
    "tp:rationale",
    "tp:added",
    "tp:deprecated",
    "tp:copyright",
    "tp:pre",
    "tp:dl",
    "tp:dt",
    "tp:dd",
    "dct:dictionary",
    "dct:key",
  ],
  ...["doc:doc", "xi:include", "p", "ul", "li", "em", "pre", "code", "constructor", "__proto__", "toString", "x:y"],
];
const ATTRIBUTES: readonly string[] = [
  ...[
    "name",
    "type",
    "direction",
    "access",
    "value",
    "suffix",
    "tp:type",
    "array-name",
    "namespace",
    "href",
    "parse",
    "version",
  ],
  ...["default", "since", "xmlns", "xmlns:tp", "__proto__", "constructor", "typo"],
];

const TOKEN = /<!--[\s\S]*?-->|<[^>]*>|[^<]+/g;
const ATTRIBUTE = /\s[\w:-]+="[^"]*"/g;

const MUTATIONS: readonly Mutation[] = [
  // Most of the meaning of a spec is in attribute values.
  ...Array.from({ length: 4 }, (): Mutation => replaceOne(/(?<==")[^"]*(?=")/g, (random) => random.of(VALUES))),
  replaceOne(/(?<=="[^"]*)[\w.](?=[^"]*")/g, (random) => random.of(VALUES)),
  replaceOne(ATTRIBUTE, () => ""),
  replaceOne(/(?<=\s)[\w:-]+(?==")/g, (random) => random.of(ATTRIBUTES)),
  replaceOne(/(?=\/?>)/g, (random) => ` ${random.of(ATTRIBUTES)}="${random.of(VALUES)}"`),
  replaceOne(/(?<=<)[\w:-]+(?=[^>]*\/>)/g, (random) => random.of(NAMES)),
  (text, random) => {
    const [from, to] = [random.of(text.match(/(?<=<)[\w:-]+/g) ?? ["node"]), random.of(NAMES)];
    return text.replaceAll(new RegExp(`(?<=</?)${from}(?=[\\s/>])`, "g"), () => to);
  },
  replaceOne(/(?<=>)[^<>]*(?=<)/g, (random) => random.of(VALUES)),
  replaceOne(/(?<=>)(?=\s*<)/g, (random) => {
    const name = random.of(NAMES);
    return `<${name} name="${random.of(VALUES)}" type="${random.of(VALUES)}">${random.of(VALUES)}</${name}>`;
  }),
  replaceOne(/(?<=>)(?=\s*<)/g, (random) =>
    random.of([`<!--${random.of(VALUES)}-->`, `<![CDATA[${random.of(VALUES)}]]>`, "<?x y?>"]),
  ),
  // Remove or repeat whole elements, or take them from another spec.
  replaceOne(/<([\w:-]+)(?:\s[^>]*)?(?:\/>|>[\s\S]*?<\/\1>)/g, () => ""),
  replaceOne(/<([\w:-]+)(?:\s[^>]*)?(?:\/>|>[\s\S]*?<\/\1>)/g, (_, old) => old + old),
  replaceOne(/<([\w:-]+)(?:\s[^>]*)?(?:\/>|>[\s\S]*?<\/\1>)/g, (random) =>
    random.of(random.of(SEEDS).match(/<([\w:-]+)(?:\s[^>]*)?(?:\/>|>[\s\S]*?<\/\1>)/g) ?? [""]),
  ),
  // Change single tags and texts, so that the XML is not well-formed.
  replaceOne(TOKEN, () => "", true),
  replaceOne(TOKEN, (random) => random.of(random.of(SEEDS).match(TOKEN) ?? [""]), true),
  (text) => text.replaceAll("\n", "\r\n"),
];

/** Replaces one match of a pattern inside the root element, or anywhere if `anywhere` is true. */
function replaceOne(pattern: RegExp, replacement: (random: Random, old: string) => string, anywhere = false): Mutation {
  return (text, random) => {
    const root = anywhere ? -1 : text.search(/<(?:node|tp:spec)\b/);
    const matches = [...text.matchAll(pattern)].filter(({ index }) => index > root);
    if (matches.length === 0) return text;
    const { 0: old, index } = random.of(matches);
    return text.slice(0, index) + replacement(random, old) + text.slice(index + old.length);
  };
}

/** Changes, inserts, removes and repeats bytes. */
export function mutateBytes(bytes: Buffer, random: Random): Uint8Array {
  let result = bytes;
  for (let count = 1 + random.below(4); count > 0; count--) {
    const at = random.below(result.length + 1);
    const end = Math.min(result.length, at + random.below(20));
    const [before, cut, after] = [result.subarray(0, at), result.subarray(at, end), result.subarray(end)];
    const byte = Buffer.of(random.below(256));
    result = Buffer.concat(
      random.of([
        [before, byte, cut.subarray(1), after],
        [before, byte, cut, after],
        [before, after],
        [before, cut, cut, after],
        [before],
      ]),
    );
  }
  return result;
}
