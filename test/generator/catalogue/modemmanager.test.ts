import { Variant } from "@dbus-codegen-ts/runtime";
import { describe, expect, test } from "vitest";
import { LocationSource } from "../../../generator/catalogue/modemmanager/generated/org.freedesktop.ModemManager1.Modem.Location.ts";
import { locationsOf } from "../../../generator/catalogue/modemmanager/index.ts";

const NONE = { cell: undefined, satellites: undefined, nmea: undefined, baseStation: undefined };
const degrees = { latitude: new Variant("d", 38.5), longitude: new Variant("d", -77) };
const coordinates = { latitude: 38.5, longitude: -77 };

describe("locationsOf reads", () => {
  test.each([
    ["nothing", [], {}],
    [
      "a cell",
      [[LocationSource.LacCi, new Variant("s", "262,01,8BE3,2BAF,6FFE")]],
      { cell: { country: "262", network: "01", area: "8BE3", cell: "2BAF", trackingArea: "6FFE" } },
    ],
    [
      "a cell without tracking area",
      [[LocationSource.LacCi, new Variant("s", "262,01,8BE3,2BAF")]],
      { cell: { country: "262", network: "01", area: "8BE3", cell: "2BAF", trackingArea: undefined } },
    ],
    [
      "all about satellites",
      [
        [
          LocationSource.GpsRaw,
          new Variant("a{sv}", { ...degrees, altitude: new Variant("d", 7), "utc-time": new Variant("s", "203015") }),
        ],
        [LocationSource.GpsNmea, new Variant("s", "$GPRMC,1\r\n$GPGGA,2\r\n")],
      ],
      { satellites: { ...coordinates, altitude: 7, utcTime: "203015" }, nmea: ["$GPRMC,1", "$GPGGA,2"] },
    ],
    [
      "coordinates only",
      [
        [LocationSource.GpsRaw, new Variant("a{sv}", degrees)],
        [LocationSource.CdmaBs, new Variant("a{sv}", degrees)],
      ],
      { satellites: { ...coordinates, altitude: undefined, utcTime: undefined }, baseStation: coordinates },
    ],
    [
      "no values of other types",
      [
        [LocationSource.LacCi, new Variant("u", 1)],
        [LocationSource.GpsNmea, new Variant("as", [])],
        [
          LocationSource.GpsRaw,
          new Variant("a{sv}", { latitude: new Variant("s", "38"), longitude: new Variant("d", 1) }),
        ],
        [LocationSource.CdmaBs, new Variant("s", "latitude")],
      ],
      {},
    ],
    [
      "no coordinates that cannot exist, and no altitude without a value",
      [
        [LocationSource.GpsRaw, new Variant("a{sv}", { ...degrees, altitude: new Variant("d", -Number.MAX_VALUE) })],
        [
          LocationSource.CdmaBs,
          new Variant("a{sv}", { latitude: new Variant("d", Number.NaN), longitude: new Variant("d", 181) }),
        ],
      ],
      { satellites: { ...coordinates, altitude: undefined, utcTime: undefined } },
    ],
    ["no incomplete cell", [[LocationSource.LacCi, new Variant("s", "262,01,8BE3")]], {}],
  ] as const)("%s", (_, entries, expected) => {
    expect(locationsOf(new Map<number, Variant>(entries))).toEqual({ ...NONE, ...expected });
  });
});
