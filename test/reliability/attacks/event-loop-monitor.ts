// Loaded into a victim before its program. Answers each message with the longest times for which the event loop was
// blocked since the previous message.
import { LongestTurn } from "../longest-turn.ts";

const longest = new LongestTurn();
// The timer that measures must run after the attack, too.
process.on("message", () => setTimeout(() => process.send?.(longest.take()), 5));
process.channel?.unref();
