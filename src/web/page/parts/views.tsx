import { Bookmark, BookmarkMinus } from 'lucide'
import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { base } from '../base.ts'
import { useMessages } from '../language.ts'
import { useMarks } from '../marks.ts'
import { ownViews } from '../views.ts'
import { Icon } from './icon.tsx'
import { Naming } from './naming.tsx'

/** Views by name: those that the shop shares, and one's own; what is seen now is kept as one more. */
export function Views() {
  const messages = useMessages()
  const { url, route } = useLocation()
  const own = ownViews.use()
  const shared = useMarks().data?.views ?? []
  const [isNaming, setIsNaming] = useState(false)
  const address = sorted(url.slice(base.length) || '/')
  const all = [...shared, ...own]
  const shown = all.findIndex((view) => sorted(view.address) === address)
  const isOwn = shown >= shared.length
  const keep = (name: string | undefined) => {
    if (name !== undefined) ownViews.keep({ name, address })
    setIsNaming(false)
  }
  return (
    <>
      {all.length > 0 && (
        <label>
          <span>{messages.view}</span>
          <select
            value={String(shown)}
            onChange={({ currentTarget: { value } }) => {
              const view = all[Number(value)]
              if (view !== undefined) route(base + view.address)
            }}
          >
            <option value="-1" disabled>
              {messages.noView}
            </option>
            {all.map((view, i) => (
              <option key={i} value={String(i)}>
                {view.name}
              </option>
            ))}
          </select>
        </label>
      )}
      {isNaming ? (
        <Naming label={messages.viewName} save={messages.save} onEnd={keep} />
      ) : shown >= 0 && isOwn ? (
        <button type="button" class="tool" onClick={() => ownViews.forget(all[shown]?.name ?? '')}>
          <Icon of={BookmarkMinus} />
          <span>{messages.forgetView}</span>
        </button>
      ) : shown >= 0 ? null : (
        <button type="button" class="tool" onClick={() => setIsNaming(true)}>
          <Icon of={Bookmark} />
          <span>{messages.saveView}</span>
        </button>
      )}
    </>
  )
}

/** An address whose parameters stand in one order. */
function sorted(address: string): string {
  const [path = '/', query = ''] = address.split('?')
  const parameters = new URLSearchParams(query)
  parameters.sort()
  const text = parameters.toString()
  return text === '' ? path : `${path}?${text}`
}
