import { DEFAULT_ROUTING_QUOTAS, type RoutingQuotas } from "../../../quotas.ts";
import { CommandError, runCommand } from "../../linux/command.ts";
import { IpMonitor } from "../../linux/ip-monitor.ts";
import { SerialTask } from "../../serial-task.ts";
import type { Routing, SessionRoute } from "../routing.ts";
import { type CgroupHierarchy, cgroupHierarchy, hasCgroup, withExistingCgroups } from "./cgroup-hierarchy.ts";
import {
  mayRequireRepair,
  PROTOCOL,
  REMOVE_ALL_BATCH,
  type RoutingBatches,
  routeRepairBatch,
  routingBatches,
} from "./ip-batch.ts";
import { FIREWALL_TABLE } from "./nftables.ts";
import { planRouting, type RoutingPlan } from "./routing-plan.ts";

const NO_ROUTING: RoutingPlan = { ipv4: { routes: [], rules: [] }, ipv6: { routes: [], rules: [] }, firewall: "" };

/**
 * Delay between a change of the network and the repair of routes. A change usually leads to a call of `apply`, which
 * must come first.
 */
const REPAIR_DELAY_MS = 500;

/** Maximum number of attempts to apply routes. An attempt fails if a control group is removed meanwhile. */
const MAX_ATTEMPTS = 3;

/**
 * Script that removes the nftables table of sessions. The script first creates the table, because removing a table that
 * does not exist fails.
 */
const REMOVE_FIREWALL = `table inet ${FIREWALL_TABLE}\ndelete table inet ${FIREWALL_TABLE}\n`;

export interface LinuxRoutingOptions {
  readonly quotas?: RoutingQuotas;
}

/**
 * Routes the traffic of sessions with routing tables and rules of iproute2 and with packet marks of nftables, as
 * `planRouting` describes. Requires root, `ip` and `nft`. Use one instance per network namespace.
 *
 * The first `apply`, and each `apply` after a failure, replaces the firewall and removes all routes and rules with the
 * number `PROTOCOL`, such as those of a process that crashed. Routes that the kernel removes together with an address
 * are restored when the address returns.
 *
 * A connection can only begin if the system has some route to its destination, even if it leads over another service.
 * `rp_filter` of the interfaces must be 0 or 2, or 1 with `src_valid_mark` 1.
 */
export class LinuxRouting implements Routing {
  readonly #quotas: Required<RoutingQuotas>;
  #requested: readonly SessionRoute[] = [];
  /** The plan that was applied last; undefined before the first plan, and after a failure. */
  #applied: RoutingPlan | undefined;
  /** Numbers of the tables of the plan that was applied last or is being applied. */
  #plannedTables: ReadonlySet<number> = new Set();
  /** The next run, which will apply `#requested`; undefined if no run is waiting. */
  #pendingRun: Promise<void> | undefined;
  /** Resolves when all runs that were requested until now have ended. */
  #lastRun: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;
  readonly #repair = new SerialTask(() => this.#enqueue(() => repairRoutes(this.#applied ?? NO_ROUTING)), {
    quietMs: REPAIR_DELAY_MS,
    maxWaitMs: REPAIR_DELAY_MS,
  });
  #monitor: IpMonitor | undefined;
  #hierarchy: Promise<CgroupHierarchy | undefined> | undefined;

  constructor({ quotas }: LinuxRoutingOptions = {}) {
    this.#quotas = { ...DEFAULT_ROUTING_QUOTAS, ...quotas };
  }

  /**
   * Replaces the routes of all sessions. Calls during a run are combined into one run for the routes of the last call.
   *
   * @throws RangeError if `planRouting` rejects a route; then nothing changes.
   * @throws CommandError if `ip` or `nft` fails.
   * @throws Error after `close()`.
   */
  apply(routes: readonly SessionRoute[]): Promise<void> {
    if (this.#closing !== undefined) return Promise.reject(new Error("the routing is closed"));
    this.#requested = routes;
    if (this.#pendingRun === undefined) {
      this.#monitor ??= new IpMonitor({
        onChange: () => this.#repair.request(),
        isRelevant: (route) => mayRequireRepair(route, this.#plannedTables),
        onError: () => undefined,
      });
      this.#pendingRun = this.#enqueue(() => this.#run());
    }
    return this.#pendingRun;
  }

  /** Removes all routes, if any were applied. Repeated calls have no effect. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    await Promise.all([this.#monitor?.close(), this.#repair.close()]);
    if (this.#monitor !== undefined) await this.#enqueue(removeAll);
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    const run = this.#lastRun.then(work);
    this.#lastRun = run.catch(() => undefined);
    return run;
  }

  async #run(): Promise<void> {
    this.#pendingRun = undefined;
    const requested = this.#requested;
    const hasCgroups = requested.some(({ owner }) => hasCgroup(owner));
    const hierarchy = hasCgroups ? await this.#cgroups() : undefined;
    for (let attempt = 1; ; attempt++) {
      const routes = await withExistingCgroups(requested, hierarchy);
      const plan = planRouting(routes, this.#quotas, hierarchy?.prefix);
      const before = this.#applied;
      this.#applied = undefined;
      this.#plannedTables = new Set([...plan.ipv4.routes, ...plan.ipv6.routes].map(({ table }) => table));
      try {
        await (before === undefined ? replaceUnknown(plan) : replacePlan(before, plan));
        this.#applied = plan;
        return;
      } catch (error) {
        // A control group may have been removed after the check.
        if (!hasCgroups || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  /** Returns the hierarchy of control groups; undefined if nft or the kernel does not support it. */
  #cgroups(): Promise<CgroupHierarchy | undefined> {
    this.#hierarchy ??= cgroupHierarchy().catch(() => undefined);
    return this.#hierarchy;
  }
}

/**
 * Applies a plan if the present state is unknown. The new firewall is loaded first: it blocks confined owners at any
 * time, and it blocks marked packets that would leave over a wrong interface until the routes are complete.
 */
async function replaceUnknown(plan: RoutingPlan): Promise<void> {
  await loadFirewall(REMOVE_FIREWALL + plan.firewall);
  await runBatch("-4", [...REMOVE_ALL_BATCH, ...routingBatches(NO_ROUTING.ipv4, plan.ipv4).add]);
  await runBatch("-6", [...REMOVE_ALL_BATCH, ...routingBatches(NO_ROUTING.ipv6, plan.ipv6).add]);
}

/**
 * Removes the rules, routes and firewall of a process that crashed. Called by a process that does not route traffic. If
 * nft is missing, or this process may not use it, there is normally nothing to remove.
 *
 * @throws CommandError if there are rules that cannot be removed, or nft fails for another reason.
 */
export async function removeLeftRouting(): Promise<void> {
  try {
    await removeAll();
  } catch (error) {
    const isExpected =
      error instanceof CommandError && (error.isMissing || error.stderr.includes("Operation not permitted"));
    if (!isExpected || (await hasRules())) throw error;
  }
}

async function hasRules(): Promise<boolean> {
  const rules = await Promise.all([listRules("-4"), listRules("-6")]);
  return rules.join("\n").includes(`proto ${PROTOCOL}`);
}

function listRules(family: "-4" | "-6"): Promise<string> {
  return runCommand("ip", [family, "rule", "show"]);
}

/**
 * Replaces one plan by another. New routes are added before the marks that select them change, and old routes are
 * removed after that.
 */
async function replacePlan(from: RoutingPlan, to: RoutingPlan): Promise<void> {
  const ipv4 = routingBatches(from.ipv4, to.ipv4);
  const ipv6 = routingBatches(from.ipv6, to.ipv6);
  await runBatches(ipv4, ipv6, "add");
  if (from.firewall !== to.firewall) await loadFirewall(REMOVE_FIREWALL + to.firewall);
  await runBatches(ipv4, ipv6, "remove");
}

async function repairRoutes({ ipv4, ipv6 }: RoutingPlan): Promise<void> {
  // Lines fail for routes that exist, and for services that no longer exist. The next `apply` removes the routes of
  // such services.
  await runBatch("-4", routeRepairBatch(ipv4), "-force").catch(() => undefined);
  await runBatch("-6", routeRepairBatch(ipv6), "-force").catch(() => undefined);
}

async function removeAll(): Promise<void> {
  await loadFirewall(REMOVE_FIREWALL);
  await runBatch("-4", REMOVE_ALL_BATCH);
  await runBatch("-6", REMOVE_ALL_BATCH);
}

async function loadFirewall(script: string): Promise<void> {
  await runCommand("nft", ["-f", "-"], { input: script });
}

async function runBatches(ipv4: RoutingBatches, ipv6: RoutingBatches, part: keyof RoutingBatches): Promise<void> {
  await runBatch("-4", ipv4[part]);
  await runBatch("-6", ipv6[part]);
}

async function runBatch(family: "-4" | "-6", lines: readonly string[], ...options: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  await runCommand("ip", [family, ...options, "-batch", "-"], { input: `${lines.join("\n")}\n` });
}
