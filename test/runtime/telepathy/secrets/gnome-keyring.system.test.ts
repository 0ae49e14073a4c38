import { connect } from "@dbus-codegen-ts/runtime";
import { expect, test } from "vitest";
import { SecretService } from "../../../../runtime/telepathy/secrets/secret-service.ts";
import { startPrivateBus } from "../../../setup/private-bus.ts";
import { GnomeKeyring, MISSING_KEYRING } from "./gnome-keyring.ts";

const NAME = "gnome-keyring stores texts that libsecret reads, keeps them over a restart, and can be locked";
const ATTRIBUTES = { account: "m.p.a", revision: "1" };

test.skipIf(MISSING_KEYRING !== undefined)(
  MISSING_KEYRING === undefined ? NAME : `${NAME} (${MISSING_KEYRING})`,
  async () => {
    await using daemon = await startPrivateBus();
    await using bus = await connect({ bus: daemon.address });
    await using keyring = await GnomeKeyring.start(bus, daemon.address);
    const service = new SecretService(bus, { promptTimeoutMs: 5_000 });
    await service.store({ label: "password", attributes: ATTRIBUTES, text: "pässword" });
    expect(await keyring.tool("lookup", "revision", "1")).toBe("pässword");
    await keyring.stop();
    await expect(service.read(ATTRIBUTES, false)).rejects.toThrow("no Secret Service is running");
    await keyring.start();
    expect(await service.read(ATTRIBUTES, false)).toBe("pässword");
    await keyring.lock();
    await expect(service.read(ATTRIBUTES, false)).rejects.toThrow("the Secret Service is locked");
    await expect(service.store({ label: "", attributes: {}, text: "" })).rejects.toThrow(
      "the Secret Service is locked",
    );
    // There is no program that could show the prompt, so the prompt is dismissed.
    await expect(service.unlock()).rejects.toThrow("the user did not unlock the Secret Service");
    await keyring.stop();
    await keyring.start();
    await service.delete({ account: "m.p.a" }, ({ revision }) => revision === "1");
    expect(await service.read(ATTRIBUTES, false)).toBeUndefined();
  },
);
