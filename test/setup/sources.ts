/** Arguments of node with which a program runs the sources of every package, not the last build. */
export const ON_SOURCES: readonly string[] = [
  "--conditions=@dbus-codegen-ts/source",
  "--import",
  import.meta.resolve("tsx"),
];
