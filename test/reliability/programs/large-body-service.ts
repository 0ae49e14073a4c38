// Serves methods that take large bodies at /a. Its method Measure returns for how many milliseconds the event loop was
// blocked at most since the previous call of it: elapsed time, and processor time. Argument: bus address.

import { connect, type InterfaceContract, Service } from "@dbus-codegen-ts/runtime";
import { LARGE_BODIES, LARGE_BODIES_INTERFACE, LONG_PATH, memberOf } from "../large-bodies.ts";
import { LongestTurn } from "../longest-turn.ts";

const longest = new LongestTurn();

const takers = [...LARGE_BODIES, LONG_PATH].map((body) => {
  const name = memberOf(body);
  return [name, { name, in: [{ type: body.signature }], out: [] }] as const;
});
const contract: InterfaceContract = {
  version: 2,
  name: LARGE_BODIES_INTERFACE,
  methods: { ...Object.fromEntries(takers), Measure: { name: "Measure", in: [], out: [{ type: "d" }, { type: "d" }] } },
};

class LargeBodies extends Service<InterfaceContract> {
  constructor() {
    super(contract, {});
  }
}

const handlers = Object.fromEntries(takers.map(([name]) => [name, () => undefined]));
Object.assign(LargeBodies.prototype, handlers, {
  Measure() {
    const { elapsedMs, processorMs } = longest.take();
    return [elapsedMs, processorMs];
  },
});

const [address = ""] = process.argv.slice(2);
const bus = await connect({ bus: address });
await bus.serve("/a", new LargeBodies());
process.stdout.write(`${bus.uniqueName}\n`);
