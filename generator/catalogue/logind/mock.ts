import { type Bus, DBusError } from "@dbus-codegen-ts/runtime";
import {
  action,
  addition,
  type Mock,
  type MockObject,
  type MockObjects,
  type MockTemplate,
  mock,
  serveTemplate,
  type TemplateMock,
} from "dbus-codegen-ts/testing";
import { Availability, KeyAction, Manager } from "./generated/org.freedesktop.login1.Manager.ts";
import { Seat, type SeatProperties } from "./generated/org.freedesktop.login1.Seat.ts";
import {
  Session,
  SessionClass,
  type SessionProperties,
  SessionState,
  SessionType,
} from "./generated/org.freedesktop.login1.Session.ts";
import { User, type UserProperties, UserState } from "./generated/org.freedesktop.login1.User.ts";

const BUS_NAME = "org.freedesktop.login1";
const PATH = "/org/freedesktop/login1";

/** A mock of a session. */
export type SessionMock = MockObject<typeof Session>;
/** A mock of a user. */
export type UserMock = MockObject<typeof User>;
/** A mock of a seat. */
export type SeatMock = MockObject<typeof Seat>;

/**
 * A mock of logind: seats, users and sessions, which callers can activate, lock and terminate. Sleeping takes no time,
 * and a shutdown is only announced.
 */
export class LogindMock implements TemplateMock {
  readonly objects: MockObjects;
  /** The login manager. */
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
  readonly #seats = new Map<string, SeatMock>();
  readonly #users = new Map<number, UserMock>();
  readonly #sessions = new Map<string, SessionMock>();

  private constructor(objects: MockObjects) {
    this.objects = objects;
    const sleep = (): void => {
      this.manager.signals.prepareForSleep(true);
      this.manager.signals.prepareForSleep(false);
    };
    const shutDown = (): void => this.manager.signals.prepareForShutdown(true);
    const allowed = (): Availability => Availability.Yes;
    this.manager = mock(
      Manager,
      {
        listSeats: () => [...this.#seats].map(([id, { path }]) => ({ id, seat: path })),
        listUsers: () =>
          [...this.#users].map(([userId, { path, properties }]) => ({ userId, name: properties.name, user: path })),
        listSessions: () =>
          [...this.#sessions].map(([id, { path, properties }]) => {
            const { user, name, seat } = properties;
            return { id, userId: user.userId, userName: name, seatId: seat.id, session: path };
          }),
        getSeat: (id) => this.#seat(id).path,
        getUser: (uid) => this.#user(uid).path,
        getSession: (id) => this.#session(id).path,
        activateSession: (id) => this.#activate(this.#session(id)),
        activateSessionOnSeat: (id) => this.#activate(this.#session(id)),
        lockSession: (id) => this.#session(id).signals.lock(),
        unlockSession: (id) => this.#session(id).signals.unlock(),
        lockSessions: () => {
          for (const { signals } of this.#sessions.values()) signals.lock();
        },
        unlockSessions: () => {
          for (const { signals } of this.#sessions.values()) signals.unlock();
        },
        terminateSession: (id) => this.removeSession(id),
        terminateUser: (uid) => this.removeUser(uid),
        terminateSeat: (id) => this.#endAll(this.#seat(id).properties.sessions),
        setUserLinger: (uid, isLingering) => {
          this.#user(uid).properties.linger = isLingering;
        },
        suspend: sleep,
        suspendWithFlags: sleep,
        hibernate: sleep,
        hibernateWithFlags: sleep,
        hybridSleep: sleep,
        hybridSleepWithFlags: sleep,
        suspendThenHibernate: sleep,
        suspendThenHibernateWithFlags: sleep,
        powerOff: shutDown,
        powerOffWithFlags: shutDown,
        reboot: shutDown,
        rebootWithFlags: shutDown,
        halt: shutDown,
        haltWithFlags: shutDown,
        scheduleShutdown: (type, time) => {
          this.manager.properties.scheduledShutdown = { type, time };
        },
        cancelScheduledShutdown: () => {
          const wasScheduled = this.manager.properties.scheduledShutdown.type !== "";
          this.manager.properties.scheduledShutdown = { type: "", time: 0n };
          return wasScheduled;
        },
        canPowerOff: allowed,
        canReboot: allowed,
        canHalt: allowed,
        canSuspend: allowed,
        canHibernate: allowed,
        canHybridSleep: allowed,
        canSuspendThenHibernate: allowed,
        canRebootParameter: allowed,
        canRebootToFirmwareSetup: allowed,
        canRebootToBootLoaderMenu: allowed,
        canRebootToBootLoaderEntry: allowed,
      },
      {
        handlePowerKey: KeyAction.PowerOff,
        handleRebootKey: KeyAction.Reboot,
        handleSuspendKey: KeyAction.Suspend,
        handleHibernateKey: KeyAction.Hibernate,
        handleLidSwitch: KeyAction.Suspend,
        handleLidSwitchDocked: KeyAction.Ignore,
        idleAction: KeyAction.Ignore,
        inhibitDelayMaxUSec: 5_000_000n,
        onExternalPower: true,
        sessionsMax: 8192n,
      },
    );
  }

  /** Serves the mock on a bus and requests the name `org.freedesktop.login1`. */
  static serve(bus: Bus): Promise<LogindMock> {
    return serveTemplate(bus, BUS_NAME, LogindMock.create);
  }

  /** Serves the login manager without seats, users and sessions. */
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
        activateSession: (session) => this.#activate(this.#session(session)),
      },
      { id, canTTY: true, canGraphical: true, activeSession: NO_REFERENCE, ...properties },
    );
    const added = await this.objects.add(path, seat);
    this.#seats.set(id, added);
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
    this.#users.set(uid, added);
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
    const user = this.#users.get(uid) ?? (await this.addUser(uid, name));
    const seat = seatId === undefined ? undefined : (this.#seats.get(seatId) ?? (await this.addSeat(seatId)));
    const path = `${PATH}/session/${escapeElement(id)}`;
    const session: Mock<typeof Session> = mock(
      Session,
      {
        terminate: () => this.removeSession(id),
        activate: () => this.#activate(this.#session(id)),
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
    this.#sessions.set(id, added);
    user.properties.sessions = [...user.properties.sessions, { id, session: path }];
    if (seat !== undefined) seat.properties.sessions = [...seat.properties.sessions, { id, session: path }];
    this.#activate(added);
    this.manager.properties.nCurrentSessions = BigInt(this.#sessions.size);
    this.manager.signals.sessionNew(id, path);
    return added;
  }

  /** Ends a session. Throws NoSuchSession of logind if there is no such session. */
  async removeSession(id: string): Promise<void> {
    const session = this.#session(id);
    this.#sessions.delete(id);
    const isOther = (reference: { readonly id: string }): boolean => reference.id !== id;
    const { user, seat } = session.properties;
    const userMock = this.#users.get(user.userId);
    if (userMock !== undefined) {
      const { properties } = userMock;
      properties.sessions = properties.sessions.filter(isOther);
      if (properties.display.id === id) properties.display = NO_REFERENCE;
      if (properties.sessions.length === 0) properties.state = UserState.Lingering;
    }
    const seatProperties = this.#seats.get(seat.id)?.properties;
    if (seatProperties !== undefined) {
      seatProperties.sessions = seatProperties.sessions.filter(isOther);
      if (seatProperties.activeSession.id === id) seatProperties.activeSession = NO_REFERENCE;
    }
    this.manager.properties.nCurrentSessions = BigInt(this.#sessions.size);
    await session.remove();
    this.manager.signals.sessionRemoved(id, session.path);
  }

  /** Removes a user and its sessions. Throws NoSuchUser of logind if there is no such user. */
  async removeUser(uid: number): Promise<void> {
    const user = this.#user(uid);
    await this.#endAll(user.properties.sessions);
    this.#users.delete(uid);
    await user.remove();
    this.manager.signals.userRemoved(uid, user.path);
  }

  /** Removes a seat and its sessions. Throws NoSuchSeat of logind if there is no such seat. */
  async removeSeat(id: string): Promise<void> {
    const seat = this.#seat(id);
    await this.#endAll(seat.properties.sessions);
    this.#seats.delete(id);
    await seat.remove();
    this.manager.signals.seatRemoved(id, seat.path);
  }

  async #endAll(sessions: readonly { readonly id: string }[]): Promise<void> {
    for (const { id } of sessions) await this.removeSession(id);
  }

  /** Brings a session to the foreground. The session that was there goes to the background. */
  #activate({ path, properties }: SessionMock): void {
    const seat = this.#seats.get(properties.seat.id);
    const previous = this.#sessions.get(seat?.properties.activeSession.id ?? "");
    if (previous !== undefined) Object.assign(previous.properties, { active: false, state: SessionState.Online });
    if (seat !== undefined) seat.properties.activeSession = { id: properties.id, session: path };
    Object.assign(properties, { active: true, state: SessionState.Active });
    const user = this.#users.get(properties.user.userId)?.properties;
    if (user !== undefined)
      Object.assign(user, { state: UserState.Active, display: { id: properties.id, session: path } });
  }

  #seat(id: string): SeatMock {
    return this.#seats.get(id) ?? unknown("Seat", `No seat '${id}' known`);
  }

  #user(uid: number): UserMock {
    return this.#users.get(uid) ?? unknown("User", `User ID ${uid} is not logged in or lingering`);
  }

  #session(id: string): SessionMock {
    return this.#sessions.get(id) ?? unknown("Session", `No session '${id}' known`);
  }
}

const NO_REFERENCE = { id: "", session: "/" };

function unknown(kind: string, message: string): never {
  throw new DBusError(`org.freedesktop.login1.NoSuch${kind}`, message);
}

/** Returns the time of a login. */
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

/** The template of the command line. */
export const template: MockTemplate = { busName: BUS_NAME, serve: LogindMock.create };
