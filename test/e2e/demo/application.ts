import { type Bus, connect } from "@dbus-codegen-ts/runtime";
import { ManagerClient } from "@dbus-codegen-ts/stubs/net.connman.Manager";
import { NotificationService } from "@dbus-codegen-ts/stubs/net.connman.Notification";
import { SessionClient, type SessionSettings } from "@dbus-codegen-ts/stubs/net.connman.Session";
import { say } from "./say.ts";

/** An application with a session, which prints its Updates. */
export class Application extends NotificationService {
  readonly bus: Bus;
  readonly #name: string;
  #settings: SessionSettings = {};
  #session: SessionClient | undefined;
  #released = false;

  /** Creates a session. */
  static async start(address: string, name: string, settings: SessionSettings): Promise<Application> {
    const bus = await connect({ bus: address });
    const application = new Application(bus, name);
    await bus.serve("/notify", application);
    say(name, `CreateSession ${JSON.stringify(settings)}`);
    const manager = new ManagerClient(bus, { destination: "net.connman", path: "/" });
    const path = await manager.createSession(settings, "/notify");
    application.#session = new SessionClient(bus, { destination: "net.connman", path });
    return application;
  }

  private constructor(bus: Bus, name: string) {
    super();
    this.bus = bus;
    this.#name = name;
  }

  get session(): SessionClient {
    if (this.#session === undefined) throw new Error("the session does not exist yet");
    return this.#session;
  }

  /** The settings in all received Updates, of which later ones replace earlier ones. */
  get settings(): SessionSettings {
    return this.#settings;
  }

  /** Whether the service has released the session. */
  get released(): boolean {
    return this.#released;
  }

  update(settings: SessionSettings): void {
    this.#settings = { ...this.#settings, ...settings };
    const { state, bearer, ipv4 } = settings;
    const changed = [state, bearer, ipv4?.address].filter((value) => value !== undefined && value !== "");
    say(this.#name, `Update: ${changed.join(", ") || Object.keys(settings).join(", ")}`);
  }

  release(): void {
    this.#released = true;
    say(this.#name, "Release: the service is going away");
  }
}
