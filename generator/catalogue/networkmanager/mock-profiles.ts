import { randomUUID } from "node:crypto";
import { DBusError } from "@dbus-codegen-ts/runtime";
import { type Handlers, type Mock, type MockObject, type MockObjects, mock } from "dbus-codegen-ts/testing";
import { Connection } from "./generated/org.freedesktop.NetworkManager.Settings.Connection.ts";
import { Settings } from "./generated/org.freedesktop.NetworkManager.Settings.ts";

const PATH = "/org/freedesktop/NetworkManager/Settings";

/**
 * Settings of a profile as the method AddConnection accepts them. Every generated `ConnectionProfile` can be assigned
 * to it.
 */
export type ProfileSettings = Parameters<NonNullable<Handlers<typeof Settings>["addConnection"]>>[0];

/** A profile of a mock. */
export interface ProfileMock extends MockObject<typeof Connection> {
  /** The settings, including the secrets. */
  settings: ProfileSettings;
  readonly uuid: string;
}

/** The profiles of a mock of NetworkManager. */
export class Profiles {
  /** The object that lists the profiles. */
  readonly settings: Mock<typeof Settings>;
  readonly #objects: MockObjects;
  readonly #profiles = new Map<string, ProfileMock>();
  readonly #onChange: () => void;
  #count = 0;

  /** @param onChange - Called when a profile was added, changed or removed. */
  constructor(objects: MockObjects, onChange: () => void) {
    this.#objects = objects;
    this.#onChange = onChange;
    const add = async (settings: ProfileSettings): Promise<string> => (await this.add(settings)).path;
    this.settings = mock(
      Settings,
      {
        listConnections: () => [...this.#profiles.keys()],
        getConnectionByUuid: (uuid) => this.#withUuid(uuid).path,
        addConnection: add,
        addConnectionUnsaved: add,
        addConnection2: async (settings) => [await add(settings), {}],
        reloadConnections: () => true,
        loadConnections: () => [true, []],
        saveHostname: (hostname) => {
          this.settings.properties.hostname = hostname;
        },
      },
      { canModify: true, hostname: "mock" },
    );
  }

  /** Serves the object that lists the profiles. */
  async serve(): Promise<void> {
    await this.#objects.add(PATH, this.settings);
  }

  get all(): readonly ProfileMock[] {
    return [...this.#profiles.values()];
  }

  at(path: string): ProfileMock | undefined {
    return this.#profiles.get(path);
  }

  /** Adds a profile. A profile without a UUID gets one. */
  async add(given: ProfileSettings): Promise<ProfileMock> {
    const { connection = {} } = given;
    const { uuid = randomUUID(), id = "", type = "" } = connection;
    if (id === "" || type === "") throw invalid("connection.id and connection.type are required");
    if (this.all.some((profile) => profile.uuid === uuid)) throw invalid(`there is a profile with the UUID ${uuid}`);
    const path = `${PATH}/${++this.#count}`;
    const change = (settings: ProfileSettings): void => {
      profile.settings = { ...settings, connection: { ...settings.connection, uuid } };
      profile.signals.updated();
      this.#onChange();
    };
    const object = await this.#objects.add(
      path,
      mock(
        Connection,
        {
          getSettings: () => withoutSecrets(profile.settings),
          getSecrets: (name) => secretsOf(profile.settings, name),
          clearSecrets: () => change(withoutSecrets(profile.settings)),
          update: change,
          updateUnsaved: change,
          update2: (settings) => {
            change(Object.keys(settings).length === 0 ? profile.settings : settings);
            return {};
          },
          delete: () => this.remove(path),
        },
        { filename: `/etc/NetworkManager/system-connections/${id}.nmconnection` },
      ),
    );
    const settings: ProfileSettings = { ...given, connection: { ...connection, uuid } };
    const profile: ProfileMock = { ...object, settings, uuid };
    this.#profiles.set(path, profile);
    this.#list();
    this.settings.signals.newConnection(path);
    return profile;
  }

  /** Removes a profile. */
  async remove(path: string): Promise<void> {
    const profile = this.#profiles.get(path);
    if (profile === undefined) throw invalid(`there is no profile ${path}`);
    this.#profiles.delete(path);
    this.#list();
    profile.signals.removed();
    await profile.remove();
    this.settings.signals.connectionRemoved(path);
  }

  #list(): void {
    this.settings.properties.connections = [...this.#profiles.keys()];
    this.#onChange();
  }

  #withUuid(uuid: string): ProfileMock {
    const found = this.all.find((profile) => profile.uuid === uuid);
    if (found !== undefined) return found;
    throw new DBusError(
      "org.freedesktop.NetworkManager.Settings.InvalidConnection",
      `no profile has the UUID ${JSON.stringify(uuid)}`,
    );
  }
}

function invalid(message: string): DBusError {
  return new DBusError("org.freedesktop.NetworkManager.Settings.Connection.InvalidProperty", message);
}

function withoutSecrets(settings: ProfileSettings): ProfileSettings {
  const { wirelessSecurity: security } = settings;
  if (security === undefined) return settings;
  const { psk: _, wepKey0: __, leapPassword: ___, ...visible } = security;
  return { ...settings, wirelessSecurity: visible };
}

function secretsOf({ wirelessSecurity: security }: ProfileSettings, name: string): ProfileSettings {
  const { psk } = security ?? {};
  return name === "802-11-wireless-security" && psk !== undefined ? { wirelessSecurity: { psk } } : {};
}
