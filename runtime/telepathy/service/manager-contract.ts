import type { InterfaceContract } from "@dbus-codegen-ts/runtime";
import { ConnectionManager, ParamSpec } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";

/**
 * The contract of a connection manager, with two methods more that earlier versions of the interface had: programs
 * written for those still call them, where newer ones read the property Protocols.
 */
export const CompatibleConnectionManager = {
  ...ConnectionManager,
  methods: {
    ...ConnectionManager.methods,
    getParameters: {
      name: "GetParameters",
      in: [{ name: "Protocol", type: "s" }],
      out: [{ name: "Parameters", type: "a(susv)", as: () => ({ kind: "items", of: ParamSpec }) }],
    },
    listProtocols: { name: "ListProtocols", in: [], out: [{ name: "Protocols", type: "as" }] },
  },
} as const satisfies InterfaceContract;
