/** What was printed without the lines on how far work is, which a slow machine prints. */
export function withoutProgress(stderr: string): string {
  return stderr.replace(/^.+: [\d,]+ of [\d,]+ \(\d+ %\).*, [\d,]+ MB\n/gm, '')
}
