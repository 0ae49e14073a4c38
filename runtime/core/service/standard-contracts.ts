import type { InterfaceContract } from "../contract.ts";
import { Introspectable } from "../standard/org.freedesktop.DBus.Introspectable.ts";
import { ObjectManager } from "../standard/org.freedesktop.DBus.ObjectManager.ts";
import { Peer } from "../standard/org.freedesktop.DBus.Peer.ts";
import { Properties } from "../standard/org.freedesktop.DBus.Properties.ts";

/** Contracts of the interfaces that every object has, in the order of introspection documents. */
export const STANDARD_CONTRACTS: readonly InterfaceContract[] = [Introspectable, Peer, Properties];
/** Contracts of the interfaces that every object manager has. */
export const MANAGER_CONTRACTS: readonly InterfaceContract[] = [...STANDARD_CONTRACTS, ObjectManager];
