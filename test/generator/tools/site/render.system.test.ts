import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { TSC } from "../../compile.ts";
import { ROOT, spec } from "../../support.ts";
import { page, site, sourcesOf } from "./support.ts";

const LAMP = spec(
  `<tp:docstring>A lamp. It shines, e.g. at night.</tp:docstring><tp:added version="1.0"/>
  <method name="Configure">
    <tp:docstring><p>Changes <tp:type>Lamp_Settings</tp:type>. See <tp:member-ref>Blown</tp:member-ref>.</p><tp:rationale><p>One call is one change.</p></tp:rationale></tp:docstring>
    <arg direction="in" name="settings" type="a{sv}" tp:type="Lamp_Settings"><tp:docstring>What to change.</tp:docstring></arg>
    <arg direction="out" name="mode" type="u" tp:type="Lamp_Mode"/>
    <tp:possible-errors><tp:error name="org.example.Error.Broken"><tp:docstring>No bulb.</tp:docstring></tp:error></tp:possible-errors>
  </method>
  <method name="Old"><annotation name="org.freedesktop.DBus.Deprecated" value="true"/></method>
  <signal name="Blown"><arg name="hours" type="t"/></signal>
  <property name="On" type="b" access="readwrite"/>
  <tp:enum name="Lamp_Mode" type="u"><tp:enumvalue suffix="Warm_White" value="0"/></tp:enum>
  <dct:dictionary name="Lamp_Settings">
    <dct:key name="Brightness" type="y" access="readwrite" default="255" since="1.2"><tp:docstring>From 0 to 255.</tp:docstring></dct:key>
    <dct:key name="Colour" type="s" access="write" deprecated="1.3"/>
  </dct:dictionary>`,
  "org.example.Lamp1",
);
const ERRORS = `<tp:errors xmlns:tp="http://telepathy.freedesktop.org/wiki/DbusSpec#extensions-v0" namespace="org.example.Error"><tp:error name="Broken"><tp:docstring>It is broken.</tp:docstring></tp:error></tp:errors>`;
const STYLE = readFileSync(join(ROOT, "generator/tools/site/assets/site.css"), "utf8");
const SOURCES = [
  { path: "lamp.xml", content: LAMP },
  { path: "errors.xml", content: ERRORS },
];

describe("golden pages", () => {
  test.each([
    "index.html",
    "org.example.Lamp1.html",
    "org.example.Error.html",
    "source-errors.xml.html",
    "types.html",
    "search-index.js",
  ])("%s", async (path) => {
    await expect(page(site(SOURCES), path)).toMatchFileSnapshot(`golden/${path}.txt`);
  });

  test.each(["README.md", "org.example.Lamp1.md", "org.example.Error.md"])("%s", async (path) => {
    await expect(page(site(SOURCES, "markdown"), path)).toMatchFileSnapshot(`golden/${path}.txt`);
  });
});

describe.each(["html", "markdown"] as const)("%s", (format) => {
  test("does not depend on the order of the specs", async () => {
    const sources = await sourcesOf("specs");
    expect(site(sources.toReversed(), format)).toEqual(site(sources, format));
  });

  test("permalinks depend only on names, not on documentation or other members", () => {
    const idsOf = (body: string): readonly string[] => {
      const files = site(spec(body), format);
      const text = page(files, format === "html" ? "a.b.C.html" : "a.b.C.md");
      return [...text.matchAll(/id="?((?:Method|Signal|Property|Type):[^"\s>]+)/g)].map(([, id = ""]) => id);
    };
    expect(idsOf(`<method name="A"/><method name="B"/>`)).toEqual(["Method:A", "Method:B"]);
    expect(
      idsOf(
        `<method name="B"><tp:docstring>Doc</tp:docstring></method><signal name="B"/><property name="B" type="s" access="read"/>`,
      ),
    ).toEqual(["Method:B", "Signal:B", "Property:B"]);
    expect(idsOf(`<method name="B"/><method name="B"><arg type="s"/></method>`)).toEqual(["Method:B", "Method:B~2"]);
    expect(idsOf(`<dct:dictionary name="D"><dct:key name="a b/ü" type="s"/></dct:dictionary>`)).toEqual([
      "Type:D",
      "Type:D:a~20b/~fc",
    ]);
  });
});

test("pages of shared types never overwrite another page", () => {
  const types = `<tp:generic-types xmlns:tp="http://telepathy.freedesktop.org/wiki/DbusSpec#extensions-v0"><tp:simple-type name="T" type="s"/></tp:generic-types>`;
  const files = site([
    { path: "index.xml", content: types },
    { path: "a/README.xml", content: types },
    { path: "c.xml", content: spec(`<method name="M"/>`) },
  ]);
  const paths = files.map(({ path }) => path);
  expect(new Set(paths.map((path) => path.toLowerCase())).size).toBe(paths.length);
  expect(paths).toEqual(expect.arrayContaining(["index.html", "types-README.html", "types-index.html"]));
});

test("groups interfaces by project", () => {
  const names = [
    "org.freedesktop.UDisks2.Block",
    "org.freedesktop.UDisks2.Drive.Ata",
    "org.freedesktop.NetworkManager.Device.Wired",
    "org.bluez.Adapter1",
    "net.connman.Manager",
    "a.B",
  ];
  const files = site(names.map((name) => ({ path: `${name}.xml`, content: spec("", name) })));
  const groups = [
    ...page(files, "index.html").matchAll(/<details class=group-section open><summary><h2>([^\n]*?)<\/h2>/g),
  ];
  expect(groups.map(([, group = ""]) => group.replaceAll("<wbr>", ""))).toEqual([
    "a",
    "net.connman",
    "org.bluez",
    "org.freedesktop.NetworkManager",
    "org.freedesktop.UDisks2",
  ]);
});

test("the scripts of pages pass the type checker", () => {
  const options = ["--allowJs", "--checkJs", "--noEmit", "--strict", "--noUncheckedIndexedAccess", "--ignoreConfig"];
  const environment = ["--target", "es2022", "--lib", "es2023,dom,dom.iterable", "--types", ""];
  const check = (names: readonly string[]): string =>
    spawnSync(process.execPath, [TSC, ...options, ...environment, ...names], {
      cwd: join(ROOT, "generator/tools/site/assets"),
      encoding: "utf8",
    }).stdout;
  expect(check(["site.js", "contents.js", "snippets.js", "find.js", "search.js"])).toBe("");
  // Each script needs the first one.
  expect(check(["contents.js"])).toContain("Cannot find name 'dbusDocs'");
});

describe("colors have sufficient contrast", () => {
  /** Returns the colors of a theme by their names in the style sheet. */
  const colorsOf = (theme: "light" | "dark"): Readonly<Record<string, string>> => {
    const colors = STYLE.matchAll(/--(?<name>\w+): light-dark\((?<light>#[0-9a-f]{6}), (?<dark>#[0-9a-f]{6})\);/g);
    return Object.fromEntries([...colors].map(({ groups = {} }) => [groups["name"], groups[theme]]));
  };

  const luminance = (color: string): number => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };

  const contrast = (first = "#000000", second = "#000000"): number => {
    const [low = 0, high = 0] = [luminance(first), luminance(second)].toSorted((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };

  const FRONT = ["text", "quiet", "link", "method", "signal", "property", "type", "error", "string", "number"];

  test.each(["light", "dark"] as const)("%s", (theme) => {
    const colors = colorsOf(theme);
    expect(Object.keys(colors)).toEqual(expect.arrayContaining([...FRONT, "page", "panel", "raised", "mark"]));
    for (const front of FRONT)
      for (const back of ["page", "panel", "raised"])
        expect(contrast(colors[front], colors[back]), `${front} on ${back}`).toBeGreaterThan(4.5);
    expect(contrast(colors["text"], colors["mark"])).toBeGreaterThan(4.5);
  });
});
