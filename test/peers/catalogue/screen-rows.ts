import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Manager } from "@dbus-codegen-ts/logind/org.freedesktop.login1.Manager";
import { Session } from "@dbus-codegen-ts/logind/org.freedesktop.login1.Session";
import type { Bus, Target } from "@dbus-codegen-ts/runtime";
import { WATCHER } from "@dbus-codegen-ts/status-notifier";
import { StatusNotifierItemClient } from "@dbus-codegen-ts/status-notifier/org.kde.StatusNotifierItem";
import { StatusNotifierWatcherClient } from "@dbus-codegen-ts/status-notifier/org.kde.StatusNotifierWatcher";
import { mock } from "dbus-codegen-ts/testing";
import { startDaemon, whyNot } from "./daemon.ts";
import { HEAD, type Row } from "./row.ts";

const LIGHT_LOCKER = "/usr/bin/light-locker";
const XVFB = "/usr/bin/xvfb-run";
const SESSION = "/org/freedesktop/login1/session/_31";

/** Environment variables that LightDM and the session usually set. */
const ENVIRONMENT = [
  "GSETTINGS_BACKEND=memory",
  "NO_AT_BRIDGE=1",
  "XDG_SESSION_ID=1",
  "XDG_SESSION_PATH=/org/freedesktop/DisplayManager/Session0",
];

/** Serves the part of logind that light-locker needs: one session. */
async function serveLogin(bus: Bus): Promise<void> {
  await bus.serve("/org/freedesktop/login1", mock(Manager, { getSessionByPID: () => SESSION }).service);
  await bus.serve(SESSION, mock(Session, {}, { id: "1", active: true }).service);
  await bus.requestName("org.freedesktop.login1");
}

/** light-locker under a virtual X server. It has no dictionaries and no values to write. */
const SCREEN_SAVER_ROW: Row = {
  api: "screensaver",
  daemon: "light-locker",
  busName: "org.freedesktop.ScreenSaver",
  notWritten: "The API has no dictionary.",
  missing: whyNot([LIGHT_LOCKER, XVFB]),
  start: () =>
    startDaemon({
      needs: [LIGHT_LOCKER, XVFB],
      busName: "org.freedesktop.ScreenSaver",
      prepare: serveLogin,
      command: () => [XVFB, "-a", "env", ...ENVIRONMENT, LIGHT_LOCKER, "--debug"],
    }),
  program: `${HEAD}import { inhibit, SCREEN_SAVER } from "@dbus-codegen-ts/screensaver";
import { ScreenSaverClient } from "./org.freedesktop.ScreenSaver.js";
const screenSaver = new ScreenSaverClient(bus, SCREEN_SAVER);
await screenSaver.simulateUserActivity();
const before = await screenSaver.getActive();
{
  await using _ = await inhibit(bus, { application: "player", reason: "A film is shown" });
  console.log(before, await screenSaver.getActiveTime());
}
`,
  prints: /^false 0$/m,
  objects: [
    {
      path: "/org/freedesktop/ScreenSaver",
      calls: [
        { interface: "org.freedesktop.ScreenSaver", method: "GetActive" },
        { interface: "org.freedesktop.ScreenSaver", method: "GetActiveTime" },
      ],
    },
  ],
};

const DUNST = "/usr/bin/dunst";

/** dunst under a virtual X server. An interface of dunst returns the hints of old notifications. */
const NOTIFICATIONS_ROW: Row = {
  api: "notifications",
  daemon: "dunst",
  busName: "org.freedesktop.Notifications",
  notWritten: "The API does not return the hints; those that the program changes are read from an interface of dunst.",
  missing: whyNot([DUNST, XVFB]),
  start: () =>
    startDaemon({
      needs: [DUNST, XVFB],
      busName: "org.freedesktop.Notifications",
      command: () => [XVFB, "-a", "env", ...ENVIRONMENT, DUNST, "-conf", "/dev/null"],
    }),
  program: `${HEAD}import { Variant } from "@dbus-codegen-ts/runtime";
import { CloseReason, NotificationsClient, Urgency } from "./org.freedesktop.Notifications.js";
const target = { destination: "org.freedesktop.Notifications", path: "/org/freedesktop/Notifications" };
const notifications = new NotificationsClient(bus, target);
const hints = { urgency: Urgency.Critical, category: "email.arrived", value: 40, imageData: { width: 1, height: 1, rowStride: 4, hasAlpha: true, bitsPerSample: 8, channels: 4, data: Uint8Array.of(1, 2, 3, 4) } };
const closed = new Promise<[number, CloseReason]>((resolve) => void notifications.signals.notificationClosed.subscribe((...args) => resolve(args)));
const id = await notifications.notify("mail", 0, "", "New mail", "From Ada", ["open", "Open"], hints, 0);
const replaced = await notifications.notify("mail", id, "", "New mail", "From Ada", [], { ...hints, value: 70 }, 0);
await notifications.closeNotification(id);
const [closedId, reason] = await closed;
const history = { destination: target.destination, path: target.path, interface: "org.dunstproject.cmd0", member: "NotificationListHistory" };
const [shown] = await bus.call(history);
const [{ category, progress } = {}] = shown as Record<string, Variant>[];
console.log(replaced === id, closedId === id, reason === CloseReason.Closed, category?.get("s"), progress?.get("i"));
`,
  prints: /^true true true email\.arrived 70$/m,
  objects: [
    {
      path: "/org/freedesktop/Notifications",
      calls: [
        { interface: "org.freedesktop.Notifications", method: "GetCapabilities" },
        { interface: "org.freedesktop.Notifications", method: "GetServerInformation" },
      ],
    },
  ],
};

const PANEL = ["/usr/bin/xfce4-panel", "/usr/lib/x86_64-linux-gnu/xfce4/xfconf/xfconfd"];
const ITEM_PROGRAM = [
  "/usr/bin/python3",
  "/usr/lib/x86_64-linux-gnu/girepository-1.0/AyatanaAppIndicator3-0.1.typelib",
];

/** Settings of a panel that shows only icons. */
const PANEL_SETTINGS = `<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty"><property name="plugin-1" type="string" value="systray"/></property>
</channel>
`;

async function writePanelSettings(_bus: Bus, home: string): Promise<void> {
  const folder = join(home, ".config/xfce4/xfconf/xfce-perchannel-xml");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "xfce4-panel.xml"), PANEL_SETTINGS);
}

/** Returns the bus name and the path of the icon of `status-icon.py`, which registers itself with the panel. */
async function findIcon(bus: Bus): Promise<Target> {
  const watcher = new StatusNotifierWatcherClient(bus, WATCHER);
  for (;;) {
    for (const address of await watcher.properties.registeredStatusNotifierItems.get()) {
      const [destination = "", ...path] = address.split("/");
      if (path.at(-1) === "music") return { destination, path: `/${path.join("/")}` };
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The panel of Xfce, which shows an icon of a GTK program and one of this project, under a virtual X server. */
const STATUS_NOTIFIER_ROW: Row = {
  api: "status-notifier",
  daemon: "xfce4-panel",
  busName: WATCHER.destination,
  notWritten: "Its dictionaries can only be read.",
  missing: whyNot([XVFB, ...PANEL, ...ITEM_PROGRAM]),
  start: () => {
    const script = `${PANEL[1]} & ${PANEL[0]} --disable-wm-check & exec ${ITEM_PROGRAM[0]} ${import.meta.dirname}/status-icon.py`;
    return startDaemon({
      needs: PANEL,
      busName: WATCHER.destination,
      prepare: writePanelSettings,
      command: () => [XVFB, "-a", "env", ...ENVIRONMENT, "sh", "-c", script],
    });
  },
  program: `${HEAD}import { Menu, menuTree, registerItem, StatusItem, WATCHER } from "@dbus-codegen-ts/status-notifier";
import { Variant } from "@dbus-codegen-ts/runtime";
import { DbusmenuClient, MenuEventKind, ToggleState } from "./com.canonical.dbusmenu.js";
import { ItemCategory, ItemStatus, StatusNotifierItemClient } from "./org.kde.StatusNotifierItem.js";
import { StatusNotifierWatcherClient } from "./org.kde.StatusNotifierWatcher.js";
const watcher = new StatusNotifierWatcherClient(bus, WATCHER);
const items = () => watcher.properties.registeredStatusNotifierItems.get();
const wait = () => new Promise((resolve) => setTimeout(resolve, 50));
let address: string | undefined;
while ((address = (await items()).find((item) => item.endsWith("/music"))) === undefined) await wait();
const [destination = "", ...path] = address.split("/");
const { properties } = new StatusNotifierItemClient(bus, { destination, path: \`/\${path.join("/")}\` });
const isIcon = (await properties.category.get()) === ItemCategory.ApplicationStatus && (await properties.status.get()) === ItemStatus.Active;
console.log(await properties.id.get(), await properties.title.get(), isIcon);
const menu = new DbusmenuClient(bus, { destination, path: await properties.menu.get() });
const entries = async () => {
  const [, layout] = await menu.getLayout(0, -1, []);
  return menuTree(layout).children;
};
const [play, separator, volume, off] = await entries();
console.log(play?.properties.label, play?.properties.toggleState === ToggleState.Off, separator?.properties.type, volume?.children[0]?.properties.label, off?.properties.enabled);
await menu.event(play?.id ?? 0, MenuEventKind.Clicked, new Variant("i", 0), 0);
while ((await entries())[0]?.properties.toggleState !== ToggleState.On) await wait();
console.log((await entries())[0]?.properties.label);
let read = (): void => {};
const isRead = new Promise<void>((resolve) => (read = resolve));
class Watched extends Menu {
  override getLayout(...args: Parameters<Menu["getLayout"]>): ReturnType<Menu["getLayout"]> {
    read();
    return super.getLayout(...args);
  }
}
{
  const item = new StatusItem({ id: "lamp", title: "Lamp", iconName: "dialog-information" });
  await using _ = await registerItem(bus, item, new Watched([{ label: "_On", onClick: () => item.update({ title: "Lit" }) }]));
  await isRead;
  console.log((await items()).some((name) => name.includes("StatusNotifierItem-")));
}
while ((await items()).length > 1) await wait();
`,
  prints: /^music Music true\n_Play true separator Low false\n_Pause\ntrue$/m,
  objects: [
    { path: WATCHER.path },
    { path: findIcon },
    {
      path: async (bus) => {
        const { destination, path } = await findIcon(bus);
        return {
          destination,
          path: await new StatusNotifierItemClient(bus, { destination, path }).properties.menu.get(),
        };
      },
      calls: [
        { interface: "com.canonical.dbusmenu", method: "GetLayout", args: [0, -1, []] },
        { interface: "com.canonical.dbusmenu", method: "GetGroupProperties", args: [[], []] },
      ],
    },
  ],
};

/** Daemons that need a screen. */
export const SCREEN_ROWS: readonly Row[] = [NOTIFICATIONS_ROW, SCREEN_SAVER_ROW, STATUS_NOTIFIER_ROW];
