import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Address, busAddress, parseAddresses } from "../../../../runtime/core/bus/address.ts";
import { runs } from "../../../setup/runs.ts";

const GUID = "00112233445566778899aabbccddeeff";
const ENVIRONMENT = { XDG_RUNTIME_DIR: "/run/user/1000" };
const unix = (path: string): Address => ({ kind: "unix", path });

describe("addresses", () => {
  test.each<{ text: string; addresses: readonly Address[] }>([
    { text: "unix:path=/run/bus", addresses: [unix("/run/bus")] },
    { text: "unix:abstract=bus", addresses: [unix("\0bus")] },
    { text: "unix:runtime=yes", addresses: [unix("/run/user/1000/bus")] },
    { text: "unix:path=/run/bus,unknown=ignored", addresses: [unix("/run/bus")] },
    { text: `unix:path=/run/bus,guid=${GUID}`, addresses: [{ kind: "unix", path: "/run/bus", guid: GUID }] },
    {
      text: `unix:path=/run/bus,guid=${GUID.toUpperCase()}`,
      addresses: [{ kind: "unix", path: "/run/bus", guid: GUID }],
    },
    { text: "unix:path=/a%2cb%3Dc%3bd%3ae%25", addresses: [unix("/a,b=c;d:e%")] },
    { text: "unix:path=/a=b:c", addresses: [unix("/a=b:c")] },
    { text: "unix:path=/gr%c3%bc%C3%9Fe", addresses: [unix("/grüße")] },
    { text: "unix:path=/grüße", addresses: [unix("/grüße")] },
    { text: "tcp:port=1234", addresses: [{ kind: "tcp", host: "localhost", port: 1234 }] },
    {
      text: "tcp:host=127.0.0.1,port=1234,family=ipv4",
      addresses: [{ kind: "tcp", host: "127.0.0.1", port: 1234, family: 4 }],
    },
    { text: "tcp:host=::1,port=1234,family=ipv6", addresses: [{ kind: "tcp", host: "::1", port: 1234, family: 6 }] },
    { text: "tcp:host=%3a%3a1,port=1234", addresses: [{ kind: "tcp", host: "::1", port: 1234 }] },
    { text: "unixexec:path=ssh", addresses: [{ kind: "unixexec", command: { path: "ssh", args: [] } }] },
    {
      text: "unixexec:path=/usr/bin/ssh,argv0=x,argv1=a%20b,argv2=,argv4=ignored",
      addresses: [{ kind: "unixexec", command: { path: "/usr/bin/ssh", argv0: "x", args: ["a b", ""] } }],
    },
    { text: "unix:path=/a;unix:path=/b", addresses: [unix("/a"), unix("/b")] },
    { text: ";unix:path=/a;;", addresses: [unix("/a")] },
  ])("$text", ({ text, addresses }) => {
    expect(parseAddresses(text, ENVIRONMENT)).toEqual({ addresses, problems: [] });
  });
});

describe("an entry that cannot be used does not affect the others", () => {
  test.each([
    ["autolaunch:", 'bus address "autolaunch:" starts a bus'],
    ["autolaunch:scope=*user", "starts a bus"],
    ["unixexec:argv1=a", "has no path"],
    ["unixexec:path=", "has no path"],
    ["launchd:env=DBUS", "has a transport other than unix, tcp and unixexec"],
    ["nonce-tcp:host=localhost,port=1,noncefile=/x", "has a transport other than unix, tcp and unixexec"],
    ["future:a=b", "has a transport other than unix, tcp and unixexec"],
    ["nonsense", "is not of the form"],
    ["unix:", "is not of the form"],
    ["unix:path", "is not of the form"],
    ["unix:=x", "is not of the form"],
    ["unix:path=/a,b", "is not of the form"],
    ["unix:path=/a,path=/b", 'has the key "path" twice'],
    ["unix:path=/a,abstract=b", "has both path and abstract"],
    ["unix:path=", "has an empty path"],
    ["unix:abstract=", "has an empty abstract"],
    ["unix:guid=0", "has neither path nor abstract"],
    [`unix:path=/a,guid=${GUID}0`, "has a guid"],
    ["unix:dir=/tmp", "has dir, which is for servers"],
    ["unix:tmpdir=/tmp", "has tmpdir, which is for servers"],
    ["unix:runtime=no", "has a runtime other than yes"],
    ["unix:path=/a%zz", "has a bad escape"],
    ["unix:path=/a%2", "has a bad escape"],
    ["unix:path=/a%", "has a bad escape"],
    ["unix:path=/a%ff", "has a value that is not UTF-8 or contains NUL"],
    ["unix:path=%00a", "has a value that is not UTF-8 or contains NUL"],
    ["tcp:host=localhost", "has no valid port"],
    ["tcp:host=localhost,port=0", "has no valid port"],
    ["tcp:host=localhost,port=65536", "has no valid port"],
    ["tcp:host=localhost,port=1.5", "has no valid port"],
    ["tcp:host=::1,port=1,family=ipv5", "has a family other than ipv4 and ipv6"],
    [`unix:\u001b[2J${"x".repeat(100_000)}`, "is not of the form"],
  ])("%s", (entry, problem) => {
    const { addresses, problems } = parseAddresses(`${entry};unix:path=/run/bus`, ENVIRONMENT);
    expect(addresses).toEqual([unix("/run/bus")]);
    expect(problems).toEqual([expect.stringContaining(problem)]);
    expect(problems.join()).toMatch(/^[^\p{Cc}]{1,300}$/u);
  });

  test.each([
    ["", { problems: ["the bus address is empty"] }],
    [";;", { problems: ["the bus address is empty"] }],
  ])("no entry at all: %j", (text, { problems }) => {
    expect(parseAddresses(text, ENVIRONMENT)).toEqual({ addresses: [], problems });
  });

  test.each([undefined, "", "run/user"])("unix:runtime=yes with XDG_RUNTIME_DIR %j", (folder) => {
    const { addresses, problems } = parseAddresses(
      "unix:runtime=yes",
      folder === undefined ? {} : { XDG_RUNTIME_DIR: folder },
    );
    expect([addresses, problems]).toEqual([[], [expect.stringContaining("needs XDG_RUNTIME_DIR")]]);
  });
});

test.each([
  ["session", { DBUS_SESSION_BUS_ADDRESS: "unix:path=/s" }, "unix:path=/s"],
  ["session", { DBUS_SESSION_BUS_ADDRESS: "unix:path=/s", XDG_RUNTIME_DIR: "/run/user/1000" }, "unix:path=/s"],
  ["session", { XDG_RUNTIME_DIR: "/run/user/1000" }, "unix:runtime=yes"],
  ["session", { DBUS_SESSION_BUS_ADDRESS: "", XDG_RUNTIME_DIR: "/run/user/1000" }, "unix:runtime=yes"],
  ["system", { DBUS_SYSTEM_BUS_ADDRESS: "unix:path=/s" }, "unix:path=/s"],
  ["system", {}, "unix:path=/var/run/dbus/system_bus_socket"],
  ["unix:path=/o", {}, "unix:path=/o"],
])("the addresses of the %s bus in %j", (bus, environment, address) => {
  expect(busAddress(bus, environment)).toBe(address);
});

describe("any text", () => {
  const escaped = (value: string): string =>
    [...Buffer.from(value)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");

  test("is parsed without an exception: each entry is an address or a problem", () => {
    const entry = fc.string({ unit: fc.constantFrom(..."unix:tcp=,;%2f0path host\0\u00fc\ud83d\ude00") });
    fc.assert(
      fc.property(entry, (text) => {
        const { addresses, problems } = parseAddresses(text, ENVIRONMENT);
        const entries = text.split(";").filter((part) => part !== "").length;
        expect(addresses.length + problems.length).toBe(Math.max(entries, 1));
      }),
      { numRuns: runs(1000), seed: 1 },
    );
  });

  test("can be the value of a key if it is escaped and has no NUL", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (value) => {
        fc.pre(!value.includes("\0"));
        expect(parseAddresses(`unix:path=${escaped(value)}`).addresses).toEqual([unix(value)]);
      }),
      { numRuns: runs(300), seed: 1 },
    );
  });
});
