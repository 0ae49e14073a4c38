// Removes the routing of a process that crashed. Prints `done`, or an error.

import { removeLeftRouting } from "../../../../runtime/connman/adapters/routing/linux/linux-routing.ts";

await removeLeftRouting().then(
  () => process.stdout.write("done"),
  (error) => process.stdout.write(String(error)),
);
