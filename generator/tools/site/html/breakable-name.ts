import { type Html, h } from "./element.ts";

/** Returns a name with line break opportunities between its words. */
export function breakableName(name: string): Html {
  return name
    .split(/(?<=[./_])|(?<=[a-z\d])(?=[A-Z])/)
    .flatMap((part, index) => (index === 0 ? [part] : [h("wbr", {}), part]));
}
