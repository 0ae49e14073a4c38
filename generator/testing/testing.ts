/**
 * Private buses and mocks of services for tests of D-Bus programs.
 *
 * @packageDocumentation
 */

export type { Handler, Handlers, PropertiesOf, SignalsOf } from "../tools/mock/handler-types.ts";
export { type Mock, type MockCall, type MockWrite, mock } from "../tools/mock/mock.ts";
export { type MockObject, MockObjects } from "../tools/mock/mock-objects.ts";
export type { RecordedCall } from "../tools/mock/observed-call.ts";
export {
  action,
  addition,
  type MockTemplate,
  serveTemplate,
  type TemplateCommand,
  type TemplateMock,
} from "../tools/mock/template.ts";
export { type PrivateBus, type PrivateBusOptions, privateBus } from "./private-bus.ts";
export { type ClientClass, type TestBus, type TestBusOptions, testBus } from "./test-bus.ts";
