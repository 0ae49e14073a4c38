/** Types of arguments and properties in the synthetic interfaces, used in turn. */
const TYPES = ["s", "u", "a{sv}", "as", "o", "x", "a(su)", "ay", "b", "d"];

/** Returns the introspection XML of one synthetic interface: 10 methods of 3 arguments, 5 signals, 5 properties. */
export function syntheticSpec(
  index: number,
  type: (position: number) => string = (position) => TYPES[position % TYPES.length] ?? "s",
): string {
  const methods = range(10).map(
    (m) => `    <method name="Method${m}">
      <arg name="first" type="${type(index + m)}" direction="in"/>
      <arg name="second" type="${type(index + m + 1)}" direction="in"/>
      <arg name="result" type="${type(index + m + 2)}" direction="out"/>
    </method>`,
  );
  const signals = range(5).map(
    (s) => `    <signal name="Signal${s}"><arg name="value" type="${type(index + s)}"/></signal>`,
  );
  const properties = range(5).map(
    (p) =>
      `    <property name="Property${p}" type="${type(index + p)}" access="${p % 2 === 0 ? "read" : "readwrite"}"/>`,
  );
  return `<node>\n  <interface name="org.example.synthetic.Interface${index}">\n${[...methods, ...signals, ...properties].join("\n")}\n  </interface>\n</node>\n`;
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
