// Runs the templates of mocks with the services' own client programs: npm run peers -- mock-templates [part of a name]
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cli } from "../generator/support.ts";

/** A client program, and what it must print with a template. */
interface Row {
  readonly template: string;
  readonly program: string;
  readonly setup: readonly string[];
  /** Command lines, each with a pattern that a line of its output must begin with. */
  readonly steps: readonly (readonly [command: string, prints: RegExp])[];
  /** Command line that runs a script. */
  readonly shell?: string;
}

const ROWS: readonly Row[] = [
  {
    template: "networkmanager",
    program: "/usr/bin/nmcli",
    setup: ["addWiredDevice eth0", "addWifiDevice wlan0", "addWifiAccessPoint wlan0 home { Strength: 70 }"],
    steps: [
      ["nmcli general", /^disconnected +none +enabled/m],
      ["nmcli device", /^wlan0 +wifi +disconnected/m],
      ["nmcli -f SSID,SIGNAL,SECURITY,ACTIVE device wifi list", /^home +70 +WPA2 +no/m],
      ["nmcli device wifi connect home password secret123", /Device 'wlan0' successfully activated/],
      ["nmcli device", /^wlan0 +wifi +connected +home/m],
      ["nmcli connection show home", /^GENERAL.STATE: +activated/m],
      ["nmcli --show-secrets connection show home", /psk: +secret123/],
      ["nmcli -f SSID,ACTIVE device wifi list", /^home +yes/m],
      ["nmcli connection add type ethernet con-name office ifname eth0", /'office' .* successfully added/],
      ["nmcli connection up office", /successfully activated/],
      ["nmcli connection modify office ipv4.method manual ipv4.addresses 192.0.2.77/24", /^$/],
      ["nmcli -g ipv4.addresses connection show office", /^192\.0\.2\.77\/24$/m],
      ["nmcli connection down home", /successfully deactivated/],
      ["nmcli radio wifi off && nmcli device", /^wlan0 +wifi +unavailable/m],
      ["nmcli radio wifi on && nmcli connection delete home", /successfully deleted/],
      ["nmcli networking off && nmcli general", /^asleep/m],
    ],
  },
  {
    template: "bluez",
    program: "/usr/bin/bluetoothctl",
    setup: [
      "addAdapter hci0 { Alias: laptop }",
      "addDevice hci0 00:11:22:33:44:55 { Alias: Heart rate, RSSI: -60 }",
      "addBattery 00:11:22:33:44:55 { Percentage: 70 }",
    ],
    steps: [
      ["bluetoothctl list", /^Controller 00:AA:01:00:00:00 laptop \[default\]/m],
      ["bluetoothctl devices", /^Device 00:11:22:33:44:55 Heart rate/m],
      ["bluetoothctl info 00:11:22:33:44:55", /Battery Percentage: 0x46 \(70\)/],
      ["bluetoothctl pair 00:11:22:33:44:55", /Pairing successful/],
      ["bluetoothctl disconnect 00:11:22:33:44:55", /Successful disconnected/],
      ["bluetoothctl connect 00:11:22:33:44:55", /Connection successful/],
      ["bluetoothctl --timeout 1 scan on", /Discovery started/],
      ["bluetoothctl power off && bluetoothctl show", /Powered: no/],
      ["bluetoothctl remove 00:11:22:33:44:55", /Device has been removed/],
    ],
  },
  {
    template: "upower",
    program: "/usr/bin/upower",
    setup: ["addBattery BAT0 { Percentage: 20 }", "addMains AC { Online: false }", "addDevice mouse hid0"],
    steps: [
      ["upower --enumerate", /^\/org\/freedesktop\/UPower\/devices\/battery_BAT0$/m],
      ["upower --show-info /org/freedesktop/UPower/devices/battery_BAT0", /percentage: +20%$/m],
      ["upower --show-info /org/freedesktop/UPower/devices/battery_BAT0", /state: +discharging/],
      ["upower --show-info /org/freedesktop/UPower/devices/mouse_hid0", /^ {2}mouse$/m],
      ["upower --dump", /on-battery: +yes/],
    ],
  },
  {
    template: "logind",
    program: "/usr/bin/loginctl",
    setup: ["addSession c1 1000 alice seat0", "addSession c2 1001 bob seat0 { Type: x11 }"],
    // loginctl runs only on a machine that systemd has started.
    shell:
      'unshare --map-root-user --mount sh -c "mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system && sh script"',
    steps: [
      ["loginctl --no-pager list-sessions", /^ +c1 +1000 +alice +seat0/m],
      ["loginctl --no-pager list-users", /^1001 +bob +no/m],
      ["loginctl --no-pager list-seats", /^seat0$/m],
      ["loginctl show-session c2", /^Type=x11$/m],
      ["loginctl show-seat seat0", /^ActiveSession=c2$/m],
      ["loginctl activate c1 && loginctl show-seat seat0", /^ActiveSession=c1$/m],
      ["loginctl lock-session c1", /^$/],
      ["loginctl enable-linger 1000 && loginctl --no-pager list-users", /^1000 +alice +yes/m],
      ["loginctl terminate-session c1 && loginctl --no-pager list-sessions", /^1 sessions listed/m],
    ],
  },
];

const END = "--- end of step ---";
const [part = ""] = process.argv.slice(2);
for (const row of ROWS.filter(({ template }) => template.includes(part))) {
  const label = `${row.template} with ${row.program.replace("/usr/bin/", "")}`.padEnd(32);
  if (!existsSync(row.program)) {
    console.log(`skipped  ${label}not installed: ${row.program}`);
    continue;
  }
  const failures = await failuresOf(row);
  console.log(failures.length === 0 ? `passed   ${label}${row.steps.length} steps` : `failed   ${label}`);
  for (const failure of failures) console.log(failure);
  if (failures.length > 0) process.exitCode = 1;
}

/** Runs the steps of a row. Returns a text for each step that did not print what it must. */
async function failuresOf({ template, setup, steps, shell = "sh script" }: Row): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), "mock-template-"));
  const script = steps.map(([command]) => `{ ${command}; } 2>&1\necho '${END}'\n`).join("");
  await writeFile(join(folder, "script"), `export LC_ALL=C\n${script}`);
  const flags = setup.flatMap((command) => ["--setup", command]);
  const { err } = await cli(folder, "mock", "--template", template, ...flags, "--run", `${shell} > output`);
  const outputs = (await readFile(join(folder, "output"), "utf8")).split(`${END}\n`);
  await rm(folder, { recursive: true });
  return steps.flatMap(([command, prints], index) => {
    const output = outputs[index] ?? err;
    return prints.test(output) ? [] : [`  ${command} prints instead of ${prints}:\n${output}`];
  });
}
