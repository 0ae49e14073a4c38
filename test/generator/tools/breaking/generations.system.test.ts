import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compareSpecs } from "dbus-codegen-ts";
import { describe, expect, test } from "vitest";
import { CORPUS_NOTE, corpus, hasCorpus, ROOT } from "../../support.ts";

/** Returns the changes of a class as `code: message`. */
function changesOf(before: string, after: string, changeClass: string): readonly string[] {
  const { changes } = compareSpecs([{ path: "a.xml", content: before }], [{ path: "a.xml", content: after }]);
  return changes.flatMap((change) => (change.class === changeClass ? [`${change.code}: ${change.message}`] : []));
}

describe("the two generations of ConnMan's session settings", () => {
  const text = readFileSync(join(ROOT, "specs/connman/net.connman.Session.xml"), "utf8");
  const settings = (name: string): string =>
    new RegExp(`<dct:dictionary name="${name}"[\\s\\S]*?</dct:dictionary>`).exec(text)?.[0] ?? "";
  const [first, second] = [settings("Session_Settings_2011"), settings("Session_Settings")];
  const as = (name: string, definition: string): string => definition.replace(/name="\w+"/, `name="${name}"`);
  /** The spec of the first daemons, in which the first dictionary has the name that members use. */
  const old = text.replace(first, "").replace(second, as("Session_Settings", first));
  const now = text.replace(first, "");

  test("the spec contains both", () => {
    expect([first.length > 0, second.length > 0, old !== now]).toEqual([true, true, true]);
  });

  test("keys in both generations have the same types on the wire", () => {
    expect(changesOf(old, now, "wire")).toMatchInlineSnapshot(`[]`);
  });

  test("keys of the first generation are removed in TypeScript", () => {
    expect(changesOf(old, now, "source")).toMatchInlineSnapshot(`
      [
        "dictionary-key-removed: the key "Online" of "Session_Settings" was removed",
        "dictionary-key-removed: the key "Priority" of "Session_Settings" was removed",
        "dictionary-key-removed: the key "AvoidHandover" of "Session_Settings" was removed",
        "dictionary-key-removed: the key "StayConnected" of "Session_Settings" was removed",
        "dictionary-key-removed: the key "PeriodicConnect" of "Session_Settings" was removed",
        "dictionary-key-removed: the key "IdleTimeout" of "Session_Settings" was removed",
        "dictionary-key-removed: the key "EmergencyCall" of "Session_Settings" was removed",
        "dictionary-key-removed: the key "RoamingPolicy" of "Session_Settings" was removed",
        "dictionary-key-removed: the key "SessionMarker" of "Session_Settings" was removed",
      ]
    `);
  });

  test("keys of the second generation are compatible additions", () => {
    expect(changesOf(old, now, "compatible")).toMatchInlineSnapshot(`
      [
        "dictionary-key-added: the key "State" of "Session_Settings" was added",
        "dictionary-key-added: the key "ConnectionType" of "Session_Settings" was added",
        "dictionary-key-added: the key "AllowedInterface" of "Session_Settings" was added",
        "dictionary-key-added: the key "ContextIdentifier" of "Session_Settings" was added",
        "dictionary-key-added: the key "SourceIPRule" of "Session_Settings" was added",
      ]
    `);
  });
});

describe.skipIf(!hasCorpus)(`the Telepathy specification${CORPUS_NOTE}`, () => {
  /** Returns the changes that an edit of one file of the specification causes. */
  function edited(file: string, search: string, replacement: string): readonly string[] {
    const specs = Object.entries(corpus("telepathy")).map(([path, content]) => ({ path, content: String(content) }));
    const after = specs.map((spec) =>
      spec.path === file ? { ...spec, content: spec.content.replace(search, replacement) } : spec,
    );
    expect(after).not.toEqual(specs);
    const { changes, diagnostics } = compareSpecs(specs, after);
    expect(diagnostics).toEqual([]);
    return changes.map((change) => `${change.class} ${change.code}: ${change.message}`);
  }

  // biome-ignore format: each case is a table row
  test.each([
    ["reports a new version of an interface", "Channel_Interface_Password.xml", '<interface name="im.telepathy1.Channel.Interface.Password1"', '<interface name="im.telepathy1.Channel.Interface.Password2"', [
      'wire interface-removed: the interface "im.telepathy1.Channel.Interface.Password1" was removed',
      'compatible interface-added: the interface "im.telepathy1.Channel.Interface.Password2" was added']],
    ["reports a changed value of an enum", "Connection.xml", '<tp:enumvalue suffix="Contact" value="1">', '<tp:enumvalue suffix="Contact" value="5">', [
      'wire enum-value-changed: "Contact" of the enum "Handle_Type" is 5, was 1']],
    ["reports a changed type of a result", "Channel_Interface_Password.xml", '<arg direction="out" type="b" name="Correct">', '<arg direction="out" type="u" name="Correct">', [
      'wire method-results: the method "ProvidePassword" returns (u), was (b)']],
    ["reports a renamed member of a nested struct", "Connection_Interface_Requests.xml", '<tp:member name="Channel" type="o">', '<tp:member name="Object_Path" type="o">', [
      'source struct-member-renamed: the member "Object_Path" of "Channel_Details" was called "Channel"']],
    ["ignores a comment", "Connection.xml", "<interface ", "<!-- Connection: words --><interface ", []],
  ])("%s", (_, file, search, replacement, want) => {
    expect(edited(file, search, replacement)).toEqual(want);
  });
});

test.skipIf(!hasCorpus)(`terminates for every file of the corpus, compared with its neighbors${CORPUS_NOTE}`, () => {
  for (const folder of ["connman", "hostile-xml", "telepathy"]) {
    const files = Object.entries(corpus(folder)).map(([path, content]) => [{ path, content }]);
    for (const [index, file] of files.entries()) {
      expect(() => compareSpecs(files[index - 1] ?? [], file), file[0]?.path).not.toThrow();
      expect(() => compareSpecs(file, files[index - 1] ?? []), file[0]?.path).not.toThrow();
    }
  }
});
