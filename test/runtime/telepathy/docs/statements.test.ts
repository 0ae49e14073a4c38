import { testStatements } from "../../../setup/statements-page.ts";

testStatements(new URL("../../../../runtime/telepathy/docs/statements.md", import.meta.url), 100);
