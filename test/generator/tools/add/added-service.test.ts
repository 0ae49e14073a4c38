import { expect, test } from "vitest";
import { addedService } from "../../../../generator/tools/add/added-service.ts";
import type { Api } from "../../../../generator/tools/catalogue/catalogue.ts";

const PLAYERS: Api = {
  name: "players",
  folder: "/catalogue/players",
  title: "players",
  bus: "session",
  names: ["org.example.Player1.*", "org.example.Players1"],
  path: "/",
  version: "1",
  debian: [],
  untyped: {},
  warnings: {},
  interfaces: ["org.example.Player1", "org.example.PlayList1"],
};

test.each([
  ["a name of the catalogue", "players", "players"],
  ["a bus name of the catalogue", "org.example.Players1", "players"],
  ["one of several services", "org.example.Player1.vlc", "players"],
  ["an interface of the catalogue", "org.example.PlayList1", "players"],
  ["another bus name", "org.example.Lamp1", "org.example.Lamp1"],
  ["a unique name", ":1.2", undefined],
  ["one element", "Lamp", undefined],
  ["a path", "../x.y", undefined],
  ["an element that starts with a digit", "org.7z.Lamp1", undefined],
])("%s is found: %s", (_, name, folder) => {
  expect(addedService(name, [PLAYERS])?.folder).toBe(folder);
});

test.each([
  ["players", "org.example.Player1.vlc", true, true],
  ["players", "org.example.Player1", true, false],
  ["players", "org.example.PlayList1", true, false],
  ["players", "org.example.Players1.Queue", true, false],
  ["players", "org.example.Players10", false, false],
  ["org.example.Lamp1", "org.example.Lamp1", true, true],
  ["org.example.Lamp1", "org.example.Lamp1.Switch", true, false],
  ["org.example.Lamp1", "org.example.Lamp10", false, false],
  ["org.example.Lamp1.Switch", "org.example.Lamp1", false, true],
])("%s: %s is one of its interfaces (%s) or bus names (%s)", (name, candidate, isInterface, isBusName) => {
  const service = addedService(name, [PLAYERS]);
  expect([service?.hasInterface(candidate), service?.hasBusName(candidate)]).toEqual([isInterface, isBusName]);
});
