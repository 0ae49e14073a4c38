/** Runs the connection manager and gives its exit code. */
export async function main(_argv: readonly string[]): Promise<number> {
  return 2;
}
