import { testStatements } from "../../../setup/statements-page.ts";

testStatements(new URL("../../../../runtime/connman/docs/statements.md", import.meta.url), 120);
