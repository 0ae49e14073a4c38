import { LimitsExceededError } from "@dbus-codegen-ts/runtime";
import { UsageCounts } from "@dbus-codegen-ts/runtime/usage";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import {
  InvalidArgumentError,
  InvalidHandleError,
  NotImplementedError,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConnectionHandles } from "../../../../runtime/telepathy/connection/connection-handles.ts";
import { runs } from "../../../setup/runs.ts";

const { Contact, Room } = HandleType;

function lowerCase(_type: HandleType, identifier: string): string {
  if (identifier === "") throw new InvalidHandleError("empty");
  return identifier.toLowerCase();
}

describe("handles of a connection", () => {
  test("spellings of an identifier share a handle, and each type has separate handles", () => {
    const handles = new ConnectionHandles([Contact, Room], lowerCase);
    expect(handles.request(Contact, ["Alice", "alice", "ALICE", "bob"])).toEqual([1, 1, 1, 2]);
    expect(handles.request(Room, ["#Room", "alice"])).toEqual([1, 2]);
    expect(handles.inspect(Contact, [2, 1, 2])).toEqual(["bob", "alice", "bob"]);
    expect(handles.inspect(Room, [1])).toEqual(["#room"]);
    expect([handles.request(Contact, []), handles.inspect(Contact, [])]).toEqual([[], []]);
  });

  test("identifiers are normalised for the requested type", () => {
    const handles = new ConnectionHandles([Contact, Room], (type, identifier) => `${type}:${identifier}`);
    expect([handles.request(Contact, ["a"]), handles.request(Room, ["a"])]).toEqual([[1], [1]]);
    expect([handles.inspect(Contact, [1]), handles.inspect(Room, [1])]).toEqual([[`${Contact}:a`], [`${Room}:a`]]);
  });

  test("the error of an unsupported type contains its number, and its name if it has one", () => {
    const handles = new ConnectionHandles([Contact], lowerCase);
    expect(() => handles.request(Room, ["a"])).toThrow("the connection does not support handles of type 2 (room)");
    expect(() => handles.request(99, ["a"])).toThrow("the connection does not support handles of type 99");
  });

  test("a request with an invalid identifier changes nothing", () => {
    const handles = new ConnectionHandles([Contact], lowerCase);
    expect(() => handles.request(Contact, ["good", "", "better"])).toThrow(InvalidHandleError);
    expect(() => handles.inspect(Contact, [1])).toThrow(InvalidHandleError);
    expect(handles.request(Contact, ["other", "good"])).toEqual([1, 2]);
  });

  test("asynchronous normalisation assigns handles in the order of its results, and all or none of a request", async () => {
    const slow = async (type: HandleType, identifier: string): Promise<string> => {
      await new Promise((resolve) => setTimeout(resolve, identifier.length));
      return lowerCase(type, identifier);
    };
    const handles = new ConnectionHandles([Contact], slow);
    const late = handles.request(Contact, ["a rather long one", "Bob"]);
    const bad = handles.request(Contact, ["carol", ""]);
    const early = handles.request(Contact, ["bob"]);
    await expect(bad).rejects.toBeInstanceOf(InvalidHandleError);
    expect([await early, await late]).toEqual([[1], [2, 1]]);
  });

  test("a request that fails both immediately and later throws once", async () => {
    const mixed = (type: HandleType, identifier: string) =>
      identifier === "late" ? Promise.reject(new InvalidHandleError("late")) : lowerCase(type, identifier);
    const handles = new ConnectionHandles([Contact], mixed);
    expect(() => handles.request(Contact, ["late", ""])).toThrow("empty");
    await expect(handles.request(Contact, ["fine", "late"])).rejects.toThrow("late");
    expect(handles.request(Contact, ["first"])).toEqual([1]);
  });

  test("unsupported types are refused with the errors of the specification", () => {
    const handles = new ConnectionHandles([Contact], lowerCase);
    for (const type of [HandleType.None, Room, 3, 99, 0xffff_ffff]) {
      expect(() => handles.request(type, [])).toThrow(NotImplementedError);
      expect(() => handles.inspect(type, [])).toThrow(InvalidArgumentError);
    }
  });
});

describe("limits", () => {
  test("a request that is too large is refused before its identifiers are normalised", () => {
    const normalise = (): string => expect.fail("this was normalised");
    const handles = new ConnectionHandles([Contact], normalise, { maxIdentifierLength: 4, maxPerRequest: 2 });
    expect(() => handles.request(Contact, ["too long"])).toThrow(LimitsExceededError);
    expect(() => handles.request(Contact, ["a", "a", "a"])).toThrow(
      "a request with 3 identifiers or handles; at most 2 are permitted",
    );
    expect(() => handles.inspect(Contact, [1, 1, 1])).toThrow(
      "a request with 3 identifiers or handles; at most 2 are permitted",
    );
    expect(() => handles.inspectValid(Contact, [1, 1, 1])).toThrow(
      "a request with 3 identifiers or handles; at most 2 are permitted",
    );
  });

  test("inspectValid leaves invalid handles out", () => {
    const handles = new ConnectionHandles([Contact], (_type, identifier) => identifier);
    handles.request(Contact, ["a", "b"]);
    expect([...handles.inspectValid(Contact, [2, 9, 1, 2])]).toEqual([
      [2, "b"],
      [1, "a"],
    ]);
    expect(handles.inspectValid(Room, [1]).size).toBe(0);
  });
});

describe("handles are counted for the client that creates them", () => {
  const alice = { client: ":1.1", uid: 1000 };
  const bob = { client: ":1.2", uid: 1001 };
  const QUOTA = 4;

  /** Creates handles with a quota for each client, and a function that returns the number counted for a client. */
  function counting() {
    const usage = new UsageCounts("handles", { perClient: QUOTA, perUser: 100, total: 100 });
    const countOf = (consumer: typeof alice): number => {
      let room = 0;
      while (usage.hasRoom(consumer, room + 1)) room++;
      return QUOTA - room;
    };
    return { handles: new ConnectionHandles([Contact, Room], lowerCase, {}, usage), countOf };
  }

  test("once, at the first request, of any type", () => {
    const { handles, countOf } = counting();
    handles.request(Contact, ["a", "b", "A"], alice);
    handles.request(Contact, ["b", "c"], bob);
    handles.request(Contact, ["a", "b", "c"], alice);
    expect([countOf(alice), countOf(bob)]).toEqual([2, 1]);
    handles.request(Room, ["a"], bob);
    expect([countOf(alice), countOf(bob)]).toEqual([2, 2]);
  });

  test("not without a client", () => {
    const { handles, countOf } = counting();
    handles.request(Contact, ["a"]);
    handles.request(Contact, ["a"], alice);
    expect(countOf(alice)).toBe(0);
  });

  test("up to the quota; a request beyond it changes nothing", () => {
    const { handles, countOf } = counting();
    handles.request(Contact, ["a", "b", "c"], alice);
    expect(() => handles.request(Contact, ["d", "e"], alice)).toThrow("a client may have 4 handles");
    expect([handles.lookup(Contact, "d"), countOf(alice)]).toEqual([undefined, 3]);
    expect(handles.request(Contact, ["a", "b", "c", "d", "D"], alice)).toEqual([1, 2, 3, 4, 4]);
    expect(countOf(alice)).toBe(4);
    expect(() => handles.request(Contact, ["e"], alice)).toThrow(LimitsExceededError);
    expect(handles.request(Contact, ["e", "d"], bob)).toEqual([5, 4]);
  });

  test("until the connection ends", () => {
    const { handles, countOf } = counting();
    handles.request(Contact, ["a", "b"], alice);
    handles.request(Contact, ["c"], alice);
    handles.request(Contact, ["d"], bob);
    handles.close();
    expect([countOf(alice), countOf(bob)]).toEqual([0, 0]);
    handles.request(Contact, ["e"], alice);
    handles.close();
    expect(countOf(alice)).toBe(0);
  });
});

test("the identifiers of valid handles are returned without the invalid ones", () => {
  const handles = new ConnectionHandles([Contact], lowerCase, { maxPerRequest: 3 });
  handles.request(Contact, ["a", "b"]);
  expect([...handles.inspectValid(Contact, [2, 7, 1])]).toEqual([
    [2, "b"],
    [1, "a"],
  ]);
  expect([...handles.inspectValid(Room, [1])]).toEqual([]);
  expect(() => handles.inspectValid(Contact, [1, 1, 1, 1])).toThrow(LimitsExceededError);
  expect([handles.lookup(Contact, "b"), handles.lookup(Room, "b")]).toEqual([2, undefined]);
});

test.each([
  [Room, "the connection does not support handles of type 2 (room)"],
  [99, "the connection does not support handles of type 99"],
])("handles of the unsupported type %i have no identifiers: %s", (type, message) => {
  const handles = new ConnectionHandles([Contact], lowerCase);
  expect(() => handles.inspect(type, [1])).toThrow(message);
  expect(() => handles.inspect(Contact, [1])).toThrow("1 is not a handle of type 1 (contact)");
});

/** Expected content of a handle table: identifiers in the order of their handles. */
interface Model {
  readonly identifiers: string[];
}

const MAX_HANDLES = 12;

class Request implements fc.Command<Model, ConnectionHandles> {
  readonly #identifiers: readonly string[];

  constructor(identifiers: readonly string[]) {
    this.#identifiers = identifiers;
  }

  check = () => true;

  run({ identifiers }: Model, real: ConnectionHandles): void {
    const normal = this.#identifiers.map((identifier) => identifier.toLowerCase());
    const added = [...new Set(normal)].filter((identifier) => !identifiers.includes(identifier));
    const request = () => real.request(Contact, this.#identifiers);
    if (normal.includes("")) return void expect(request).toThrow(InvalidHandleError);
    if (identifiers.length + added.length > MAX_HANDLES) return void expect(request).toThrow(LimitsExceededError);
    identifiers.push(...added);
    expect(request()).toEqual(normal.map((identifier) => identifiers.indexOf(identifier) + 1));
  }

  toString = () => `request(${JSON.stringify(this.#identifiers)})`;
}

class Inspect implements fc.Command<Model, ConnectionHandles> {
  readonly #handles: readonly number[];

  constructor(handles: readonly number[]) {
    this.#handles = handles;
  }

  check = () => true;

  run({ identifiers }: Model, real: ConnectionHandles): void {
    const expected = this.#handles.map((handle) => identifiers[handle - 1]);
    if (expected.includes(undefined)) expect(() => real.inspect(Contact, this.#handles)).toThrow(InvalidHandleError);
    else expect(real.inspect(Contact, this.#handles)).toEqual(expected);
  }

  toString = () => `inspect(${JSON.stringify(this.#handles)})`;
}

test("handles agree with a model for any sequence of requests", () => {
  const identifier = fc.constantFrom("", ..."abcdefgh", ..."ABCDEFGH", ..."ijklmnop");
  const commands = fc.commands(
    [
      fc.array(identifier, { maxLength: 5 }).map((identifiers) => new Request(identifiers)),
      fc.array(fc.nat({ max: 16 }), { maxLength: 5 }).map((handles) => new Inspect(handles)),
    ],
    { maxCommands: 60 },
  );
  fc.assert(
    fc.property(commands, (run) => {
      const real = new ConnectionHandles([Contact], lowerCase, { maxHandles: MAX_HANDLES });
      fc.modelRun(() => ({ model: { identifiers: [] }, real }), run);
    }),
    { numRuns: runs(300) },
  );
});
