import { type AnyService, type Bus, DBusError } from "@dbus-codegen-ts/runtime";
import type { DbusmenuService } from "./generated/com.canonical.dbusmenu.ts";
import {
  ItemCategory,
  ItemStatus,
  type StatusNotifierItemProperties,
  StatusNotifierItemService,
} from "./generated/org.kde.StatusNotifierItem.ts";
import { StatusNotifierWatcherClient } from "./generated/org.kde.StatusNotifierWatcher.ts";

export { Menu, type MenuEntry } from "./menu.ts";
export { type MenuTree, menuLayout, menuTree } from "./menu-tree.ts";

/** Bus name and object path of the watcher, with which items are registered. */
export const WATCHER = { destination: "org.kde.StatusNotifierWatcher", path: "/StatusNotifierWatcher" } as const;

const ITEM_PATH = "/StatusNotifierItem";
/** Object path at which `registerItem` serves the menu of an item. */
export const MENU_PATH = "/MenuBar";

const DEFAULTS: Omit<StatusNotifierItemProperties, "id" | "title"> = {
  category: ItemCategory.ApplicationStatus,
  status: ItemStatus.Active,
  windowId: 0,
  iconThemePath: "",
  iconName: "",
  iconPixmap: [],
  overlayIconName: "",
  overlayIconPixmap: [],
  attentionIconName: "",
  attentionIconPixmap: [],
  attentionMovieName: "",
  toolTip: { iconName: "", iconPixmaps: [], title: "", text: "" },
  itemIsMenu: false,
  menu: MENU_PATH,
};

/**
 * Signals that announce changes of properties, by property. The status is missing, because its signal has an argument.
 */
const ANNOUNCEMENTS = {
  title: "newTitle",
  iconName: "newIcon",
  iconPixmap: "newIcon",
  overlayIconName: "newOverlayIcon",
  overlayIconPixmap: "newOverlayIcon",
  attentionIconName: "newAttentionIcon",
  attentionIconPixmap: "newAttentionIcon",
  attentionMovieName: "newAttentionIcon",
  toolTip: "newToolTip",
  menu: "newMenu",
} as const;

/**
 * An icon of this program in the panel of the desktop. A subclass overrides `activate` and other methods to handle
 * clicks.
 */
export class StatusItem extends StatusNotifierItemService {
  /** Creates an item. The title is the ID by default; other properties are empty. */
  constructor(properties: Pick<StatusNotifierItemProperties, "id"> & Partial<StatusNotifierItemProperties>) {
    super({ ...DEFAULTS, title: properties.id, ...properties });
  }

  /** Changes properties and emits the signals that announce the changes. */
  update(changes: Partial<Omit<StatusNotifierItemProperties, "id">>): void {
    Object.assign(this.properties, changes);
    const announced = new Set(
      Object.entries(ANNOUNCEMENTS).flatMap(([key, signal]) => (key in changes ? [signal] : [])),
    );
    for (const signal of announced) this.signals[signal]();
    if (changes.status !== undefined) this.signals.newStatus(changes.status);
  }

  override activate(_x: number, _y: number): void {}
  override secondaryActivate(_x: number, _y: number): void {}
  override contextMenu(_x: number, _y: number): void {}
  override scroll(_delta: number, _orientation: string): void {}
  override provideXdgActivationToken(_token: string): void {}
}

let registered = 0;

/**
 * Serves an item and registers it with the watcher, also with each watcher that is started later. Without a watcher the
 * item waits for one. A connection has one item.
 *
 * @param menu - Menu of the item, served at MENU_PATH.
 * @returns The registration. Disposing of it removes the item.
 * @throws DBusError if the bus refuses the name of the item, or the watcher refuses the item.
 */
export async function registerItem(
  bus: Bus,
  item: StatusNotifierItemService & AnyService,
  menu?: DbusmenuService & AnyService,
): Promise<AsyncDisposable> {
  const ends: (() => Promise<void>)[] = [];
  const end = async (): Promise<void> => {
    for (const release of ends.splice(0).reverse()) await release();
  };
  try {
    registered += 1;
    const name = `org.kde.StatusNotifierItem-${process.pid}-${registered}`;
    const served = await bus.serve(ITEM_PATH, item);
    ends.push(() => served.close());
    if (menu !== undefined) {
      const servedMenu = await bus.serve(MENU_PATH, menu);
      ends.push(() => servedMenu.close());
    }
    await bus.requestName(name);
    ends.push(() => bus.releaseName(name));
    ends.push(await registerWithWatchers(bus, name));
  } catch (error) {
    await end();
    throw error;
  }
  return { [Symbol.asyncDispose]: end };
}

/**
 * Registers the item of a bus name with the present watcher and each later one.
 *
 * @returns A function that ends the registration with later watchers.
 */
async function registerWithWatchers(bus: Bus, name: string): Promise<() => Promise<void>> {
  const watcher = new StatusNotifierWatcherClient(bus, WATCHER);
  let first: Promise<void> | undefined;
  const watch = await bus.watchName(WATCHER.destination, async (owner) => {
    if (owner === undefined) return;
    const registration = watcher.registerStatusNotifierItem(name);
    first ??= registration;
    // The watcher may have ended meanwhile.
    await registration.catch((error: unknown) => {
      if (!(error instanceof DBusError)) throw error;
    });
  });
  try {
    await first;
  } catch (error) {
    await watch.close();
    throw error;
  }
  return () => watch.close();
}
