import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { syntheticSpec } from "../../../bench/synthetic.ts";
import { spec } from "../../support.ts";
import { brokenLinks, page, site } from "./support.ts";

const contents = (names: readonly string[]): unknown => {
  const files = site(names.map((name) => ({ path: `${name}.xml`, content: spec("", name) })));
  const found: unknown = runInNewContext(`${page(files, "pages.js").split("\n")[1]}; JSON.stringify(dbusDocsContents)`);
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
    expect(page(files, "pages.js")).toContain(
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

  test("is below 15 MB for 1,000 interfaces with 20 members", () => {
    const sizeOf = (count: number): number =>
      site(
        Array.from({ length: count }, (_, index) => ({
          path: `${1000 + index}.xml`,
          content: syntheticSpec(1000 + index),
        })),
      ).reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
    // The size is linear, so two small sites are enough.
    const [few, many] = [sizeOf(40), sizeOf(80)];
    const perInterface = (many - few) / 40;
    expect(few + perInterface * 960).toBeLessThan(15_000_000);
    expect(perInterface / 20).toBeLessThan(740);
  });
});

test("without the script, a page links to the pages near it, and the first page to all", () => {
  const names = Array.from({ length: 40 }, (_, index) => `a.b.C${100 + index}`);
  const files = site(names.map((name) => ({ path: `${name}.xml`, content: spec("", name) })));
  const linksOf = (path: string): readonly string[] =>
    [...page(files, path).matchAll(/<a href=(a\.b\.C\d+)\.html/g)].map(([, name = ""]) => name);
  expect(linksOf("a.b.C120.html")).toEqual(names.slice(19, 22));
  expect(linksOf("a.b.C100.html")).toEqual(names.slice(0, 2));
  expect(page(files, "a.b.C100.html")).toContain("<a href=index.html>More…</a>");
  expect([...new Set(linksOf("index.html"))]).toEqual(names);
});

describe("every declaration links to its line in the spec", () => {
  const iface = (name: string): string =>
    `<interface name="${name}">\n<method name="M"/>\n<signal name="S"/>\n<property name="P" type="s" access="read"/>\n</interface>\n`;
  const linksOf = (files: ReturnType<typeof site>, path: string): readonly string[] =>
    [...page(files, path).matchAll(/href=([^\s>]*#L\d+)/g)].map(([, link = ""]) => link);

  test("on the same page if the spec declares one interface", () => {
    const files = site([{ path: "one/a.xml", content: `<node>\n${iface("a.b.C")}</node>\n` }]);
    expect(linksOf(files, "a.b.C.html")).toEqual([2, 3, 4, 5].map((line) => `#L${line}`));
    expect(page(files, "a.b.C.html")).toContain('<b id=L3>&lt;method name="M"/></b>\n');
    expect(files.filter(({ path }) => path.startsWith("source-"))).toEqual([]);
    expect(brokenLinks(files)).toEqual([]);
  });

  test("on the page of the spec if it declares several interfaces, or something else, too", () => {
    const two = (first: string, second: string): string => `<node>\n${iface(first)}${iface(second)}</node>\n`;
    const files = site([
      { path: "one/a.xml", content: two("a.b.C", "a.b.D") },
      { path: "two/a.xml", content: two("a.b.E", "a.b.F") },
      { path: "two/A.xml", content: two("a.b.G", "a.b.H") },
      {
        path: "e.xml",
        content: spec("", "a.b.I").replace(
          "</node>",
          '\n<tp:errors namespace="a.b"><tp:error name="Bad"/></tp:errors></node>',
        ),
      },
    ]);
    expect(linksOf(files, "a.b.C.html")).toEqual([2, 3, 4, 5].map((line) => `source-a.xml.html#L${line}`));
    expect(linksOf(files, "a.b.D.html")).toEqual([7, 8, 9, 10].map((line) => `source-a.xml.html#L${line}`));
    expect(linksOf(files, "a.b.E.html")[0]).toBe("source-a.xml-3.html#L2");
    expect(linksOf(files, "a.b.G.html")[0]).toBe("source-A.xml-2.html#L2");
    expect(linksOf(files, "a.b.I.html")).toEqual(["source-e.xml.html#L1"]);
    expect(page(files, "source-a.xml.html")).toContain('<b id=L3>&lt;method name="M"/></b>\n');
    expect(brokenLinks(files)).toEqual([]);
  });
});
