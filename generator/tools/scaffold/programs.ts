import { type Code, type ImportRef, packageValue, runtimeValue } from "../../compiler/emit/file-model.ts";
import { stringLiteral } from "../../compiler/print/escape.ts";
import { layoutStatements } from "../../compiler/print/module-layout.ts";
import type { Argument } from "../../compiler/resolve/ir.ts";
import type { ProjectNames } from "./project-names.ts";
import { exportOf, methodToShow, propertyToShow, type ServedInterface, signalToShow } from "./served-interface.ts";

const BUS_NAME = exportOf("address", "BUS_NAME");
const OBJECT_PATH = exportOf("address", "OBJECT_PATH");
const EXPECT = packageValue("vitest", "expect");

/** Returns the module with the bus name and object path, which programs and tests share. */
export function addressModule({ bus, path }: ProjectNames): string {
  return `/** Bus name that the service owns. */
export const BUS_NAME = ${stringLiteral(bus)};

/** Path of the object that the service serves. */
export const OBJECT_PATH = ${stringLiteral(path)};
`;
}

/** Returns the program that connects, serves, owns the bus name and ends on SIGTERM or SIGINT. */
export function mainModule({ className }: ServedInterface, { interface: name, program }: ProjectNames): string {
  const from = "@dbus-codegen-ts/runtime/program";
  const type: ImportRef = { name: "Program", from: { kind: "package", name: from }, isType: true };
  const body: readonly Code[] = [
    ["const program: ", type, " = {"],
    `  name: ${stringLiteral(program)},`,
    `  about: ${stringLiteral(`Serves ${name}.`)},`,
    '  notes: "It prints its bus name when it is ready, and runs until SIGTERM or SIGINT.",',
    "  flags: {},",
    "  async serve(_flags, running) {",
    ["    await using bus = await ", runtimeValue("connect"), "({"],
    "      bus: running.bus,",
    "      // A session ends with its bus.",
    '      reconnect: running.bus === "system",',
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
    ["process.exitCode = await ", packageValue(from, "runProgram"), "(program, process.argv.slice(2));"],
  ];
  return `#!/usr/bin/env node\n${moduleText(body, ["program"])}`;
}

/** Returns a client program that uses a member of each kind. */
export function clientModule(served: ServedInterface): string {
  const { ifaceNames, names } = served;
  const signal = signalToShow(served);
  const property = propertyToShow(served);
  const body: readonly Code[] = [
    "/** `session`, `system`, or an address such as `unix:path=/run/bus`. */",
    [
      "const { values } = ",
      packageValue("node:util", "parseArgs"),
      '({ options: { bus: { type: "string", default: "session" } } });',
    ],
    "",
    ["await using bus = await ", runtimeValue("connect"), "({ bus: values.bus });"],
    ["const client = new ", exportOf(ifaceNames.module, ifaceNames.client), ...target("bus", BUS_NAME)],
    "",
    ...(signal === undefined
      ? []
      : [
          `await using _ = await client.signals.${names.member(signal)}.subscribe((...args) =>`,
          `  console.log(${stringLiteral(`received ${signal.name}:`)}, ...args),`,
          ");",
        ]),
    ...methodLines(served, (call, name) => [`console.log(${stringLiteral(`${name}:`)}, await `, call, ");"]),
    ...(property === undefined
      ? []
      : [
          `console.log(${stringLiteral(`${property.name}:`)}, await client.properties.${names.member(property)}.get());`,
        ]),
  ];
  return moduleText(withoutTrailing(body), ["values"]);
}

/** Returns tests that show how each kind of member is tested on a private bus. */
export function testModule(served: ServedInterface): string {
  const tests = [...methodTest(served), ...propertyTest(served), ...signalTest(served)];
  return moduleText(withoutTrailing(tests.length > 0 ? tests : interfaceTest(served)), []);
}

function moduleText(body: readonly Code[], declared: readonly string[]): string {
  return layoutStatements(body, declared, { extension: ".js" });
}

function methodTest(served: ServedInterface): readonly Code[] {
  const method = methodToShow(served);
  const result = method && served.values.ofResult(method.out);
  if (method === undefined || result === undefined) return [];
  const expected: Code = method.out.length === 0 ? ".toBeUndefined()" : [".toEqual(", result, ")"];
  return inTest(`${method.name} returns an empty value`, [
    ...serve(served),
    ...methodLines(served, (call) => [EXPECT, "(await ", call, ")", expected, ";"]),
  ]);
}

function propertyTest(served: ServedInterface): readonly Code[] {
  const property = propertyToShow(served);
  const value = property && served.values.of(property.type);
  if (property === undefined || value === undefined) return [];
  const name = served.names.member(property);
  return inTest(`${property.name} can be read`, [
    ...serve(served),
    [EXPECT, `(await client.properties.${name}.get()).toEqual(`, value, ");"],
  ]);
}

function signalTest(served: ServedInterface): readonly Code[] {
  const signal = signalToShow(served);
  if (signal === undefined) return [];
  const name = served.names.member(signal);
  const values = items(signal.args, served);
  return inTest(`${signal.name} is received`, [
    ...serve(served, true),
    "const received: unknown[] = [];",
    `await using _ = await client.signals.${name}.subscribe((...args) => received.push(args));`,
    [`service.signals.${name}`, { open: "(", items: values, close: ");" }],
    ["await ", EXPECT, ".poll(() => received).toEqual([", { open: "[", items: values, close: "]" }, "]);"],
  ]);
}

/** Returns the only test of an interface of which no member can be shown. */
function interfaceTest({ iface, className }: ServedInterface): readonly Code[] {
  return inTest("clients see the interface", [
    ["await using bus = await ", packageValue("dbus-codegen-ts/testing", "testBus"), "();"],
    ["await bus.serve(", OBJECT_PATH, ", new ", exportOf("service", className), "());"],
    ["const target = { destination: bus.services.uniqueName, path: ", OBJECT_PATH, " };"],
    'const introspect = { interface: "org.freedesktop.DBus.Introspectable", member: "Introspect" };',
    [
      EXPECT,
      "(await bus.clients.call({ ...target, ...introspect })).toEqual([",
      EXPECT,
      `.stringContaining(${stringLiteral(iface.name)})]);`,
    ],
  ]);
}

function inTest(title: string, lines: readonly Code[]): readonly Code[] {
  const test = packageValue("vitest", "test");
  return [[test, `(${stringLiteral(title)}, async () => {`], ...lines.map((line): Code => ["  ", line]), "});", ""];
}

/** Returns statements that serve the service on a private bus and make a client of it. */
function serve({ ifaceNames, className }: ServedInterface, isNamed = false): readonly Code[] {
  const service: Code = ["new ", exportOf("service", className), "()"];
  return [
    ["await using bus = await ", packageValue("dbus-codegen-ts/testing", "testBus"), "();"],
    ...(isNamed ? [["const service = ", service, ";"]] : []),
    ["await bus.serve(", OBJECT_PATH, ", ", isNamed ? "service" : service, ");"],
    ["const client = bus.client(", exportOf(ifaceNames.module, ifaceNames.client), ", ", OBJECT_PATH, ");"],
  ];
}

function target(bus: string, destination: Code): readonly Code[] {
  return [`(${bus}, { destination: `, destination, ", path: ", OBJECT_PATH, " });"];
}

/** Returns a statement about the call of a method; no statement if no method can be shown. */
function methodLines(served: ServedInterface, line: (call: Code, name: string) => Code): readonly Code[] {
  const method = methodToShow(served);
  if (method === undefined) return [];
  const name = served.names.member(method);
  const call: Code = [`client.${name}`, { open: "(", items: items(method.in, served), close: ")" }];
  return [line(call, method.name)];
}

function items(args: readonly Argument[], { values }: ServedInterface): readonly Code[] {
  return args.map(({ type }) => values.of(type) ?? "");
}

function withoutTrailing(body: readonly Code[]): readonly Code[] {
  return body.at(-1) === "" ? body.slice(0, -1) : body;
}
