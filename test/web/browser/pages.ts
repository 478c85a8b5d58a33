/** The addresses of all views. */
export const paths = ['/', '/customers', '/products', '/campaigns', '/countries', '/trust', '/sql'] as const
