import type { Bus } from "@dbus-codegen-ts/runtime";
import { DESKTOP, type WithoutTokens } from "./desktop.ts";
import {
  type CaptureSessionOptions,
  type CaptureStartOptions,
  CreatedCaptureSession,
  InputCaptureClient,
  type PointerBarrier,
  SetBarriers,
  StartedCapture,
  Zones,
} from "./generated/org.freedesktop.portal.InputCapture.ts";
import { Portal } from "./portal.ts";
import { RequestFailedError, type RequestOptions, request, requestsWith } from "./request.ts";
import { requestSession } from "./request-session.ts";
import { PortalSession } from "./session.ts";

const SESSIONS = requestsWith<CreatedCaptureSession>(CreatedCaptureSession);
const STARTED = requestsWith<StartedCapture>(StartedCapture);
const ZONES = requestsWith<Zones>(Zones);
const BARRIERS = requestsWith<SetBarriers>(SetBarriers);

/** Capture of the user's input, for example to control another machine. The methods throw the errors of `request`. */
export class InputCapturePortal extends Portal<InputCaptureClient> {
  constructor(bus: Bus) {
    super(bus, new InputCaptureClient(bus, DESKTOP));
  }

  /** Asks the user, and creates a session that is started already. */
  createSession(
    parentWindow: string,
    options: WithoutTokens<CaptureSessionOptions>,
    wait?: RequestOptions,
  ): Promise<PortalSession> {
    const start = (tokens: CaptureSessionOptions) => this.client.createSession(parentWindow, { ...options, ...tokens });
    return requestSession(this.bus, SESSIONS, start, wait);
  }

  /**
   * Creates a session that must be started with `start`. Portals with version 1 of the interface do not have this
   * method.
   */
  createSession2(): Promise<PortalSession> {
    return PortalSession.create(this.bus, async (sessionHandleToken) => {
      const { sessionHandle } = await this.client.createSession2({ sessionHandleToken });
      if (sessionHandle === undefined) throw new RequestFailedError("the reply contains no session");
      return sessionHandle;
    });
  }

  /** Asks the user and starts a session of `createSession2`. */
  start(
    { handle }: PortalSession,
    parentWindow: string,
    options: WithoutTokens<CaptureStartOptions>,
    wait?: RequestOptions,
  ): Promise<StartedCapture> {
    const start = (handleToken: string) => this.client.start(handle, parentWindow, { ...options, handleToken });
    return request(this.bus, STARTED, start, wait);
  }

  /** Returns the zones of the session: the rectangles of the screen from which input can be captured. */
  getZones({ handle }: PortalSession, wait?: RequestOptions): Promise<Zones> {
    return request(this.bus, ZONES, (handleToken) => this.client.getZones(handle, { handleToken }), wait);
  }

  /**
   * Sets the pointer barriers: the lines that start the capture when the pointer crosses them. Call `client.enable`
   * after it.
   */
  setPointerBarriers(
    { handle }: PortalSession,
    barriers: readonly PointerBarrier[],
    zoneSet: number,
    wait?: RequestOptions,
  ): Promise<SetBarriers> {
    const start = (handleToken: string) => this.client.setPointerBarriers(handle, { handleToken }, barriers, zoneSet);
    return request(this.bus, BARRIERS, start, wait);
  }
}
