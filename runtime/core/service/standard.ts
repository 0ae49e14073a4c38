import type { InterfaceContract } from "../contract.ts";

/** `org.freedesktop.DBus.Introspectable`: what an object offers, as XML. */
export const Introspectable = {
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

/** `org.freedesktop.DBus.ObjectManager`: all objects below an object, at once. */
export const ObjectManager = {
  version: 1,
  name: "org.freedesktop.DBus.ObjectManager",
  methods: {
    getManagedObjects: {
      name: "GetManagedObjects",
      in: [],
      out: [{ name: "object_paths_interfaces_and_properties", type: "a{oa{sa{sv}}}" }],
    },
  },
  signals: {
    interfacesAdded: {
      name: "InterfacesAdded",
      args: [
        { name: "object_path", type: "o" },
        { name: "interfaces_and_properties", type: "a{sa{sv}}" },
      ],
    },
    interfacesRemoved: {
      name: "InterfacesRemoved",
      args: [
        { name: "object_path", type: "o" },
        { name: "interfaces", type: "as" },
      ],
    },
  },
  properties: {},
} as const satisfies InterfaceContract;

/** Contracts of the interfaces that every object has. */
export const STANDARD_CONTRACTS: readonly InterfaceContract[] = [Introspectable, Peer, Properties];
/** Contracts of the interfaces that an object manager has. */
export const MANAGER_CONTRACTS: readonly InterfaceContract[] = [...STANDARD_CONTRACTS, ObjectManager];
