import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compareSpecs } from "dbus-codegen-ts";
import { describe, expect, test } from "vitest";
import { CORPUS_NOTE, corpus, hasCorpus, ROOT } from "../../support.ts";

/** Changes as `code: message`, those of a class. */
function told(before: string, after: string, own: string): readonly string[] {
  const { changes } = compareSpecs([{ path: "a.xml", content: before }], [{ path: "a.xml", content: after }]);
  return changes.flatMap((change) => (change.class === own ? [`${change.code}: ${change.message}`] : []));
}

describe("the two generations of ConnMan's session settings", () => {
  const text = readFileSync(join(ROOT, "specs/connman/net.connman.Session.xml"), "utf8");
  const settings = (name: string): string =>
    new RegExp(`<dct:dictionary name="${name}"[\\s\\S]*?</dct:dictionary>`).exec(text)?.[0] ?? "";
  const [first, second] = [settings("Session_Settings_2011"), settings("Session_Settings")];
  const as = (name: string, definition: string): string => definition.replace(/name="\w+"/, `name="${name}"`);
  /** A spec of the first daemons: their settings under the name that members use. */
  const old = text.replace(first, "").replace(second, as("Session_Settings", first));
  const now = text.replace(first, "");

  test("both are found in the spec", () => {
    expect([first.length > 0, second.length > 0, old !== now]).toEqual([true, true, true]);
  });

  test("on the wire, keys that both have kept their types", () => {
    expect(told(old, now, "wire")).toMatchInlineSnapshot(`[]`);
  });

  test("in TypeScript, keys are gone", () => {
    expect(told(old, now, "source")).toMatchInlineSnapshot(`
      [
        "dictionary-key-removed: the key "Online" of "Session_Settings" is gone",
        "dictionary-key-removed: the key "Priority" of "Session_Settings" is gone",
        "dictionary-key-removed: the key "AvoidHandover" of "Session_Settings" is gone",
        "dictionary-key-removed: the key "StayConnected" of "Session_Settings" is gone",
        "dictionary-key-removed: the key "PeriodicConnect" of "Session_Settings" is gone",
        "dictionary-key-removed: the key "IdleTimeout" of "Session_Settings" is gone",
        "dictionary-key-removed: the key "EmergencyCall" of "Session_Settings" is gone",
        "dictionary-key-removed: the key "RoamingPolicy" of "Session_Settings" is gone",
        "dictionary-key-removed: the key "SessionMarker" of "Session_Settings" is gone",
      ]
    `);
  });

  test("the keys of the second are new possibilities", () => {
    expect(told(old, now, "compatible")).toMatchInlineSnapshot(`
      [
        "dictionary-key-added: the key "State" of "Session_Settings" is new",
        "dictionary-key-added: the key "ConnectionType" of "Session_Settings" is new",
        "dictionary-key-added: the key "AllowedInterface" of "Session_Settings" is new",
        "dictionary-key-added: the key "ContextIdentifier" of "Session_Settings" is new",
        "dictionary-key-added: the key "SourceIPRule" of "Session_Settings" is new",
      ]
    `);
  });
});

describe.skipIf(!hasCorpus)(`the Telepathy specification${CORPUS_NOTE}`, () => {
  /** What a change to one file of the specification gives. */
  function edited(file: string, search: string, replacement: string): readonly string[] {
    const specs = Object.entries(corpus("telepathy")).map(([path, content]) => ({ path, content: String(content) }));
    const after = specs.map((one) =>
      one.path === file ? { ...one, content: one.content.replace(search, replacement) } : one,
    );
    expect(after).not.toEqual(specs);
    const { changes, diagnostics } = compareSpecs(specs, after);
    expect(diagnostics).toEqual([]);
    return changes.map((change) => `${change.class} ${change.code}: ${change.message}`);
  }

  // biome-ignore format: one case a line
  test.each([
    ["a version of an interface", "Channel_Interface_Password.xml", '<interface name="im.telepathy1.Channel.Interface.Password1"', '<interface name="im.telepathy1.Channel.Interface.Password2"', [
      'wire interface-removed: the interface "im.telepathy1.Channel.Interface.Password1" is gone',
      'compatible interface-added: the interface "im.telepathy1.Channel.Interface.Password2" is new']],
    ["a value of an enum", "Connection.xml", '<tp:enumvalue suffix="Contact" value="1">', '<tp:enumvalue suffix="Contact" value="5">', [
      'wire enum-value-changed: "Contact" of the enum "Handle_Type" is 5, was 1']],
    ["a result", "Channel_Interface_Password.xml", '<arg direction="out" type="b" name="Correct">', '<arg direction="out" type="u" name="Correct">', [
      'wire method-results: the method "ProvidePassword" gives (u), was (b)']],
    ["a member of a struct in lists in properties", "Connection_Interface_Requests.xml", '<tp:member name="Channel" type="o">', '<tp:member name="Object_Path" type="o">', [
      'source struct-member-renamed: the member "Object_Path" of "Channel_Details" was called "Channel"']],
    ["a comment", "Connection.xml", "<interface ", "<!-- Connection: words --><interface ", []],
  ])("%s", (_, file, search, replacement, want) => {
    expect(edited(file, search, replacement)).toEqual(want);
  });
});

test.skipIf(!hasCorpus)(`ends for every file of the corpus, against the one before and after${CORPUS_NOTE}`, () => {
  for (const folder of ["connman", "hostile-xml", "telepathy"]) {
    const files = Object.entries(corpus(folder)).map(([path, content]) => [{ path, content }]);
    for (const [index, file] of files.entries()) {
      expect(() => compareSpecs(files[index - 1] ?? [], file), file[0]?.path).not.toThrow();
      expect(() => compareSpecs(file, files[index - 1] ?? []), file[0]?.path).not.toThrow();
    }
  }
});
