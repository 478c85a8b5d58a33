import { PageHead } from '../parts/page_frame.tsx'

export function Sql() {
  return <PageHead page="sql" />
}
