// Runs the connection manager from its sources: npx tsx connection-manager.ts [flags]
import { main } from "../../../../runtime/telepathy/cli.ts";

process.exitCode = await main(["--no-warm-up", ...process.argv.slice(2)]);
