import type { Mock, MockObject } from "dbus-codegen-ts/testing";
import { mock } from "dbus-codegen-ts/testing";
import { Availability, KeyAction, Manager } from "./generated/org.freedesktop.login1.Manager.ts";
import type { Seat } from "./generated/org.freedesktop.login1.Seat.ts";
import type { Session } from "./generated/org.freedesktop.login1.Session.ts";
import { NoSuchSeatError, NoSuchSessionError, NoSuchUserError } from "./generated/org.freedesktop.login1.ts";
import type { User } from "./generated/org.freedesktop.login1.User.ts";

/** A mock of a session. */
export type SessionMock = MockObject<typeof Session>;
/** A mock of a user. */
export type UserMock = MockObject<typeof User>;
/** A mock of a seat. */
export type SeatMock = MockObject<typeof Seat>;

/** The seats, users and sessions of a mock of logind. */
export class Logins {
  readonly seats = new Map<string, SeatMock>();
  readonly users = new Map<number, UserMock>();
  readonly sessions = new Map<string, SessionMock>();

  /** Returns the seat with an ID. Throws NoSuchSeatError if it does not exist. */
  seat(id: string): SeatMock {
    const found = this.seats.get(id);
    if (found === undefined) throw new NoSuchSeatError(`there is no seat "${id}"`);
    return found;
  }

  /** Returns the user with a user ID. Throws NoSuchUserError if it does not exist. */
  user(uid: number): UserMock {
    const found = this.users.get(uid);
    if (found === undefined) throw new NoSuchUserError(`the user ${uid} is not logged in`);
    return found;
  }

  /** Returns the session with an ID. Throws NoSuchSessionError if it does not exist. */
  session(id: string): SessionMock {
    const found = this.sessions.get(id);
    if (found === undefined) throw new NoSuchSessionError(`there is no session "${id}"`);
    return found;
  }
}

/** Changes of seats, users and sessions that callers of the login manager can cause. */
export interface LoginActions {
  activate(session: SessionMock): void;
  endAll(sessions: readonly { readonly id: string }[]): Promise<void>;
  removeSession(id: string): Promise<void>;
  removeUser(uid: number): Promise<void>;
}

/** Returns a mock of the login manager. Sleeping takes no time; a shutdown emits its signal and has no other effect. */
export function loginManager(logins: Logins, actions: LoginActions): Mock<typeof Manager> {
  const sleep = (): void => {
    manager.signals.prepareForSleep(true);
    manager.signals.prepareForSleep(false);
  };
  const shutDown = (): void => manager.signals.prepareForShutdown(true);
  const allowed = (): Availability => Availability.Yes;
  const manager: Mock<typeof Manager> = mock(
    Manager,
    {
      listSeats: () => [...logins.seats].map(([id, { path }]) => ({ id, seat: path })),
      listUsers: () =>
        [...logins.users].map(([userId, { path, properties }]) => ({ userId, name: properties.name, user: path })),
      listSessions: () =>
        [...logins.sessions].map(([id, { path, properties }]) => {
          const { user, name, seat } = properties;
          return { id, userId: user.userId, userName: name, seatId: seat.id, session: path };
        }),
      getSeat: (id) => logins.seat(id).path,
      getUser: (uid) => logins.user(uid).path,
      getSession: (id) => logins.session(id).path,
      activateSession: (id) => actions.activate(logins.session(id)),
      activateSessionOnSeat: (id) => actions.activate(logins.session(id)),
      lockSession: (id) => logins.session(id).signals.lock(),
      unlockSession: (id) => logins.session(id).signals.unlock(),
      lockSessions: () => {
        for (const { signals } of logins.sessions.values()) signals.lock();
      },
      unlockSessions: () => {
        for (const { signals } of logins.sessions.values()) signals.unlock();
      },
      terminateSession: (id) => actions.removeSession(id),
      terminateUser: (uid) => actions.removeUser(uid),
      terminateSeat: (id) => actions.endAll(logins.seat(id).properties.sessions),
      setUserLinger: (uid, isLingering) => {
        logins.user(uid).properties.linger = isLingering;
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
        manager.properties.scheduledShutdown = { type, time };
      },
      cancelScheduledShutdown: () => {
        const wasScheduled = manager.properties.scheduledShutdown.type !== "";
        manager.properties.scheduledShutdown = { type: "", time: 0n };
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
  return manager;
}
