export { DESKTOP, DOCUMENTS, type WithoutTokens } from "./desktop.ts";
export {
  EmailPortal,
  FileChooserPortal,
  OpenURIPortal,
  type PrintDefaults,
  PrintPortal,
  WallpaperPortal,
} from "./file-portals.ts";
export { InputCapturePortal } from "./input-capture-portal.ts";
export {
  AccountPortal,
  BackgroundPortal,
  CameraPortal,
  DynamicLauncherPortal,
  ScreenshotPortal,
  SecretPortal,
  UsbPortal,
} from "./permission-portals.ts";
export type { Portal } from "./portal.ts";
export {
  RequestCancelledError,
  type RequestClients,
  RequestFailedError,
  type RequestOptions,
  request,
  requestsWith,
  requestsWithoutResults,
} from "./request.ts";
export { PortalSession, type SessionEvent, type WithoutSession } from "./session.ts";
export {
  GlobalShortcutsPortal,
  InhibitPortal,
  LocationPortal,
  RemoteDesktopPortal,
  ScreenCastPortal,
} from "./session-portals.ts";
