import { PageFrame } from '../parts/page_frame.tsx'

export function Campaigns() {
  return <PageFrame page="campaigns">{() => null}</PageFrame>
}
