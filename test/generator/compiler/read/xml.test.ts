import dns from "node:dns";
import fs, { readFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import { expect, test } from "vitest";
import { codes, lines, run, spec } from "../../support.ts";
import { accepts, iface, rejects } from "../verdict.ts";

/** Replaces all functions that open a file or a socket by functions that record their names, until `stopRecording`. */
function recordOpening(): readonly string[] {
  const opened: string[] = [];
  for (const module of [fs, fs.promises, net, net.Socket.prototype, dns]) {
    for (const [key, value] of Object.entries(module)) {
      if (typeof value !== "function" || /^[A-Z_]/.test(key)) continue;
      Reflect.set(module, key, () => void opened.push(key));
      restore.push(() => Reflect.set(module, key, value));
    }
  }
  syncBuiltinESMExports();
  return opened;
}

const restore: (() => unknown)[] = [];
function stopRecording(): void {
  for (const undo of restore.splice(0)) undo();
  syncBuiltinESMExports();
}

test("rejects external entities, and opens neither a file nor a socket [G01]", async () => {
  const opened = recordOpening();
  const results = [];
  try {
    for (const doctype of [
      `<!DOCTYPE node [<!ENTITY x SYSTEM "file:///etc/passwd">]>`,
      `<!DOCTYPE node [<!ENTITY x PUBLIC "p" "http://127.0.0.1:9/x">]>`,
      `<!DOCTYPE node [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x">%x;]>`,
    ])
      results.push(await run(`${doctype}<node><interface name="a.&x;"/></node>`));
    // The standard document type has a URL too, which is not opened.
    results.push(await run(`<!DOCTYPE node PUBLIC "-//x//EN" "http://127.0.0.1:9/x.dtd"><nodes/>`));
    expect(opened).toEqual([]);
    // The recorder itself works.
    readFileSync("/etc/passwd");
    expect(opened).toEqual(["readFileSync"]);
  } finally {
    stopRecording();
  }
  expect(results.map(codes)).toEqual([["xml-dtd"], ["xml-dtd"], ["xml-dtd"], ["xml-root"]]);
});

test("rejects entities that expand to other entities or to too much text [G02]", async () => {
  const layers = Array.from({ length: 9 }, (_, i) => `<!ENTITY a${i + 1} "${`&a${i};`.repeat(10)}">`);
  await rejects(`<!DOCTYPE n [<!ENTITY a0 "lol">${layers.join("")}]><node>&a9;</node>`, "xml-dtd");
  await rejects(`<!DOCTYPE n [<!ENTITY a "${"x".repeat(50_000)}">]><node>${"&a;".repeat(5_000)}</node>`, "xml-dtd");
  await rejects(`<!DOCTYPE n [<!ENTITY a "${"x".repeat(4_000)}">]><node>${"&a;".repeat(5_000)}</node>`, "xml-entity");
  await accepts(`<!DOCTYPE n [<!ENTITY api "a.b">]><node><interface name="&api;.C"/></node>`);
});

test("rejects a file of more than 1 MiB [G03]", async () => {
  const padded = (bytes: number): Buffer => Buffer.from(`<node>${" ".repeat(bytes - 13)}</node>`);
  await rejects(padded(1024 * 1024 + 1), "xml-too-large");
  await rejects(`<node name="${"a".repeat(20_000_000)}"/>`, "xml-too-large");
  expect(lines(await run(padded(1024 * 1024)))).toEqual([]);
});

test("rejects elements nested more than 64 levels deep [G04]", async () => {
  const nested = (count: number): string => '<node name="n">'.repeat(count) + "</node>".repeat(count);
  await rejects(nested(65), "xml-depth");
  await rejects("<a>".repeat(100_000) + "</a>".repeat(100_000), "xml-depth");
  expect(lines(await run(nested(64)))).toEqual([]);
});

// biome-ignore format: one case a line
test.each([
  ["unclosed", `<node><interface name="a.b">`],
  ["mismatched", `<node><interface name="a.b"></node></interface>`],
  ["garbage", "not xml"],
  ["empty", ""],
  ["only space", "  \n "],
  ["two roots", "<node/><node/>"],
  ["trailing text", "<node/> x"],
  ["trailing CDATA", "<node/><![CDATA[x]]>"],
  ["unquoted attribute", "<node name=a/>"],
  ["unclosed comment", "<node><!-- </node>"],
])("rejects XML that is not well-formed: %s [G05]", (_, given) => rejects(given, "xml-syntax"));

test.each([
  [`<node><interface name="a.b"></interface>`, "add </node> at the end"],
  [`<node><interface name="a.b">`, "add </interface></node> at the end"],
])("reports which end tags are missing: %s", async (given, hint) => {
  expect((await run(given)).diagnostics.map((diagnostic) => diagnostic.hint)).toEqual([hint]);
});

test("rejects a duplicate attribute [G06]", () =>
  rejects(`<node><interface name="a.b" name="c.d"/></node>`, "xml-syntax"));

test("rejects NUL, invalid UTF-8 and UTF-16, and accepts a UTF-8 byte order mark [G07]", async () => {
  await rejects("<node>\0</node>", "xml-syntax");
  await rejects(Buffer.from(`<node name="\xE4"/>`, "latin1"), "xml-encoding");
  await rejects(Buffer.from(`\uFEFF<?xml version="1.0" encoding="UTF-16"?><node/>`, "utf16le"), "xml-encoding");
  await rejects(Buffer.from(`\uFEFF<node/>`, "utf16le").swap16(), "xml-encoding");
  await accepts(Buffer.from(`\uFEFF${iface("a.b.C")}`));
});

test("rejects a wrong root element and ignores an unknown element [G08]", async () => {
  await rejects(`<NODE><INTERFACE NAME="a.b"/></NODE>`, "xml-root");
  await rejects("<foo/>", "xml-root");
  const result = await accepts(spec(`<METHOD name="M"/><method name="N"/>`));
  expect(codes(result)).toEqual(["unknown-element"]);
});
