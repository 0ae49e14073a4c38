import { expect, test } from "vitest";
import { type GtkDoc, readGtkDoc } from "../../../../generator/compiler/read/gtk-doc.ts";
import { run, spec, textOf } from "../../support.ts";

const shown = (doc: GtkDoc | undefined) => doc && { ...doc, args: Object.fromEntries(doc.args) };

test.each([
  ["a name alone", "Play", { text: "", args: {} }],
  ["a name with a colon, and a paragraph", "\n  Play:\n\n  Plays.\n", { text: "Plays.", args: {} }],
  ["arguments", "Play:\n@track: What to play.\n@at:\n", { text: "", args: { track: "What to play.", at: "" } }],
  [
    "an argument that goes on",
    "Play:\n@track: What\n   to play.\n\nPlays.",
    { text: "Plays.", args: { track: "What to play." } },
  ],
  ["a version", "Play:\n@since: 1.2\n\nPlays.", { text: "Plays.", since: "1.2", args: {} }],
  ["a version, and a text at once", "Play:\n@since: 1.2\nPlays.", { text: "Plays.", since: "1.2", args: {} }],
  [
    "the version of a deprecation",
    "Play:\n\nPlays.\n\nDeprecated: 2.0",
    { text: "Plays.", deprecated: "2.0", args: {} },
  ],
  [
    "a deprecation in several lines, and what follows",
    "Play:\n\nPlays.\nDeprecated: 2.0: Use\n  #a.b.Stop.\nSince: 1.2\n\nLoudly.",
    { text: "Plays.\n\nLoudly.", since: "1.2", deprecated: "Since 2.0: Use a.b.Stop.", args: {} },
  ],
  [
    "a deprecation without version",
    "Play:\nDeprecated: Use it not.",
    { text: "", deprecated: "Use it not.", args: {} },
  ],
  ["a deprecation without text", "Play:\n\nDeprecated:", { text: "", deprecated: "", args: {} }],
  ["a short description", "Play:\n@short_description: Plays\n\nLoudly.", { text: "Plays\n\nLoudly.", args: {} }],
  ["what is no argument", "Play:\n@until: 3\n@since: 1.2", { text: "", since: "1.2", args: {} }],
  ["an argument called as a member of objects", "Play:\n@__proto__: x", { text: "", args: { ["__proto__"]: "x" } }],
  ["a listing", "Play:\n|[\n  @a: b\n\n    c\n]|\n  Plays.", { text: "|[\n  @a: b\n\n    c\n]|\nPlays.", args: {} }],
  ["a line of Windows", "Play:\r\n@track: What.\r\n\r\nPlays.", { text: "Plays.", args: { track: "What." } }],
  ["an address in a paragraph", "Play:\n\nWrite to me @home.", { text: "Write to me @home.", args: {} }],
  ["another name", "Stop:\n@track: What.", undefined],
  ["a remark", "Play is what users do", undefined],
  ["a name with a text", "Play: users do", undefined],
  ["a name that goes on", "Play:All\n\nPlays.", undefined],
])("%s", (_, comment, expected) => {
  expect(shown(readGtkDoc(comment, "Play", ["track", "at", "__proto__"]))).toEqual(expected);
});

test("a comment can be as long as a spec", () => {
  const doc = readGtkDoc(`Play:\n@track: x\n${"a\n".repeat(500_000)}`, "Play", ["track"]);
  expect(doc?.args.get("track")?.length).toBe(1_000_001);
  expect(readGtkDoc(`Play${" ".repeat(1_000_000)}:`, "Play")).toBeDefined();
  expect(readGtkDoc(`Play${" ".repeat(1_000_000)}x`, "Play")).toBeUndefined();
});

test("an argument can be named like a tag of a comment", () => {
  const comment = "Play:\n@since: When it began.\n@short_description: Of it.\n\nPlays.";
  expect(shown(readGtkDoc(comment, "Play", ["since", "short_description"]))).toEqual({
    text: "Plays.",
    args: { since: "When it began.", short_description: "Of it." },
  });
});

test("a deprecation in a comment marks the declaration", async () => {
  const comment = "<!-- Play:\n\nPlays.\n\nDeprecated: 1.4: Use Start(). -->";
  expect(textOf(await run(spec(`${comment}<method name="Play"/>`)))).toContain(`  /**
   * Plays.
   * @deprecated Since 1.4: Use Start().
   */
  play(call?: CallOptions)`);
});

test("the documentation of arguments in a comment belongs to the arguments", async () => {
  const comment = "<!-- Play:\n@track: What to play.\n@nothing: of the spec.\n@since: 1.2\n\nPlays. -->";
  const method = `<method name="Play"><arg name="track" type="s"/><arg name="other" type="s"/></method>`;
  expect(textOf(await run(spec(comment + method)))).toContain(`  /**
   * Plays.
   * @param track - What to play.
   * @since 1.2
   */
  play(track: string, other: string, call?: CallOptions)`);
});
