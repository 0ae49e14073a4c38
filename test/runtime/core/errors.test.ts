import { DBusError, NamedDBusError } from "@dbus-codegen-ts/runtime";
import { expect, test } from "vitest";

class BrokenError extends NamedDBusError {
  static override readonly errorName = "org.example.Error.Broken";
}

class JammedError extends NamedDBusError {
  static override readonly errorName = "org.example.Error.Jammed";
}

/** An error class that inherits its error name. */
class VeryBrokenError extends BrokenError {}

const VALUES = {
  "an instance": new BrokenError("x"),
  "an instance of a subclass": new VeryBrokenError("x"),
  "another error with the name": new DBusError("org.example.Error.Broken", "x"),
  "an error with another name": new JammedError("x"),
  "no D-Bus error": new Error("org.example.Error.Broken"),
  "no object": "org.example.Error.Broken",
};

test.each([
  [
    DBusError,
    ["an instance", "an instance of a subclass", "another error with the name", "an error with another name"],
  ],
  [NamedDBusError, ["an instance", "an instance of a subclass", "an error with another name"]],
  [BrokenError, ["an instance", "an instance of a subclass", "another error with the name"]],
  [VeryBrokenError, ["an instance of a subclass"]],
  [JammedError, ["an error with another name"]],
])("an error is an instance of the classes with its name: %s", (type, expected) => {
  const instances = Object.entries(VALUES).filter(([, value]) => value instanceof type);
  expect(instances.map(([description]) => description)).toEqual(expected);
});
