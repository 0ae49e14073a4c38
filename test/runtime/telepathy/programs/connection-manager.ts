// The connection manager from its sources, which starts without warming up: npx tsx connection-manager.ts [flags]
import { main } from "../../../../runtime/telepathy/cli.ts";

process.exitCode = await main(["--no-warm-up", ...process.argv.slice(2)]);
