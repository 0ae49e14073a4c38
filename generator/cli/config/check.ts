import { TARGETS } from "../../compiler/emit/emit.ts";
import { nearestWord } from "../../compiler/text/nearest-word.ts";
import {
  isRuleKey,
  isSetting,
  RULE_KEYS,
  type RuleKey,
  type Rules,
  SETTINGS,
  type Setting,
} from "../../tools/lint/settings.ts";
import type { Config } from "./config.ts";

/** A config, or all that is wrong with it: `path: what is wrong, and what is accepted`. */
export type Checked =
  | { readonly config: Config; readonly problems?: never }
  | { readonly problems: readonly string[]; readonly config?: never };

const EXTENSIONS: readonly NonNullable<Config["importExtension"]>[] = [".js", ".ts", ""];

type Key = keyof Config;
const KEYS = Object.keys({
  specs: true,
  out: true,
  targets: true,
  importExtension: true,
  runtimeModule: true,
  contractsOnly: true,
  rename: true,
  annotate: true,
  rules: true,
} satisfies Record<Key, true>);

/** Reads what somebody wrote as a config. */
export function checkConfig(value: unknown): Checked {
  const checker = new Checker();
  const config = checker.config(value);
  return checker.problems.length === 0 ? { config } : { problems: checker.problems };
}

class Checker {
  readonly problems: string[] = [];

  config(value: unknown): Config {
    if (!this.#isRecord(value, "")) return {};
    for (const key of Object.keys(value)) if (!KEYS.includes(key)) this.#unknown(key, "", KEYS);
    const read = <T>(key: Key, reader: (value: unknown, path: string) => T | undefined): T | undefined =>
      value[key] === undefined ? undefined : reader(value[key], key);
    const specs = read("specs", (list, path) => this.#list(list, path, (item, at) => this.#specPath(item, at)));
    const out = read("out", (text, path) => this.#text(text, path, "a folder"));
    const targets = read("targets", (list, path) =>
      this.#list(list, path, (item, at) => this.#oneOf(item, at, TARGETS)),
    );
    const importExtension = read("importExtension", (text, path) => this.#oneOf(text, path, EXTENSIONS));
    const runtimeModule = read("runtimeModule", (text, path) => this.#text(text, path, "the name of a module"));
    const contractsOnly = read("contractsOnly", (item, path) => this.#boolean(item, path));
    const rename = read("rename", (record, path) =>
      this.#record(record, path, (item, at) => this.#text(item, at, "an identifier")),
    );
    const annotate = read("annotate", (record, path) =>
      this.#record(record, path, (item, at) => this.#record(item, at, (text, inner) => this.#value(text, inner))),
    );
    const rules = read("rules", (record, path) => this.#rules(record, path));
    return {
      ...(specs && { specs }),
      ...(out !== undefined && { out }),
      ...(targets && { targets }),
      ...(importExtension !== undefined && { importExtension }),
      ...(runtimeModule !== undefined && { runtimeModule }),
      ...(contractsOnly !== undefined && { contractsOnly }),
      ...(rename && { rename }),
      ...(annotate && { annotate }),
      ...(rules && { rules }),
    };
  }

  #specPath(value: unknown, path: string): string | undefined {
    const text = this.#text(value, path, "a file or folder");
    if (text === undefined || !/[*?{]/.test(text)) return text;
    return this.#fail(path, `"${text}" is a pattern; name a folder, which stands for all .xml files below it`);
  }

  #rules(value: unknown, path: string): Rules | undefined {
    if (!this.#isRecord(value, path)) return undefined;
    const rules = new Map<RuleKey, Setting>();
    for (const [key, setting] of Object.entries(value)) {
      if (!isRuleKey(key)) this.#unknown(key, path, RULE_KEYS, "; dbus-codegen explain lists the rules");
      else if (typeof setting === "string" && isSetting(setting)) rules.set(key, setting);
      else this.#oneOf(setting, `${path}${keyed(key)}`, SETTINGS);
    }
    // The keys are those of the type: each was checked.
    return Object.fromEntries(rules);
  }

  #list<T>(value: unknown, path: string, read: (item: unknown, path: string) => T | undefined): readonly T[] {
    if (!Array.isArray(value) || value.length === 0) {
      this.#fail(path, `${described(value)} is not a list of one or more`);
      return [];
    }
    return value.flatMap((item: unknown, index) => {
      const one = read(item, `${path}[${index}]`);
      return one === undefined ? [] : [one];
    });
  }

  #record<T>(
    value: unknown,
    path: string,
    read: (item: unknown, path: string) => T | undefined,
  ): Readonly<Record<string, T>> | undefined {
    if (!this.#isRecord(value, path)) return undefined;
    const entries = Object.entries(value).flatMap(([key, item]) => {
      const one = read(item, `${path}${keyed(key)}`);
      return one === undefined ? [] : [[key, one] as const];
    });
    return Object.fromEntries(entries);
  }

  #oneOf<T extends string>(value: unknown, path: string, accepted: readonly T[]): T | undefined {
    const found = accepted.find((one) => one === value);
    if (found !== undefined) return found;
    const near = typeof value === "string" ? nearestWord(value, accepted) : undefined;
    const all = accepted.map((one) => `"${one}"`).join(", ");
    return this.#fail(path, `${described(value)} is not one of ${all}${near ? `; did you mean "${near}"?` : ""}`);
  }

  #text(value: unknown, path: string, what: string): string | undefined {
    if (typeof value === "string" && value !== "") return value;
    return this.#fail(path, `${described(value)} is not ${what}: a text that is not empty`);
  }

  #boolean(value: unknown, path: string): boolean | undefined {
    return typeof value === "boolean" ? value : this.#fail(path, `${described(value)} is not true or false`);
  }

  #value(value: unknown, path: string): string | undefined {
    if (typeof value === "string") return value;
    return this.#fail(path, `${described(value)} is not the value of an annotation: a text such as "true"`);
  }

  #isRecord(value: unknown, path: string): value is Readonly<Record<string, unknown>> {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return true;
    this.#fail(path, `${described(value)} is not an object`);
    return false;
  }

  #unknown(key: string, path: string, known: readonly string[], more = ""): void {
    const near = nearestWord(key, known);
    const accepted = more === "" ? `; the keys are ${known.join(", ")}` : more;
    this.#fail(`${path}${keyed(key)}`, `there is no such key${near ? `; did you mean ${near}?` : accepted}`);
  }

  #fail(path: string, message: string): undefined {
    this.problems.push(`${path.replace(/^\./, "") || "the config"}: ${message}`);
  }
}

/** How a path goes on with a key. */
function keyed(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function described(value: unknown): string {
  if (typeof value === "string") return `"${value}"`;
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (value === null || ["number", "boolean", "undefined", "bigint"].includes(typeof value)) return String(value);
  return `${typeof value === "object" ? "an" : "a"} ${typeof value}`;
}
