import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FailedError, Variant } from "@dbus-codegen-ts/runtime";
import { type ConformOptions, conform, type Report, renderReport } from "dbus-codegen-ts/conform";
import { privateBus } from "dbus-codegen-ts/testing";
import { describe, expect, test } from "vitest";
import { CHECKS, isCheck } from "../../../../generator/tools/conform/report.ts";
import { at, cli, temporaryFolder } from "../../support.ts";
import { goodLamp, LAMP, LAMP_PATH, LAMP_SPEC, type Lamp, serveLamp } from "../lamp.ts";

const SOURCES = [{ path: "lamp.xml", content: LAMP_SPEC }];
const THOROUGH: ConformOptions = { exercise: "change", settle: 100, watch: 50, timeout: 60_000 };
/** Time for each call of a service that does not reply to one of them. */
const TIMEOUT_MS = 2_000;

/** Checks a lamp after a change. */
async function check(change: (lamp: Lamp) => void, options: ConformOptions = THOROUGH): Promise<Report> {
  const lamp = goodLamp();
  change(lamp);
  await using bus = await privateBus();
  await using _ = await serveLamp(bus.address, lamp);
  const { report } = await conform(await bus.connect(), { destination: LAMP, path: LAMP_PATH }, SOURCES, options);
  if (report === undefined) throw new Error("the specs have errors");
  return report;
}

const failures = ({ checks }: Report): readonly string[] =>
  checks.filter(({ status }) => status === "failed").map(({ check: name, member }) => `${name} ${member ?? ""}`.trim());

const replaced =
  (from: string, to: string) =>
  (lamp: Lamp): void => {
    if (!lamp.xml.includes(from)) throw new Error(`the lamp has no ${from}`);
    lamp.xml = lamp.xml.replace(from, to);
  };

const properties = "org.freedesktop.DBus.Properties";
const Serial = new Variant("s", "L-1");

/** Defects of a lamp, each with the checks that fail. */
const DEFECTS: readonly (readonly [title: string, failures: readonly string[], change: (lamp: Lamp) => void])[] = [
  ["the interface is missing", ["interface-missing"], (lamp) => void Object.assign(lamp, { xml: "<node/>" })],
  ["an extra interface", ["interface-extra"], replaced("</node>", `<interface name="org.example.More1"/></node>`)],
  [
    "a method is missing",
    ["method-missing Describe"],
    replaced(`<method name="Describe"><arg type="s" direction="out"/></method>`, ""),
  ],
  ["an extra method", ["method-extra Explode"], replaced("<signal", `<method name="Explode"/><signal`)],
  ["a method takes another type", ["method-input Dim"], replaced(`name="to" type="y"`, `name="to" type="u"`)],
  ["a method returns another type", ["method-output Dim"], replaced(`name="done" type="b"`, `name="done" type="s"`)],
  [
    "an argument has the other direction",
    ["method-input Dim", "method-output Dim"],
    replaced(`name="to" type="y" direction="in"`, `name="to" type="y" direction="out"`),
  ],
  [
    "a method has a reply",
    ["method-no-reply Blink"],
    replaced(`Method.NoReply" value="true"`, `Method.NoReply" value="false"`),
  ],
  [
    "a signal is missing",
    ["signal-missing Burnt"],
    replaced(`<signal name="Burnt"><arg name="hours" type="u"/></signal>`, ""),
  ],
  ["an extra signal", ["signal-extra Flicker"], replaced("<signal", `<signal name="Flicker"/><signal`)],
  [
    "a signal declares another type",
    ["signal-signature Burnt"],
    replaced(`name="hours" type="u"`, `name="hours" type="t"`),
  ],
  [
    "a property is missing",
    ["property-missing Level"],
    replaced(`<property name="Level" type="y" access="readwrite"/>`, ""),
  ],
  [
    "an extra property",
    ["property-extra Watts"],
    replaced("</interface>", `<property name="Watts" type="d" access="read"/></interface>`),
  ],
  [
    "a property declares another type",
    ["property-type Level"],
    replaced(`name="Level" type="y"`, `name="Level" type="u"`),
  ],
  [
    "a property declares another access",
    ["property-access Serial"],
    replaced(`name="Serial" type="s" access="read"`, `name="Serial" type="s" access="readwrite"`),
  ],
  [
    "a property declares another EmitsChangedSignal",
    ["property-emits Note"],
    replaced(`value="false"/></property>`, `value="true"/></property>`),
  ],
  [
    "the introspection document is not XML",
    ["introspectable Introspect"],
    (lamp) => {
      lamp.xml = "<node><inter";
    },
  ],
  ["Introspect fails", ["introspectable Introspect"], replies("Introspect", new FailedError("no"))],
  [
    "a value has another type",
    ["value-type Level"],
    (lamp) => {
      lamp.values["Level"] = new Variant("u", 7);
    },
  ],
  [
    "a value is not in its enum",
    ["value-enum Mode"],
    (lamp) => {
      lamp.values["Mode"] = new Variant("u", 9);
    },
  ],
  [
    "a declared key has another type",
    ["value-keys Wiring"],
    (lamp) => {
      lamp.values["Wiring"] = new Variant("a{sv}", { Volts: new Variant("s", "230") });
    },
  ],
  [
    "GetAll omits a property",
    ["get-all-missing Level"],
    getAllWith((values) => {
      delete values["Level"];
    }),
  ],
  [
    "GetAll returns an undeclared property",
    ["get-all-extra Watts"],
    getAllWith((values) => {
      values["Watts"] = new Variant("d", 60);
    }),
  ],
  [
    "GetAll returns a write-only property",
    ["write-only Code"],
    getAllWith((values) => {
      values["Code"] = new Variant("s", "1234");
    }),
  ],
  ["GetAll fails", ["get-all"], replies("GetAll", new FailedError("no"))],
  ["GetAll returns another type", ["get-all"], replies("GetAll", ["a{ss}", {}])],
  [
    "Get and GetAll return different values",
    ["get-agrees Serial"],
    repliesToGet("Serial", ["v", new Variant("s", "L-2")]),
  ],
  ["Get does not return a variant", ["get Serial"], repliesToGet("Serial", ["s", "L-1"])],
  ["Get fails", ["get Serial"], repliesToGet("Serial", new FailedError("no"))],
  ["Get returns a write-only property", ["write-only Code"], repliesToGet("Code", ["v", new Variant("s", "1234")])],
  ["a read-only property can be set", ["read-only Serial"], repliesToSet("Serial", [""])],
  [
    "a read-only property is rejected with another error",
    ["read-only Serial"],
    repliesToSet("Serial", new FailedError("no")),
  ],
  [
    "a constant property changes",
    ["constant Serial"],
    (lamp) => {
      let count = 0;
      lamp.before = (_, { member, args }) => {
        if (member === "Set" && args[1] === "Note") lamp.values["Serial"] = new Variant("s", `L-${++count}`);
      };
    },
  ],
  [
    "a property changes without a signal",
    ["unannounced Wiring"],
    (lamp) => {
      lamp.before = (_, { member, args }) => {
        if (member === "Set" && args[1] === "Note") lamp.values["Wiring"] = new Variant("a{sv}", {});
      };
    },
  ],
  ["a requested change causes no signal", ["unannounced Level"], announcing("Level", () => undefined)],
  [
    "a signal contains a value that it should only invalidate",
    ["announcement Warmth"],
    announcing("Warmth", (value) => [{ Warmth: value }, []]),
  ],
  [
    "a signal invalidates a value that it should contain",
    ["announcement Level"],
    announcing("Level", () => [{}, ["Level"]]),
  ],
  [
    "a signal reports a constant property",
    ["announcement Serial"],
    announcing("Level", (value) => [{ Level: value, Serial }, []]),
  ],
  [
    "a signal reports a write-only property",
    ["announcement Code"],
    announcing("Level", (value) => [{ Level: value }, ["Code"]]),
  ],
  [
    "a signal reports a property without change signals",
    ["announcement Note"],
    announcing("Note", (value) => [{ Note: value }, []]),
  ],
  [
    "a signal reports an undeclared property",
    ["announcement Watts"],
    announcing("Level", (value) => [{ Level: value, Watts: value }, []]),
  ],
  [
    "a signal contains a value of another type",
    ["value-type Level"],
    announcing("Level", () => [{ Level: new Variant("s", "bright") }, []]),
  ],
  ["a new value is accepted and ignored", ["set Level"], repliesToSet("Level", [""])],
  ["the current value is rejected", ["set Level"], repliesToSet("Level", new FailedError("no"))],
  [
    "a signal has another type",
    ["signal-types Burnt"],
    (lamp) => {
      lamp.before = (service, { member }) => {
        if (member === "GetAll") service.emit(LAMP_PATH, LAMP, "Burnt", "s", "long ago");
      };
    },
  ],
  [
    "PropertiesChanged has other types",
    ["signal-types PropertiesChanged"],
    (lamp) => {
      lamp.before = (service, { member }) => {
        if (member === "GetAll") service.emit(LAMP_PATH, properties, "PropertiesChanged", "s", LAMP);
      };
    },
  ],
  [
    "an unknown method succeeds",
    ["unknown-method"],
    (lamp) => {
      lamp.instead = ({ interface: name, member }) => (name === LAMP && member !== "Describe" ? [""] : undefined);
    },
  ],
  [
    "an unknown interface succeeds",
    ["unknown-interface"],
    (lamp) => {
      lamp.instead = ({ interface: name }) => (/NoSuch/.test(name) ? [""] : undefined);
    },
  ],
  [
    "an unknown property succeeds",
    ["unknown-property"],
    (lamp) => {
      lamp.instead = ({ member, args }) =>
        member === "Get" && /NoSuch/.test(String(args[1])) ? ["v", new Variant("s", "")] : undefined;
    },
  ],
  ["Ping times out", ["peer Ping"], replies("Ping", "silence")],
  ["the machine id is invalid", ["peer GetMachineId"], replies("GetMachineId", ["s", "my laptop"])],
];

function replies(name: string, reply: Exclude<ReturnType<Lamp["instead"]>, undefined>) {
  return (lamp: Lamp): void => {
    lamp.instead = ({ member }) => (member === name ? reply : undefined);
  };
}

function repliesToGet(property: string, reply: ReturnType<Lamp["instead"]>) {
  return (lamp: Lamp): void => {
    lamp.instead = ({ member, args }) => (member === "Get" && args[1] === property ? reply : undefined);
  };
}

function repliesToSet(property: string, reply: ReturnType<Lamp["instead"]>) {
  return (lamp: Lamp): void => {
    lamp.instead = ({ member, args }) => (member === "Set" && args[1] === property ? reply : undefined);
  };
}

function getAllWith(change: (values: Record<string, Variant>) => void) {
  return (lamp: Lamp): void => {
    lamp.instead = ({ member }) => {
      const values = { ...lamp.values };
      change(values);
      return member === "GetAll" ? ["a{sv}", values] : undefined;
    };
  };
}

function announcing(name: string, report: (value: Variant) => ReturnType<Lamp["announce"]>) {
  return (lamp: Lamp): void => {
    const { announce } = lamp;
    lamp.announce = (property, value) => (property === name ? report(value) : announce(property, value));
  };
}

describe("a service that conforms to its spec", () => {
  test("passes all checks, and has its original values afterwards", async () => {
    let values: unknown;
    const report = await check((lamp) => {
      values = lamp.values;
    });
    expect(failures(report)).toEqual([]);
    expect(report.checks.length).toBeGreaterThan(50);
    expect(values).toEqual(goodLamp().values);
  });

  test("may emit signals during the checks, which are checked, too", async () => {
    const report = await check((lamp) => {
      lamp.before = (service, { member }) => {
        if (member === "GetAll") for (const hours of [1, 2]) service.emit(LAMP_PATH, LAMP, "Burnt", "u", hours);
      };
    });
    expect(failures(report)).toEqual([]);
    expect(report.checks.filter((result) => result.check === "signal-types").map(({ member }) => member)).toEqual([
      "Burnt",
    ]);
  });

  test("is not changed by default", async () => {
    const calls = new Set<string>();
    await check((lamp) => {
      lamp.before = (_, { member, args }) => void calls.add(member === "Set" ? `Set ${args[1]}` : member);
    }, {});
    // These calls must be rejected. They pass the current value.
    expect([...calls].filter((call) => /^(Set|Dim|Blink|Describe)/.test(call))).toEqual(["Set Serial", "Set Wiring"]);
  });
});

describe("a service with one defect fails only the check of this defect", () => {
  test.each(DEFECTS)("%s", async (title, expected, change) => {
    const options = title.endsWith("times out") ? { ...THOROUGH, timeout: TIMEOUT_MS } : THOROUGH;
    expect([...new Set(failures(await check(change, options)))]).toEqual(expected);
  });

  test("a method returns another type", async () => {
    const calls = [{ interface: LAMP, method: "Describe" }];
    expect(failures(await check(replies("Describe", ["u", 7]), { calls }))).toEqual(["call-result Describe"]);
    expect(failures(await check(() => undefined, { calls }))).toEqual([]);
  });

  test.each([
    ["is missing", ["s", "u"], ["u"], 'the input is "u", not "s"'],
    ["takes another type", ["s", "u"], ["u", "t"], 'the input is "u" or "t", not "s"'],
    ["is extra", ["s", "u"], ["u", "s", "t"], 'no spec declares the method that takes "t"'],
    ["is extra and the spec has only one", ["s"], ["u", "s"], 'no spec declares the method that takes "u"'],
    ["is at another position", ["s", "u"], ["u", "s"], undefined],
  ])("an overload of a method %s", async (_, declared, served, message) => {
    const withMethods = (types: readonly string[]): string =>
      LAMP_SPEC.replace(
        "<signal",
        `${types.map((type) => `<method name="Say"><arg type="${type}"/></method>`).join("")}<signal`,
      );
    const lamp = { ...goodLamp(), xml: withMethods(served) };
    await using bus = await privateBus();
    await using _service = await serveLamp(bus.address, lamp);
    const sources = [{ path: "lamp.xml", content: withMethods(declared) }];
    const target = { destination: LAMP, path: LAMP_PATH };
    const { report } = await conform(await bus.connect(), target, sources, {});
    expect(report?.checks.filter(({ status }) => status === "failed").map((result) => result.message)).toEqual(
      message === undefined ? [] : [message],
    );
  });

  test("a service that never replies does not delay the report", async () => {
    const report = await check((lamp) => Object.assign(lamp, { instead: () => "silence" }), { timeout: 100 });
    expect(failures(report)).toContain("introspectable Introspect");
    expect(report.checks.some(({ message }) => message === "the service does not reply")).toBe(true);
  });

  test("extra interfaces can be allowed", async () => {
    const change = replaced("</node>", `<interface name="org.example.More1"/></node>`);
    expect(failures(await check(change, { allowExtra: true }))).toEqual([]);
  });
});

describe("dbus-codegen conform", () => {
  /** Runs the command against a lamp. */
  async function run(change: (lamp: Lamp) => void, ...argv: readonly string[]) {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "lamp.xml"), LAMP_SPEC);
    const lamp = goodLamp();
    change(lamp);
    await using bus = await privateBus();
    await using _ = await serveLamp(bus.address, lamp);
    return await cli(folder, "conform", LAMP, LAMP_PATH, "--spec", "lamp.xml", "--bus", bus.address, ...argv);
  }

  test("prints no check if all pass", async () => {
    expect(await run(() => undefined)).toEqual({
      code: 0,
      out: "",
      err: expect.stringMatching(/^org\.example\.Lamp1 \/org\/example\/Lamp1: \d+ passed, 0 failed\n$/),
    });
  });

  test("prints each failed check with the position in the spec", async () => {
    const { code, out, err } = await run((lamp) => {
      lamp.values["Level"] = new Variant("u", 7);
    });
    expect(code).toBe(1);
    expect(out).toBe(`org.example.Lamp1
  failed  value-type: Level: the value has the type "u", not "y"
    lamp.xml:9:21

`);
    expect(err).toContain(" 1 failed\n");
  });

  test("--format json contains all checks", async () => {
    const { out } = await run(
      getAllWith((values) => void delete values["Level"]),
      "--format",
      "json",
    );
    const report: unknown = JSON.parse(out);
    expect(report).toMatchObject({ version: 1, service: LAMP, path: LAMP_PATH, failed: 1 });
    expect(at(report, "checks")).toContainEqual({
      check: "get-all-missing",
      status: "failed",
      interface: LAMP,
      member: "Level",
      message: "GetAll does not return it",
      file: "lamp.xml",
      line: 9,
      column: 21,
    });
  });

  test("--format junit escapes texts from the service", async () => {
    const { out } = await run(replies("Introspect", new FailedError('"><failure/>\u0000&')), "--format", "junit");
    expect(out).toMatch(
      /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites name="org\.example\.Lamp1 \/org\/example\/Lamp1" tests="\d+" failures="1" skipped="1">\n/,
    );
    expect(out).toContain(
      `<failure type="introspectable" message="the call failed with org.freedesktop.DBus.Error.Failed: &quot;&quot;&gt;&lt;failure/&gt;`,
    );
    expect(out).not.toContain("\u0000");
  });

  test("--skip leaves out a check, and no other", async () => {
    const wrong = (lamp: Lamp): void => {
      lamp.values["Level"] = new Variant("u", 7);
      replies("Introspect", new FailedError("broken"))(lamp);
    };
    const all = await run(wrong);
    expect(all.out).toMatch(/introspectable[\s\S]*value-type/);
    const one = await run(wrong, "--skip", "introspectable");
    expect([one.code, one.out]).toEqual([1, expect.not.stringContaining("introspectable")]);
    expect(one.out).toContain("value-type");
    const both = await run(wrong, "--skip", "introspectable", "--skip", "value-type");
    expect([both.code, both.out]).toEqual([0, expect.not.stringContaining("failed")]);
  });

  test("--call calls a method and checks its result", async () => {
    expect(await run(() => undefined, "--call", `${LAMP}.Describe`, "--call", `${LAMP}.Dim=[7]`)).toMatchObject({
      code: 0,
    });
    const wrong = await run(replies("Dim", ["s", "done"]), "--call", `${LAMP}.Dim=[7]`);
    expect(wrong.out).toContain(`failed  call-result: Dim: the reply has the types "s", not "b"`);
  });

  test.each([
    [["--call", `${LAMP}.Dim`], "no spec has a method org.example.Lamp1.Dim that takes 0 arguments"],
    [["--call", `${LAMP}.Dim=[700]`], "argument 1 to is a whole number from 0 to 255, not 700"],
    [["--call", `${LAMP}.Dim=7`], "the arguments of org.example.Lamp1.Dim are a list"],
    [["--watch", "soon"], `--watch is a number of milliseconds, not "soon"`],
    [["--skip", "unknown-methods"], `--skip: "unknown-methods" is not a check; did you mean unknown-method?`],
    [["--interface", "a.B"], "the specs do not declare the interface a.B; they declare org.example.Lamp1"],
    [["--spec", "none.xml"], `there is no file or folder "none.xml"`],
  ])("rejects the arguments %j", async (argv, message) => {
    const { code, err } = await run(() => undefined, ...argv);
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });

  test.each([
    [[LAMP], "name one object: dbus-codegen conform <bus name> <path>"],
    [
      [LAMP, LAMP_PATH],
      "name the specs: dbus-codegen conform <bus name> <path> [--spec <spec>]…, or write dbus-codegen",
    ],
  ])("reports what is missing in the arguments %j", async (argv, message) => {
    const { code, err } = await cli("/", "conform", ...argv);
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });
});

/** The policy of a system service that accepts only calls of its interfaces: the bus rejects the calls that probe it. */
const POLICY = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <policy context="default">
    <deny send_destination="org.example.Lamp1"/>
    <allow send_destination="org.example.Lamp1" send_interface="org.freedesktop.DBus.Introspectable"/>
    <allow send_destination="org.example.Lamp1" send_interface="org.freedesktop.DBus.Properties" send_member="GetAll"/>
    <allow send_destination="org.example.Lamp1" send_interface="org.freedesktop.DBus.Properties" send_member="Get"/>
  </policy>
</busconfig>`;

describe("a service whose bus rejects calls", () => {
  const reportBehindPolicy = async (options: ConformOptions): Promise<Report | undefined> => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "policy.conf"), POLICY);
    await using bus = await privateBus({ policyFiles: [join(folder, "policy.conf")] });
    await using _ = await serveLamp(bus.address, goodLamp());
    return (await conform(await bus.connect(), { destination: LAMP, path: LAMP_PATH }, SOURCES, options)).report;
  };

  test("fails no check: those that need rejected calls are not judged", async () => {
    const checks = (await reportBehindPolicy({ exercise: "present" }))?.checks ?? [];
    expect(checks.filter(({ status }) => status === "failed")).toEqual([]);
    const notJudged = checks.filter(({ message = "" }) => message.startsWith("not judged: the bus does not deliver"));
    expect(new Set(notJudged.map(({ check }) => check))).toEqual(
      new Set(["peer", "unknown-interface", "unknown-method", "read-only", "set"]),
    );
    expect(checks.some(({ check, status }) => check === "get" && status === "passed")).toBe(true);
  });

  test("makes no check if all are skipped", async () => {
    const skip = Object.keys(CHECKS).filter(isCheck);
    expect((await check(() => undefined, { skip })).checks).toEqual([]);
  });

  test.each([["read-only"], ["write-only"]] as const)(
    "does not make the calls of the skipped check %s",
    async (skipped) => {
      const calls: string[] = [];
      const record = (lamp: Lamp): void => {
        lamp.instead = ({ member, args }) => void calls.push(`${member} ${args[1]}`);
      };
      const isProbe = (call: string): boolean =>
        skipped === "read-only" ? call.startsWith("Set ") : call === "Get Code";
      await check(record, { skip: [skipped] });
      expect(calls.filter(isProbe)).toEqual([]);
      await check(record, {});
      expect(calls.filter(isProbe)).not.toEqual([]);
    },
  );

  test.each([
    [["property-access"], ["property-access Level", "method-missing Describe"], ["method-missing Describe"]],
    [["declaration"], ["property-access Level", "method-missing Describe"], []],
  ] as const)("leaves out the differences of %j", async (skip, before, after) => {
    const change = (lamp: Lamp): void => {
      lamp.xml = LAMP_SPEC.replace('"Level" type="y" access="readwrite"', '"Level" type="y" access="read"').replace(
        /<method name="Describe">.*<\/method>/,
        "",
      );
    };
    expect(failures(await check(change, {})).toSorted()).toEqual(before.toSorted());
    expect(failures(await check(change, { skip }))).toEqual(after);
  });

  test("omits skipped checks", async () => {
    const skip = ["peer", "unknown-interface", "unknown-method"] as const;
    const checks = (await reportBehindPolicy({ skip }))?.checks ?? [];
    expect(checks.filter(({ check }) => skip.some((name) => name === check))).toEqual([]);
  });
});

test("the text report contains only checks that have not passed", async () => {
  const report = await check(announcing("Level", () => undefined));
  expect(renderReport(report, "text")).toBe(`org.example.Lamp1
  failed  unannounced: Level: it was changed, but no signal reported it
    lamp.xml:9:21

`);
});
