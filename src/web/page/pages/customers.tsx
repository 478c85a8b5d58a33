import { PageFrame } from '../parts/page_frame.tsx'

export function Customers() {
  return <PageFrame page="customers">{() => null}</PageFrame>
}
