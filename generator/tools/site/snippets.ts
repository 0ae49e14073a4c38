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
import { interfaceCommands, methodCommands, propertyCommands, signalCommands } from "./shell-snippets.ts";
import { CODE_WIDTH } from "./signatures.ts";
import { DESTINATION, type Fill, PATH, type Piece, type Snippet } from "./snippet.ts";

const BUS: Fill = { fill: "bus", text: "session", system: "system" };

/** Writes the snippets of one interface and its members. */
export class Snippets {
  readonly #one: Interface;
  readonly #own: InterfaceNames;
  readonly #names: Names;
  readonly #types: TypeEmitter;
  /** What a client sends. */
  readonly #given: Examples;
  /** What a service sends. */
  readonly #served: Examples;
  /** What snippets call the client. */
  readonly #variable: string;

  constructor(one: Interface, names: Names, types: TypeEmitter) {
    const own = names.interface(one);
    this.#one = one;
    this.#own = own;
    this.#names = names;
    this.#types = types;
    this.#given = new Examples(names, "client");
    this.#served = new Examples(names, "service");
    this.#variable = variableOf(own);
  }

  /** How to get a client, how to serve the interface, how to look at an object that has it. */
  interface(): readonly Snippet[] {
    return [this.#clientStart(), this.#serviceStart(), ...interfaceCommands(this.#one)];
  }

  /** How to call a method, and how to answer it. */
  method(method: Method): readonly Snippet[] {
    const args = method.in.map((arg) => this.#value(this.#given, arg));
    const call: Code = [`await ${this.#variable}.${this.#nameOf(method)}`, { open: "(", items: args, close: ");" }];
    return [
      this.#code("client", [this.#result(method), call]),
      this.#code("service", ...this.#handler(method)),
      ...methodCommands(this.#one, method, this.#given),
    ];
  }

  /** How to hear a signal, and how to emit it. */
  signal(signal: Signal): readonly Snippet[] {
    const name = this.#nameOf(signal);
    const args = signal.args.map((arg) => this.#names.argument(arg));
    const values = signal.args.map((arg) => this.#value(this.#served, arg));
    const shown = args.length === 0 ? [stringLiteral(signal.name)] : args;
    return [
      this.#code(
        "client",
        [
          `await using _ = await ${this.#variable}.signals.${name}.subscribe(`,
          { open: "(", items: args, close: ") => {" },
        ],
        ["  console.log", { open: "(", items: shown, close: ");" }],
        "});",
      ),
      this.#code("service", [`this.signals.${name}`, { open: "(", items: values, close: ");" }]),
      ...signalCommands(this.#one, signal),
    ];
  }

  /** How to read, write and follow a property, and how to give it a value. */
  property(property: Property): readonly Snippet[] {
    const { access, emits } = property;
    const name = this.#nameOf(property);
    const remote = `${this.#variable}.properties.${name}`;
    const lines: Code[] = [];
    if (access !== "write") lines.push(`console.log(await ${remote}.get());`);
    if (access !== "read") lines.push([`await ${remote}.set(`, this.#value(this.#given, property), ");"]);
    if (access !== "write" && (emits === "true" || emits === "invalidates"))
      lines.push(`for await (const value of ${remote}.changes) console.log(value);`);
    return [
      this.#code("client", ...lines),
      this.#code("service", [`this.properties.${name} = `, this.#value(this.#served, property), ";"]),
      ...propertyCommands(this.#one, property, this.#given),
    ];
  }

  #clientStart(): Snippet {
    const client = this.#export(this.#own.client);
    return this.#typescript("client", [runtimeValue("connect"), client], (nameOf) => [
      "await using bus = await connect({ bus: ",
      ...quoted(BUS),
      ` });\nconst ${this.#variable} = new ${nameOf(client)}(bus, { destination: `,
      ...quoted(DESTINATION),
      ", path: ",
      ...quoted(PATH),
      " });",
    ]);
  }

  #serviceStart(): Snippet {
    const service = this.#export(this.#own.service);
    const initial = this.#initial();
    const refs = [runtimeValue("connect"), service, ...refsOf(initial)];
    const made = `await bus.serve("${PATH.text}", new My${this.#own.service}(`;
    const body = this.#one.methods.length === 0 ? "" : "\n  // Its methods, as each of them shows below.\n";
    return this.#typescript("service", refs, (nameOf) => [
      `class My${this.#own.service} extends ${nameOf(service)} {${body}}\n\nconst bus = await connect({ bus: `,
      ...quoted(BUS),
      " });\nawait bus.serve(",
      ...quoted(PATH),
      `, new My${this.#own.service}(${layoutLine([made, initial, "));"], nameOf).slice(made.length)}\nawait bus.requestName(`,
      ...quoted(DESTINATION),
      ");",
    ]);
  }

  /** The first values of the properties, with which a service is made. */
  #initial(): Code {
    if (this.#one.properties.length === 0) return "";
    const items = this.#one.properties.map(
      (property): Code => [`${this.#nameOf(property)}: `, this.#value(this.#served, property)],
    );
    return { open: "{ ", items, close: " }" };
  }

  /** What a call gives, under names that are not those of the bus and the client. */
  #result(method: Method): Code {
    const names = method.out.map((arg) => this.#names.argument(arg));
    const [only] = names;
    if (only === undefined) return "";
    if (names.includes(this.#variable) || names.includes("bus")) return "const result = ";
    return names.length === 1 ? `const ${only} = ` : ["const ", { open: "[", items: names, close: "] = " }];
  }

  #handler(method: Method): readonly Code[] {
    const parameters: readonly Code[] = [
      ...method.in.map((arg) => [`${this.#names.argument(arg)}: `, this.#types.type(arg.type)]),
      [`${INCOMING_PARAMETER}: `, runtimeType("Incoming")],
    ];
    const values = method.out.map((arg) => this.#value(this.#served, arg));
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
    return { name, from: { kind: "generated", module: this.#own.module }, isType: false };
  }

  #code(kind: "client" | "service", ...lines: readonly Code[]): Snippet {
    return this.#typescript(kind, refsOf(lines), (nameOf) => [
      lines.map((line) => layoutLine(line, nameOf)).join("\n"),
    ]);
  }

  #typescript(
    kind: "client" | "service",
    refs: readonly ImportRef[],
    write: (nameOf: NameOf) => readonly Piece[],
  ): Snippet {
    const imports = new Imports(refs, [], { extension: ".js", folder: "./generated/" });
    const statements = imports.statements().map((statement) => textOf(tokensOf(statement)));
    return { kind, language: "ts", imports: statements, body: write(imports.nameOf) };
  }
}

function layoutLine(code: Code, nameOf: NameOf): string {
  return textOf(layOut(code, { width: CODE_WIDTH, nameOf }), nameOf);
}

function quoted(fill: Fill): readonly Piece[] {
  return ['"', fill, '"'];
}

/** What snippets call a client: its interface, with a small letter. */
function variableOf({ contract, client }: InterfaceNames): string {
  const lower = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);
  const name = lower(contract);
  return RESERVED_WORDS.has(name) || TAKEN.has(name) ? lower(client) : name;
}

/** Names that snippets use for something else. */
const TAKEN = new Set(["bus", "value", "result", "console", "_"]);
