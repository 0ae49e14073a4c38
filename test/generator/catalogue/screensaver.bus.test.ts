import { testBus } from "dbus-codegen-ts/testing";
import { expect, test } from "vitest";
import { ScreenSaver } from "../../../generator/catalogue/screensaver/generated/org.freedesktop.ScreenSaver.ts";
import { inhibit, SCREEN_SAVER } from "../../../generator/catalogue/screensaver/index.ts";

test("the screen saver is prevented until the request is disposed of, also if the desktop ends", async () => {
  await using bus = await testBus();
  const calls: unknown[] = [];
  await bus.mock(SCREEN_SAVER.path, ScreenSaver, {
    inhibit: (...args) => calls.push(args.slice(0, 2)),
    unInhibit: (cookie) => void calls.push(cookie),
  });
  await bus.services.requestName(SCREEN_SAVER.destination);
  const inhibition = { application: "player", reason: "A film is shown" };
  {
    await using _ = await inhibit(bus.clients, inhibition);
    expect(calls).toEqual([["player", "A film is shown"]]);
  }
  expect(calls.slice(1)).toEqual([1]);
  {
    await using _ = await inhibit(bus.clients, inhibition);
    await bus.services.releaseName(SCREEN_SAVER.destination);
  }
  expect(calls).toHaveLength(3);
});
