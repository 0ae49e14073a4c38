import type { Bus, UnixFd, Variant } from "@dbus-codegen-ts/runtime";
import { DESKTOP, type WithoutTokens } from "./desktop.ts";
import {
  AccountClient,
  UserInformation,
  type UserInformationOptions,
} from "./generated/org.freedesktop.portal.Account.ts";
import {
  BackgroundClient,
  type BackgroundOptions,
  BackgroundPermission,
} from "./generated/org.freedesktop.portal.Background.ts";
import { CameraClient } from "./generated/org.freedesktop.portal.Camera.ts";
import {
  DynamicLauncherClient,
  PreparedInstall,
  type PrepareInstallOptions,
} from "./generated/org.freedesktop.portal.DynamicLauncher.ts";
import {
  PickedColor,
  ScreenshotClient,
  type ScreenshotOptions,
  TakenScreenshot,
} from "./generated/org.freedesktop.portal.Screenshot.ts";
import {
  RetrievedSecret,
  type RetrieveSecretOptions,
  SecretClient,
} from "./generated/org.freedesktop.portal.Secret.ts";
import { type UsbAccessEntry, UsbClient, type UsbSessionOptions } from "./generated/org.freedesktop.portal.Usb.ts";
import { Portal } from "./portal.ts";
import { type RequestOptions, request, requestsWith, requestsWithoutResults } from "./request.ts";
import { PortalSession } from "./session.ts";

const USERS = requestsWith<UserInformation>(UserInformation);
const PERMISSIONS = requestsWith<BackgroundPermission>(BackgroundPermission);
const INSTALLS = requestsWith<PreparedInstall>(PreparedInstall);
const SCREENSHOTS = requestsWith<TakenScreenshot>(TakenScreenshot);
const COLORS = requestsWith<PickedColor>(PickedColor);
const SECRETS = requestsWith<RetrievedSecret>(RetrievedSecret);

/** Name and picture of the user. The method throws the errors of `request`. */
export class AccountPortal extends Portal<AccountClient> {
  constructor(bus: Bus) {
    super(bus, new AccountClient(bus, DESKTOP));
  }

  /** Asks the user for name and picture. */
  getUserInformation(
    window: string,
    options: WithoutTokens<UserInformationOptions> = {},
    wait?: RequestOptions,
  ): Promise<UserInformation> {
    const start = (handleToken: string) => this.client.getUserInformation(window, { ...options, handleToken });
    return request(this.bus, USERS, start, wait);
  }
}

/** Permission to run without a window, and to start at login. The method throws the errors of `request`. */
export class BackgroundPortal extends Portal<BackgroundClient> {
  constructor(bus: Bus) {
    super(bus, new BackgroundClient(bus, DESKTOP));
  }

  /** Requests permission to run in the background. */
  requestBackground(
    parentWindow: string,
    options: WithoutTokens<BackgroundOptions> = {},
    wait?: RequestOptions,
  ): Promise<BackgroundPermission> {
    const start = (handleToken: string) => this.client.requestBackground(parentWindow, { ...options, handleToken });
    return request(this.bus, PERMISSIONS, start, wait);
  }
}

/** Access to cameras. The method throws the errors of `request`. */
export class CameraPortal extends Portal<CameraClient> {
  constructor(bus: Bus) {
    super(bus, new CameraClient(bus, DESKTOP));
  }

  /** Requests access to cameras. `client.openPipeWireRemote` then opens the connection to PipeWire. */
  async accessCamera(wait?: RequestOptions): Promise<void> {
    const start = (handleToken: string) => this.client.accessCamera({ handleToken });
    await request(this.bus, requestsWithoutResults, start, wait);
  }
}

/** Entries in the menu of programs. The method throws the errors of `request`. */
export class DynamicLauncherPortal extends Portal<DynamicLauncherClient> {
  constructor(bus: Bus) {
    super(bus, new DynamicLauncherClient(bus, DESKTOP));
  }

  /**
   * Asks the user whether an entry may be installed. `client.install` then installs the entry with the token from the
   * results.
   */
  prepareInstall(
    parentWindow: string,
    name: string,
    icon: Variant,
    options: WithoutTokens<PrepareInstallOptions> = {},
    wait?: RequestOptions,
  ): Promise<PreparedInstall> {
    const start = (handleToken: string) =>
      this.client.prepareInstall(parentWindow, name, icon, { ...options, handleToken });
    return request(this.bus, INSTALLS, start, wait);
  }
}

/** Pictures of the screen. The methods throw the errors of `request`. */
export class ScreenshotPortal extends Portal<ScreenshotClient> {
  constructor(bus: Bus) {
    super(bus, new ScreenshotClient(bus, DESKTOP));
  }

  /** Takes a picture of the screen. */
  screenshot(
    parentWindow: string,
    options: WithoutTokens<ScreenshotOptions> = {},
    wait?: RequestOptions,
  ): Promise<TakenScreenshot> {
    const start = (handleToken: string) => this.client.screenshot(parentWindow, { ...options, handleToken });
    return request(this.bus, SCREENSHOTS, start, wait);
  }

  /** Lets the user select a colour on the screen. */
  pickColor(parentWindow: string, wait?: RequestOptions): Promise<PickedColor> {
    const start = (handleToken: string) => this.client.pickColor(parentWindow, { handleToken });
    return request(this.bus, COLORS, start, wait);
  }
}

/** The secret that the desktop stores for each program. The method throws the errors of `request`. */
export class SecretPortal extends Portal<SecretClient> {
  constructor(bus: Bus) {
    super(bus, new SecretClient(bus, DESKTOP));
  }

  /** Writes the secret of the program to a pipe. */
  retrieveSecret(
    fd: UnixFd,
    options: WithoutTokens<RetrieveSecretOptions> = {},
    wait?: RequestOptions,
  ): Promise<RetrievedSecret> {
    const start = (handleToken: string) => this.client.retrieveSecret(fd, { ...options, handleToken });
    return request(this.bus, SECRETS, start, wait);
  }
}

/** Access to USB devices. */
export class UsbPortal extends Portal<UsbClient> {
  constructor(bus: Bus) {
    super(bus, new UsbClient(bus, DESKTOP));
  }

  /** Creates a session. While it is open, the portal emits the signal `deviceEvents`. */
  createSession(options: WithoutTokens<UsbSessionOptions> = {}): Promise<PortalSession> {
    return PortalSession.create(this.bus, (sessionHandleToken) =>
      this.client.createSession({ ...options, sessionHandleToken }),
    );
  }

  /**
   * Requests to open devices.
   *
   * @returns Path of the request, for `client.finishAcquireDevices`.
   * @throws The errors of `request`.
   */
  async acquireDevices(
    parentWindow: string,
    devices: readonly UsbAccessEntry[],
    wait?: RequestOptions,
  ): Promise<string> {
    let path = "";
    const start = async (handleToken: string): Promise<string> => {
      path = await this.client.acquireDevices(parentWindow, devices, { handleToken });
      return path;
    };
    await request(this.bus, requestsWithoutResults, start, wait);
    return path;
  }
}
