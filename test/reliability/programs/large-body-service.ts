// Serves methods that take large bodies at /a. Its method Measure returns the longest milliseconds for which the event
// loop was blocked since the previous call of it. Argument: bus address.

import { monitorEventLoopDelay } from "node:perf_hooks";
import { connect, type InterfaceContract, Service } from "@dbus-codegen-ts/runtime";
import { LARGE_BODIES, LARGE_BODIES_INTERFACE, LONG_PATH, memberOf } from "../large-bodies.ts";

const RESOLUTION_MS = 1;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

const takers = [...LARGE_BODIES, LONG_PATH].map((body) => {
  const name = memberOf(body);
  return [name, { name, in: [{ type: body.signature }], out: [] }] as const;
});
const contract: InterfaceContract = {
  version: 2,
  name: LARGE_BODIES_INTERFACE,
  methods: { ...Object.fromEntries(takers), Measure: { name: "Measure", in: [], out: [{ type: "d" }] } },
};

class LargeBodies extends Service<InterfaceContract> {
  constructor() {
    super(contract, {});
  }
}

const handlers = Object.fromEntries(takers.map(([name]) => [name, () => undefined]));
Object.assign(LargeBodies.prototype, handlers, {
  Measure() {
    const longest = delay.max / 1e6 - RESOLUTION_MS;
    delay.reset();
    return Math.max(0, longest);
  },
});

const [address = ""] = process.argv.slice(2);
const bus = await connect({ bus: address });
await bus.serve("/a", new LargeBodies());
delay.enable();
process.stdout.write(`${bus.uniqueName}\n`);
