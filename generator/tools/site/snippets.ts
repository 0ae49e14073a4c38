import { type Code, type ImportRef, runtimeType, runtimeValue } from "../../compiler/emit/file-model.ts";
import type { TypeEmitter } from "../../compiler/emit/type-emitter.ts";
import type { InterfaceNames, Names } from "../../compiler/names/identifiers.ts";
import { INCOMING_PARAMETER, RESERVED_WORDS } from "../../compiler/names/reserved.ts";
import { layOut, type NameOf, refsOf, textOf, tokensOf } from "../../compiler/print/code-layout.ts";
import { stringLiteral } from "../../compiler/print/escape.ts";
import { Imports } from "../../compiler/print/imports.ts";
import type { Interface, Method, Property, Signal, Type } from "../../compiler/resolve/ir.ts";
import { Examples } from "./example.ts";
import { typescriptValue } from "./example-text.ts";
import type { SnippetTarget } from "./service-targets.ts";
import { ShellSnippets } from "./shell-snippets.ts";
import { CODE_WIDTH } from "./signatures.ts";
import { type Placeholder, Placeholders, type Snippet, type SnippetPart } from "./snippet.ts";

/** The snippets of an interface and its members. */
export class Snippets {
  readonly #iface: Interface;
  readonly #interfaceNames: InterfaceNames;
  readonly #names: Names;
  readonly #types: TypeEmitter;
  /** Values that a client provides. */
  readonly #clientExamples: Examples;
  /** Values that a service provides. */
  readonly #serviceExamples: Examples;
  /** Name of the variable that contains the client. */
  readonly variable: string;
  readonly #places: Placeholders;
  readonly #commands: ShellSnippets;

  constructor(iface: Interface, names: Names, types: TypeEmitter, target: SnippetTarget) {
    const interfaceNames = names.interface(iface);
    this.#iface = iface;
    this.#interfaceNames = interfaceNames;
    this.#names = names;
    this.#types = types;
    this.#clientExamples = new Examples(names, "client");
    this.#serviceExamples = new Examples(names, "service");
    this.variable = variableOf(interfaceNames);
    this.#places = new Placeholders(target);
    this.#commands = new ShellSnippets(iface, this.#places, this.#clientExamples);
  }

  /** Returns snippets that create a client, serve the interface, and introspect an object. */
  interface(): readonly Snippet[] {
    return [this.#clientStart(), this.#serviceStart(), ...this.#commands.interface()];
  }

  /** Returns snippets that call and implement a method. */
  method(method: Method): readonly Snippet[] {
    const args = method.in.map((arg) => this.#value(this.#clientExamples, arg));
    const call: Code = [`await ${this.variable}.${this.#nameOf(method)}`, { open: "(", items: args, close: ");" }];
    return [
      this.#code("client", [this.#result(method), call]),
      this.#code("service", ...this.#handler(method)),
      ...this.#commands.method(method),
    ];
  }

  /** Returns snippets that subscribe to and emit a signal. */
  signal(signal: Signal): readonly Snippet[] {
    const name = this.#nameOf(signal);
    const args = signal.args.map((arg) => this.#names.argument(arg));
    const values = signal.args.map((arg) => this.#value(this.#serviceExamples, arg));
    const shown = args.length === 0 ? [stringLiteral(signal.name)] : args;
    return [
      this.#code(
        "client",
        [
          `await using _ = await ${this.variable}.signals.${name}.subscribe(`,
          { open: "(", items: args, close: ") => {" },
        ],
        ["  console.log", { open: "(", items: shown, close: ");" }],
        "});",
      ),
      this.#code("service", [`this.signals.${name}`, { open: "(", items: values, close: ");" }]),
      ...this.#commands.signal(signal),
    ];
  }

  /** Returns snippets that read, set and observe a property, and that set its value in the service. */
  property(property: Property): readonly Snippet[] {
    const { access, emits } = property;
    const name = this.#nameOf(property);
    const remote = `${this.variable}.properties.${name}`;
    const lines: Code[] = [];
    if (access !== "write") lines.push(`console.log(await ${remote}.get());`);
    if (access !== "read") lines.push([`await ${remote}.set(`, this.#value(this.#clientExamples, property), ");"]);
    if (access !== "write" && (emits === "true" || emits === "invalidates"))
      lines.push(`for await (const value of ${remote}.changes) console.log(value);`);
    return [
      this.#code("client", ...lines),
      this.#code("service", [`this.properties.${name} = `, this.#value(this.#serviceExamples, property), ";"]),
      ...this.#commands.property(property),
    ];
  }

  #clientStart(): Snippet {
    const client = this.#export(this.#interfaceNames.client);
    return this.#typescript("client", [runtimeValue("connect"), client], (nameOf) => [
      "await using bus = await connect({ bus: ",
      ...quoted(this.#places.bus("session")),
      ` });\nconst ${this.variable} = new ${nameOf(client)}(bus, { destination: `,
      ...quoted(this.#places.name),
      ", path: ",
      ...quoted(this.#places.path),
      " });",
    ]);
  }

  #serviceStart(): Snippet {
    const service = this.#export(this.#interfaceNames.service);
    const initialValues = this.#initialValues();
    const refs = [runtimeValue("connect"), service, ...refsOf(initialValues)];
    const prefix = `await bus.serve("${this.#places.path.text}", new My${this.#interfaceNames.service}(`;
    const body = this.#iface.methods.length === 0 ? "" : "\n  // Implement the methods as shown below.\n";
    return this.#typescript("service", refs, (nameOf) => [
      `class My${this.#interfaceNames.service} extends ${nameOf(service)} {${body}}\n\nconst bus = await connect({ bus: `,
      ...quoted(this.#places.bus("session")),
      " });\nawait bus.serve(",
      ...quoted(this.#places.path),
      `, new My${this.#interfaceNames.service}(${layoutLine([prefix, initialValues, "));"], nameOf).slice(prefix.length)}\nawait bus.requestName(`,
      ...quoted(this.#places.name),
      ");",
    ]);
  }

  /** Returns the initial values of the properties, which the constructor of the service takes. */
  #initialValues(): Code {
    if (this.#iface.properties.length === 0) return "";
    const items = this.#iface.properties.map(
      (property): Code => [`${this.#nameOf(property)}: `, this.#value(this.#serviceExamples, property)],
    );
    return { open: "{ ", items, close: " }" };
  }

  /** Returns the declaration of the variables for the results of a call. */
  #result(method: Method): Code {
    const names = method.out.map((arg) => this.#names.argument(arg));
    const [only] = names;
    if (only === undefined) return "";
    if (names.includes(this.variable) || names.includes("bus")) return "const result = ";
    return names.length === 1 ? `const ${only} = ` : ["const ", { open: "[", items: names, close: "] = " }];
  }

  #handler(method: Method): readonly Code[] {
    const parameters: readonly Code[] = [
      ...method.in.map((arg) => [`${this.#names.argument(arg)}: `, this.#types.type(arg.type)]),
      [`${INCOMING_PARAMETER}: `, runtimeType("Incoming")],
    ];
    const values = method.out.map((arg) => this.#value(this.#serviceExamples, arg));
    const [only] = values;
    const value: Code = only !== undefined && values.length === 1 ? only : { open: "[", items: values, close: "]" };
    return [
      [
        `async ${this.#nameOf(method)}`,
        { open: "(", items: parameters, close: ")" },
        ": Promise<",
        this.#types.result(method.out),
        "> {",
      ],
      only === undefined ? "  // …" : ["  return ", value, ";"],
      "}",
    ];
  }

  #value(examples: Examples, { type, name }: { readonly type: Type; readonly name: string }): Code {
    return typescriptValue(examples.of(type, name), this.#types);
  }

  #nameOf(member: Method | Signal | Property): string {
    return this.#names.member(member);
  }

  #export(name: string): ImportRef {
    return { name, from: { kind: "generated", module: this.#interfaceNames.module }, isType: false };
  }

  #code(kind: "client" | "service", ...lines: readonly Code[]): Snippet {
    return this.#typescript(kind, refsOf(lines), (nameOf) => [
      lines.map((line) => layoutLine(line, nameOf)).join("\n"),
    ]);
  }

  #typescript(
    kind: "client" | "service",
    refs: readonly ImportRef[],
    write: (nameOf: NameOf) => readonly SnippetPart[],
  ): Snippet {
    const imports = new Imports(refs, [], { extension: ".js", folder: "./generated/" });
    const statements = imports.statements().map((statement) => textOf(tokensOf(statement)));
    return { kind, language: "ts", imports: statements, body: write(imports.nameOf) };
  }
}

function layoutLine(code: Code, nameOf: NameOf): string {
  return textOf(layOut(code, { width: CODE_WIDTH, nameOf }), nameOf);
}

function quoted(placeholder: Placeholder): readonly SnippetPart[] {
  return ['"', placeholder, '"'];
}

/** Returns the name of the variable for a client: the name of the contract with a lower-case first letter. */
function variableOf({ contract, client }: InterfaceNames): string {
  const lower = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);
  const name = lower(contract);
  return RESERVED_WORDS.has(name) || OTHER_VARIABLES.has(name) ? lower(client) : name;
}

/** Names of other variables in snippets, which the variable for the client must not have. */
const OTHER_VARIABLES = new Set(["bus", "value", "result", "console", "_"]);
