// Loaded into a victim before its program. Answers each message with the longest time, in milliseconds, for which the
// event loop was blocked since the previous message.
import { monitorEventLoopDelay } from "node:perf_hooks";

const RESOLUTION_MS = 1;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();
process.on("message", () => {
  // The timer that measures must run after the attack, too.
  setTimeout(() => {
    process.send?.(Math.max(0, delay.max / 1e6 - RESOLUTION_MS));
    delay.reset();
  }, 5);
});
process.channel?.unref();
