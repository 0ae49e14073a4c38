import { crashRepeatedly } from "./crashing.ts";
import { ms, percentile } from "./support.ts";

// Kills dbus-daemon with SIGKILL under load; all connections reconnect. Argument: number of kills.

const times = Number(process.argv[2] ?? 50);
const begin = performance.now();
const { calls, hung, lost, recoveries } = await crashRepeatedly(times);
console.log(`killed the daemon ${times} times in ${((performance.now() - begin) / 1000).toFixed(1)} s`);
console.log(`calls: ${calls.answered} answered, ${calls.disconnected} rejected with DisconnectedError`);
console.log(`calls that ended otherwise: ${calls.other.length}${calls.other.slice(0, 3).map((text) => `\n  ${text}`)}`);
console.log(`calls that hung: ${hung}; subscriptions lost: ${lost}`);
console.log(`recovery: p50 ${ms(percentile(recoveries, 0.5))}, p99 ${ms(percentile(recoveries, 0.99))}`);
if (hung + lost + calls.other.length > 0) process.exitCode = 1;
