import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { OutputFile } from "dbus-codegen-ts";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { spec } from "../../support.ts";
import { site, sourcesOf } from "./support.ts";

const CHROMIUM = "/usr/bin/chromium";
const isInstalled = existsSync(CHROMIUM);
const NOTE = isInstalled ? "" : ` (skipped: no ${CHROMIUM}; on Debian, apt-get install chromium)`;

/** Flags that prevent network access of the browser itself. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A loaded page, with a record of everything on it that must not happen. */
interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Console messages, exceptions, dialogs, requests to anything but files, and requests that failed. */
  readonly complaints: string[];
}

describe.skipIf(!isInstalled)(`in Chromium, from files${NOTE}`, () => {
  let browser: Browser;
  let folder = "";
  const open: BrowserContext[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "dbus-codegen-site-"));
    await write(
      "specs",
      site(await sourcesOf("specs/connman", "specs/freedesktop", "specs/telepathy"), "html", {
        "net.connman": { bus: "system", objects: { "net.connman.Session": "/sessions/1" } },
      }),
    );
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  });

  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function write(name: string, files: readonly OutputFile[]): Promise<void> {
    await mkdir(join(folder, name), { recursive: true });
    for (const { path, text } of files) await writeFile(join(folder, name, path), text);
  }

  const address = (path: string): string => `${pathToFileURL(join(folder, "specs"))}/${path}`;

  async function visit(url: string, options: BrowserContextOptions = {}): Promise<Visit> {
    await Promise.all(open.splice(0).map((before) => before.close()));
    const context = await browser.newContext(options);
    open.push(context);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(`console: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(`exception: ${error.message}`));
    page.on("requestfailed", (request) => complaints.push(`failed: ${request.url()}`));
    page.on("request", (request) => {
      if (!request.url().startsWith("file:")) complaints.push(`request: ${request.url()}`);
    });
    page.on("dialog", (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(url);
    return { page, context, complaints };
  }

  const backgroundOf = (page: Page): Promise<string> =>
    page.evaluate<string>("getComputedStyle(document.body).backgroundColor");

  test("every page causes no console message or failed request, and fits 1400, 1000, 800 and 360 pixels", async () => {
    const all = (await readdir(join(folder, "specs"))).filter((name) => name.endsWith(".html"));
    // Pages of specs differ only in their text, which scrolls, so one of them is enough.
    const names = [...all.filter((name) => !name.startsWith("source-")), "source-generic-types.xml.html"];
    expect(names.length).toBeGreaterThan(12);
    const frames = names.map((name) => `<iframe src="${name}" height="800"></iframe>`);
    await writeFile(join(folder, "specs/all-pages.html"), `<!doctype html>${frames.join("")}`);
    const { page, complaints } = await visit(address("all-pages.html"));
    for (const width of [1400, 1000, 800, 360]) {
      await page.evaluate(`for (const frame of document.querySelectorAll("iframe")) frame.width = ${width}`);
      for (const frame of page.mainFrame().childFrames()) {
        const [innerWidth, scrollWidth, title] = await frame.evaluate<[number, number, string]>(
          "[innerWidth, document.documentElement.scrollWidth, document.title]",
        );
        expect(innerWidth).toBe(width);
        expect(scrollWidth, frame.url()).toBeLessThanOrEqual(width);
        expect(title).not.toBe("");
      }
    }
    expect(page.frames()).toHaveLength(names.length + 1);
    expect(complaints).toEqual([]);
  });

  test("search finds a member, and the keyboard opens it", async () => {
    const { page, complaints } = await visit(address("index.html"));
    await page.keyboard.press("/");
    await page.keyboard.type("createsess");
    await page.waitForSelector("#results a[aria-selected=true]");
    expect(await page.textContent("#results a[aria-selected=true] .name")).toBe("CreateSession");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/net.connman.Manager.html#Method:CreateSession");
    const top = await page.evaluate<number>(
      "document.getElementById('Method:CreateSession').getBoundingClientRect().top",
    );
    expect(top).toBeGreaterThan(40);
    expect(top).toBeLessThan(300);
    expect(complaints).toEqual([]);
  });

  test("search finds words of documentation, arrow keys select, Escape closes, and a result on the same page is reached", async () => {
    const { page } = await visit(address("net.connman.Session.html"));
    const selected = () => page.getAttribute("#search", "aria-activedescendant");
    await page.keyboard.press("/");
    await page.keyboard.type("emergency session");
    await page.waitForSelector("#results a");
    expect(await page.locator("#results a").count()).toBeGreaterThan(1);
    expect(await page.locator("#results mark").count()).toBeGreaterThan(1);
    expect(await selected()).toBe("result-0");
    await page.keyboard.press("ArrowDown");
    expect(await selected()).toBe("result-1");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowUp");
    expect(await selected()).toBe(`result-${(await page.locator("#results a").count()) - 1}`);
    await page.keyboard.press("Escape");
    expect(await page.isVisible("#results")).toBe(false);
    await page.fill("#search", "no such thing anywhere");
    await page.waitForSelector(".no-result");
    await page.fill("#search", "Session.Destroy");
    await page.waitForSelector("#results a");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/net.connman.Session.html#Method:Destroy");
    expect(await page.isVisible("#results")).toBe(false);
  });

  test("the contents show the current page, have a filter, and keep closed branches closed", async () => {
    const { page, complaints } = await visit(address("im.telepathy1.Protocol.html"), {
      viewport: { width: 1400, height: 500 },
    });
    const isVisible = (selector: string) =>
      page.evaluate<boolean>(`(() => {
        const link = document.querySelector(${JSON.stringify(selector)});
        const [outer, inner] = [link.closest("nav").getBoundingClientRect(), link.getBoundingClientRect()];
        return inner.top >= outer.top && inner.bottom <= outer.bottom;
      })()`);
    expect(await isVisible("#contents [aria-current=page]")).toBe(true);
    expect(await page.textContent("#contents [aria-current=page]")).toBe("Protocol");
    await page.fill("#contents .filter", "conn INTERFACE aliasing");
    expect(await page.locator("#contents .tree a").allTextContents()).toEqual(["Connection", "Aliasing1"]);
    await page.fill("#contents .filter", "no such page");
    expect(await page.textContent("#contents .tree")).toBe("No page has such a name.");
    await page.press("#contents .filter", "Escape");
    expect(await page.inputValue("#contents .filter")).toBe("");

    const manager = "#contents a[href='net.connman.Manager.html']";
    expect(await page.isVisible(manager)).toBe(true);
    await page.locator("#contents summary", { hasText: /^net\.connman$/ }).press("Enter");
    expect(await page.isVisible(manager)).toBe(false);
    await page.goto(address("im.telepathy1.Channel.html"));
    expect(await page.isVisible(manager)).toBe(false);
    await page.goto(address("net.connman.Session.html"));
    expect(await page.isVisible(manager)).toBe(true);

    await page.goto(`${address("im.telepathy1.Account.html")}#Properties`);
    await page.waitForSelector(".sections [aria-current]");
    await page.evaluate("[...document.querySelectorAll('main section[id]')].at(-1).scrollIntoView()");
    await expect.poll(() => page.evaluate<number>("document.querySelector('.sections').scrollTop")).toBeGreaterThan(0);
    expect(await isVisible(".sections [aria-current]")).toBe(true);
    expect(complaints).toEqual([]);
  });

  test("the theme is that of the system until the reader selects one, which is stored", async () => {
    const { page } = await visit(address("index.html"), { colorScheme: "dark" });
    const dark = await backgroundOf(page);
    await page.click("button.theme");
    const light = await backgroundOf(page);
    expect(light).toBe("rgb(255, 255, 255)");
    expect(dark).not.toBe(light);
    await page.goto(address("net.connman.Manager.html"));
    expect(await backgroundOf(page)).toBe(light);
    await page.click("button.theme");
    await page.reload();
    expect(await backgroundOf(page)).toBe(dark);
  });

  test("the script adds permalinks, and links to the types of the runtime", async () => {
    const { page, complaints } = await visit(address("net.connman.Manager.html"));
    const member = page.locator("[id='Method:GetServices']");
    expect(await member.locator("h3 > a").first().getAttribute("href")).toBe("#Method:GetServices");
    expect(await member.locator("h3").textContent()).toBe("GetServices source");
    await member.locator("dl a", { hasText: /^CallOptions$/ }).click();
    await page.waitForURL("**/types.html#CallOptions");
    expect(complaints).toEqual([]);
  });

  test("a snippet is copied with the filled-in values", async () => {
    const { page, complaints } = await visit(`${address("net.connman.Manager.html")}#Method:DestroySession`);
    await page.selectOption(".fill select", "system");
    await page.fill(".fill label:nth-of-type(2) input", "net.connman");
    await page.fill(".fill label:nth-of-type(3) input", "not a path");
    const member = page.locator("[id='Method:DestroySession']");
    await member.getByText("busctl", { exact: true }).first().click();
    await member.locator("pre.busctl + .copy").click();
    await page.getByText("Copied").waitFor();
    await page.focus("#search");
    await page.keyboard.press("Control+V");
    expect(await page.inputValue("#search")).toBe(
      "busctl --system call net.connman /OBJECT/PATH net.connman.Manager DestroySession o /object/path",
    );
    expect(complaints).toEqual([]);
  });

  test("the selected kind of snippet applies to all snippets, also by keyboard", async () => {
    const { page } = await visit(address("net.connman.Manager.html"));
    const count = await page.locator("pre.gdbus").count();
    await page.locator("[id='Method:SetProperty'] label", { hasText: "gdbus" }).click();
    expect(await page.locator("pre.gdbus:visible").count()).toBe(count);
    await page.goto(address("net.connman.Session.html"));
    expect(await page.locator("pre.gdbus:visible").count()).toBe(await page.locator("pre.gdbus").count());
    expect(await page.locator("pre.client:visible").count()).toBe(0);
    await page.focus(".choice input:checked");
    await page.keyboard.press("ArrowLeft");
    expect(await page.locator("pre.busctl:visible").count()).toBe(await page.locator("pre.busctl").count());
    expect(await page.getByRole("radio", { name: "busctl" }).isChecked()).toBe(true);
  });

  test("snippets contain the configured service, and strings are colored across its values", async () => {
    const { page } = await visit(address("net.connman.Session.html"));
    expect(await page.textContent(".use pre.busctl")).toBe(
      "busctl --system introspect net.connman /sessions/1 net.connman.Session",
    );
    expect(await page.inputValue(".fill label:nth-of-type(2) input")).toBe("net.connman");
    expect(await page.locator(".use pre.client .hl-string").allTextContents()).not.toContain('", path: "');
    await page.fill(".fill label:nth-of-type(2) input", "");
    expect(await page.textContent(".use pre.gdbus")).toContain("--dest net.connman ");
  });

  test("everything except search, filter, theme, permalinks and the snippets of members works without scripts", async () => {
    const { page } = await visit(address("net.connman.Manager.html"), { javaScriptEnabled: false });
    for (const needsScript of [".search", "button.theme", ".filter", ".copy", "section[id] .snippets"])
      expect(await page.locator(needsScript).count(), needsScript).toBe(0);
    expect(await page.textContent("[id='Method:GetProperties'] > dl")).toContain("GetProperties() → a{sv}");
    const use = page.locator(".use");
    expect(await use.locator("pre.client").isVisible()).toBe(true);
    await use.locator("label", { hasText: "busctl" }).click();
    expect(await use.locator("pre.busctl").isVisible()).toBe(true);
    expect(await use.locator("pre.client").isVisible()).toBe(false);
    await page.click("#contents a[href='net.connman.Notification.html']");
    await page.waitForURL("**/net.connman.Notification.html");
  });

  test("the menu contains all pages on a small screen", async () => {
    const { page } = await visit(address("index.html"), {
      viewport: { width: 360, height: 640 },
      javaScriptEnabled: false,
    });
    expect(await page.isVisible("#contents")).toBe(false);
    await page.click(".menu");
    expect(await page.isVisible("#contents")).toBe(true);
    await page.click("#contents .close");
    expect(await page.isVisible("#contents")).toBe(false);
    await page.click(".menu");
    expect(await page.evaluate<number>("document.getElementById('contents').scrollHeight")).toBeGreaterThan(640);
    const last = page.locator("#contents li a").last();
    const href = await last.getAttribute("href");
    await last.click();
    await page.waitForURL(`**/${href}`);
  });

  test("the printed page omits controls", async () => {
    const { page } = await visit(address("net.connman.Manager.html"), { colorScheme: "dark" });
    await page.emulateMedia({ media: "print" });
    for (const hidden of [".top", "#contents", ".sections", ".copy", ".snippets label", ".choice", ".fill"])
      expect(await page.locator(hidden).first().isVisible(), hidden).toBe(false);
    expect(await page.locator("h1").isVisible()).toBe(true);
    expect(await backgroundOf(page)).toBe("rgb(255, 255, 255)");
    const pdf = await page.pdf({ format: "A4" });
    expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
  });

  test("the browser shows hostile documentation as text", async () => {
    const texts = ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "javascript:alert(1)"];
    const escaped = texts.map((text) => text.replaceAll("<", "&lt;").replaceAll(">", "&gt;")).join(" ");
    const docs = `<tp:docstring>${escaped} <a href="javascript:alert(1)" onclick="alert(1)">click</a></tp:docstring>`;
    await write("hostile", site(spec(`${docs}<method name="M">${docs}</method>`)));
    const { page, complaints } = await visit(`${pathToFileURL(join(folder, "hostile"))}/a.b.C.html`);
    await page.keyboard.press("/");
    await page.keyboard.type("alert");
    await page.waitForSelector("#results a");
    expect(await page.locator("main img, main script, #results img, #results script").count()).toBe(0);
    expect(await page.textContent("[id='Method:M']")).toContain(texts.join(" "));
    expect(complaints).toEqual([]);
  });
});
