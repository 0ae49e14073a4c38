import type { Bus } from "@dbus-codegen-ts/runtime";
import {
  action,
  addition,
  type Mock,
  type MockObjects,
  type MockTemplate,
  mock,
  serveTemplate,
  type TemplateMock,
} from "dbus-codegen-ts/testing";
import type { Manager } from "./generated/org.freedesktop.login1.Manager.ts";
import { Seat, type SeatProperties } from "./generated/org.freedesktop.login1.Seat.ts";
import {
  Session,
  SessionClass,
  type SessionProperties,
  SessionState,
  SessionType,
} from "./generated/org.freedesktop.login1.Session.ts";
import { User, type UserProperties, UserState } from "./generated/org.freedesktop.login1.User.ts";
import { Logins, loginManager, type SeatMock, type SessionMock, type UserMock } from "./mock-login-manager.ts";

const BUS_NAME = "org.freedesktop.login1";
const PATH = "/org/freedesktop/login1";

export type { SeatMock, SessionMock, UserMock };

/**
 * A mock of logind: seats, users and sessions, which callers can activate, lock and terminate. Sleeping takes no time;
 * a shutdown emits its signal and has no other effect.
 */
export class LogindMock implements TemplateMock {
  readonly objects: MockObjects;
  /** Mock of the login manager's interface. */
  readonly manager: Mock<typeof Manager>;
  readonly commands = {
    addSeat: addition(["id"], Seat, ([id], properties: Partial<SeatProperties>) => this.addSeat(id, properties)),
    addUser: addition(["uid", "name"], User, ([uid, name], properties: Partial<UserProperties>) =>
      this.addUser(uidOf(uid), name, properties),
    ),
    addSession: addition(
      ["id", "uid", "name", "seat"],
      Session,
      ([id, uid, name, seat], properties: Partial<SessionProperties>) =>
        this.addSession(id, { uid: uidOf(uid), name, ...(seat !== "-" && { seat }) }, properties),
    ),
    removeSession: action(["id"], ([id]) => this.removeSession(id)),
    removeUser: action(["uid"], ([uid]) => this.removeUser(uidOf(uid))),
    removeSeat: action(["id"], ([id]) => this.removeSeat(id)),
  };
  readonly #logins = new Logins();

  private constructor(objects: MockObjects) {
    this.objects = objects;
    this.manager = loginManager(this.#logins, {
      activate: (session) => this.#activate(session),
      endAll: (sessions) => this.#endAll(sessions),
      removeSession: (id) => this.removeSession(id),
      removeUser: (uid) => this.removeUser(uid),
    });
  }

  /** Serves the mock on a bus and requests the name `org.freedesktop.login1`. */
  static serve(bus: Bus): Promise<LogindMock> {
    return serveTemplate(bus, BUS_NAME, LogindMock.create);
  }

  /** Serves a login manager without seats, users and sessions. */
  static async create(objects: MockObjects): Promise<LogindMock> {
    const logind = new LogindMock(objects);
    await objects.add(PATH, logind.manager);
    return logind;
  }

  /** Adds a seat: `addSeat("seat0")`. */
  async addSeat(id: string, properties: Partial<SeatProperties> = {}): Promise<SeatMock> {
    const path = `${PATH}/seat/${escapeElement(id)}`;
    const seat: Mock<typeof Seat> = mock(
      Seat,
      {
        terminate: () => this.#endAll(seat.properties.sessions),
        activateSession: (session) => this.#activate(this.#logins.session(session)),
      },
      { id, canTTY: true, canGraphical: true, activeSession: NO_REFERENCE, ...properties },
    );
    const added = await this.objects.add(path, seat);
    this.#logins.seats.set(id, added);
    this.manager.signals.seatNew(id, path);
    return added;
  }

  /** Adds a user without sessions: `addUser(1000, "alice")`. */
  async addUser(uid: number, name: string, properties: Partial<UserProperties> = {}): Promise<UserMock> {
    const path = `${PATH}/user/${escapeElement(String(uid))}`;
    const user = mock(
      User,
      { terminate: () => this.removeUser(uid) },
      {
        uid,
        gid: uid,
        name,
        state: UserState.Lingering,
        display: NO_REFERENCE,
        runtimePath: `/run/user/${uid}`,
        slice: `user-${uid}.slice`,
        service: `user@${uid}.service`,
        ...now(),
        ...properties,
      },
    );
    const added = await this.objects.add(path, user);
    this.#logins.users.set(uid, added);
    this.manager.signals.userNew(uid, path);
    return added;
  }

  /**
   * Adds a session and brings it to the foreground: `addSession("c1", { uid: 1000, name: "alice", seat: "seat0" })`. The
   * user and the seat are added if they do not exist. A session without a seat is on another machine.
   */
  async addSession(
    id: string,
    { uid, name, seat: seatId }: { readonly uid: number; readonly name: string; readonly seat?: string },
    properties: Partial<SessionProperties> = {},
  ): Promise<SessionMock> {
    const user = this.#logins.users.get(uid) ?? (await this.addUser(uid, name));
    const seat = seatId === undefined ? undefined : (this.#logins.seats.get(seatId) ?? (await this.addSeat(seatId)));
    const path = `${PATH}/session/${escapeElement(id)}`;
    const session: Mock<typeof Session> = mock(
      Session,
      {
        terminate: () => this.removeSession(id),
        activate: () => this.#activate(this.#logins.session(id)),
        lock: () => session.signals.lock(),
        unlock: () => session.signals.unlock(),
        setIdleHint: (isIdle) => {
          session.properties.idleHint = isIdle;
        },
        setLockedHint: (isLocked) => {
          session.properties.lockedHint = isLocked;
        },
        setType: (type) => {
          session.properties.type = type;
        },
        setDisplay: (display) => {
          session.properties.display = display;
        },
      },
      {
        id,
        name,
        user: { userId: uid, user: user.path },
        seat: seat === undefined ? { id: "", seat: "/" } : { id: seat.properties.id, seat: seat.path },
        remote: seat === undefined,
        type: seat === undefined ? SessionType.TTY : SessionType.Wayland,
        class: SessionClass.User,
        state: SessionState.Online,
        scope: `session-${id}.scope`,
        ...now(),
        ...properties,
      },
    );
    const added = await this.objects.add(path, session);
    this.#logins.sessions.set(id, added);
    user.properties.sessions = [...user.properties.sessions, { id, session: path }];
    if (seat !== undefined) seat.properties.sessions = [...seat.properties.sessions, { id, session: path }];
    this.#activate(added);
    this.manager.properties.nCurrentSessions = BigInt(this.#logins.sessions.size);
    this.manager.signals.sessionNew(id, path);
    return added;
  }

  /** Ends a session. Throws NoSuchSessionError if there is no such session. */
  async removeSession(id: string): Promise<void> {
    const session = this.#logins.session(id);
    this.#logins.sessions.delete(id);
    const isOther = (reference: { readonly id: string }): boolean => reference.id !== id;
    const { user, seat } = session.properties;
    const userMock = this.#logins.users.get(user.userId);
    if (userMock !== undefined) {
      const { properties } = userMock;
      properties.sessions = properties.sessions.filter(isOther);
      if (properties.display.id === id) properties.display = NO_REFERENCE;
      if (properties.sessions.length === 0) properties.state = UserState.Lingering;
    }
    const seatProperties = this.#logins.seats.get(seat.id)?.properties;
    if (seatProperties !== undefined) {
      seatProperties.sessions = seatProperties.sessions.filter(isOther);
      if (seatProperties.activeSession.id === id) seatProperties.activeSession = NO_REFERENCE;
    }
    this.manager.properties.nCurrentSessions = BigInt(this.#logins.sessions.size);
    await session.remove();
    this.manager.signals.sessionRemoved(id, session.path);
  }

  /** Removes a user and its sessions. Throws NoSuchUserError if there is no such user. */
  async removeUser(uid: number): Promise<void> {
    const user = this.#logins.user(uid);
    await this.#endAll(user.properties.sessions);
    this.#logins.users.delete(uid);
    await user.remove();
    this.manager.signals.userRemoved(uid, user.path);
  }

  /** Removes a seat and its sessions. Throws NoSuchSeatError if there is no such seat. */
  async removeSeat(id: string): Promise<void> {
    const seat = this.#logins.seat(id);
    await this.#endAll(seat.properties.sessions);
    this.#logins.seats.delete(id);
    await seat.remove();
    this.manager.signals.seatRemoved(id, seat.path);
  }

  async #endAll(sessions: readonly { readonly id: string }[]): Promise<void> {
    for (const { id } of sessions) await this.removeSession(id);
  }

  /** Brings a session to the foreground of its seat. The session that was in the foreground goes to the background. */
  #activate({ path, properties }: SessionMock): void {
    const seat = this.#logins.seats.get(properties.seat.id);
    const previous = this.#logins.sessions.get(seat?.properties.activeSession.id ?? "");
    if (previous !== undefined) Object.assign(previous.properties, { active: false, state: SessionState.Online });
    if (seat !== undefined) seat.properties.activeSession = { id: properties.id, session: path };
    Object.assign(properties, { active: true, state: SessionState.Active });
    const user = this.#logins.users.get(properties.user.userId)?.properties;
    if (user !== undefined)
      Object.assign(user, { state: UserState.Active, display: { id: properties.id, session: path } });
  }
}

const NO_REFERENCE = { id: "", session: "/" };

/** Returns the present time, in the form of the properties of a login. */
function now(): { readonly timestamp: bigint; readonly timestampMonotonic: bigint } {
  return { timestamp: BigInt(Date.now()) * 1000n, timestampMonotonic: process.hrtime.bigint() / 1000n };
}

/** Escapes an ID for an object path as systemd does. */
function escapeElement(id: string): string {
  const escaped = (character: string): string => `_${(character.codePointAt(0) ?? 0).toString(16)}`;
  return id.replaceAll(/^[0-9]|[^A-Za-z0-9]/g, escaped);
}

function uidOf(text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`"${text}" is not a user ID`);
  return Number(text);
}

/** The template that `dbus-codegen mock` uses for logind. */
export const template: MockTemplate = { busName: BUS_NAME, serve: LogindMock.create };
