import { PageHead } from '../parts/page_frame.tsx'

export function Trust() {
  return <PageHead page="trust" />
}
