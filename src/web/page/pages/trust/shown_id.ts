/** An `_id` as people read it: an ObjectId as its digits, a text in quotes, any other type as Extended JSON. */
export function shownId(id: unknown): string {
  if (typeof id === 'object' && id !== null && '$oid' in id) return String(id.$oid)
  const text = JSON.stringify(id) ?? '–'
  return text.length > 60 ? `${text.slice(0, 44)}…${text.slice(-15)}` : text
}
