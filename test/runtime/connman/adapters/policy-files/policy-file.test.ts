import fc from "fast-check";
import { expect, test } from "vitest";
import { parseKeyFile } from "../../../../../runtime/connman/adapters/policy-files/key-file.ts";
import {
  type FilePolicy,
  MAX_POLICY_FILE_BYTES,
  parsePolicyFile,
} from "../../../../../runtime/connman/adapters/policy-files/policy-file.ts";
import { anyText } from "../../../../setup/any-text.ts";
import { runs } from "../../../../setup/runs.ts";

/** Returns each policy of a file as one line, or each problem as `line:column key: message`. */
function read(content: string | Uint8Array): readonly string[] {
  const file = parsePolicyFile(content);
  if ("policies" in file) return file.policies.map(described);
  return file.problems.map(({ line, column, key, message }) => {
    const place = line === undefined ? "" : `${line}:${column} `;
    return `${place}${key === undefined ? "" : `${key}: `}${message}`;
  });
}

/** Returns the values of a policy that differ from the defaults. */
function described({ match, policy }: FilePolicy): string {
  const { allowedBearers, connectionType, priority, roamingPolicy, emergencyCall } = policy;
  const { blockWithoutService, separateByCgroup } = policy;
  return [
    JSON.stringify(match).replaceAll('"', ""),
    allowedBearers && `[${allowedBearers}]`,
    connectionType !== "any" && connectionType,
    priority && "priority",
    roamingPolicy !== "default" && roamingPolicy,
    emergencyCall && "emergency",
    blockWithoutService && "blocked",
    separateByCgroup && "separated",
  ]
    .filter(Boolean)
    .join(" ");
}

const CASES: Readonly<Record<string, readonly [text: string, expected: readonly string[]]>> = {
  "all keys": [
    `# What the mail client may use.
     [policy_mail]
     selinux = mail_t
     uid = alice
     gid = staff
     AllowedBearers = wifi ethernet *
     ConnectionType = internet
     Priority = true
     RoamingPolicy = national
     EmergencyCall = false`,
    ["{selinux:mail_t,uid:alice,gid:staff} [wifi,ethernet,*] internet priority national"],
  ],
  "the keys that ConnMan does not have": [
    "[a]\nuid = alice\nBlockWithoutService = true\nSeparateByCgroup = 1\n[b]\ngid = 7\nBlockWithoutService = false",
    ["{uid:alice} blocked separated", "{gid:7}"],
  ],
  "a block of packets by SELinux type": [
    "[a]\nselinux = mail_t\nBlockWithoutService = true\n[b]\nselinux = web_t\nBlockWithoutService = 1\nSeparateByCgroup = 1",
    ["1:1 BlockWithoutService: packets have no SELinux type: use uid, gid or SeparateByCgroup"],
  ],
  "a policy with defaults only": ["[a]\nuid=root", ["{uid:root}"]],
  "several groups": ["[a]\nuid=root\n\n[b]\ngid=staff\nEmergencyCall=1\n", ["{uid:root}", "{gid:staff} emergency"]],
  "users and groups by number": ["[a]\nuid = 0\ngid = 4294967294", ["{uid:0,gid:4294967294}"]],
  "names with other characters": ["[a]\nuid = DOMAIN\\\\jo smith\ngid=jö", ["{uid:DOMAIN\\\\jo smith,gid:jö}"]],
  "a list that allows nothing": ["[a]\nuid=root\nAllowedBearers=", ["{uid:root} []"]],
  "spaces and tabs around all elements": [
    "\t[a] \n  uid\t=  root \t\n \nAllowedBearers = wifi   vpn ",
    ["{uid:root} [wifi,vpn]"],
  ],
  "escaped spaces between bearers": ["[a]\nuid=root\nAllowedBearers=\\swifi\\tvpn", ["{uid:root} [wifi,vpn]"]],
  "CR LF line endings": ["[a]\r\nuid = root\r\n", ["{uid:root}"]],
  "a byte order mark": ["\ufeff[a]\nuid=root", ["{uid:root}"]],
  "an empty file": ["", []],
  "only comments": ["# nothing\n   # here\n", []],

  "no user, group or type": ["\n[a]\nPriority = true", ["2:1 one of selinux, uid and gid is required"]],
  "unknown bearers": [
    "[a]\nuid = root\nAllowedBearers = wifi 3g Ethernet",
    [
      '3:18 AllowedBearers: unknown bearer "3g", "Ethernet"; known bearers are ethernet, wifi, gadget, bluetooth, cellular, vpn, *',
    ],
  ],
  "invalid values": [
    "[a]\nuid=4294967295\ngid=\nselinux=u:r:mail_t\nConnectionType=online\nPriority=yes\nRoamingPolicy=Always\nEmergencyCall=",
    [
      '2:5 uid: "4294967295" is neither a name nor a number up to 4294967294',
      '3:5 gid: "" is neither a name nor a number up to 4294967294',
      '4:9 selinux: "u:r:mail_t" is not an SELinux type (the third part of a context, such as httpd_t)',
      '5:16 ConnectionType: "online" is not one of any, local, internet',
      '6:10 Priority: "yes" is neither true nor false',
      '7:15 RoamingPolicy: "Always" is not one of national, international, default, always, forbidden',
      '8:15 EmergencyCall: "" is neither true nor false',
    ],
  ],
  "unknown keys, also with another case or a language": [
    "[a]\nuid=root\npriority=true\nAllowedBearers[de]=wifi",
    [
      "3:10 priority: unknown key; known keys are selinux, uid, gid, AllowedBearers, ConnectionType, Priority, RoamingPolicy, EmergencyCall, BlockWithoutService, SeparateByCgroup",
      "4:20 AllowedBearers[de]: unknown key; known keys are selinux, uid, gid, AllowedBearers, ConnectionType, Priority, RoamingPolicy, EmergencyCall, BlockWithoutService, SeparateByCgroup",
    ],
  ],
  "keys before the first group": ["uid=root\n[a]\ngid=staff", ["1:1 uid: a [group] must come first"]],
  "lines that are not valid in a key file": [
    "[a]\nuid=root\n  wifi only\n= x\n; old comment",
    [
      '3:3 "wifi only" is neither a comment nor a [group] nor key = value',
      '4:1 "= x" is neither a comment nor a [group] nor key = value',
      '5:1 "; old comment" is neither a comment nor a [group] nor key = value',
    ],
  ],
  "invalid groups, whose keys belong to no other group": [
    "[a]\nuid=root\n[b\nuid=alice\n[]\ngid=staff\n[c]]\nuid=bob",
    ['3:1 "[b" is not a group: [name]', '5:1 "[]" is not a group: [name]', '7:1 "[c]]" is not a group: [name]'],
  ],
  "repeated keys, groups and users": [
    "[a]\nuid=root\nuid=alice\n[a]\ngid=staff\n[b]\nuid=root\nuid=root",
    [
      "3:1 uid: the key is already defined in line 2",
      "4:1 the group is already defined in line 1",
      '7:5 uid: "root" already has a policy in line 1',
      "8:1 uid: the key is already defined in line 7",
      '8:5 uid: "root" already has a policy in line 1',
    ],
  ],
  "unknown escapes": [
    "[a]\nuid = r\\xot\\",
    [
      "2:8 uid: unknown escape; known escapes are \\s \\n \\t \\r \\\\",
      "2:12 uid: unknown escape; known escapes are \\s \\n \\t \\r \\\\",
    ],
  ],
  "control characters, which are escaped": [
    "[a]\nuid=\x9b31m\nPriority=\u202eeurt",
    [
      '2:5 uid: "\\u{9b}31m" is neither a name nor a number up to 4294967294',
      '3:10 Priority: "\\u{202e}eurt" is neither true nor false',
    ],
  ],
  "names with control characters": [
    "[a]\nuid=ro\\not",
    ['2:5 uid: "ro\\not" is neither a name nor a number up to 4294967294'],
  ],
};

test.each(Object.entries(CASES))("%s", (_name, [text, expected]) => {
  expect(read(text)).toEqual(expected);
});

test("a file that is too large or not UTF-8 is invalid", () => {
  const full = `[a]\nuid=root\n#${"x".repeat(MAX_POLICY_FILE_BYTES - 14)}`;
  expect(read(full)).toEqual(["{uid:root}"]);
  expect(read(`${full}x`)).toEqual(["larger than 65536 bytes"]);
  expect(read(Buffer.from("[a]\nuid=r\xf6\xf6t", "latin1"))).toEqual(["not UTF-8"]);
  expect(read(Buffer.from("[a]\nuid=ro\0ot"))).toEqual([
    '2:5 uid: "ro\\u0000ot" is neither a name nor a number up to 4294967294',
  ]);
});

test("escape sequences of a key file are decoded", () => {
  const { groups } = parseKeyFile("[a]\nx = \\sone\\ttwo\\nthree\\r\\\\\\s");
  expect(groups).toEqual([
    { name: "a", line: 1, entries: [{ key: "x", value: " one\ttwo\nthree\r\\ ", line: 2, column: 5 }] },
  ]);
});

const FRAGMENTS = ["[", "]", "[a]", "=", "\\", "\n", "\r\n", "#", " ", "uid", "gid", "AllowedBearers", "wifi", "true"];
const anyContent = fc.oneof(
  anyText(),
  fc.array(fc.oneof(fc.constantFrom(...FRAGMENTS), fc.string({ maxLength: 3 }))).map((parts) => parts.join("")),
);

test("no content makes the parser throw, and every problem has a position", () => {
  const lines = (text: string) => text.split("\n");
  fc.assert(
    fc.property(anyContent, (text) => {
      const file = parsePolicyFile(text);
      for (const { line = 0, column = 0, message } of "problems" in file ? file.problems : []) {
        expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        expect(column).toBeGreaterThan(0);
        expect(column).toBeLessThanOrEqual((lines(text)[line - 1] ?? "").length + 1);
      }
    }),
    { numRuns: runs(2000) },
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void parsePolicyFile(bytes)));
});

test("long lines of spaces are parsed in linear time", () => {
  const spaces = " ".repeat(MAX_POLICY_FILE_BYTES / 2 - 10);
  expect(read(`[a]\nuid${spaces}x${spaces}`)).toHaveLength(2);
});

// Biased towards characters that must be escaped.
const name = fc
  .string({ unit: fc.constantFrom("a", "B", "7", "_", "-", ".", " ", "\\", "ö", "#", "[", "=", '"'), minLength: 1 })
  .filter((text) => !/^\d+$/.test(text));
const id = fc.oneof(name, fc.nat({ max: 2 ** 32 - 2 }));
const match = fc
  .record({ selinux: fc.stringMatching(/^[\w.-]+$/), uid: id, gid: id }, { requiredKeys: [] })
  .filter((keys) => Object.keys(keys).length > 0);
const bearer = fc.constantFrom("ethernet", "wifi", "gadget", "bluetooth", "cellular", "vpn", "*");
const policy = fc.record(
  {
    allowedBearers: fc.array(bearer),
    connectionType: fc.constantFrom("any", "local", "internet"),
    priority: fc.boolean(),
    roamingPolicy: fc.constantFrom("national", "international", "default", "always", "forbidden"),
    emergencyCall: fc.boolean(),
  },
  { requiredKeys: ["connectionType", "priority", "roamingPolicy", "emergencyCall"] },
);
const distinct = (key: "selinux" | "uid" | "gid") => (all: readonly { match: Readonly<Record<string, unknown>> }[]) => {
  const values = all.flatMap(({ match }) => (match[key] === undefined ? [] : [match[key]]));
  return new Set(values).size === values.length;
};
const policies = fc
  .array(fc.record({ match, policy }))
  .filter((all) => distinct("selinux")(all) && distinct("uid")(all) && distinct("gid")(all));
const space = fc.constantFrom("", " ", "\t ");
const between = fc.constantFrom("", "\n", "\r\n", " # = [\n");

type Printed = readonly { match: object; policy: object }[];

/** Prints policies with varying spaces and line endings. */
function print(all: Printed, [around, gap, end]: readonly [string, string, string]): string {
  const written = (value: unknown) =>
    Array.isArray(value) ? value.join(" ") : String(value).replaceAll("\\", "\\\\").replace(/^ | $/g, "\\s");
  const line = ([key, value]: [string, unknown]) => {
    const onFile = ["selinux", "uid", "gid"].includes(key) ? key : `${key[0]?.toUpperCase()}${key.slice(1)}`;
    return `${around}${onFile}${around}=${around}${written(value)}${around}\n${gap}`;
  };
  const group = ({ match: keys, policy: values }: Printed[number], index: number) =>
    `[policy ${index}]${end}\n${Object.entries({ ...keys, ...values })
      .map(line)
      .join("")}`;
  return all.map(group).join("");
}

test("printed policies are parsed to equal policies", () => {
  fc.assert(
    fc.property(policies, fc.tuple(space, between, fc.constantFrom("", " ", "\r")), (all, style) => {
      expect(parsePolicyFile(print(all, style))).toEqual({ policies: all });
    }),
    { numRuns: runs(250) },
  );
});
