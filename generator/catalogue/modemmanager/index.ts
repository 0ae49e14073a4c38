import type { Variant } from "@dbus-codegen-ts/runtime";
import { LocationSource } from "./generated/org.freedesktop.ModemManager1.Modem.Location.ts";

/** Bus name of ModemManager and the object path of its manager. */
export const MODEM_MANAGER = {
  destination: "org.freedesktop.ModemManager1",
  path: "/org/freedesktop/ModemManager1",
} as const;

/** A radio cell of 3GPP. */
export interface CellLocation {
  /** Code of the country, such as `262`. */
  readonly country: string;
  /** Code of the network, such as `01`. */
  readonly network: string;
  /** Location area, as hexadecimal number. */
  readonly area: string;
  /** Cell, as hexadecimal number. */
  readonly cell: string;
  /** Tracking area of LTE and 5G, as hexadecimal number; undefined if not known. */
  readonly trackingArea: string | undefined;
}

/** Coordinates in degrees: positive numbers are north and east. */
export interface Coordinates {
  readonly latitude: number;
  readonly longitude: number;
}

/** Coordinates from satellites. */
export interface SatelliteCoordinates extends Coordinates {
  /** Meters above sea level; undefined if not known. */
  readonly altitude: number | undefined;
  /** Time as ModemManager sends it, such as `203015`; undefined if not known. */
  readonly utcTime: string | undefined;
}

/** Positions by source. A source that is not enabled, or has no valid value, is undefined. */
export interface Locations {
  readonly cell: CellLocation | undefined;
  readonly satellites: SatelliteCoordinates | undefined;
  /** NMEA sentences without line ends. */
  readonly nmea: readonly string[] | undefined;
  /** Coordinates of a CDMA base station. */
  readonly baseStation: Coordinates | undefined;
}

/** Decodes the positions that `getLocation` returns and the property `location` contains. */
export function locationsOf(values: ReadonlyMap<number, Variant>): Locations {
  const text = (source: number): string | undefined => {
    const value = values.get(source)?.value;
    return typeof value === "string" ? value : undefined;
  };
  const nmea = text(LocationSource.GpsNmea)
    ?.split("\r\n")
    .filter((sentence) => sentence !== "");
  const satellites = coordinatesOf(values.get(LocationSource.GpsRaw));
  return {
    cell: cellOf(text(LocationSource.LacCi)),
    satellites: satellites && { ...satellites.coordinates, altitude: satellites.altitude, utcTime: satellites.utcTime },
    nmea,
    baseStation: coordinatesOf(values.get(LocationSource.CdmaBs))?.coordinates,
  };
}

/**
 * Reads the codes of country, network, location area, cell and tracking area from a text in which commas separate them.
 */
function cellOf(text: string | undefined): CellLocation | undefined {
  const [country, network, area, cell, trackingArea] = text?.split(",") ?? [];
  if (country === undefined || network === undefined || area === undefined || cell === undefined) return undefined;
  return { country, network, area, cell, trackingArea };
}

function coordinatesOf(variant: Variant | undefined) {
  const latitude = entryOf(variant, "latitude");
  const longitude = entryOf(variant, "longitude");
  if (!isWithin(latitude, 90) || !isWithin(longitude, 180)) return undefined;
  const altitude = entryOf(variant, "altitude");
  const utcTime = entryOf(variant, "utc-time");
  return {
    coordinates: { latitude, longitude },
    altitude: isWithin(altitude, MAX_ALTITUDE_METERS) ? altitude : undefined,
    utcTime: typeof utcTime === "string" ? utcTime : undefined,
  };
}

/**
 * Altitude that no satellite receiver exceeds. For an unknown value, ModemManager sends the smallest number of the type,
 * whose absolute value is larger.
 */
const MAX_ALTITUDE_METERS = 1e9;

/** Returns whether a value is a number from -max to max. */
function isWithin(value: unknown, max: number): value is number {
  return typeof value === "number" && Math.abs(value) <= max;
}

/** Returns the value of a key of a variant that contains an `a{sv}`. */
function entryOf(variant: Variant | undefined, key: string): unknown {
  const entries: unknown = variant?.value;
  const entry: unknown = typeof entries === "object" && entries !== null ? Reflect.get(entries, key) : undefined;
  return typeof entry === "object" && entry !== null && "value" in entry ? entry.value : undefined;
}
