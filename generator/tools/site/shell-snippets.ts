import { Properties } from "@dbus-codegen-ts/runtime/standard/org.freedesktop.DBus.Properties";
import type { Interface, Method, Property, Signal } from "../../compiler/resolve/ir.ts";
import { shellWord } from "../../compiler/text/escape.ts";
import { type Examples, isValidInShell } from "./example.ts";
import { busctlWords, gvariantText } from "./example-text.ts";
import type { Placeholders, Snippet, SnippetPart } from "./snippet.ts";

/** The commands of `busctl` and `gdbus` for an interface and its members. */
export class ShellSnippets {
  readonly #iface: Interface;
  readonly #places: Placeholders;
  readonly #examples: Examples;

  /** @param examples - Values that a client provides. */
  constructor(iface: Interface, places: Placeholders, examples: Examples) {
    this.#iface = iface;
    this.#places = places;
    this.#examples = examples;
  }

  /** Returns commands that introspect an object. */
  interface(): readonly Snippet[] {
    return [
      shell("busctl", this.#busctl("introspect", [], this.#iface.name)),
      shell("gdbus", this.#gdbus("introspect", this.#gdbusTarget())),
    ];
  }

  /** Returns commands that call a method. The result is empty if it takes a file descriptor. */
  method(method: Method): readonly Snippet[] {
    const signature = method.in.map(({ type }) => type.signature).join("");
    if (!isValidInShell(signature)) return [];
    const given = method.in.map((arg) => this.#examples.of(arg.type, arg.name));
    const words = given.flatMap(busctlWords);
    const rest = [this.#iface.name, method.name, ...(signature === "" ? [] : [signature, ...words])];
    return [
      shell("busctl", this.#busctl("call", words, ...rest)),
      shell("gdbus", this.#gdbusCall(`${this.#iface.name}.${method.name}`, given.map(gvariantText))),
    ];
  }

  /** Returns commands that print a signal when it is received. */
  signal(signal: Signal): readonly Snippet[] {
    const match = `type='signal',interface='${this.#iface.name}',member='${signal.name}'`;
    return [
      shell("busctl", ["busctl ", this.#places.bus("--user"), ` monitor --match ${shellWord(match)}`]),
      shell("gdbus", this.#gdbus("monitor", this.#gdbusTarget())),
    ];
  }

  /** Returns commands that read and set a property, as far as its access allows. */
  property({ name, access, type }: Property): readonly Snippet[] {
    const value = this.#examples.of(type, name);
    const words = busctlWords(value);
    const iface = this.#iface.name;
    const lines: { readonly busctl: readonly SnippetPart[]; readonly gdbus: readonly SnippetPart[] }[] = [];
    if (access !== "write")
      lines.push({
        busctl: this.#busctl("get-property", [], iface, name),
        gdbus: this.#gdbusCall(`${Properties.name}.Get`, [iface, name]),
      });
    if (access !== "read" && isValidInShell(type.signature))
      lines.push({
        busctl: this.#busctl("set-property", words, iface, name, type.signature, ...words),
        gdbus: this.#gdbusCall(`${Properties.name}.Set`, [iface, name, `<${gvariantText(value)}>`]),
      });
    if (lines.length === 0) return [];
    return [shell("busctl", ...lines.map((line) => line.busctl)), shell("gdbus", ...lines.map((line) => line.gdbus))];
  }

  /** @param values - Words that may look like options. */
  #busctl(verb: string, values: readonly string[], ...rest: readonly string[]): readonly SnippetPart[] {
    const { name, path } = this.#places;
    const dashes = values.some((word) => word.startsWith("-")) ? " --" : "";
    const words = rest.map(shellWord).join(" ");
    return ["busctl ", this.#places.bus("--user"), `${dashes} ${verb} `, name, " ", path, ` ${words}`];
  }

  #gdbusCall(method: string, values: readonly string[]): readonly SnippetPart[] {
    const words = values.map((value) => ` ${shellWord(value)}`).join("");
    const dashes = values.some((value) => value.startsWith("-")) ? " --" : "";
    return this.#gdbus("call", [...this.#gdbusTarget(), ` --method ${method}${dashes}${words}`]);
  }

  #gdbus(verb: string, parts: readonly SnippetPart[]): readonly SnippetPart[] {
    return [`gdbus ${verb} `, this.#places.bus("--session"), ...parts];
  }

  #gdbusTarget(): readonly SnippetPart[] {
    return [" --dest ", this.#places.name, " --object-path ", this.#places.path];
  }
}

function shell(kind: "busctl" | "gdbus", ...lines: readonly (readonly SnippetPart[])[]): Snippet {
  const body = lines.flatMap((line, index) => (index === 0 ? line : ["\n", ...line]));
  return { kind, language: "sh", imports: [], body };
}
