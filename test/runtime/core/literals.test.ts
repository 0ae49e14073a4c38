import { describe, expect, expectTypeOf, test } from "vitest";
import {
  type Bus,
  type ObjectPath,
  type Signature,
  target,
  type UnixFd,
  type ValueOf,
  type ValuesOf,
  Variant,
} from "../../../runtime/core/index.ts";
import { isBusName, isInterfaceName, isMemberName, isObjectPath } from "../../../runtime/core/wire/name-syntax.ts";

// `tsc` checks this file. It also fails if a line with `@ts-expect-error` has no error.

const someText: string = "as";
const somePath: ObjectPath = "/";
const someSignature: Signature = "as";

/** Accepts a function whose types are checked. The function is not called. */
function compiled(_: (bus: Bus) => unknown): void {}

describe("the type of values", () => {
  test("is that of the signature", () => {
    expectTypeOf<ValueOf<"s">>().toEqualTypeOf<string>();
    expectTypeOf<ValueOf<"y" | "x">>().toEqualTypeOf<number | bigint>();
    expectTypeOf<ValueOf<"o">>().toEqualTypeOf<ObjectPath>();
    expectTypeOf<ValueOf<"ah">>().toEqualTypeOf<readonly UnixFd[]>();
    expectTypeOf<ValueOf<"ay">>().toEqualTypeOf<Uint8Array>();
    expectTypeOf<ValueOf<"aay">>().toEqualTypeOf<readonly Uint8Array[]>();
    expectTypeOf<ValueOf<"a{sv}">>().toEqualTypeOf<Readonly<Record<string, Variant>>>();
    expectTypeOf<ValueOf<"a{ua{ss}}">>().toEqualTypeOf<ReadonlyMap<number, Readonly<Record<string, string>>>>();
    expectTypeOf<ValueOf<"a(s(ub)d)">>().toEqualTypeOf<
      readonly (readonly [string, readonly [number, boolean], number])[]
    >();
    expectTypeOf<ValuesOf<"sa{oq}">>().toEqualTypeOf<readonly [string, ReadonlyMap<ObjectPath, number>]>();
    expectTypeOf<ValuesOf<"">>().toEqualTypeOf<readonly []>();
  });

  test("is never for a text that is not one complete type", () => {
    expectTypeOf<
      ValueOf<"ss" | "" | "z" | "a" | "(s" | "()" | "a{vs}" | "a{ss" | "a{s}" | "{ss}" | "s)">
    >().toBeNever();
    expectTypeOf<ValuesOf<"sz">>().toBeNever();
  });

  test("is unknown for more than 8 nested containers, and for a signature that is not a literal", () => {
    expectTypeOf<ValueOf<"aaaaaaaas">>().not.toBeUnknown();
    expectTypeOf<ValueOf<"aaaaaaaaas">>().toBeUnknown();
    expectTypeOf<ValueOf<string>>().toBeUnknown();
    expectTypeOf<ValueOf<`a${string}`>>().toBeUnknown();
    expectTypeOf<ValueOf<Signature>>().toBeUnknown();
    expectTypeOf<ValuesOf<string>>().toEqualTypeOf<readonly unknown[]>();
  });

  test("of a struct with as many fields as a signature can have is known", () => {
    type Ten = "ssssssssss";
    type Long = `(${Ten}${Ten}${Ten}${Ten}${Ten}${Ten}${Ten}${Ten}${Ten}${Ten}${Ten}${Ten}${Ten}${Ten}${Ten}u)`;
    expectTypeOf<ValueOf<Long>["length"]>().toEqualTypeOf<151>();
    expectTypeOf<ValueOf<Long>[150]>().toEqualTypeOf<number>();
  });
});

describe("a variant", () => {
  test("is created with a value of its signature", () => {
    expectTypeOf(new Variant("as", ["a"])).toEqualTypeOf<Variant<"as">>();
    expectTypeOf(new Variant("a{sv}", { a: new Variant("u", 1) }).value).toEqualTypeOf<
      Readonly<Record<string, Variant>>
    >();
    expectTypeOf(new Variant("u", 1)).toExtend<Variant>();
    expectTypeOf(new Variant(someSignature, 1).value).toBeUnknown();
    compiled(() => new Variant(someText, 5));
    // @ts-expect-error
    compiled(() => new Variant("s", 5));
    // @ts-expect-error
    compiled(() => new Variant("x", 5));
    // @ts-expect-error
    compiled(() => new Variant("(su)", ["a", "b"]));
    // @ts-expect-error
    compiled(() => new Variant("a{sv}", { a: 1 }));
    // @ts-expect-error
    compiled(() => new Variant("ss", "a"));
    // @ts-expect-error
    compiled(() => new Variant("strings", "a"));
  });

  test("returns its value for its signature only", () => {
    const variant: Variant = new Variant("as", ["a"]);
    expectTypeOf(variant.value).toBeUnknown();
    expectTypeOf(variant.get("as")).toEqualTypeOf<readonly string[] | undefined>();
    expectTypeOf(variant.get(someText)).toBeUnknown();
    expect([variant.get("as"), variant.get("ao"), variant.get("s")]).toEqual([["a"], undefined, undefined]);
    // @ts-expect-error
    compiled(() => variant.get("sas"));
  });
});

describe("literal names and paths", () => {
  // Each row is compared with the check at run time, so that both have the same grammar.
  test.each([
    [true, "/", (bus: Bus) => bus.serve("/")],
    [true, "/a_1/B", (bus: Bus) => bus.serve("/a_1/B")],
    // @ts-expect-error
    [false, "a", (bus: Bus) => bus.serve("a")],
    // @ts-expect-error
    [false, "/a/", (bus: Bus) => bus.serve("/a/")],
    // @ts-expect-error
    [false, "//a", (bus: Bus) => bus.serveObjectManager("//a")],
    // @ts-expect-error
    [false, "/a-b", (bus: Bus) => bus.serveSubtree("/a-b", () => [])],
    // @ts-expect-error
    [false, "", () => target("org.example", "")],
  ])("object path: %s %s", (isValid, path, _) => expect(isObjectPath(path)).toBe(isValid));

  test.each([
    [true, "org.example", (bus: Bus) => bus.requestName("org.example")],
    [true, ":1.7", (bus: Bus) => bus.watchName(":1.7", () => undefined)],
    [true, "-a.b-7", () => target("-a.b-7", "/")],
    // @ts-expect-error
    [false, "org", (bus: Bus) => bus.requestName("org")],
    // @ts-expect-error
    [false, "org.7a", (bus: Bus) => bus.releaseName("org.7a")],
    // @ts-expect-error
    [false, "org..a", (bus: Bus) => bus.watchName("org..a", () => undefined)],
    // @ts-expect-error
    [false, ":1", () => target(":1", "/")],
    // @ts-expect-error
    [false, "org.a_ b", () => target("org.a_ b", "/")],
  ])("bus name: %s %s", (isValid, name, _) => expect(isBusName(name)).toBe(isValid));

  test.each([
    [true, "org.example.A_1", (bus: Bus) => bus.call({ ...TO, interface: "org.example.A_1" })],
    // @ts-expect-error
    [false, "Lamp", (bus: Bus) => bus.call({ ...TO, interface: "Lamp" })],
    // @ts-expect-error
    [false, "org.a-b", (bus: Bus) => bus.call({ ...TO, interface: "org.a-b" })],
    // @ts-expect-error
    [false, "org.1a", (bus: Bus) => bus.call({ ...TO, interface: "org.1a" })],
  ])("interface name: %s %s", (isValid, name, _) => expect(isInterfaceName(name)).toBe(isValid));

  test.each([
    [true, "Get_1", (bus: Bus) => bus.call({ ...TO, member: "Get_1" })],
    // @ts-expect-error
    [false, "1a", (bus: Bus) => bus.call({ ...TO, member: "1a" })],
    // @ts-expect-error
    [false, "a.b", (bus: Bus) => bus.call({ ...TO, member: "a.b" })],
    // @ts-expect-error
    [false, "", (bus: Bus) => bus.call({ ...TO, member: "" })],
  ])("member name: %s %s", (isValid, name, _) => expect(isMemberName(name)).toBe(isValid));

  test("are valid where they are not known at compile time", () => {
    compiled((bus) => bus.call({ destination: someText, path: somePath, interface: someText, member: someText }));
    compiled((bus) => bus.serve(`/org/${someText}/lamp`));
    // @ts-expect-error
    compiled((bus) => bus.serve(`/org-${someText}` as const));
  });
});

test("the arguments of a call have the types of its signature", () => {
  compiled((bus) => bus.call({ ...TO, signature: "su", args: ["a", 1] }));
  compiled((bus) => bus.call({ ...TO, signature: someText, args: [1, 2] }));
  // @ts-expect-error
  compiled((bus) => bus.call({ ...TO, signature: "su", args: ["a", "b"] }));
  // @ts-expect-error
  compiled((bus) => bus.call({ ...TO, signature: "su", args: ["a"] }));
  // @ts-expect-error
  compiled((bus) => bus.call({ ...TO, args: ["a"] }));
  // @ts-expect-error
  compiled((bus) => bus.call({ ...TO, signature: "sz", args: ["a", 1] }));
});

const TO = { destination: "org.example", path: "/", member: "Get" } as const;
