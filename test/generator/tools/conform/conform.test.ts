import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FailedError, Variant } from "@dbus-codegen-ts/runtime";
import { type ConformOptions, conform, type Report, renderReport } from "dbus-codegen-ts/conform";
import { privateBus } from "dbus-codegen-ts/testing";
import { describe, expect, test } from "vitest";
import { at, cli, temporaryFolder } from "../../support.ts";
import { goodLamp, LAMP, LAMP_PATH, LAMP_SPEC, type Lamp, serveLamp } from "../lamp.ts";

const SOURCES = [{ path: "lamp.xml", content: LAMP_SPEC }];
const THOROUGH: ConformOptions = { exercise: "change", settle: 100, watch: 50, timeout: 1_000 };

/** Checks a lamp in which something was changed. */
async function check(change: (lamp: Lamp) => void, options: ConformOptions = THOROUGH): Promise<Report> {
  const lamp = goodLamp();
  change(lamp);
  await using bus = await privateBus();
  await using _ = await serveLamp(bus.address, lamp);
  const { report } = await conform(await bus.connect(), { destination: LAMP, path: LAMP_PATH }, SOURCES, options);
  if (report === undefined) throw new Error("the specs are wrong");
  return report;
}

const failures = ({ checks }: Report): readonly string[] =>
  checks.filter(({ status }) => status === "failed").map((one) => `${one.check} ${one.member ?? ""}`.trim());

const replaced =
  (from: string, to: string) =>
  (lamp: Lamp): void => {
    if (!lamp.xml.includes(from)) throw new Error(`the lamp has no ${from}`);
    lamp.xml = lamp.xml.replace(from, to);
  };

const properties = "org.freedesktop.DBus.Properties";
const Serial = new Variant("s", "L-1");

/** Every fault that is seeded: what was broken, how it shows. */
const FAULTS: readonly (readonly [what: string, shows: readonly string[], change: (lamp: Lamp) => void])[] = [
  ["the interface is missing", ["interface-missing"], (lamp) => void Object.assign(lamp, { xml: "<node/>" })],
  ["an interface too many", ["interface-extra"], replaced("</node>", `<interface name="org.example.More1"/></node>`)],
  [
    "a method is missing",
    ["method-missing Describe"],
    replaced(`<method name="Describe"><arg type="s" direction="out"/></method>`, ""),
  ],
  ["a method too many", ["method-extra Explode"], replaced("<signal", `<method name="Explode"/><signal`)],
  ["a method takes another type", ["method-input Dim"], replaced(`name="to" type="y"`, `name="to" type="u"`)],
  ["a method gives another type", ["method-output Dim"], replaced(`name="done" type="b"`, `name="done" type="s"`)],
  [
    "an argument goes the other way",
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
  ["a signal too many", ["signal-extra Flicker"], replaced("<signal", `<signal name="Flicker"/><signal`)],
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
    "a property too many",
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
    "a property declares other announcements",
    ["property-emits Note"],
    replaced(`value="false"/></property>`, `value="true"/></property>`),
  ],
  [
    "the document is no XML",
    ["introspectable Introspect"],
    (lamp) => {
      lamp.xml = "<node><inter";
    },
  ],
  ["Introspect fails", ["introspectable Introspect"], answers("Introspect", new FailedError("no"))],
  [
    "a value has another type",
    ["value-type Level"],
    (lamp) => {
      lamp.values["Level"] = new Variant("u", 7);
    },
  ],
  [
    "a value is not in its enumeration",
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
    "GetAll leaves one out",
    ["get-all-missing Level"],
    getAllWith((values) => {
      delete values["Level"];
    }),
  ],
  [
    "GetAll has one too many",
    ["get-all-extra Watts"],
    getAllWith((values) => {
      values["Watts"] = new Variant("d", 60);
    }),
  ],
  [
    "GetAll shows what can only be written",
    ["write-only Code"],
    getAllWith((values) => {
      values["Code"] = new Variant("s", "1234");
    }),
  ],
  ["GetAll fails", ["get-all"], answers("GetAll", new FailedError("no"))],
  ["GetAll answers with another type", ["get-all"], answers("GetAll", ["a{ss}", {}])],
  ["Get says otherwise than GetAll", ["get-agrees Serial"], gets("Serial", ["v", new Variant("s", "L-2")])],
  ["Get answers without a variant", ["get Serial"], gets("Serial", ["s", "L-1"])],
  ["Get fails", ["get Serial"], gets("Serial", new FailedError("no"))],
  ["Get shows what can only be written", ["write-only Code"], gets("Code", ["v", new Variant("s", "1234")])],
  ["a read-only property can be set", ["read-only Serial"], sets("Serial", [""])],
  ["a read-only property is refused in other words", ["read-only Serial"], sets("Serial", new FailedError("no"))],
  [
    "a constant changes",
    ["constant Serial"],
    (lamp) => {
      let count = 0;
      lamp.before = (_, { member, args }) => {
        if (member === "Set" && args[1] === "Note") lamp.values["Serial"] = new Variant("s", `L-${++count}`);
      };
    },
  ],
  [
    "a property changes unannounced",
    ["unannounced Wiring"],
    (lamp) => {
      lamp.before = (_, { member, args }) => {
        if (member === "Set" && args[1] === "Note") lamp.values["Wiring"] = new Variant("a{sv}", {});
      };
    },
  ],
  ["a change that was asked for is unannounced", ["unannounced Level"], announcing("Level", () => undefined)],
  [
    "a value is announced that is only to be invalidated",
    ["announcement Warmth"],
    announcing("Warmth", (value) => [{ Warmth: value }, []]),
  ],
  [
    "a value is invalidated that is to be announced",
    ["announcement Level"],
    announcing("Level", () => [{}, ["Level"]]),
  ],
  ["a constant is announced", ["announcement Serial"], announcing("Level", (value) => [{ Level: value, Serial }, []])],
  [
    "what can only be written is announced",
    ["announcement Code"],
    announcing("Level", (value) => [{ Level: value }, ["Code"]]),
  ],
  ["what is not to be announced is", ["announcement Note"], announcing("Note", (value) => [{ Note: value }, []])],
  [
    "what no spec knows is announced",
    ["announcement Watts"],
    announcing("Level", (value) => [{ Level: value, Watts: value }, []]),
  ],
  [
    "a value is announced with another type",
    ["value-type Level"],
    announcing("Level", () => [{ Level: new Variant("s", "bright") }, []]),
  ],
  ["a setting is taken and dropped", ["set Level"], sets("Level", [""])],
  ["its own value is refused", ["set Level"], sets("Level", new FailedError("no"))],
  [
    "a signal carries another type",
    ["signal-types Burnt"],
    (lamp) => {
      lamp.before = (service, { member }) => {
        if (member === "GetAll") service.emit(LAMP_PATH, LAMP, "Burnt", "s", "long ago");
      };
    },
  ],
  [
    "PropertiesChanged carries other types",
    ["signal-types PropertiesChanged"],
    (lamp) => {
      lamp.before = (service, { member }) => {
        if (member === "GetAll") service.emit(LAMP_PATH, properties, "PropertiesChanged", "s", LAMP);
      };
    },
  ],
  [
    "an unknown method is answered",
    ["unknown-method"],
    (lamp) => {
      lamp.instead = ({ interface: name, member }) => (name === LAMP && member !== "Describe" ? [""] : undefined);
    },
  ],
  [
    "an unknown interface is answered",
    ["unknown-interface"],
    (lamp) => {
      lamp.instead = ({ interface: name }) => (/NoSuch/.test(name) ? [""] : undefined);
    },
  ],
  [
    "an unknown property is answered",
    ["unknown-property"],
    (lamp) => {
      lamp.instead = ({ member, args }) =>
        member === "Get" && /NoSuch/.test(String(args[1])) ? ["v", new Variant("s", "")] : undefined;
    },
  ],
  ["Ping is not answered in time", ["peer Ping"], answers("Ping", "silence")],
  ["the machine has no id", ["peer GetMachineId"], answers("GetMachineId", ["s", "my laptop"])],
];

function answers(name: string, answer: Exclude<ReturnType<Lamp["instead"]>, undefined>) {
  return (lamp: Lamp): void => {
    lamp.instead = ({ member }) => (member === name ? answer : undefined);
  };
}

function gets(property: string, answer: ReturnType<Lamp["instead"]>) {
  return (lamp: Lamp): void => {
    lamp.instead = ({ member, args }) => (member === "Get" && args[1] === property ? answer : undefined);
  };
}

function sets(property: string, answer: ReturnType<Lamp["instead"]>) {
  return (lamp: Lamp): void => {
    lamp.instead = ({ member, args }) => (member === "Set" && args[1] === property ? answer : undefined);
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

function announcing(name: string, said: (value: Variant) => ReturnType<Lamp["announce"]>) {
  return (lamp: Lamp): void => {
    const { announce } = lamp;
    lamp.announce = (property, value) => (property === name ? said(value) : announce(property, value));
  };
}

describe("a service that does as its spec says", () => {
  test("passes everything, and has its values back afterwards", async () => {
    let values: unknown;
    const report = await check((lamp) => {
      values = lamp.values;
    });
    expect(failures(report)).toEqual([]);
    expect(report.checks.length).toBeGreaterThan(50);
    expect(values).toEqual(goodLamp().values);
  });

  test("a signal that it sends meanwhile is looked at, too", async () => {
    const report = await check((lamp) => {
      lamp.before = (service, { member }) => {
        if (member === "GetAll") for (const hours of [1, 2]) service.emit(LAMP_PATH, LAMP, "Burnt", "u", hours);
      };
    });
    expect(failures(report)).toEqual([]);
    expect(report.checks.filter((one) => one.check === "signal-types").map((one) => one.member)).toEqual(["Burnt"]);
  });

  test("is not changed unless that was asked for", async () => {
    const calls = new Set<string>();
    await check((lamp) => {
      lamp.before = (_, { member, args }) => void calls.add(member === "Set" ? `Set ${args[1]}` : member);
    }, {});
    // Setting these must be refused; the value is the one that they have.
    expect([...calls].filter((call) => /^(Set|Dim|Blink|Describe)/.test(call))).toEqual(["Set Serial", "Set Wiring"]);
  });
});

describe("a service with one fault: it is named, and nothing else", () => {
  test.each(FAULTS)("%s", async (_, shows, change) => {
    const found = new Set(failures(await check(change)));
    expect([...found]).toEqual(shows);
  });

  test("a method that answers with another type, where it may be called", async () => {
    const calls = [{ interface: LAMP, method: "Describe" }];
    expect(failures(await check(answers("Describe", ["u", 7]), { calls }))).toEqual(["call-result Describe"]);
    expect(failures(await check(() => undefined, { calls }))).toEqual([]);
  });

  test.each([
    ["is missing", ["s", "u"], ["u"], 'the input is "u", not "s"'],
    ["takes another type", ["s", "u"], ["u", "t"], 'the input is "u" or "t", not "s"'],
    ["is too much", ["s", "u"], ["u", "s", "t"], 'no spec knows the method that takes "t"'],
    ["is too much beside the only one", ["s"], ["u", "s"], 'no spec knows the method that takes "u"'],
    ["stands elsewhere", ["s", "u"], ["u", "s"], undefined],
  ])("a form of a method with several %s", async (_, declared, served, message) => {
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
    expect(report?.checks.filter(({ status }) => status === "failed").map((one) => one.message)).toEqual(
      message === undefined ? [] : [message],
    );
  });

  test("one that never answers does not keep anybody waiting", async () => {
    const begun = performance.now();
    const report = await check((lamp) => Object.assign(lamp, { instead: () => "silence" }), { timeout: 100 });
    expect(performance.now() - begun).toBeLessThan(3_000);
    expect(failures(report)).toContain("introspectable Introspect");
    expect(report.checks.some(({ message }) => message === "the service does not answer")).toBe(true);
  });

  test("what is too much can be allowed", async () => {
    const change = replaced("</node>", `<interface name="org.example.More1"/></node>`);
    expect(failures(await check(change, { allowExtra: true }))).toEqual([]);
  });
});

describe("dbus-codegen conform", () => {
  /** Runs the command against a lamp, and gives what it printed. */
  async function run(change: (lamp: Lamp) => void, ...argv: readonly string[]) {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "lamp.xml"), LAMP_SPEC);
    const lamp = goodLamp();
    change(lamp);
    await using bus = await privateBus();
    await using _ = await serveLamp(bus.address, lamp);
    return await cli(folder, "conform", LAMP, LAMP_PATH, "--spec", "lamp.xml", "--bus", bus.address, ...argv);
  }

  test("is silent where all is well", async () => {
    expect(await run(() => undefined)).toEqual({
      code: 0,
      out: "",
      err: expect.stringMatching(/^org\.example\.Lamp1 \/org\/example\/Lamp1: \d+ passed, 0 failed\n$/),
    });
  });

  test("tells each fault with the place in the spec", async () => {
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

  test("as JSON", async () => {
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
      message: "GetAll does not give it",
      file: "lamp.xml",
      line: 9,
      column: 21,
    });
  });

  test("as JUnit XML; what a service says cannot break out of it", async () => {
    const { out } = await run(answers("Introspect", new FailedError('"><failure/>\u0000&')), "--format", "junit");
    expect(out).toMatch(
      /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites name="org\.example\.Lamp1 \/org\/example\/Lamp1" tests="\d+" failures="1" skipped="1">\n/,
    );
    expect(out).toContain(
      `<failure type="introspectable" message="it failed with org.freedesktop.DBus.Error.Failed: &quot;&quot;&gt;&lt;failure/&gt;`,
    );
    expect(out).not.toContain("\u0000");
  });

  test("calls methods that it is told to", async () => {
    expect(await run(() => undefined, "--call", `${LAMP}.Describe`, "--call", `${LAMP}.Dim=[7]`)).toMatchObject({
      code: 0,
    });
    const wrong = await run(answers("Dim", ["s", "done"]), "--call", `${LAMP}.Dim=[7]`);
    expect(wrong.out).toContain(`failed  call-result: Dim: the answer has the types "s", not "b"`);
  });

  test.each([
    [["--call", `${LAMP}.Dim`], "no spec has a method org.example.Lamp1.Dim that takes 0 arguments"],
    [["--call", `${LAMP}.Dim=[700]`], "argument 1 to is a whole number from 0 to 255, not 700"],
    [["--call", `${LAMP}.Dim=7`], "the arguments of org.example.Lamp1.Dim are a list"],
    [["--watch", "soon"], `--watch is a number of milliseconds, not "soon"`],
    [["--interface", "a.B"], "the specs do not declare the interface a.B; they declare org.example.Lamp1"],
    [["--spec", "none.xml"], `there is no file or folder "none.xml"`],
  ])("%j is a wrong call", async (argv, message) => {
    const { code, err } = await run(() => undefined, ...argv);
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });

  test.each([
    [[LAMP], "name one object: dbus-codegen conform <bus name> <path>"],
    [
      [LAMP, LAMP_PATH],
      "name the specs: dbus-codegen conform <bus name> <path> [--spec <spec>]…, or write dbus-codegen",
    ],
  ])("%j: it says what it needs", async (argv, message) => {
    const { code, err } = await cli("/", "conform", ...argv);
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });
});

test("a report for people has no more than what to look at", async () => {
  const report = await check(announcing("Level", () => undefined));
  expect(renderReport(report, "text")).toBe(`org.example.Lamp1
  failed  unannounced: Level: it was changed, and no signal has said so
    lamp.xml:9:21

`);
});
