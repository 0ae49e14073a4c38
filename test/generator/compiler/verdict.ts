import { expect } from "vitest";
import { mustCompile } from "../must-compile.ts";
import { at, codes, run, type Specs, spec } from "../support.ts";

type Result = Awaited<ReturnType<typeof run>>;

/** Generates from specs, and expects no error. The modules must compile. */
export async function accepts(specs: string | Uint8Array | Specs, isRenamed = false): Promise<Result> {
  const result = await run(specs);
  expect(result.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  if (isRenamed) expect(codes(result)).toContain("renamed");
  mustCompile(result.files);
  return result;
}

/** Generates from specs, and expects only diagnostics with one code, and no modules. */
export async function rejects(specs: string | Uint8Array | Specs, code: string): Promise<void> {
  const result = await run(specs);
  expect(codes(result)).toEqual([code]);
  expect(result.files).toEqual([]);
}

/** Returns a spec of an interface without members. */
export const iface = (name: string): string => `<node><interface name="${name}"/></node>`;

/** Returns a spec of an interface with one method. */
export const method = (name: string): string => spec(`<method name="${name}"/>`);

/** Returns a spec of a method with one input argument. */
export const input = (type: string): string =>
  spec(`<method name="M"><arg name="x" type="${type}" direction="in"/></method>`);

/** Escapes the characters of a text that are special in XML. */
export const escaped = (text: string): string =>
  text.replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`);

/** Returns the identifiers of one kind of members by D-Bus name, from the data of a contract. */
export function identifiersOf(
  contract: unknown,
  kind: "methods" | "signals" | "properties",
): Readonly<Record<string, unknown>> {
  const members = Object.entries(Object(at(contract, kind)));
  return Object.fromEntries(members.map(([identifier, member]) => [String(at(member, "name")), identifier]));
}

/** Returns a bus that records the names of called methods. */
export function recordingBus(): { readonly calls: unknown[]; request(request: unknown): Promise<void> } {
  const calls: unknown[] = [];
  return {
    calls,
    request: async (request) => {
      calls.push(at(request, "member"));
    },
  };
}

/** Creates an instance of a class of a generated module. */
export function construct(type: unknown, ...args: readonly unknown[]): object {
  if (typeof type !== "function") throw new TypeError("not a class");
  return Reflect.construct(type, args);
}

/** Target of a client that is never called over a bus. */
export const TARGET = { destination: "a.b", path: "/" };
