import { expect, test } from "vitest";
import { type GtkDoc, readGtkDoc } from "../../generator/read/gtk-doc.ts";
import { run, spec, textOf } from "./support.ts";

const shown = (doc: GtkDoc | undefined) => doc && { ...doc, text: doc.text.trim(), args: Object.fromEntries(doc.args) };

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
  ["a short description", "Play:\n@short_description: Plays\n\nLoudly.", { text: "Plays\n\n\nLoudly.", args: {} }],
  ["an argument called as a member of objects", "Play:\n@__proto__: x", { text: "", args: { ["__proto__"]: "x" } }],
  ["a line of Windows", "Play:\r\n@track: What.\r\n\r\nPlays.", { text: "Plays.", args: { track: "What." } }],
  ["an address in a paragraph", "Play:\n\nWrite to me @home.", { text: "Write to me @home.", args: {} }],
  ["another name", "Stop:\n@track: What.", undefined],
  ["a remark", "Play is what users do", undefined],
])("%s", (_, comment, expected) => {
  expect(shown(readGtkDoc(comment, "Play"))).toEqual(expected);
});

test("what a comment says of arguments is theirs", async () => {
  const comment = "<!-- Play:\n@track: What to play.\n@nothing: of the spec.\n@since: 1.2\n\nPlays. -->";
  const method = `<method name="Play"><arg name="track" type="s"/><arg name="other" type="s"/></method>`;
  expect(textOf(await run(spec(comment + method)))).toContain(`  /**
   * Plays.
   *
   * @param track - What to play.
   * @since 1.2
   */
  play(track: string, other: string, call?: CallOptions)`);
});
