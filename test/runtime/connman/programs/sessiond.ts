import { main } from "../../../../runtime/connman/cli.ts";

process.exitCode = await main(process.argv.slice(2));
