import { expect, it } from "vitest";
import { parseWirelessNames } from "../../../../../../runtime/connman/adapters/network/linux/wireless-names.ts";

const interfaceLines = (name: string, ...lines: readonly string[]): string =>
  ["phy#0", `\tInterface ${name}`, "\t\tifindex 3", ...lines.map((line) => `\t\t${line}`), ""].join("\n");

it.each([
  ["no interfaces", "", []],
  ["an interface that has joined no network", interfaceLines("wlan0", "type managed"), []],
  ["a name", interfaceLines("wlan0", "ssid Home", "type managed"), [["wlan0", "Home"]]],
  ["a name with spaces", interfaceLines("wlan0", "ssid At home 2"), [["wlan0", "At home 2"]]],
  ["a name with escaped spaces and UTF-8", interfaceLines("wlan0", "ssid \\x20Caf\\xc3\\xa9"), [["wlan0", " Café"]]],
  ["a name that is not UTF-8", interfaceLines("wlan0", "ssid a\\xff"), [["wlan0", "a\ufffd"]]],
  ["a backslash", interfaceLines("wlan0", "ssid a\\x5cx41"), [["wlan0", "a\\x41"]]],
  [
    "two interfaces",
    interfaceLines("wlan0", "ssid One") + interfaceLines("wlan1", "ssid Two"),
    [
      ["wlan0", "One"],
      ["wlan1", "Two"],
    ],
  ],
])("the names of wireless networks are read from iw: %s", (_case, output, expected) => {
  expect([...parseWirelessNames(output)]).toEqual(expected);
});
