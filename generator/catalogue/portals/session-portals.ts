import { type Bus, DBusError, type ObjectPath } from "@dbus-codegen-ts/runtime";
import { DESKTOP, type WithoutTokens } from "./desktop.ts";
import {
  BoundShortcuts,
  CreatedShortcutsSession,
  GlobalShortcutsClient,
  type RequestedShortcut,
} from "./generated/org.freedesktop.portal.GlobalShortcuts.ts";
import {
  CreatedMonitor,
  InhibitClient,
  type InhibitFlags,
  type InhibitOptions,
} from "./generated/org.freedesktop.portal.Inhibit.ts";
import { LocationClient, type LocationSessionOptions } from "./generated/org.freedesktop.portal.Location.ts";
import {
  CreatedRemoteSession,
  RemoteDesktopClient,
  type SelectDevicesOptions,
  StartedRemoteDesktop,
} from "./generated/org.freedesktop.portal.RemoteDesktop.ts";
import { RequestClient } from "./generated/org.freedesktop.portal.Request.ts";
import {
  CreatedCastSession,
  ScreenCastClient,
  type SelectSourcesOptions,
  StartedCast,
} from "./generated/org.freedesktop.portal.ScreenCast.ts";
import { Portal } from "./portal.ts";
import { type RequestOptions, request, requestsWith, requestsWithoutResults } from "./request.ts";
import { requestSession } from "./request-session.ts";
import { PortalSession } from "./session.ts";

const CASTS = requestsWith<StartedCast>(StartedCast);
const CAST_SESSIONS = requestsWith<CreatedCastSession>(CreatedCastSession);
const REMOTE_DESKTOPS = requestsWith<StartedRemoteDesktop>(StartedRemoteDesktop);
const REMOTE_SESSIONS = requestsWith<CreatedRemoteSession>(CreatedRemoteSession);
const SHORTCUTS = requestsWith<BoundShortcuts>(BoundShortcuts);
const SHORTCUTS_SESSIONS = requestsWith<CreatedShortcutsSession>(CreatedShortcutsSession);
const MONITORS = requestsWith<CreatedMonitor>(CreatedMonitor);

/** The screen as a stream of PipeWire. The methods throw the errors of `request`. */
export class ScreenCastPortal extends Portal<ScreenCastClient> {
  constructor(bus: Bus) {
    super(bus, new ScreenCastClient(bus, DESKTOP));
  }

  /** Creates a session. */
  createSession(wait?: RequestOptions): Promise<PortalSession> {
    return requestSession(this.bus, CAST_SESSIONS, (tokens) => this.client.createSession(tokens), wait);
  }

  /**
   * Selects the screens and windows that `start` will request. Call it once for each session; a session of
   * RemoteDesktop is accepted, too.
   */
  async selectSources(
    { handle }: PortalSession,
    options: WithoutTokens<SelectSourcesOptions> = {},
    wait?: RequestOptions,
  ): Promise<void> {
    const start = (handleToken: string) => this.client.selectSources(handle, { ...options, handleToken });
    await request(this.bus, requestsWithoutResults, start, wait);
  }

  /** Asks the user and starts the session. `client.openPipeWireRemote` then opens the connection to PipeWire. */
  start({ handle }: PortalSession, parentWindow: string, wait?: RequestOptions): Promise<StartedCast> {
    const start = (handleToken: string) => this.client.start(handle, parentWindow, { handleToken });
    return request(this.bus, CASTS, start, wait);
  }
}

/**
 * Control of this machine's input from another machine, optionally with its screen. The methods throw the errors of
 * `request`.
 */
export class RemoteDesktopPortal extends Portal<RemoteDesktopClient> {
  constructor(bus: Bus) {
    super(bus, new RemoteDesktopClient(bus, DESKTOP));
  }

  /** Creates a session. */
  createSession(wait?: RequestOptions): Promise<PortalSession> {
    return requestSession(this.bus, REMOTE_SESSIONS, (tokens) => this.client.createSession(tokens), wait);
  }

  /** Selects the kinds of input devices that `start` will request. */
  async selectDevices(
    { handle }: PortalSession,
    options: WithoutTokens<SelectDevicesOptions> = {},
    wait?: RequestOptions,
  ): Promise<void> {
    const start = (handleToken: string) => this.client.selectDevices(handle, { ...options, handleToken });
    await request(this.bus, requestsWithoutResults, start, wait);
  }

  /** Asks the user and starts the session. */
  start({ handle }: PortalSession, parentWindow: string, wait?: RequestOptions): Promise<StartedRemoteDesktop> {
    const start = (handleToken: string) => this.client.start(handle, parentWindow, { handleToken });
    return request(this.bus, REMOTE_DESKTOPS, start, wait);
  }
}

/** Keys that work while the program has no focus. The methods throw the errors of `request`. */
export class GlobalShortcutsPortal extends Portal<GlobalShortcutsClient> {
  constructor(bus: Bus) {
    super(bus, new GlobalShortcutsClient(bus, DESKTOP));
  }

  /** Creates a session. */
  createSession(wait?: RequestOptions): Promise<PortalSession> {
    return requestSession(this.bus, SHORTCUTS_SESSIONS, (tokens) => this.client.createSession(tokens), wait);
  }

  /** Asks the user to assign keys to shortcuts. Call it once for each session. */
  bindShortcuts(
    { handle }: PortalSession,
    shortcuts: readonly RequestedShortcut[],
    parentWindow: string,
    wait?: RequestOptions,
  ): Promise<BoundShortcuts> {
    const start = (handleToken: string) => this.client.bindShortcuts(handle, shortcuts, parentWindow, { handleToken });
    return request(this.bus, SHORTCUTS, start, wait);
  }

  /** Returns the shortcuts of the session, with the keys that the user has assigned. */
  listShortcuts({ handle }: PortalSession, wait?: RequestOptions): Promise<BoundShortcuts> {
    const start = (handleToken: string) => this.client.listShortcuts(handle, { handleToken });
    return request(this.bus, SHORTCUTS, start, wait);
  }
}

/** Position of the machine. */
export class LocationPortal extends Portal<LocationClient> {
  constructor(bus: Bus) {
    super(bus, new LocationClient(bus, DESKTOP));
  }

  /** Creates a session. Subscribe to `client.signals.locationUpdated` before `start`, so that no position is missed. */
  createSession(options: WithoutTokens<LocationSessionOptions> = {}): Promise<PortalSession> {
    return PortalSession.create(this.bus, (sessionHandleToken) =>
      this.client.createSession({ ...options, sessionHandleToken }),
    );
  }

  /**
   * Asks the user and starts the session.
   *
   * @throws The errors of `request`.
   */
  async start({ handle }: PortalSession, parentWindow: string, wait?: RequestOptions): Promise<void> {
    const start = (handleToken: string) => this.client.start(handle, parentWindow, { handleToken });
    await request(this.bus, requestsWithoutResults, start, wait);
  }
}

/** Requests that keep the user's session as it is, and a monitor of its state. */
export class InhibitPortal extends Portal<InhibitClient> {
  constructor(bus: Bus) {
    super(bus, new InhibitClient(bus, DESKTOP));
  }

  /**
   * Prevents the changes of the user's session that `flags` names, such as logout or suspend.
   *
   * @returns The inhibition. Disposing of it allows the changes.
   */
  async inhibit(
    window: string,
    flags: InhibitFlags,
    options: WithoutTokens<InhibitOptions> = {},
  ): Promise<AsyncDisposable> {
    const path: ObjectPath = await this.client.inhibit(window, flags, options);
    const handle = new RequestClient(this.bus, { destination: DESKTOP.destination, path });
    const end = (): Promise<void> =>
      // The portals may have ended, and the request with them.
      handle.close().catch((error: unknown) => {
        if (!(error instanceof DBusError)) throw error;
      });
    return { [Symbol.asyncDispose]: end };
  }

  /**
   * Creates a session. While it is open, the portal emits `client.signals.stateChanged`.
   *
   * @throws The errors of `request`.
   */
  createMonitor(window: string, wait?: RequestOptions): Promise<PortalSession> {
    return requestSession(this.bus, MONITORS, (tokens) => this.client.createMonitor(window, tokens), wait);
  }
}
