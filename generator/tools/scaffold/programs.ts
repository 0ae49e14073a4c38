import type { Code } from "../../compiler/emit/model.ts";
import { runtimeValue } from "../../compiler/emit/model.ts";
import { stringLiteral } from "../../compiler/print/escape.ts";
import type { Argument } from "../../compiler/resolve/ir.ts";
import { type ModuleModel, moduleText } from "./module.ts";
import type { ProjectNames } from "./project-names.ts";
import { exportOf, methodToShow, propertyToShow, type Served, signalToShow } from "./served.ts";

const BUS_NAME = exportOf("address", "BUS_NAME");
const OBJECT_PATH = exportOf("address", "OBJECT_PATH");
/** Where the service is: what its programs and tests share. */
export function addressModule({ bus, path }: ProjectNames): string {
  return `/** The name that the service owns on the bus. */
export const BUS_NAME = ${stringLiteral(bus)};

/** The object that it serves. */
export const OBJECT_PATH = ${stringLiteral(path)};
`;
}

/** The program: connects, serves, owns the name, ends when it is told to. */
export function mainModule({ className }: Served, { interface: name, program }: ProjectNames): string {
  return moduleText({
    head: "#!/usr/bin/env node",
    imports: ['import { type Program, runProgram } from "@dbus-codegen-ts/runtime/program";'],
    taken: ["Program", "runProgram", "program"],
    body: [
      "const program: Program = {",
      `  name: ${stringLiteral(program)},`,
      `  about: ${stringLiteral(`Serves ${name}.`)},`,
      '  notes: "It prints its bus name when it is ready, and runs until SIGTERM or SIGINT.",',
      "  flags: {},",
      "  async serve(_flags, running) {",
      ["    await using bus = await ", runtimeValue("connect"), "({"],
      "      bus: running.bus,",
      "      reconnect: true,",
      "      onError: (error, origin) => console.error(origin, error),",
      "    });",
      ["    await bus.serve(", OBJECT_PATH, ", new ", exportOf("service", className), "());"],
      ["    const name = await bus.requestName(", BUS_NAME, ");"],
      ['    if (name.state === "taken") throw new Error(`another program has the name ${', BUS_NAME, "}`);"],
      ["    running.reportReady(", BUS_NAME, ");"],
      "    await running.untilStopped(bus);",
      "  },",
      "};",
      "",
      "process.exitCode = await runProgram(program, process.argv.slice(2));",
    ],
  });
}

/** A client that shows a member of each kind. */
export function clientModule(served: Served): string {
  const { own, names } = served;
  const signal = signalToShow(served);
  const property = propertyToShow(served);
  const body: readonly Code[] = [
    "/** `session`, `system`, or an address such as `unix:path=/run/bus`. */",
    'const { values } = parseArgs({ options: { bus: { type: "string", default: "session" } } });',
    "",
    ["await using bus = await ", runtimeValue("connect"), "({ bus: values.bus });"],
    ["const client = new ", exportOf(own.module, own.client), ...target("bus", BUS_NAME)],
    "",
    ...(signal === undefined
      ? []
      : [
          `await using _ = await client.signals.${names.member(signal)}.subscribe((...args) =>`,
          `  console.log(${stringLiteral(`heard ${signal.name}:`)}, ...args),`,
          ");",
        ]),
    ...methodLines(served, (call, name) => [`console.log(${stringLiteral(`${name}:`)}, await `, call, ");"]),
    ...(property === undefined
      ? []
      : [
          `console.log(${stringLiteral(`${property.name}:`)}, await client.properties.${names.member(property)}.get());`,
        ]),
  ];
  return moduleText({
    imports: ['import { parseArgs } from "node:util";'],
    taken: ["parseArgs", "values"],
    body: withoutTrailing(body),
  });
}

/** Tests that show how each kind of member is tested, on a bus of their own. */
export function testModule(served: Served): string {
  const tests = [...methodTest(served), ...propertyTest(served), ...signalTest(served)];
  return moduleText({
    imports: ['import { testBus } from "dbus-codegen-ts/testing";', 'import { expect, test } from "vitest";'],
    taken: ["testBus", "expect", "test"],
    body: withoutTrailing(tests.length > 0 ? tests : interfaceTest(served)),
  });
}

function methodTest(served: Served): ModuleModel["body"] {
  const method = methodToShow(served);
  const result = method && served.values.ofResult(method.out);
  if (method === undefined || result === undefined) return [];
  const expected: Code = method.out.length === 0 ? ".toBeUndefined()" : [".toEqual(", result, ")"];
  return inTest(`${method.name} answers`, [
    ...serve(served),
    ...methodLines(served, (call) => ["expect(await ", call, ")", expected, ";"]),
  ]);
}

function propertyTest(served: Served): ModuleModel["body"] {
  const property = propertyToShow(served);
  const value = property && served.values.of(property.type);
  if (property === undefined || value === undefined) return [];
  const name = served.names.member(property);
  return inTest(`${property.name} can be read`, [
    ...serve(served),
    [`expect(await client.properties.${name}.get()).toEqual(`, value, ");"],
  ]);
}

function signalTest(served: Served): ModuleModel["body"] {
  const signal = signalToShow(served);
  if (signal === undefined) return [];
  const name = served.names.member(signal);
  const values = items(signal.args, served);
  return inTest(`${signal.name} is heard`, [
    ...serve(served, true),
    "const heard: unknown[] = [];",
    `await using _ = await client.signals.${name}.subscribe((...args) => heard.push(args));`,
    [`service.signals.${name}`, { open: "(", items: values, close: ");" }],
    ["await expect.poll(() => heard).toEqual([", { open: "[", items: values, close: "]" }, "]);"],
  ]);
}

/** For an interface of which nothing can be shown. */
function interfaceTest({ one, className }: Served): ModuleModel["body"] {
  return [
    'test("clients see the interface", async () => {',
    "  await using bus = await testBus();",
    ["  await bus.serve(", OBJECT_PATH, ", new ", exportOf("service", className), "());"],
    ["  const target = { destination: bus.services.uniqueName, path: ", OBJECT_PATH, " };"],
    '  const introspect = { interface: "org.freedesktop.DBus.Introspectable", member: "Introspect" };',
    `  expect(await bus.clients.call({ ...target, ...introspect })).toEqual([expect.stringContaining(${stringLiteral(one.name)})]);`,
    "});",
  ];
}

function inTest(title: string, lines: readonly Code[]): readonly Code[] {
  return [`test(${stringLiteral(title)}, async () => {`, ...lines.map((line): Code => ["  ", line]), "});", ""];
}

/** The service on a bus of its own, and a client of it. */
function serve({ own, className }: Served, isNamed = false): readonly Code[] {
  const service: Code = ["new ", exportOf("service", className), "()"];
  return [
    "await using bus = await testBus();",
    ...(isNamed ? [["const service = ", service, ";"]] : []),
    ["await bus.serve(", OBJECT_PATH, ", ", isNamed ? "service" : service, ");"],
    ["const client = bus.client(", exportOf(own.module, own.client), ", ", OBJECT_PATH, ");"],
  ];
}

function target(bus: string, destination: Code): readonly Code[] {
  return [`(${bus}, { destination: `, destination, ", path: ", OBJECT_PATH, " });"];
}

/** A line about the call of a method; none where no method can be called without more ado. */
function methodLines(served: Served, line: (call: Code, name: string) => Code): readonly Code[] {
  const method = methodToShow(served);
  if (method === undefined) return [];
  const name = served.names.member(method);
  const call: Code = [`client.${name}`, { open: "(", items: items(method.in, served), close: ")" }];
  return [line(call, method.name)];
}

function items(args: readonly Argument[], { values }: Served): readonly Code[] {
  return args.map(({ type }) => values.of(type) ?? "");
}

function withoutTrailing(body: readonly Code[]): readonly Code[] {
  return body.at(-1) === "" ? body.slice(0, -1) : body;
}
