import type { ServedInterface } from "./object-view.ts";
import type { ServedObjectTree } from "./served-object-tree.ts";
import { emitInterfacesAdded, emitInterfacesRemoved, ObjectSignalSink, type SignalOutput } from "./signal-sink.ts";

/**
 * Sends the signals of interfaces in the tree from their path, and announces them to the object managers above.
 *
 * @returns A function that ends serving them.
 */
export function serveInterfaces(
  tree: ServedObjectTree,
  output: SignalOutput,
  path: string,
  served: readonly ServedInterface[],
): () => void {
  const sinks = served.map((iface) => ({ state: iface.state, sink: new ObjectSignalSink(output, path, iface) }));
  for (const { state, sink } of sinks) state.addSink(sink);
  for (const manager of tree.managersAbove(path)) emitInterfacesAdded(output, manager, path, served);
  return () => {
    for (const { state, sink } of sinks) state.removeSink(sink);
    const managers = tree.managersAbove(path);
    tree.remove(path, served);
    for (const manager of managers) emitInterfacesRemoved(output, manager, path, served);
  };
}
