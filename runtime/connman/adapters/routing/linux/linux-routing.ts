import { runCommand } from "../../linux/command.ts";
import { IpMonitor } from "../../linux/ip-monitor.ts";
import { Refresh } from "../../network/linux/refresh.ts";
import type { Routing, SessionRoute } from "../routing.ts";
import { type RoutingBatches, routingBatches, routeRepairBatch, REMOVE_ALL_BATCH } from "./ip-batch.ts";
import { FIREWALL_TABLE } from "./nftables.ts";
import { planRouting, type RoutingPlan } from "./routing-plan.ts";

const NOTHING: RoutingPlan = { ipv4: { routes: [], rules: [] }, ipv6: { routes: [], rules: [] }, firewall: "" };

/** Milliseconds from a change of the network to the look for missing routes: whoever applies because of it goes first. */
const REPAIR_AFTER = 500;

/** Removes our table of nftables; that it is made first lets this succeed without one. */
const NO_FIREWALL = `table inet ${FIREWALL_TABLE}\ndelete table inet ${FIREWALL_TABLE}\n`;

/**
 * Leads the traffic of sessions by routing tables and rules of iproute2, and marks of nftables: everything `planRouting`
 * says. Needs root, `ip` and `nft`.
 *
 * The first `apply` and each after a failure begin with removing everything of ours, so that what a process that crashed
 * left behind goes away. From then on, routes that the kernel takes away with an address are put back when the address
 * is. There can be one of these per network namespace.
 *
 * The system must have some route to a destination, be it over another service, for a connection to begin at all; and
 * `rp_filter` of the interfaces must be 0 or 2, or 1 with `src_valid_mark` 1.
 */
export class LinuxRouting implements Routing {
  #wanted: readonly SessionRoute[] = [];
  /** What holds; undefined when that is not known. */
  #applied: RoutingPlan | undefined;
  /** The run that will apply what is wanted and has not begun. */
  #next: Promise<void> | undefined;
  /** Resolves when all runs so far have ended. */
  #idle: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;
  readonly #repair = new Refresh(
    () => this.#enqueue(() => repair(this.#applied ?? NOTHING)),
    () => undefined,
    REPAIR_AFTER,
  );
  #monitor: IpMonitor | undefined;

  /**
   * Calls while one is at work are joined into one, which applies what the last of them wants.
   *
   * @throws RangeError for a route that `planRouting` refuses; then nothing changes.
   * @throws CommandError when `ip` or `nft` fails.
   * @throws Error after `close()`.
   */
  apply(routes: readonly SessionRoute[]): Promise<void> {
    if (this.#closing !== undefined) return Promise.reject(new Error("the routing is closed"));
    this.#wanted = routes;
    if (this.#next === undefined) {
      this.#monitor ??= new IpMonitor({ onChange: () => this.#repair.request(), onError: () => undefined });
      this.#next = this.#enqueue(() => this.#run());
    }
    return this.#next;
  }

  /** Removes everything, where anything was applied; closing again does nothing. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    await Promise.all([this.#monitor?.close(), this.#repair.close()]);
    if (this.#monitor !== undefined) await this.#enqueue(sweep);
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    const done = this.#idle.then(work);
    this.#idle = done.catch(() => undefined);
    return done;
  }

  async #run(): Promise<void> {
    this.#next = undefined;
    const plan = planRouting(this.#wanted);
    const before = this.#applied;
    this.#applied = undefined;
    if (before === undefined) await sweep();
    await change(before ?? NOTHING, plan);
    this.#applied = plan;
  }
}

/** Ways come before the marks that lead to them, and go after them. */
async function change(from: RoutingPlan, to: RoutingPlan): Promise<void> {
  const ipv4 = routingBatches(from.ipv4, to.ipv4);
  const ipv6 = routingBatches(from.ipv6, to.ipv6);
  await batches(ipv4, ipv6, "add");
  if (from.firewall !== to.firewall) await runCommand("nft", ["-f", "-"], NO_FIREWALL + to.firewall);
  await batches(ipv4, ipv6, "remove");
}

async function repair({ ipv4, ipv6 }: RoutingPlan): Promise<void> {
  // Refusals are the rule here, and failures too: a service that has gone is another's to notice.
  await batch("-4", routeRepairBatch(ipv4), "-force").catch(() => undefined);
  await batch("-6", routeRepairBatch(ipv6), "-force").catch(() => undefined);
}

async function sweep(): Promise<void> {
  await runCommand("nft", ["-f", "-"], NO_FIREWALL);
  await batch("-4", REMOVE_ALL_BATCH);
  await batch("-6", REMOVE_ALL_BATCH);
}

async function batches(ipv4: RoutingBatches, ipv6: RoutingBatches, part: keyof RoutingBatches): Promise<void> {
  await batch("-4", ipv4[part]);
  await batch("-6", ipv6[part]);
}

async function batch(family: "-4" | "-6", lines: readonly string[], ...options: readonly string[]): Promise<void> {
  if (lines.length > 0) await runCommand("ip", [family, ...options, "-batch", "-"], `${lines.join("\n")}\n`);
}
