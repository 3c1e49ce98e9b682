/** A word as a POSIX shell reads it back: in single quotes where it holds anything that a shell gives a meaning to. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
