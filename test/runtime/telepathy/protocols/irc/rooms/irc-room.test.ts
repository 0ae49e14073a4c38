import { expect, test } from "vitest";
import { IrcRoom } from "../../../../../../runtime/telepathy/protocols/irc/rooms/irc-room.ts";
import { IRC_LIMITS } from "../../../../../../runtime/telepathy/quotas.ts";

const usage = () => ({ names: 0, texts: 0 });

test("a room keeps only letters as modes", () => {
  const room = new IrcRoom("#a", "listing", usage());
  for (const mode of ["é", "1", "\u{1f600}", "ab", "i"]) room.changeMode({ mode, isSet: true, parameter: "x" });
  expect(["é", "1", "\u{1f600}", "ab", "i"].map((mode) => room.hasMode(mode))).toEqual([
    false,
    false,
    false,
    false,
    true,
  ]);
});

test("rooms list a limited number of members together, and other rooms list theirs later", () => {
  const shared = usage();
  const rooms = ["#a", "#b", "#c"].map((name) => new IrcRoom(name, "listing", shared));
  for (const room of rooms) for (let number = 0; number < 90_000; number++) room.addName(`n${number}`, `N${number}`);
  const [first, second, third] = rooms;
  if (first === undefined || second === undefined || third === undefined) throw new Error("there are three rooms");
  expect(shared.names).toBe(IRC_LIMITS.incompleteLists);
  first.addName("n0", "n0");
  first.renameName("n0", "n1", "n1");
  first.renameName("unknown", "n2", "n2");
  expect(shared.names).toBe(IRC_LIMITS.incompleteLists - 1);
  expect([first, second].map((room) => room.takeNames().length)).toEqual([89_999, 90_000]);
  third.dropWaiting();
  expect(shared.names).toBe(0);
});

test("rooms keep a limited number of messages together, the last ones of each", () => {
  const shared = usage();
  const released: string[] = [];
  const rooms = Array.from({ length: 20 }, (_, number) => new IrcRoom(`#${number}`, "listing", shared));
  for (const room of rooms)
    for (let number = 0; number < 300; number++) room.hold(() => released.push(`${room.name} ${number}`));
  expect(shared.texts).toBe(IRC_LIMITS.heldTextsOfAllRooms);
  for (const room of rooms) room.releaseHeld();
  expect(shared.texts).toBe(0);
  expect(released).toHaveLength(IRC_LIMITS.heldTextsOfAllRooms);
  expect(released.slice(0, 1)).toEqual(["#0 44"]);
});
