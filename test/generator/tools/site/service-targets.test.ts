import { describe, expect, test } from "vitest";
import { type ServiceSettings, ServiceTargets } from "../../../../generator/tools/site/service-targets.ts";
import { spec } from "../../support.ts";
import { page, site } from "./support.ts";

const SERVICES: Readonly<Record<string, ServiceSettings>> = {
  "org.bluez": { bus: "system", objects: { "org.bluez.AgentManager1": "/org/bluez", "org.bluez.Gatt.*": "/gatt" } },
  "org.bluez.obex": {},
  "org.example.Player": { objects: { "org.mpris.MediaPlayer2.*": "/org/mpris/MediaPlayer2" } },
};

test.each([
  ["org.bluez.AgentManager1", { bus: "system", destination: "org.bluez", path: "/org/bluez" }],
  ["org.bluez.Gatt.Service", { bus: "system", destination: "org.bluez", path: "/gatt" }],
  ["org.bluez.Device1", { bus: "system", destination: "org.bluez" }],
  ["org.bluez", { bus: "system", destination: "org.bluez" }],
  ["org.bluez.obex.Client1", { bus: "session", destination: "org.bluez.obex" }],
  ["org.bluezoo.A", { bus: "session" }],
  [
    "org.mpris.MediaPlayer2.Player",
    { bus: "session", destination: "org.example.Player", path: "/org/mpris/MediaPlayer2" },
  ],
  ["org.mpris.MediaPlayer2", { bus: "session" }],
] as const)("snippets of %s use %j", (iface, target) => {
  expect(new ServiceTargets(SERVICES).of(iface)).toEqual(target);
});

describe("snippets with a known service", () => {
  const body = `<method name="Get"/>`;
  const known = { "a.b": { bus: "system", objects: { "a.b.C": "/a/b/C" } } } as const;

  test("contain its bus, name and path", () => {
    const html = page(site(spec(body), "html", known), "a.b.C.html");
    expect(html).toContain(
      'busctl <var class=bus>--system</var> introspect <var class="name known">a.b</var> <var class="path known">/a/b/C</var> a.b.C',
    );
    expect(html).not.toMatch(/<var class=(?:name|path)>/);
    const markdown = page(site(spec(body), "markdown", known), "a.b.C.md");
    expect(markdown).toContain('await connect({ bus: "system" })');
    expect(markdown).toContain('new CClient(bus, { destination: "a.b", path: "/a/b/C" })');
    expect(markdown).toContain("gdbus call --system --dest a.b --object-path /a/b/C --method a.b.C.Get");
  });

  test("mark values that are not known", () => {
    const html = page(site(spec(body), "html", { "a.b": {} }), "a.b.C.html");
    expect(html).toContain(
      'busctl <var class=bus>--user</var> introspect <var class="name known">a.b</var> <var class=path>/OBJECT/PATH</var> a.b.C',
    );
  });
});
