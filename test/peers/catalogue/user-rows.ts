import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Bus } from "@dbus-codegen-ts/runtime";
import { startDaemon, whyNot } from "./daemon.ts";
import { HEAD, type Row } from "./row.ts";

const SYSTEMD = "/lib/systemd/systemd";

/** Units that make a user's systemd serve its API on a bus that runs already. `dbus.service` starts no bus. */
const UNITS = {
  "dbus.socket": "[Socket]\nListenStream=%t/unused\n",
  "dbus.service": "[Service]\nExecStart=/bin/sleep infinity\n",
  "test.target": "[Unit]\nRequires=dbus.service\nAfter=dbus.service\nDefaultDependencies=no\n",
};

/** Starts the manager in a separate cgroup, which is removed afterwards, and in separate mount and process namespaces. */
const MANAGER_SCRIPT = `mount -t tmpfs none /run && mount -t tmpfs none /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup
mkdir -p /run/systemd/system "$HOME/.config/systemd/user"
${Object.entries(UNITS)
  .map(
    ([name, text]) =>
      `printf '${text.replaceAll("%", "%%").replaceAll("\n", "\\n")}' > "$HOME/.config/systemd/user/${name}"`,
  )
  .join("\n")}
group=/sys/fs/cgroup/systemd-user-$$
mkdir $group
trap : TERM
sh -c "echo 0 > $group/cgroup.procs; exec unshare --mount --cgroup --pid --fork --kill-child --mount-proc sh -c '
umount /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup; ${SYSTEMD} --user --unit=test.target & wait'"
find $group -depth -type d -exec rmdir {} +`;

/** The systemd manager of a user. It has the same API as the manager of the system. */
const SYSTEMD_ROW: Row = {
  api: "systemd",
  daemon: "systemd --user",
  busName: "org.freedesktop.systemd1",
  missing: whyNot([SYSTEMD]),
  start: () =>
    startDaemon({
      needs: [SYSTEMD],
      busName: "org.freedesktop.systemd1",
      command: () => ["unshare", "--mount", "--propagation", "private", "sh", "-c", MANAGER_SCRIPT],
    }),
  program: `${HEAD}import { writeBack } from "./write-back.js";
import { MANAGER, type UnitSettings, unitProperties } from "@dbus-codegen-ts/systemd";
import { ActiveState, JobMode, ManagerClient } from "./org.freedesktop.systemd1.Manager.js";
import { ServiceClient } from "./org.freedesktop.systemd1.Service.js";
import { UnitClient } from "./org.freedesktop.systemd1.Unit.js";
const manager = new ManagerClient(bus, MANAGER);
const lamp = { description: "Lamp", memoryMax: 64n << 20n, tasksMax: 10n, execStart: [{ path: "/bin/sleep", arguments: ["sleep", "60"] }] };
await manager.startTransientUnit("lamp.service", JobMode.Fail, unitProperties(lamp), []);
const target = { ...MANAGER, path: await manager.getUnit("lamp.service") };
const unit = new UnitClient(bus, target);
const service = new ServiceClient(bus, target);
while ((await unit.properties.activeState.get()) !== ActiveState.Active) await new Promise((resolve) => setTimeout(resolve, 20));
const access = {
  read: async (): Promise<UnitSettings> => ({
    description: await unit.properties.description.get(),
    memoryMax: await service.properties.memoryMax.get(),
    tasksMax: await service.properties.tasksMax.get(),
  }),
  write: (settings: UnitSettings) => unit.setProperties(true, unitProperties(settings)),
};
await writeBack("UnitSettings", access, ({ memoryMax = 0n }) => ({ memoryMax: memoryMax * 2n, tasksMax: 20n }));
const [entry] = await manager.listUnitsByPatterns([], ["lamp.*"]);
console.log(entry?.name, entry?.description, entry?.subState, (await service.properties.execStart.get())[0]?.arguments.join(" "));
`,
  prints: /^lamp\.service Lamp running sleep 60$/m,
  objects: [
    {
      path: "/org/freedesktop/systemd1",
      calls: ["ListUnits", "ListJobs", "ListUnitFiles"].map((method) => ({
        interface: "org.freedesktop.systemd1.Manager",
        method,
      })),
    },
    { path: "/org/freedesktop/systemd1/unit/lamp_2eservice" },
  ],
};

const PLAYERS = ["/usr/bin/playerctld", "/usr/bin/mpv", "/usr/lib/mpv-mpris/mpris.so"];

/** playerctld, which serves the properties of the player that changed last: mpv, and then the program. */
const PLAYER_ROW: Row = {
  api: "mpris",
  daemon: "playerctld",
  busName: "org.mpris.MediaPlayer2.playerctld",
  missing: whyNot(PLAYERS),
  start: () =>
    startDaemon({
      needs: PLAYERS,
      busName: "org.mpris.MediaPlayer2.playerctld",
      command: () => [
        ...[
          "sh",
          "-c",
          '"$@" & exec playerctld',
          "sh",
          "mpv",
          "--no-config",
          "--really-quiet",
          "--no-video",
          "--ao=null",
        ],
        ...["--load-scripts=no", "--script=/usr/lib/mpv-mpris/mpris.so", "--force-media-title=Silence", "--pause"],
        "av://lavfi:anullsrc=d=60",
      ],
    }),
  program: `${HEAD}import { writeBack } from "./write-back.js";
import { mock } from "dbus-codegen-ts/testing";
import { MediaPlayer2 } from "./org.mpris.MediaPlayer2.js";
import { Player, PlayerClient, PlaybackStatus, type TrackMetadata } from "./org.mpris.MediaPlayer2.Player.js";
const path = "/org/mpris/MediaPlayer2";
const { properties } = new PlayerClient(bus, { destination: "org.mpris.MediaPlayer2.playerctld", path });
const metadata = () => properties.metadata.get();
while ((await metadata().catch(() => ({}) as TrackMetadata)).xesamTitle !== "Silence") await new Promise((resolve) => setTimeout(resolve, 20));
const player = mock(Player, {}, { playbackStatus: PlaybackStatus.Paused, volume: 0.5 });
await bus.serve(path, mock(MediaPlayer2, {}, { identity: "Lamp" }).service, player.service);
const write = async (value: TrackMetadata) => {
  player.properties.metadata = value;
  await bus.requestName("org.mpris.MediaPlayer2.lamp");
};
await writeBack("TrackMetadata", { read: metadata, write }, () => ({ xesamTitle: "Rain", xesamArtist: ["Ada"] }));
const { mprisTrackid, xesamUrl } = await metadata();
console.log(mprisTrackid, xesamUrl, await properties.volume.get());
`,
  prints: /^\/\w+ av:\/\/lavfi:anullsrc=d=60 0\.5$/m,
  objects: [{ path: "/org/mpris/MediaPlayer2" }],
};

/**
 * Returns the program for a service of secrets, which creates an item in one of its collections. KeePassXC adds the
 * attributes Path and Uuid, and does not accept them.
 */
function secretsProgram(collection: string): string {
  return `${HEAD}import { writeBack } from "./write-back.js";
import { Variant } from "@dbus-codegen-ts/runtime";
import { CollectionClient, type ItemProperties } from "./org.freedesktop.Secret.Collection.js";
import { ItemClient } from "./org.freedesktop.Secret.Item.js";
import { PromptClient } from "./org.freedesktop.Secret.Prompt.js";
import { ServiceClient } from "./org.freedesktop.Secret.Service.js";
const destination = "org.freedesktop.secrets";
const secrets = new ServiceClient(bus, { destination, path: "/org/freedesktop/secrets" });
const [, session] = await secrets.openSession("plain", new Variant("s", ""));
const path = "/org/freedesktop/secrets/collection/${collection}";
while (!(await secrets.properties.collections.get()).includes(path)) await new Promise((resolve) => setTimeout(resolve, 20));
const secret = { session, parameters: new Uint8Array(), value: new TextEncoder().encode("open"), contentType: "text/plain" };
const collection = new CollectionClient(bus, { destination, path });
const [door, prompt] = await collection.createItem({ label: "Door", attributes: { door: "front" } }, secret, false);
const confirm = async (): Promise<string> => {
  const client = new PromptClient(bus, { destination, path: prompt });
  const completed = new Promise<string>((resolve) => void client.signals.completed.subscribe((_, result) => resolve(result.get("o") ?? "/")));
  await client.prompt("");
  return completed;
};
const item = new ItemClient(bus, { destination, path: prompt === "/" ? door : await confirm() });
const { label, attributes } = item.properties;
const access = {
  read: async (): Promise<ItemProperties> => ({ label: await label.get(), attributes: await attributes.get() }),
  write: async ({ label: text = "", attributes: all = {} }: ItemProperties) => {
    await label.set(text);
    await attributes.set(Object.fromEntries(Object.entries(all).filter(([key]) => key !== "Path" && key !== "Uuid")));
  },
};
await writeBack("ItemProperties", access, (before) => ({ attributes: { ...before.attributes, side: "left" } }));
const { value } = await item.getSecret(session);
console.log((await attributes.get())["door"], new TextDecoder().decode(value));
`;
}

const KEYRING = "/usr/bin/gnome-keyring-daemon";

/** The keyring of GNOME. */
const KEYRING_ROW: Row = {
  api: "secret-service",
  daemon: "gnome-keyring-daemon",
  busName: "org.freedesktop.secrets",
  missing: whyNot([KEYRING]),
  start: () =>
    startDaemon({
      needs: [KEYRING],
      busName: "org.freedesktop.secrets",
      command: () => [KEYRING, "--foreground", "--unlock", "--components=secrets"],
      input: "password",
    }),
  program: secretsProgram("login"),
  prints: /^front open$/m,
  objects: [{ path: "/org/freedesktop/secrets" }, { path: "/org/freedesktop/secrets/collection/login" }],
};

const KEEPASSXC = ["/usr/bin/keepassxc", "/usr/bin/keepassxc-cli"];

/** A database of passwords whose first group is served. */
const DATABASE = `<KeePassFile>
  <Meta><CustomData><Item>
    <Key>FDO_SECRETS_EXPOSED_GROUP</Key><Value>{00010203-0405-0607-0809-0a0b0c0d0e0f}</Value>
  </Item></CustomData></Meta>
  <Root><Group><UUID>AAECAwQFBgcICQoLDA0ODw==</UUID><Name>Test</Name></Group></Root>
</KeePassFile>
`;

const KEEPASSXC_SETTINGS = `[General]
ConfigVersion=2
[FdoSecrets]
Enabled=true
ConfirmAccessItem=false
ConfirmDeleteItem=false
ShowNotification=false
`;

async function writePasswords(_bus: Bus, home: string): Promise<void> {
  await writeFile(join(home, "database.xml"), DATABASE);
  await writeFile(join(home, "keepassxc.ini"), KEEPASSXC_SETTINGS);
}

/** KeePassXC, without a screen. */
const KEEPASSXC_ROW: Row = {
  api: "secret-service",
  daemon: "keepassxc",
  busName: "org.freedesktop.secrets",
  missing: whyNot(KEEPASSXC),
  start: () =>
    startDaemon({
      needs: KEEPASSXC,
      busName: "org.freedesktop.secrets",
      prepare: writePasswords,
      input: "password\n",
      command: () => [
        ...["sh", "-c"],
        `cd "$HOME" && printf 'password\\npassword\\n' | keepassxc-cli import -p database.xml database.kdbx &&
QT_QPA_PLATFORM=offscreen exec keepassxc --config keepassxc.ini --pw-stdin database.kdbx`,
      ],
    }),
  program: secretsProgram("database"),
  prints: /^front open$/m,
  objects: [{ path: "/org/freedesktop/secrets" }, { path: "/org/freedesktop/secrets/collection/database" }],
};

const PERMISSION_STORE = "/usr/libexec/xdg-permission-store";

/** The store of the portals, in an empty folder. */
const PERMISSION_STORE_ROW: Row = {
  api: "permission-store",
  daemon: "xdg-permission-store",
  busName: "org.freedesktop.impl.portal.PermissionStore",
  missing: whyNot([PERMISSION_STORE]),
  start: () =>
    startDaemon({
      needs: [PERMISSION_STORE],
      busName: "org.freedesktop.impl.portal.PermissionStore",
      command: () => [PERMISSION_STORE],
    }),
  program: `${HEAD}import { writeBack } from "./write-back.js";
import { Variant } from "@dbus-codegen-ts/runtime";
import { type AppPermissions, PermissionStoreClient } from "./org.freedesktop.impl.portal.PermissionStore.js";
const target = { destination: "org.freedesktop.impl.portal.PermissionStore", path: "/org/freedesktop/impl/portal/PermissionStore" };
const store = new PermissionStoreClient(bus, target);
await store.set("location", true, "location", { "org.example.Map": ["EXACT", "7"] }, new Variant("a{sv}", { used: new Variant("b", true) }));
const lookup = () => store.lookup("location", "location");
const access = {
  read: async () => (await lookup())[0],
  write: async (value: AppPermissions) => store.set("location", false, "location", value, (await lookup())[1]),
};
await writeBack("AppPermissions", access, () => ({ "org.example.Map": ["CITY", "8"], "org.example.Weather": ["CITY", "9"] }));
const [, data] = await lookup();
console.log(await store.list("location"), await store.getPermission("location", "location", "org.example.Map"), data.get("a{sv}")?.["used"]?.get("b"));
`,
  prints: /^\[ 'location' \] \[ 'CITY', '8' \] true$/m,
  objects: [
    {
      path: "/org/freedesktop/impl/portal/PermissionStore",
      calls: [
        { interface: "org.freedesktop.impl.portal.PermissionStore", method: "List", args: ["location"] },
        { interface: "org.freedesktop.impl.portal.PermissionStore", method: "Lookup", args: ["location", "location"] },
      ],
    },
  ],
};

/** Daemons of a user's session. */
export const USER_ROWS: readonly Row[] = [SYSTEMD_ROW, PLAYER_ROW, KEYRING_ROW, KEEPASSXC_ROW, PERMISSION_STORE_ROW];
