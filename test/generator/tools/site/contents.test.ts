import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { syntheticSpec } from "../../../bench/synthetic.ts";
import { spec } from "../../support.ts";
import { brokenLinks, page, site } from "./support.ts";

const contents = (names: readonly string[]): unknown => {
  const files = site(names.map((name) => ({ path: `${name}.xml`, content: spec("", name) })));
  const found: unknown = runInNewContext(`${page(files, "contents-index.js")}; JSON.stringify(dbusDocsContents)`);
  return JSON.parse(String(found));
};

describe("contents", () => {
  test("contain interfaces below their parents", () => {
    expect(
      contents([
        "org.freedesktop.NetworkManager",
        "org.freedesktop.NetworkManager.Device",
        "org.freedesktop.NetworkManager.Device.Wired",
        "org.freedesktop.NetworkManager.Connection.Active",
        "org.freedesktop.NetworkManager.VPN.Connection",
        "org.freedesktop.NetworkManager.VPN.Plugin",
        "org.freedesktop.hostname1",
      ]),
    ).toEqual([
      ["org.freedesktop", "", [["hostname1", "org.freedesktop.hostname1.html"]]],
      [
        "org.freedesktop.NetworkManager",
        "org.freedesktop.NetworkManager.html",
        [
          ["Connection.Active", "org.freedesktop.NetworkManager.Connection.Active.html"],
          [
            "Device",
            "org.freedesktop.NetworkManager.Device.html",
            [["Wired", "org.freedesktop.NetworkManager.Device.Wired.html"]],
          ],
          [
            "VPN",
            "",
            [
              ["Connection", "org.freedesktop.NetworkManager.VPN.Connection.html"],
              ["Plugin", "org.freedesktop.NetworkManager.VPN.Plugin.html"],
            ],
          ],
        ],
      ],
    ]);
  });

  test("contain errors and shared types after interfaces", () => {
    const tp = 'xmlns:tp="http://telepathy.freedesktop.org/wiki/DbusSpec#extensions-v0"';
    const files = site([
      { path: "a.xml", content: spec("", "a.b.C") },
      { path: "e.xml", content: `<tp:errors ${tp} namespace="a.b.Error"><tp:error name="Bad"/></tp:errors>` },
      { path: "t.xml", content: `<tp:generic-types ${tp}><tp:simple-type name="T" type="s"/></tp:generic-types>` },
    ]);
    expect(page(files, "contents-index.js")).toContain(
      '[["a.b","",[["C","a.b.C.html"]]],["Errors","",[["a.b.Error","a.b.Error.html"]]],["Shared types","",[["t","types-t.html"]]]]',
    );
  });
});

describe("the size of a site", () => {
  const sizes = (count: number): { readonly page: number; readonly all: number } => {
    const specs = Array.from({ length: count }, (_, index) => ({
      path: `${1000 + index}.xml`,
      content: syntheticSpec(1000 + index, () => "s"),
    }));
    const files = site(specs);
    return {
      page: page(files, "org.example.synthetic.Interface1007.html").length,
      all: files.reduce((sum, { text }) => sum + text.length, 0),
    };
  };

  test("is linear in the number of interfaces, because a page does not depend on it", () => {
    const [small, middle, large] = [sizes(15), sizes(30), sizes(60)];
    expect(large.page).toBe(small.page);
    // The first page contains the numbers of interfaces and members, whose digits differ.
    expect(Math.abs(large.all - middle.all - 2 * (middle.all - small.all))).toBeLessThan(20);
  });

  test("a page of 20 members has at most 40 kB", () => {
    expect(sizes(15).page).toBeLessThan(40_000);
  });
});

test("without the script, a page links to the pages near it, and the first page to all", () => {
  const names = Array.from({ length: 40 }, (_, index) => `a.b.C${100 + index}`);
  const files = site(names.map((name) => ({ path: `${name}.xml`, content: spec("", name) })));
  const linksOf = (path: string): readonly string[] =>
    [...page(files, path).matchAll(/<a href=(a\.b\.C\d+)\.html/g)].map(([, name = ""]) => name);
  expect(linksOf("a.b.C120.html")).toEqual(names.slice(18, 23));
  expect(linksOf("a.b.C100.html")).toEqual(names.slice(0, 3));
  expect(page(files, "a.b.C100.html")).toContain("<a href=index.html>More…</a>");
  expect([...new Set(linksOf("index.html"))]).toEqual(names);
});

test("every declaration links to its line in the spec", () => {
  const content = `<node>\n<interface name="a.b.C">\n<method name="M"/>\n<signal name="S"/>\n<property name="P" type="s" access="read"/>\n</interface>\n</node>\n`;
  const files = site([
    { path: "one/a.xml", content },
    { path: "two/a.xml", content: content.replace("a.b.C", "a.b.D") },
    { path: "two/A.xml", content: content.replace("a.b.C", "a.b.E") },
  ]);
  const sourcesOf = (path: string): readonly string[] =>
    [...page(files, path).matchAll(/href=(source-[^>]*)>/g)].map(([, link = ""]) => link);
  expect(sourcesOf("a.b.C.html")).toEqual([2, 3, 4, 5].map((line) => `source-a.xml.html#L${line}`));
  expect(sourcesOf("a.b.D.html")[0]).toBe("source-a.xml-3.html#L2");
  expect(sourcesOf("a.b.E.html")[0]).toBe("source-A.xml-2.html#L2");
  expect(page(files, "source-a.xml.html")).toContain('<b id=L3>&lt;method name="M"/&gt;</b>\n');
  expect(brokenLinks(files)).toEqual([]);
});
