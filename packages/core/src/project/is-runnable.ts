/** Whether a module is one that a project's TypeScript or JavaScript was made into: errors in it are told by its sources. */
export function isRunnable(url: string): boolean {
  return /\/memo\/stages\/[0-9a-f]{32}\.mjs$/.test(url);
}
