// Saves one account repeatedly, with increasing numbers, until it is killed. Argument: folder of the store.
import { FileStore } from "../../../../../runtime/telepathy/accounts/file-store.ts";
import { numberedAccount } from "./numbered-account.ts";

const store = new FileStore({ folder: process.argv[2] ?? "" });
const [stored] = await store.load();
let generation = Number(stored?.settings.nickname ?? 0);
process.stdout.write("ready\n");
await store.save(numberedAccount(++generation));
process.stdout.write("saved\n");
for (;;) await store.save(numberedAccount(++generation));
