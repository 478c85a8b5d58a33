import { PageFrame } from '../parts/page_frame.tsx'

export function Products() {
  return <PageFrame page="products">{() => null}</PageFrame>
}
