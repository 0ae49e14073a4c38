import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished, test } from "vitest";
import {
  DEFAULT_SETTINGS,
  type NetworkSettings,
  parseSettings,
  printSettings,
  readSettingsFile,
  writeSettingsFile,
} from "../../../../../../runtime/connman/adapters/network/linux/settings-file.ts";
import { anyText } from "../../../../../setup/any-text.ts";

const anyBearer = fc.constantFrom("ethernet", "wifi", "bluetooth", "cellular", "vpn" as const);
const anySettings: fc.Arbitrary<NetworkSettings> = fc.record({
  isOffline: fc.boolean(),
  offlineBearers: fc.uniqueArray(fc.constantFrom("wifi", "bluetooth", "cellular" as const)),
  switchedOff: fc
    .array(fc.tuple(anyBearer, fc.array(fc.constantFrom("wlan0", "eth0.7", "wwan-1"))))
    .map((entries) => new Map(entries)),
  withoutAutoConnect: fc
    .array(fc.constantFrom("ethernet_020000000a01_cable", "wifi_02_managed", "vpn__776730"))
    .map((ids) => new Set(ids)),
});

describe("a settings file", () => {
  it("has the settings that were written", () => {
    fc.assert(
      fc.property(anySettings, (settings) => {
        expect(parseSettings(printSettings(settings))).toEqual(settings);
      }),
    );
  });

  it("keeps the last thousand services without AutoConnect", () => {
    const ids = Array.from({ length: 1001 }, (_, index) => `ethernet_${index}_cable`);
    const empty = { isOffline: false, offlineBearers: [], switchedOff: new Map() };
    const written = printSettings({ ...empty, withoutAutoConnect: new Set(ids) });
    expect(parseSettings(written)?.withoutAutoConnect).toEqual(new Set(ids.slice(1)));
  });

  const VALID = { isOffline: false, offlineBearers: [], switchedOff: [], withoutAutoConnect: [] };
  it.each<[string, object]>([
    ["a text as switch", { isOffline: "yes" }],
    ["an unknown technology", { offlineBearers: ["moon"] }],
    ["a cable in offline mode", { offlineBearers: ["ethernet"] }],
    ["an option as interface", { switchedOff: [["wifi", ["-batch"]]] }],
    ["a command as interface", { switchedOff: [["wifi", ["a b"]]] }],
    ["a missing list", { switchedOff: [["wifi"]] }],
    ["a service that cannot exist", { withoutAutoConnect: ["../x"] }],
    ["a long service", { withoutAutoConnect: [`wifi_${"0".repeat(100)}_managed`] }],
  ])("is refused with %s", (_case, change) => {
    expect(parseSettings(JSON.stringify(VALID))).toBeDefined();
    expect(parseSettings(JSON.stringify({ ...VALID, ...change }))).toBeUndefined();
  });

  it("is refused with any other text", () => {
    fc.assert(
      fc.property(fc.oneof(anyText(), fc.json()), (text) => {
        expect(parseSettings(text)).toBeUndefined();
      }),
    );
  });
});

test("a link in place of the temporary file is not followed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "settings-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "settings.json");
  const other = join(folder, "other");
  await writeFile(other, "kept");
  await symlink(other, `${path}.tmp`);
  await writeSettingsFile(path, DEFAULT_SETTINGS);
  expect(await readSettingsFile(path)).toEqual(DEFAULT_SETTINGS);
  expect(await readFile(other, "utf8")).toBe("kept");
});
