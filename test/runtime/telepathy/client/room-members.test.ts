import { expect, test } from "vitest";
import { RoomMembers } from "../../../../runtime/telepathy/client/room-members.ts";
import { ROOM_LIMITS } from "../../../../runtime/telepathy/quotas.ts";

/** Returns handles with their identifiers, beginning with a number. */
function contacts(first: number, count: number): ReadonlyMap<number, string> {
  return new Map(Array.from({ length: count }, (_, index) => [first + index, `user${first + index}`]));
}

test("a connection manager cannot add any number of members, or names of those who left", () => {
  const lists = new RoomMembers();
  const { members } = ROOM_LIMITS;
  const all = contacts(1, members + 10);
  lists.apply([...all.keys()], [], [], [], { contactIds: all });
  expect(lists.members.size).toBe(members);
  lists.apply([], [...all.keys()], [], [], {});
  const later = contacts(members + 11, 2 * members);
  lists.apply([...later.keys()], [...later.keys()], [], [], { contactIds: later });
  expect([1, members + 11].map((handle) => lists.identifier(handle))).toEqual(["", `user${members + 11}`]);
});
