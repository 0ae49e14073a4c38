import type { InterfaceContract } from "../contract.ts";

/** `org.freedesktop.DBus.Introspectable`: what an object offers, as XML. */
const Introspectable = {
  version: 1,
  name: "org.freedesktop.DBus.Introspectable",
  methods: { introspect: { name: "Introspect", in: [], out: [{ name: "xml_data", type: "s" }] } },
  signals: {},
  properties: {},
} as const satisfies InterfaceContract;

/** `org.freedesktop.DBus.Peer`: whether a peer is there, and on which machine. */
export const Peer = {
  version: 1,
  name: "org.freedesktop.DBus.Peer",
  methods: {
    ping: { name: "Ping", in: [], out: [] },
    getMachineId: { name: "GetMachineId", in: [], out: [{ name: "machine_uuid", type: "s" }] },
  },
  signals: {},
  properties: {},
} as const satisfies InterfaceContract;

/** `org.freedesktop.DBus.Properties`: the properties of all interfaces of an object. */
export const Properties = {
  version: 1,
  name: "org.freedesktop.DBus.Properties",
  methods: {
    get: {
      name: "Get",
      in: [
        { name: "interface_name", type: "s" },
        { name: "property_name", type: "s" },
      ],
      out: [{ name: "value", type: "v" }],
    },
    set: {
      name: "Set",
      in: [
        { name: "interface_name", type: "s" },
        { name: "property_name", type: "s" },
        { name: "value", type: "v" },
      ],
      out: [],
    },
    getAll: {
      name: "GetAll",
      in: [{ name: "interface_name", type: "s" }],
      out: [{ name: "properties", type: "a{sv}" }],
    },
  },
  signals: {
    propertiesChanged: {
      name: "PropertiesChanged",
      args: [
        { name: "interface_name", type: "s" },
        { name: "changed_properties", type: "a{sv}" },
        { name: "invalidated_properties", type: "as" },
      ],
    },
  },
  properties: {},
} as const satisfies InterfaceContract;

/** Contracts of the interfaces that every object has. */
export const STANDARD_CONTRACTS: readonly InterfaceContract[] = [Introspectable, Peer, Properties];
