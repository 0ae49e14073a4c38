import type { Bus, UnixFd } from "@dbus-codegen-ts/runtime";
import { DESKTOP, type WithoutTokens } from "./desktop.ts";
import { type ComposeEmailOptions, EmailClient } from "./generated/org.freedesktop.portal.Email.ts";
import {
  ChosenFiles,
  FileChooserClient,
  type OpenFileOptions,
  type SaveFileOptions,
  type SaveFilesOptions,
} from "./generated/org.freedesktop.portal.FileChooser.ts";
import {
  type OpenDirectoryOptions,
  OpenURIClient,
  type OpenURIOptions,
} from "./generated/org.freedesktop.portal.OpenURI.ts";
import {
  type PageSetup,
  PreparedPrint,
  type PreparePrintOptions,
  PrintClient,
  type PrintOptions,
  type PrintSettings,
} from "./generated/org.freedesktop.portal.Print.ts";
import { WallpaperClient, type WallpaperOptions } from "./generated/org.freedesktop.portal.Wallpaper.ts";
import { Portal } from "./portal.ts";
import { type RequestOptions, request, requestsWith, requestsWithoutResults } from "./request.ts";

const FILES = requestsWith<ChosenFiles>(ChosenFiles);
const PREPARED = requestsWith<PreparedPrint>(PreparedPrint);

/** Dialogs in which the user selects files. The methods throw the errors of `request`. */
export class FileChooserPortal extends Portal<FileChooserClient> {
  constructor(bus: Bus) {
    super(bus, new FileChooserClient(bus, DESKTOP));
  }

  /** Lets the user select files to open. */
  openFile(
    parentWindow: string,
    title: string,
    options: WithoutTokens<OpenFileOptions> = {},
    wait?: RequestOptions,
  ): Promise<ChosenFiles> {
    const start = (handleToken: string) => this.client.openFile(parentWindow, title, { ...options, handleToken });
    return request(this.bus, FILES, start, wait);
  }

  /** Lets the user select where a file is saved. */
  saveFile(
    parentWindow: string,
    title: string,
    options: WithoutTokens<SaveFileOptions> = {},
    wait?: RequestOptions,
  ): Promise<ChosenFiles> {
    const start = (handleToken: string) => this.client.saveFile(parentWindow, title, { ...options, handleToken });
    return request(this.bus, FILES, start, wait);
  }

  /** Lets the user select a folder for several files. */
  saveFiles(
    parentWindow: string,
    title: string,
    options: WithoutTokens<SaveFilesOptions> = {},
    wait?: RequestOptions,
  ): Promise<ChosenFiles> {
    const start = (handleToken: string) => this.client.saveFiles(parentWindow, title, { ...options, handleToken });
    return request(this.bus, FILES, start, wait);
  }
}

/** Opening of addresses, files and folders in the programs of the user. The methods throw the errors of `request`. */
export class OpenURIPortal extends Portal<OpenURIClient> {
  constructor(bus: Bus) {
    super(bus, new OpenURIClient(bus, DESKTOP));
  }

  /** Opens a URI that is not a `file:` URI. */
  async openURI(
    parentWindow: string,
    uri: string,
    options: WithoutTokens<OpenURIOptions> = {},
    wait?: RequestOptions,
  ): Promise<void> {
    const start = (handleToken: string) => this.client.openURI(parentWindow, uri, { ...options, handleToken });
    await request(this.bus, requestsWithoutResults, start, wait);
  }

  /** Opens a file or folder. */
  async openFile(
    parentWindow: string,
    fd: UnixFd,
    options: WithoutTokens<OpenURIOptions> = {},
    wait?: RequestOptions,
  ): Promise<void> {
    const start = (handleToken: string) => this.client.openFile(parentWindow, fd, { ...options, handleToken });
    await request(this.bus, requestsWithoutResults, start, wait);
  }

  /** Shows the folder that contains a file. */
  async openDirectory(
    parentWindow: string,
    fd: UnixFd,
    options: WithoutTokens<OpenDirectoryOptions> = {},
    wait?: RequestOptions,
  ): Promise<void> {
    const start = (handleToken: string) => this.client.openDirectory(parentWindow, fd, { ...options, handleToken });
    await request(this.bus, requestsWithoutResults, start, wait);
  }
}

/** Initial contents of the dialog for printing. */
export interface PrintDefaults {
  readonly settings?: PrintSettings;
  readonly pageSetup?: PageSetup;
}

/** Printing of files. The methods throw the errors of `request`. */
export class PrintPortal extends Portal<PrintClient> {
  constructor(bus: Bus) {
    super(bus, new PrintClient(bus, DESKTOP));
  }

  /** Shows the dialog for printing. With the token from its results, `print` shows no second dialog. */
  preparePrint(
    parentWindow: string,
    title: string,
    { settings = {}, pageSetup = {} }: PrintDefaults = {},
    options: WithoutTokens<PreparePrintOptions> = {},
    wait?: RequestOptions,
  ): Promise<PreparedPrint> {
    const start = (handleToken: string) =>
      this.client.preparePrint(parentWindow, title, settings, pageSetup, { ...options, handleToken });
    return request(this.bus, PREPARED, start, wait);
  }

  /** Prints a file. */
  async print(
    parentWindow: string,
    title: string,
    fd: UnixFd,
    options: WithoutTokens<PrintOptions> = {},
    wait?: RequestOptions,
  ): Promise<void> {
    const start = (handleToken: string) => this.client.print(parentWindow, title, fd, { ...options, handleToken });
    await request(this.bus, requestsWithoutResults, start, wait);
  }
}

/** New mails in the mail program of the user. The method throws the errors of `request`. */
export class EmailPortal extends Portal<EmailClient> {
  constructor(bus: Bus) {
    super(bus, new EmailClient(bus, DESKTOP));
  }

  /** Opens a new mail. */
  async composeEmail(
    parentWindow: string,
    options: WithoutTokens<ComposeEmailOptions> = {},
    wait?: RequestOptions,
  ): Promise<void> {
    const start = (handleToken: string) => this.client.composeEmail(parentWindow, { ...options, handleToken });
    await request(this.bus, requestsWithoutResults, start, wait);
  }
}

/** Background picture of the desktop. The methods throw the errors of `request`. */
export class WallpaperPortal extends Portal<WallpaperClient> {
  constructor(bus: Bus) {
    super(bus, new WallpaperClient(bus, DESKTOP));
  }

  /** Uses a picture as background, given by a URI that is not a `file:` URI. */
  async setWallpaperURI(
    parentWindow: string,
    uri: string,
    options: WithoutTokens<WallpaperOptions> = {},
    wait?: RequestOptions,
  ): Promise<void> {
    const start = (handleToken: string) => this.client.setWallpaperURI(parentWindow, uri, { ...options, handleToken });
    await request(this.bus, requestsWithoutResults, start, wait);
  }

  /** Uses a picture in a file as background. */
  async setWallpaperFile(
    parentWindow: string,
    fd: UnixFd,
    options: WithoutTokens<WallpaperOptions> = {},
    wait?: RequestOptions,
  ): Promise<void> {
    const start = (handleToken: string) => this.client.setWallpaperFile(parentWindow, fd, { ...options, handleToken });
    await request(this.bus, requestsWithoutResults, start, wait);
  }
}
