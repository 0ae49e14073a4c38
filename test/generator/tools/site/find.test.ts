import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { spec } from "../../support.ts";
import { ASSETS, page, site } from "./support.ts";

const FILES = site([
  {
    path: "jukebox.xml",
    content: spec(
      `<method name="CreateSession"><arg name="settings" type="a{sv}"/><arg name="notifier" type="o"/><arg name="session" type="o" direction="out"/></method>
       <method name="GetProperties"><arg name="properties" type="a{sv}" direction="out"/></method>
       <method name="GetTracks"><arg name="names" type="as" direction="out"/><arg name="total" type="t" direction="out"/></method>
       <method name="Play"><tp:docstring>Starts the emergency mode.</tp:docstring><arg name="track" type="s"/><arg name="position" type="t" direction="out"/></method>
       <signal name="TrackChanged"><arg name="track" type="(su)"/></signal>
       <property name="Volume" type="d" access="readwrite"/>
       <method name="Select"><arg name="mode" type="u" tp:type="Play_Mode"/></method>
       <tp:enum name="Play_Mode" type="u"><tp:enumvalue suffix="Shuffle" value="0"/></tp:enum>`,
      "org.example.Jukebox1",
    ),
  },
  { path: "lamp.xml", content: spec(`<method name="Play"/><signal name="Blown"/>`, "org.example.Lamp1") },
]);

/** Returns the results for a query, best first, as `context.name`. */
const find = (question: string): readonly string[] =>
  runInNewContext(
    `${page(FILES, "search-index.js")}\n${ASSETS["find.js"]}\n` +
      `const index = dbusDocsFind.expand(dbusDocsIndex);
       dbusDocsFind.find(index, question).map(({ entry }) =>
         [dbusDocsFind.contextOf(index, entry), entry[1]].filter(Boolean).join("."))`,
    { question },
  );

const JUKEBOX = "org.example.Jukebox1";

describe("the first result", () => {
  test.each([
    ["a beginning of words", "createsess", `${JUKEBOX}.CreateSession`],
    ["an interface and a member", "Lamp1.Play", "org.example.Lamp1.Play"],
    ["a full name", `${JUKEBOX}.Play`, `${JUKEBOX}.Play`],
    ["a word of the documentation", "emergency", `${JUKEBOX}.Play`],
    ["the name of an argument", "notifier", `${JUKEBOX}.CreateSession`],
    ["a missing letter", "createsesion", `${JUKEBOX}.CreateSession`],
    ["an additional letter", "volumee", `${JUKEBOX}.Volume`],
    ["swapped letters", "tarckchanged", `${JUKEBOX}.TrackChanged`],
    ["a wrong letter", "vulume", `${JUKEBOX}.Volume`],
    ["two typing errors in a long word", "getpropperteis", `${JUKEBOX}.GetProperties`],
    ["a typing error in one of two words", "jukebox shufle", "Play_Mode.Shuffle"],
    ["a container as argument", "a{sv} o", `${JUKEBOX}.CreateSession`],
    ["arguments in one signature", "a{sv}o", `${JUKEBOX}.CreateSession`],
    ["a result after an arrow", "→ a{sv}", `${JUKEBOX}.GetProperties`],
    ["a result after an arrow in ASCII", "-> as", `${JUKEBOX}.GetTracks`],
    ["results of both types", "→ as, t", `${JUKEBOX}.GetTracks`],
    ["a struct", "(su)", `${JUKEBOX}.TrackChanged`],
    ["a call", "Play(s) → t", `${JUKEBOX}.Play`],
    ["a call that is not complete", "createsession(a{sv}", `${JUKEBOX}.CreateSession`],
    ["a named type of an argument", "Play_Mode select", `${JUKEBOX}.Select`],
  ])("for %s (%s)", (_, question, first) => {
    expect(find(question)[0]).toBe(first);
  });
});

test.each(["", "   ", "no such words", "→", "x(", "{", ")(", "\\", "toString", "__proto__"])(
  "the query %j has no result and causes no exception",
  (question) => {
    expect(find(question)).toEqual([]);
  },
);

test("similar names follow equal ones, and short words must be equal", () => {
  expect(find("play").slice(0, 2)).toEqual([`${JUKEBOX}.Play`, "org.example.Lamp1.Play"]);
  expect(find("pla")).not.toContain(`${JUKEBOX}.Volume`);
  expect(find("vol")).toEqual([`${JUKEBOX}.Volume`]);
  expect(find("vlo")).toEqual([]);
});

test("declarations with the types of a query come first, others with it inside follow", () => {
  expect(find("a{sv}")).toEqual([`${JUKEBOX}.GetProperties`, `${JUKEBOX}.CreateSession`]);
});
