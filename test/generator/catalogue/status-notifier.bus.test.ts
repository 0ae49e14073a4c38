import { setTimeout as sleep } from "node:timers/promises";
import { DBusError, Variant } from "@dbus-codegen-ts/runtime";
import { type TestBus, testBus } from "dbus-codegen-ts/testing";
import { expect, test } from "vitest";
import {
  DbusmenuClient,
  MenuEventKind,
  ToggleState,
  ToggleType,
} from "../../../generator/catalogue/status-notifier/generated/com.canonical.dbusmenu.ts";
import {
  ItemStatus,
  StatusNotifierItemClient,
} from "../../../generator/catalogue/status-notifier/generated/org.kde.StatusNotifierItem.ts";
import { StatusNotifierWatcher } from "../../../generator/catalogue/status-notifier/generated/org.kde.StatusNotifierWatcher.ts";
import {
  MENU_PATH,
  Menu,
  menuTree,
  registerItem,
  StatusItem,
  WATCHER,
} from "../../../generator/catalogue/status-notifier/index.ts";

/** Serves a watcher and returns the names of the items that were registered. */
async function serveWatcher(bus: TestBus, refuse = false): Promise<string[]> {
  const names: string[] = [];
  await bus.mock(WATCHER.path, StatusNotifierWatcher, {
    registerStatusNotifierItem: (name) => {
      if (refuse) throw new DBusError("org.example.Error", "full");
      names.push(name);
    },
  });
  await bus.services.requestName(WATCHER.destination);
  return names;
}

const PATH = "/StatusNotifierItem";

test("an item is registered with each watcher, and can be read and changed by its name", async () => {
  await using bus = await testBus();
  const names = await serveWatcher(bus);
  const item = new StatusItem({
    id: "player",
    iconPixmap: [{ width: 1, height: 1, data: Uint8Array.of(255, 0, 0, 9) }],
  });
  {
    await using _ = await registerItem(bus.clients, item);
    await bus.services.releaseName(WATCHER.destination);
    await bus.services.requestName(WATCHER.destination);
    while (names.length < 2) await sleep(5);
    expect(names).toEqual([expect.stringMatching(/^org\.kde\.StatusNotifierItem-\d+-\d+$/), names[0]]);
    const [destination = ""] = names;
    const client = new StatusNotifierItemClient(bus.services, { destination, path: PATH });
    expect(await client.properties.iconPixmap.get()).toEqual([
      { width: 1, height: 1, data: Uint8Array.of(255, 0, 0, 9) },
    ]);
    expect([await client.properties.title.get(), await client.properties.menu.get()]).toEqual(["player", MENU_PATH]);
    const statuses = client.signals.newStatus.stream();
    const icons = client.signals.newIcon.stream();
    const next = Promise.all([statuses.next(), icons.next()]);
    while (bus.services.usage.listeners < 2) await sleep(5);
    item.update({ iconName: "stop", iconPixmap: [], status: ItemStatus.NeedsAttention });
    expect((await next).map(({ value }) => value)).toEqual([["NeedsAttention"], []]);
    expect(await client.properties.iconName.get()).toBe("stop");
    await Promise.all([statuses.return?.(), icons.return?.()]);
  }
  const gone = new StatusNotifierItemClient(bus.services, { destination: bus.clients.uniqueName, path: PATH });
  await expect(gone.activate(0, 0)).rejects.toThrow();
  expect(bus.clients.usage.listeners).toBe(0);
});

test("an item waits for a watcher", async () => {
  await using bus = await testBus();
  await using _ = await registerItem(bus.clients, new StatusItem({ id: "player" }));
  const names = await serveWatcher(bus);
  while (names.length === 0) await sleep(5);
});

test("an item that the watcher refuses is not served", async () => {
  await using bus = await testBus();
  await serveWatcher(bus, true);
  await expect(registerItem(bus.clients, new StatusItem({ id: "player" }))).rejects.toThrow("full");
  await using _ = await bus.clients.serve(PATH, new StatusItem({ id: "other" }));
});

test("a menu is read as a typed tree, reports clicks and is replaced", async () => {
  await using bus = await testBus();
  const clicks: string[] = [];
  const vendor = { "x-example": new Variant("u", 7) };
  const menu = new Menu([
    { label: "Open", onClick: () => void clicks.push("open"), shortcut: [["Control", "O"]] },
    { type: "separator" },
    {
      label: "More",
      children: [
        { label: "Loud", toggleType: ToggleType.Checkmark, toggleState: ToggleState.On, enabled: false, extra: vendor },
        { label: "Close", onClick: () => void clicks.push("close") },
      ],
    },
  ]);
  await bus.serve(MENU_PATH, menu);
  const client = bus.client(DbusmenuClient, MENU_PATH);
  const [revision, layout] = await client.getLayout(0, -1, []);
  expect([revision, menuTree(layout)]).toEqual([
    1,
    {
      id: 0,
      properties: { childrenDisplay: "submenu" },
      children: [
        { id: 1, properties: { label: "Open", shortcut: [["Control", "O"]] }, children: [] },
        { id: 2, properties: { type: "separator" }, children: [] },
        {
          id: 3,
          properties: { label: "More", childrenDisplay: "submenu" },
          children: [
            {
              id: 4,
              properties: { label: "Loud", toggleType: "checkmark", toggleState: 1, enabled: false, extra: vendor },
              children: [],
            },
            { id: 5, properties: { label: "Close" }, children: [] },
          ],
        },
      ],
    },
  ]);
  const [, top] = await client.getLayout(0, 1, ["label"]);
  expect(menuTree(top).children.map(({ id, properties, children }) => [id, properties, children.length])).toEqual([
    [1, { label: "Open" }, 0],
    [2, {}, 0],
    [3, { label: "More" }, 0],
  ]);
  expect(await client.getGroupProperties([5, 9], [])).toEqual([{ id: 5, properties: { label: "Close" } }]);
  await client.event(1, MenuEventKind.Clicked, new Variant("s", ""), 0);
  await client.event(5, MenuEventKind.Hovered, new Variant("s", ""), 0);
  const data = new Variant("s", "");
  const clicked = { event: MenuEventKind.Clicked, data, timestamp: 0 };
  expect(
    await client.eventGroup([
      { id: 5, ...clicked },
      { id: 9, ...clicked },
    ]),
  ).toEqual([9]);
  expect(clicks).toEqual(["open", "close"]);
  expect((await client.getProperty(4, "label")).get("s")).toBe("Loud");
  await expect(client.getProperty(4, "icon-name")).rejects.toThrow("the item 4 has no property icon-name");
  await expect(client.getProperty(4, "constructor")).rejects.toThrow("the item 4 has no property constructor");
  await expect(client.getProperty(4, "__proto__")).rejects.toThrow("the item 4 has no property __proto__");
  expect(await client.getGroupProperties(new Array<number>(1000).fill(5), [])).toHaveLength(1);
  await expect(client.aboutToShow(9)).rejects.toThrow("the menu has no item 9");
  expect(await client.aboutToShowGroup([3, 9])).toEqual([[], [9]]);
  const updates = client.signals.layoutUpdated.stream();
  const update = updates.next();
  while (bus.clients.usage.listeners === 0) await sleep(5);
  menu.replace([]);
  expect((await update).value).toEqual([2, 0]);
  await updates.return?.();
});
