import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Bus, DBusError, Variant } from "@dbus-codegen-ts/runtime";
import { AccessService } from "./generated/org.freedesktop.impl.portal.Access.ts";
import { AccountService } from "./generated/org.freedesktop.impl.portal.Account.ts";
import { FileChooserService } from "./generated/org.freedesktop.impl.portal.FileChooser.ts";
import { GlobalShortcutsService } from "./generated/org.freedesktop.impl.portal.GlobalShortcuts.ts";
import { RequestService } from "./generated/org.freedesktop.impl.portal.Request.ts";
import { SessionService } from "./generated/org.freedesktop.impl.portal.Session.ts";
import { SettingsService } from "./generated/org.freedesktop.impl.portal.Settings.ts";

const NAME = "org.freedesktop.impl.portal.desktop.test";
const PATH = "/org/freedesktop/portal/desktop";
const APPEARANCE = "org.freedesktop.appearance";
const SUCCESS = 0;
const CANCELLED = 1;

type Dictionary = Readonly<Record<string, Variant>>;
type Answer = [response: number, results: Dictionary];

/** Serves the settings of a dark desktop. */
class Settings extends SettingsService {
  readonly #appearance: Dictionary = {
    "color-scheme": new Variant("u", 1),
    "accent-color": new Variant("(ddd)", [0.5, 0, 1]),
    contrast: new Variant("u", 0),
  };

  override readAll(namespaces: readonly string[]): Readonly<Record<string, Dictionary>> {
    const isAll = namespaces.length === 0 || namespaces.includes("");
    return isAll || namespaces.includes(APPEARANCE) ? { [APPEARANCE]: this.#appearance } : {};
  }

  override read(namespace: string, key: string): Variant {
    const value = namespace === APPEARANCE ? this.#appearance[key] : undefined;
    if (value === undefined) throw new DBusError("org.freedesktop.portal.Error.NotFound", "no such setting");
    return value;
  }
}

/**
 * Backend of the account portal. The returned name contains the number of requests and sessions that the portal has
 * closed.
 */
class Account extends AccountService {
  closed = 0;

  override getUserInformation(_handle: string, _app: string, _window: string, { reason }: Dictionary): Answer {
    const name = `Ada, ${this.closed} closed, ${reason?.get("s")}`;
    return [SUCCESS, { id: new Variant("s", "ada"), name: new Variant("s", name), image: new Variant("s", "") }];
  }
}

/** Backend that decides about access to devices: the user allows the microphone and refuses others. */
class Access extends AccessService {
  override accessDialog(
    ...[, , , , , , { icon }]: [string, string, string, string, string, string, Dictionary, ...unknown[]]
  ): Answer {
    return [icon?.get("s") === "audio-input-microphone-symbolic" ? SUCCESS : CANCELLED, {}];
  }
}

class Session extends SessionService {
  readonly #onClose: () => void;

  constructor(onClose: () => void) {
    super({ version: 1 });
    this.#onClose = onClose;
  }

  override close(): void {
    this.#onClose();
  }
}

class Request extends RequestService {
  readonly #onClose: () => void;

  constructor(onClose: () => void) {
    super();
    this.#onClose = onClose;
  }

  override close(): void {
    this.#onClose();
  }
}

/**
 * Backend of the file chooser: opens a file, does not save, and waits for the end of a request to save several files.
 */
class FileChooser extends FileChooserService {
  readonly #bus: Bus;
  readonly #onClose: () => void;

  constructor(bus: Bus, onClose: () => void) {
    super();
    this.#bus = bus;
    this.#onClose = onClose;
  }

  override openFile(
    _handle: string,
    _app: string,
    _parent: string,
    title: string,
    { multiple, choices, current_filter: filter }: Dictionary,
  ): Answer {
    const names = multiple?.get("b") === true ? ["a", "b"] : ["a"];
    const selected = (choices?.get("a(ssa(ss)s)") ?? []).map(([id, , , item]) => [id, item] as const);
    return [
      SUCCESS,
      {
        uris: new Variant(
          "as",
          names.map((name) => `file:///tmp/${title}-${name}`),
        ),
        choices: new Variant("a(ss)", selected),
        ...(filter !== undefined && { current_filter: filter }),
        writable: new Variant("b", true),
      },
    ];
  }

  override saveFile(): Answer {
    return [CANCELLED, {}];
  }

  override async saveFiles(handle: string): Promise<Answer> {
    await new Promise<void>((resolve) => {
      void this.#bus.serve(handle, new Request(resolve));
    });
    this.#onClose();
    return [CANCELLED, {}];
  }
}

/** Backend of the shortcuts: binds each to Ctrl+A. */
class GlobalShortcuts extends GlobalShortcutsService {
  readonly #bus: Bus;
  readonly #onClose: () => void;

  constructor(bus: Bus, onClose: () => void) {
    super({ version: 1 });
    this.#bus = bus;
    this.#onClose = onClose;
  }

  override async createSession(_handle: string, session: string): Promise<Answer> {
    await this.#bus.serve(session, new Session(this.#onClose));
    return [SUCCESS, {}];
  }

  override bindShortcuts(
    _handle: string,
    session: string,
    shortcuts: readonly (readonly [string, Dictionary])[],
  ): Answer {
    const bound = shortcuts.map(([id, { description }]): readonly [string, Dictionary] => [
      id,
      { ...(description && { description }), trigger_description: new Variant("s", "Ctrl+A") },
    ]);
    setTimeout(() => this.signals.activated(session, shortcuts[0]?.[0] ?? "", 7n, {}), 100);
    return [SUCCESS, { shortcuts: new Variant("a(sa{sv})", bound) }];
  }

  override listShortcuts(): Answer {
    return [SUCCESS, { shortcuts: new Variant("a(sa{sv})", []) }];
  }

  override configureShortcuts(): void {}
}

/** Serves a backend of the portals and writes the file with which xdg-desktop-portal finds it. */
export async function servePortalBackend(bus: Bus, folder: string): Promise<void> {
  const account = new Account();
  const onClose = (): void => {
    account.closed += 1;
  };
  const services = [new FileChooser(bus, onClose), new GlobalShortcuts(bus, onClose)];
  await bus.serve(PATH, new Settings({ version: 1 }), new Access(), account, ...services);
  await bus.requestName(NAME);
  const interfaces = ["Access", "Settings", "Account", "FileChooser", "GlobalShortcuts"]
    .map((name) => `org.freedesktop.impl.portal.${name}`)
    .join(";");
  const lines = ["[portal]", `DBusName=${NAME}`, `Interfaces=${interfaces}`, "UseIn=test"];
  await writeFile(join(folder, "test.portal"), `${lines.join("\n")}\n`);
}
