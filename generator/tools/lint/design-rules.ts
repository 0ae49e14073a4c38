import { EMITS_CHANGED_SIGNAL } from "@dbus-codegen-ts/runtime/grammar";
import { example } from "../../compiler/diagnostics/example.ts";
import { groupBy } from "../../compiler/group-by.ts";
import type { Interface, Method, Property, Signal } from "../../compiler/resolve/ir.ts";
import { signatureOf } from "../../compiler/resolve/signature.ts";
import { membersOf } from "../../compiler/resolve/walk.ts";
import { defineRules } from "./rule.ts";

const PLAY = `<method name="Play"/>`;
const VOLUME = `<property name="Volume" type="d" access="read"/>`;
const GET_VOLUME = `<method name="GetVolume">\n  <arg name="volume" type="d" direction="out"/>\n</method>`;
const ANNOTATED_VOLUME = `<property name="Volume" type="d" access="readwrite">
  <annotation name="${EMITS_CHANGED_SIGNAL}" value="true"/>
</property>`;

/** Rules about the design of interfaces. */
export const DESIGN_RULES = defineRules([
  {
    code: "accessor-beside-property",
    group: "design",
    severity: "warning",
    title: "A method gets or sets the value of a property",
    meaning:
      "Every property can be read and set by Get, GetAll and Set of org.freedesktop.DBus.Properties. A separate method for the same value has to be implemented, documented and kept consistent without a benefit.",
    fix: "Remove the method, or deprecate it if it is in use.",
    bad: example(`${VOLUME}\n${GET_VOLUME}`),
    good: example(VOLUME),
    *check({ ir }) {
      for (const iface of ir.interfaces) {
        for (const { method, property } of accessorsOf(iface)) {
          if (property === undefined) continue;
          const message = `${method.name} does the same as ${method.name.slice(0, 3)} of org.freedesktop.DBus.Properties for the property "${property.name}"`;
          const related = { message: "the property is declared here", span: property.span };
          yield { span: method.span, message, hint: "remove the method", related };
        }
      }
    },
  },
  {
    code: "property-would-do",
    group: "design",
    severity: "warning",
    title: "A method could be a property",
    meaning:
      "A method without arguments that returns one value is a getter. Clients can read all properties in one call, cache them, and are notified of changes; a getter has none of these advantages.",
    fix: "Declare a property. Keep the method if getting the value has a side effect or takes long.",
    bad: example(GET_VOLUME),
    good: example(VOLUME),
    *check({ ir }) {
      for (const iface of ir.interfaces) {
        const methodNames = new Set(iface.methods.map(({ name }) => name));
        for (const { method, property } of accessorsOf(iface)) {
          if (property !== undefined || method.name.startsWith("Set")) continue;
          const name = method.name.slice(3);
          const hasSetter = methodNames.has(`Set${name}`);
          const access = hasSetter ? " with access readwrite" : "";
          const message = `${method.name} has no arguments and returns one value, like a property`;
          const hint = `declare a property ${name}${access}: clients can cache it and are notified of changes`;
          yield { span: method.span, message, hint };
        }
      }
    },
  },
  {
    code: "changed-signal",
    group: "design",
    severity: "warning",
    title: "A signal reports the same as PropertiesChanged",
    meaning:
      "PropertiesChanged reports the changes of all properties, and every binding updates its cache from it. A separate signal for one property is redundant.",
    fix: `Remove the signal, or annotate the property with ${EMITS_CHANGED_SIGNAL} "false", so that PropertiesChanged does not report it.`,
    bad: example(`${VOLUME}\n<signal name="VolumeChanged">\n  <arg name="volume" type="d"/>\n</signal>`),
    good: example(VOLUME),
    *check({ ir }) {
      for (const { signals, properties } of ir.interfaces) {
        const propertiesByName = groupBy(properties, ({ name }) => name);
        for (const signal of signals) {
          const candidates = propertiesByName.get(signal.name.replace(/Changed$/, ""));
          const property = candidates?.find((candidate) => isReportedBy(signal, candidate));
          if (property === undefined) continue;
          const message = `${signal.name} reports changes of the property "${property.name}", which PropertiesChanged reports already`;
          const related = { message: "the property is declared here", span: property.span };
          const hint = `remove the signal, or annotate the property with ${EMITS_CHANGED_SIGNAL} false`;
          yield { span: signal.span, message, hint, related };
        }
      }
    },
  },
  {
    code: "emits-undeclared",
    group: "design",
    severity: "warning",
    title: "A writable property does not declare whether its changes are reported",
    meaning:
      "Without the annotation EmitsChangedSignal, a property promises that PropertiesChanged contains each new value. Many services do not keep this promise, and their clients show outdated values.",
    fix: "Annotate the property, or its interface, with the behavior of the service: true, invalidates, const or false.",
    bad: example(`<property name="Volume" type="d" access="readwrite"/>`),
    good: example(ANNOTATED_VOLUME),
    *check({ ir }) {
      for (const { properties, annotations } of ir.interfaces) {
        if (annotations.some(([annotation]) => annotation === EMITS_CHANGED_SIGNAL)) continue;
        for (const property of properties) {
          if (property.access === "read") continue;
          if (property.annotations.some(([annotation]) => annotation === EMITS_CHANGED_SIGNAL)) continue;
          const message = `the property "${property.name}" does not declare whether its changes are reported`;
          const hint = `annotate it, or its interface, with ${EMITS_CHANGED_SIGNAL}: true, invalidates, const or false; the default is true`;
          yield { span: property.span, message, hint };
        }
      }
    },
  },
  {
    code: "write-only-property",
    group: "design",
    severity: "warning",
    title: "A property can be written but not read",
    meaning:
      "No client can find out the value of such a property: GetAll does not return it, caches do not contain it, and debugging tools cannot show it.",
    fix: "Make it readable. If there is no value to read, use a method.",
    bad: example(ANNOTATED_VOLUME.replace("readwrite", "write")),
    good: example(`<method name="SetPassword">\n  <arg name="password" type="s" direction="in"/>\n</method>`),
    *check({ ir }) {
      for (const { properties } of ir.interfaces) {
        for (const { name, access, span } of properties) {
          if (access !== "write") continue;
          const message = `the property "${name}" can be written but not read`;
          yield { span, message, hint: "make it readable, or use a method" };
        }
      }
    },
  },
  {
    code: "boolean-argument",
    group: "design",
    severity: "off",
    title: "An argument is a boolean, which cannot be extended",
    meaning:
      "A boolean cannot get a third value later, and a reader of a call does not see what true means. The rule is off by default, because a boolean is often the right type.",
    fix: "Use an enum, or flags for several switches.",
    bad: example(`<method name="Move">\n  <arg name="up" type="b" direction="in"/>\n</method>`),
    good: example(
      `<tp:enum name="Direction">\n  <tp:enumvalue suffix="Up" value="0"/>\n  <tp:enumvalue suffix="Down" value="1"/>\n</tp:enum>\n<method name="Move">\n  <arg name="direction" type="u" tp:type="Direction" direction="in"/>\n</method>`,
    ),
    *check({ ir }) {
      for (const { kind, member } of membersOf(ir)) {
        if (kind !== "method") continue;
        for (const { name, type, span } of member.in) {
          if (type.signature !== "b") continue;
          const message = `the argument "${name}" of ${member.name} is a boolean, which cannot get a third value`;
          yield { span, message, hint: "use an enum, or flags for several switches: their values have names" };
        }
      }
    },
  },
  {
    code: "object-manager",
    group: "design",
    severity: "warning",
    title: "Two signals report what ObjectManager reports",
    meaning:
      "The standard interface ObjectManager reports objects that appear and disappear. It returns all objects with their properties in one call, and bindings support it. Separate signals require code in every client.",
    fix: "Serve org.freedesktop.DBus.ObjectManager at a path above the objects, and remove the signals.",
    bad: example(
      `<signal name="TrackAdded">\n  <arg name="track" type="o"/>\n</signal>\n<signal name="TrackRemoved">\n  <arg name="track" type="o"/>\n</signal>`,
    ),
    good: example(PLAY),
    *check({ ir }) {
      for (const { signals } of ir.interfaces) {
        const signalsByName = groupBy(signals.filter(startsWithPath), ({ name }) => name);
        for (const added of signals) {
          const name = /^(.+)Added$/.exec(added.name)?.[1];
          if (name === undefined || name === "Interfaces" || !startsWithPath(added)) continue;
          const [removed] = signalsByName.get(`${name}Removed`) ?? [];
          if (removed === undefined) continue;
          const message = `${added.name} and ${removed.name} report the same as org.freedesktop.DBus.ObjectManager`;
          const hint =
            "serve ObjectManager: it returns all objects with their properties in one call, and bindings support it";
          const related = { message: `${removed.name} is declared here`, span: removed.span };
          yield { span: added.span, message, hint, related };
        }
      }
    },
  },
]);

/** Returns the methods that look like getters and setters, each with the property of the same name and type. */
function accessorsOf({
  methods,
  properties,
}: Interface): readonly { readonly method: Method; readonly property: Property | undefined }[] {
  const propertiesByName = groupBy(properties, ({ name }) => name);
  return methods.flatMap((method) => {
    const [, verb, name = ""] = /^(Get|Set)([A-Z].*)$/.exec(method.name) ?? [];
    if (verb === undefined || !isAccessor(method)) return [];
    const signature = valueSignature(method);
    const property = propertiesByName.get(name)?.find((candidate) => candidate.type.signature === signature);
    // A setter of a read-only property is legitimate: it can be an operation that takes time or fails.
    const excludedAccess = verb === "Get" ? "write" : "read";
    return property?.access === excludedAccess ? [] : [{ method, property }];
  });
}

function isAccessor(method: Method): boolean {
  return method.name.startsWith("Get")
    ? method.in.length === 0 && method.out.length === 1
    : method.in.length === 1 && method.out.length === 0;
}

function valueSignature(method: Method): string {
  return signatureOf(method.in) + signatureOf(method.out);
}

/** Returns whether a signal reports the changes of a property that PropertiesChanged reports. */
function isReportedBy({ name, args }: Signal, property: Property): boolean {
  return (
    name === `${property.name}Changed` &&
    (property.emits === "true" || property.emits === "invalidates") &&
    (args.length === 0 || signatureOf(args) === property.type.signature)
  );
}

function startsWithPath({ args }: Signal): boolean {
  return args[0]?.type.signature === "o";
}
