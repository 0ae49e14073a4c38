import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { installedServices } from "../../../../generator/tools/add/installed-services.ts";

const FILES = {
  "share/dbus-1/services/a.service": "[D-BUS Service]\nName=org.example.Lamp1\nExec=/bin/false\n",
  "share/dbus-1/system-services/b.service": "[D-BUS Service]\r\nName=org.example.Door1 \r\n",
  "share/dbus-1/services/twice.service": "Name=org.example.Door1\n",
  "share/dbus-1/services/not-a-name.service": "Name=\u001b[31m\n",
  "share/dbus-1/services/no-name.service": "[D-BUS Service]\n",
  "share/dbus-1/services/other.txt": "Name=org.example.Other1\n",
  "share/dbus-1/interfaces/c.service": "Name=org.example.Other2\n",
};

test("the names of service files are returned; other files, links to devices and invalid names are ignored", async () => {
  const root = await mkdtemp(join(tmpdir(), "services-"));
  try {
    for (const [path, text] of Object.entries(FILES)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
    await symlink("/dev/zero", join(root, "share/dbus-1/services/device.service"));
    const names = await installedServices([join(root, "share"), join(root, "absent")]);
    expect(names).toEqual(["org.example.Door1", "org.example.Lamp1"]);
  } finally {
    await rm(root, { recursive: true });
  }
});
