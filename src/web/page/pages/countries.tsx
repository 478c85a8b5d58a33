import { PageFrame } from '../parts/page_frame.tsx'

export function Countries() {
  return <PageFrame page="countries">{() => null}</PageFrame>
}
