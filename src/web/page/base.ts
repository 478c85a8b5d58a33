/** What stands before every address of the dashboard, as in `/shop`, where a proxy puts something there. */
export const base = document.querySelector<HTMLMetaElement>('meta[name="lingot-base"]')?.content ?? ''
