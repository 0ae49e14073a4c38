import { Variant } from "@dbus-codegen-ts/runtime";

/** A token of text in GVariant format. */
const TOKEN = /\s*([()[\]{}<>:,]|@[a-z{}()]+|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[A-Za-z0-9_+.-]+)/y;
const KEYWORDS: Readonly<Record<string, string>> = { uint32: "u", objectpath: "o", int32: "i", uint16: "q", byte: "y" };

/**
 * Parses text in GVariant format: tuples and arrays become arrays, dictionaries become records, and variants keep
 * their type.
 */
export function parseGVariant(text: string): unknown {
  const tokens: string[] = [];
  const pattern = new RegExp(TOKEN);
  while (pattern.lastIndex < text.trimEnd().length) {
    const [, token] = pattern.exec(text) ?? [];
    if (token === undefined) throw new SyntaxError(`no GVariant text: ${text}`);
    tokens.push(token);
  }
  return new Reader(tokens).value().value;
}

/** A parsed value and its D-Bus type. */
interface Typed {
  readonly value: unknown;
  readonly type: string;
}

class Reader {
  readonly #tokens: string[];

  constructor(tokens: string[]) {
    this.#tokens = tokens;
  }

  value(): Typed {
    const token = this.#next();
    if (token.startsWith("@")) return { ...this.value(), type: token.slice(1) };
    const keyword = KEYWORDS[token];
    if (keyword !== undefined) return { ...this.value(), type: keyword };
    if (token === "<") return this.#variant();
    if (token === "{") return this.#dictionary();
    if (token === "(" || token === "[") return this.#list(token === "(" ? ")" : "]");
    if (token === "true" || token === "false") return { value: token === "true", type: "b" };
    if (/^['"]/.test(token)) return { value: unquote(token), type: "s" };
    return { value: Number(token), type: "i" };
  }

  #variant(): Typed {
    const { value, type } = this.value();
    this.#expect(">");
    return { value: new Variant(type, value), type: "v" };
  }

  #list(end: string): Typed {
    const items: Typed[] = [];
    while (this.#tokens[0] !== end) {
      items.push(this.value());
      if (this.#tokens[0] !== end) this.#expect(",");
    }
    this.#expect(end);
    const types = items.map(({ type }) => type);
    const type = end === ")" ? `(${types.join("")})` : `a${types[0] ?? "s"}`;
    return { value: items.map(({ value }) => value), type };
  }

  #dictionary(): Typed {
    const entries: (readonly [string, unknown])[] = [];
    let type = "a{sv}";
    while (this.#tokens[0] !== "}") {
      const key = this.value();
      this.#expect(":");
      const { value, type: valueType } = this.value();
      entries.push([String(key.value), value]);
      type = `a{${key.type}${valueType}}`;
      if (this.#tokens[0] !== "}") this.#expect(",");
    }
    this.#expect("}");
    return { value: Object.fromEntries(entries), type };
  }

  #next(): string {
    return this.#tokens.shift() ?? "";
  }

  #expect(token: string): void {
    const found = this.#next();
    if (found !== token) throw new SyntaxError(`expected ${token}, found ${found}`);
  }
}

function unquote(token: string): string {
  return token.slice(1, -1).replace(/\\(.)/g, (_, character: string) => (character === "n" ? "\n" : character));
}
