/**
 * What tests of D-Bus programs need: a bus of their own, and stand-ins for services.
 *
 * @packageDocumentation
 */

export { type Mock, type MockCall, type MockWrite, mock } from "../mock/mock.ts";
export type { Handler, Handlers, PropertiesOf, SignalsOf } from "../mock/types.ts";
export { type PrivateBus, type PrivateBusOptions, privateBus } from "./private-bus.ts";
export { type ClientClass, type TestBus, testBus } from "./test-bus.ts";
