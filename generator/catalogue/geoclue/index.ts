import {
  type AnyService,
  type Bus,
  DBusError,
  EventQueue,
  type ObjectPath,
  type Subscription,
  serveRegistered,
} from "@dbus-codegen-ts/runtime";
import type { AgentService } from "./generated/org.freedesktop.GeoClue2.Agent.ts";
import { ClientClient } from "./generated/org.freedesktop.GeoClue2.Client.ts";
import { LocationClient, type LocationProperties } from "./generated/org.freedesktop.GeoClue2.Location.ts";
import { AccuracyLevel, ManagerClient } from "./generated/org.freedesktop.GeoClue2.Manager.ts";

/** Bus name and object path of GeoClue's manager, on the system bus. */
export const MANAGER = { destination: "org.freedesktop.GeoClue2", path: "/org/freedesktop/GeoClue2/Manager" } as const;

/** Options of `positions`: who needs positions, how exact and how often. */
export interface PositionOptions {
  /** Name of the desktop file of the program, without `.desktop`. The user's permission is stored for it. */
  readonly desktopId: string;
  /** Requested accuracy: exact by default. */
  readonly accuracy?: AccuracyLevel;
  /** Meters that the machine must move before the next position: 0 by default. */
  readonly distanceMeters?: number;
  /** Seconds between two positions: 0 by default. */
  readonly intervalSeconds?: number;
}

/** A position. Older versions of GeoClue do not send all properties. */
export type Position = Partial<LocationProperties>;

/**
 * Returns an iterator over the present position of the machine and later ones:
 * `for await (const { latitude } of positions(bus, { desktopId: "org.example.Weather" })) …`. Its first `next` creates
 * a client of GeoClue. Leaving the loop removes the client.
 *
 * A position that is replaced by a later one before the loop reads it is left out.
 *
 * @throws DBusError, from `next`, if the user or the configuration of GeoClue denies access to the position, or GeoClue
 *   or this connection ends.
 */
export function positions(bus: Bus, options: PositionOptions): AsyncIterableIterator<Position, undefined> {
  return new EventQueue((onPosition, onEnd) => track(bus, options, onPosition, onEnd));
}

/** Creates a client of the service and starts it. Closing the returned subscription removes the client. */
async function track(
  bus: Bus,
  { desktopId, accuracy = AccuracyLevel.Exact, distanceMeters = 0, intervalSeconds = 0 }: PositionOptions,
  onPosition: (position: Position) => void,
  onEnd: (reason: Error) => void,
): Promise<Subscription> {
  const manager = new ManagerClient(bus, MANAGER);
  const path = await manager.createClient();
  const { destination } = MANAGER;
  const client = new ClientClient(bus, { destination, path });
  const subscriptions: Subscription[] = [];
  const close = async (): Promise<void> => {
    for (const subscription of subscriptions.splice(0)) await subscription.close();
    // The service may have ended, and then it has forgotten the client.
    await manager.deleteClient(path).catch((error: unknown) => {
      if (!(error instanceof DBusError)) throw error;
    });
  };
  let latest: ObjectPath | undefined;
  let isReading = false;
  /**
   * Reads the latest position until no later one is announced. Positions that are announced while one is read are left
   * out, except the last: a service could announce more than can be read.
   */
  const read = async (): Promise<void> => {
    if (isReading) return;
    isReading = true;
    for (let path = latest; path !== undefined; path = latest) {
      latest = undefined;
      onPosition(await new LocationClient(bus, { destination, path }).$getAll());
    }
    isReading = false;
  };
  const onUpdated = (location: ObjectPath): void => {
    latest = location;
    read().catch(onEnd);
  };
  try {
    subscriptions.push(
      await client.signals.locationUpdated.subscribe((_old, location) => onUpdated(location), { onMissed: onEnd }),
    );
    await client.properties.desktopId.set(desktopId);
    await client.properties.requestedAccuracyLevel.set(accuracy);
    await client.properties.distanceThreshold.set(distanceMeters);
    await client.properties.timeThreshold.set(intervalSeconds);
    await client.start();
  } catch (error) {
    await close();
    throw error;
  }
  return { close, [Symbol.asyncDispose]: close };
}

/**
 * Serves an agent and registers it, also after GeoClue restarts. The agent decides which programs of the user get
 * positions. Only GeoClue can call the agent.
 *
 * @param desktopId - Name of the desktop file of the program, without `.desktop`, which the configuration of GeoClue
 *   lists.
 * @returns The registration. Disposing of it ends serving the agent; GeoClue has no call that removes an agent.
 */
export function registerAgent(bus: Bus, agent: AgentService & AnyService, desktopId: string): Promise<AsyncDisposable> {
  const manager = new ManagerClient(bus, MANAGER);
  return serveRegistered(bus, "/org/freedesktop/GeoClue2/Agent", agent, {
    name: MANAGER.destination,
    register: () => manager.addAgent(desktopId),
  });
}
