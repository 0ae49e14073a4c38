import { signatureOf } from "../../compiler/resolve/checks.ts";
import type { Interface, Method, Property, Signal } from "../../compiler/resolve/ir.ts";
import { membersOf } from "../../compiler/resolve/walk.ts";
import type { Finding, Subject } from "./rule.ts";

const EMITS_CHANGED = "org.freedesktop.DBus.Property.EmitsChangedSignal";

/** `GetVolume` and `SetVolume` beside a property `Volume`. */
export function* accessorsBesideProperty({ ir }: Subject): Iterable<Finding> {
  for (const one of ir.interfaces) {
    for (const { method, property } of accessorsOf(one)) {
      if (property === undefined) continue;
      const message = `${method.name} does what ${method.name.slice(0, 3)} of org.freedesktop.DBus.Properties does for the property "${property.name}"`;
      const related = { message: "the property stands here", span: property.span };
      yield { span: method.span, message, hint: "remove the method", related };
    }
  }
}

/** `GetVolume` and `SetVolume` where a property would do. */
export function* propertyWouldDo({ ir }: Subject): Iterable<Finding> {
  for (const one of ir.interfaces) {
    for (const { method, property } of accessorsOf(one)) {
      if (property !== undefined || method.name.startsWith("Set")) continue;
      const name = method.name.slice(3);
      const setter = one.methods.some((other) => other.name === `Set${name}`);
      const hint = `declare a property ${name}${setter ? ", access readwrite" : ""}: it is cached, announced and read with others in one call`;
      yield {
        span: method.span,
        message: `${method.name} takes nothing and gives one value, as a property does`,
        hint,
      };
    }
  }
}

/** `VolumeChanged` beside a property `Volume` that PropertiesChanged announces. */
export function* changedSignals({ ir }: Subject): Iterable<Finding> {
  for (const { signals, properties } of ir.interfaces) {
    for (const signal of signals) {
      const property = announced(signal, properties);
      if (property === undefined) continue;
      const message = `${signal.name} tells what PropertiesChanged tells of the property "${property.name}"`;
      const related = { message: "the property stands here", span: property.span };
      const hint = `remove the signal, or annotate the property with ${EMITS_CHANGED} false`;
      yield { span: signal.span, message, hint, related };
    }
  }
}

/** Properties that clients write, of which nothing says whether changes are announced. */
export function* emitsUndeclared({ ir }: Subject): Iterable<Finding> {
  for (const { properties, annotations } of ir.interfaces) {
    if (annotations.some(([name]) => name === EMITS_CHANGED)) continue;
    for (const { name, access, span, annotations: own } of properties) {
      if (access === "read" || own.some(([key]) => key === EMITS_CHANGED)) continue;
      const message = `nothing says whether a change of the property "${name}" is announced`;
      const hint = `annotate it, or its interface, with ${EMITS_CHANGED}: true, invalidates, const or false; without, it means true`;
      yield { span, message, hint };
    }
  }
}

/** Properties that nobody can read. */
export function* writeOnly({ ir }: Subject): Iterable<Finding> {
  for (const { properties } of ir.interfaces) {
    for (const { name, access, span } of properties) {
      if (access !== "write") continue;
      const hint = "make it readable, or a method";
      yield { span, message: `the property "${name}" can be written and not read`, hint };
    }
  }
}

/** Arguments whose `true` a reader of a call cannot know the meaning of. */
export function* booleanArguments({ ir }: Subject): Iterable<Finding> {
  for (const { kind, member } of membersOf(ir)) {
    if (kind !== "method") continue;
    for (const { name, type, span } of member.in) {
      if (type.signature !== "b") continue;
      const message = `the argument "${name}" of ${member.name} is a boolean, which can never get a third value`;
      yield { span, message, hint: "an enum says what each value means and can grow; flags for several switches" };
    }
  }
}

/** `TrackAdded` and `TrackRemoved` with object paths: an ObjectManager of its own making. */
export function* objectManagers({ ir }: Subject): Iterable<Finding> {
  for (const { signals } of ir.interfaces) {
    for (const added of signals) {
      const name = /^(.+)Added$/.exec(added.name)?.[1];
      if (name === undefined || name === "Interfaces" || !isPath(added)) continue;
      const removed = signals.find((signal) => signal.name === `${name}Removed` && isPath(signal));
      if (removed === undefined) continue;
      const message = `${added.name} and ${removed.name} do what org.freedesktop.DBus.ObjectManager does`;
      const hint =
        "serve ObjectManager: clients get the objects with their properties in one call, and bindings know it";
      yield { span: added.span, message, hint, related: { message: "the other signal", span: removed.span } };
    }
  }
}

/** Methods that look like getters and setters, with the property they are about. */
function accessorsOf({
  methods,
  properties,
}: Interface): readonly { readonly method: Method; readonly property: Property | undefined }[] {
  return methods.flatMap((method) => {
    const [, verb, name] = /^(Get|Set)([A-Z].*)$/.exec(method.name) ?? [];
    if (verb === undefined || !isAccessor(method)) return [];
    const property = properties.find((one) => one.name === name && one.type.signature === valueSignature(method));
    // To set what is read-only as a property can be an act of its own, which may fail or take time.
    const useless = verb === "Get" ? "write" : "read";
    return property?.access === useless ? [] : [{ method, property }];
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

function announced({ name, args }: Signal, properties: readonly Property[]): Property | undefined {
  return properties.find(
    (property) =>
      name === `${property.name}Changed` &&
      (property.emits === "true" || property.emits === "invalidates") &&
      (args.length === 0 || signatureOf(args) === property.type.signature),
  );
}

function isPath({ args }: Signal): boolean {
  return args[0]?.type.signature === "o";
}
