import {
  DBusError,
  InvalidArgsError,
  PropertyReadOnlyError,
  UnknownInterfaceError,
  UnknownMethodError,
  UnknownPropertyError,
  Variant,
} from "@dbus-codegen-ts/runtime";
import { type RawAnswer, type RawCall, type RawService, rawService } from "./raw-service.ts";

export const LAMP = "org.example.Lamp1";
export const LAMP_PATH = "/org/example/Lamp1";

const TP = 'xmlns:tp="http://telepathy.freedesktop.org/wiki/DbusSpec#extensions-v0"';
const DCT = 'xmlns:dct="urn:dbus-codegen-ts:dictionary:1"';
const emits = (value: string) =>
  `<annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="${value}"/>`;

/** The spec of the lamp that tests check, with members of all kinds. */
export const LAMP_SPEC = `<node ${TP} ${DCT}>
  <interface name="${LAMP}">
    <tp:enum name="Mode" type="u"><tp:enumvalue suffix="Off" value="0"/><tp:enumvalue suffix="On" value="1"/></tp:enum>
    <dct:dictionary name="Wiring"><dct:key name="Volts" type="u"/></dct:dictionary>
    <method name="Dim"><arg name="to" type="y" direction="in"/><arg name="done" type="b" direction="out"/></method>
    <method name="Blink"><annotation name="org.freedesktop.DBus.Method.NoReply" value="true"/></method>
    <method name="Describe"><arg type="s" direction="out"/></method>
    <signal name="Burnt"><arg name="hours" type="u"/></signal>
    <property name="Level" type="y" access="readwrite"/>
    <property name="Mode" type="u" access="readwrite" tp:type="Mode"/>
    <property name="Note" type="s" access="readwrite">${emits("false")}</property>
    <property name="Warmth" type="q" access="readwrite">${emits("invalidates")}</property>
    <property name="Serial" type="s" access="read">${emits("const")}</property>
    <property name="Wiring" type="a{sv}" access="read" tp:type="Wiring"/>
    <property name="Code" type="s" access="write"/>
  </interface>
</node>
`;

/** The state and behavior of a lamp. Tests change parts of it. */
export interface Lamp {
  xml: string;
  readonly values: Record<string, Variant>;
  /** Returns what PropertiesChanged reports after a change, or undefined for no signal. */
  announce(
    name: string,
    value: Variant,
  ): readonly [changed: Record<string, Variant>, invalidated: readonly string[]] | undefined;
  /** Returns the reply to a call, or `"silence"` for no reply; undefined for the usual reply of the lamp. */
  instead(call: RawCall): RawAnswer | "silence" | undefined;
  /** Called before each reply. */
  before(service: RawService, call: RawCall): void;
}

const ACCESS: Readonly<Record<string, string>> = { Serial: "read", Wiring: "read", Code: "write" };
const PROPERTIES = "org.freedesktop.DBus.Properties";

/** Returns a lamp that conforms to its spec. */
export function goodLamp(): Lamp {
  return {
    xml: LAMP_SPEC,
    values: {
      Level: new Variant("y", 7),
      Mode: new Variant("u", 1),
      Note: new Variant("s", "hall"),
      Warmth: new Variant("q", 2700),
      Serial: new Variant("s", "L-1"),
      Wiring: new Variant("a{sv}", { Volts: new Variant("u", 230), Other: new Variant("s", "x") }),
    },
    announce(name, value) {
      if (name === "Note" || name === "Code") return undefined;
      return name === "Warmth" ? [{}, [name]] : [{ [name]: value }, []];
    },
    instead: () => undefined,
    before: () => undefined,
  };
}

/** Serves a lamp on a bus with raw messages. */
export async function serveLamp(address: string, lamp: Lamp): Promise<RawService> {
  const service: RawService = await rawService(address, LAMP, (call) => {
    lamp.before(service, call);
    const instead = lamp.instead(call);
    if (instead === "silence") return undefined;
    return instead ?? answer(lamp, service, call);
  });
  return service;
}

function answer(lamp: Lamp, service: RawService, call: RawCall): RawAnswer {
  switch (`${call.interface}.${call.member}`) {
    case "org.freedesktop.DBus.Peer.Ping":
      return [""];
    case "org.freedesktop.DBus.Peer.GetMachineId":
      return ["s", "0123456789abcdef0123456789abcdef"];
    case "org.freedesktop.DBus.Introspectable.Introspect":
      return ["s", lamp.xml];
    case `${PROPERTIES}.GetAll`:
      return call.args[0] === LAMP ? ["a{sv}", lamp.values] : new UnknownInterfaceError("no");
    case `${PROPERTIES}.Get`:
      return get(lamp, String(call.args[1]));
    case `${PROPERTIES}.Set`:
      return set(lamp, service, String(call.args[1]), call.args[2]);
    case `${LAMP}.Describe`:
      return ["s", "a lamp"];
    case `${LAMP}.Dim`:
      return ["b", true];
    default:
      return call.interface === LAMP ? new UnknownMethodError("no") : new UnknownInterfaceError("no");
  }
}

function get({ values }: Lamp, name: string): RawAnswer {
  if (name === "Code") return new DBusError("org.freedesktop.DBus.Error.AccessDenied", "no");
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  return value === undefined ? new UnknownPropertyError("no") : ["v", value];
}

function set(lamp: Lamp, service: RawService, name: string, value: unknown): RawAnswer {
  const before = lamp.values[name];
  if (ACCESS[name] === "read") return new PropertyReadOnlyError("no");
  if (!(value instanceof Variant) || (before !== undefined && before.signature !== value.signature))
    return new InvalidArgsError("no");
  if (before === undefined || before.value === value.value) return [""];
  lamp.values[name] = value;
  const report = lamp.announce(name, value);
  if (report !== undefined) service.emit(LAMP_PATH, PROPERTIES, "PropertiesChanged", "sa{sv}as", LAMP, ...report);
  return [""];
}
