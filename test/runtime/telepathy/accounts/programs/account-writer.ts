// Saves one account over and over, as accountOf says, until it is killed. Argument: folder of the store.
import { FileStore } from "../../../../../runtime/telepathy/accounts/file-store.ts";
import { accountOf } from "./numbered-account.ts";

const store = new FileStore({ folder: process.argv[2] ?? "" });
const [known] = await store.load();
let generation = Number(known?.settings.nickname ?? 0);
process.stdout.write("ready\n");
for (;;) await store.save(accountOf(++generation));
