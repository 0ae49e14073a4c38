/** Returns a spec of one interface with many methods. */
export function methodsSpec(count: number): string {
  const methods = Array.from({ length: count }, (_, index) => `<method name="M${index}"/>`);
  return `<node><interface name="a.b.C">${methods.join("")}</interface></node>`;
}
