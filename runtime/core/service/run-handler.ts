import type { MethodMember } from "./members.ts";
import type { ServedInterface } from "./object-view.ts";
import type { Reply } from "./reply.ts";
import { announceAllChanges } from "./service-state.ts";

/** Runs the handler of a method, then announces property changes. Returns or throws what the handler returns or throws. */
export function runHandler(
  { service }: ServedInterface,
  member: MethodMember,
  args: readonly unknown[],
  reply: Reply,
): unknown {
  const handler: unknown = Reflect.get(service, member.key);
  if (typeof handler !== "function") throw new TypeError(`the service has no method ${member.key}`);
  reply.handOverDescriptors();
  try {
    return Reflect.apply(handler, service, [...args, reply.incoming]);
  } finally {
    announceAllChanges();
  }
}
