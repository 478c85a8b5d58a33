import { Bookmark, BookmarkMinus } from 'lucide'
import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { base } from '../base.ts'
import { useMessages } from '../language.ts'
import { useMarks } from '../marks.ts'
import { ownViews } from '../views.ts'
import { Icon } from './icon.tsx'

/** Views by name: those that the shop shares, and one's own; what is seen now is kept as one more. */
export function Views() {
  const messages = useMessages()
  const { url, route } = useLocation()
  const own = ownViews.use()
  const shared = useMarks().data?.views ?? []
  const [isNaming, setIsNaming] = useState(false)
  const [name, setName] = useState('')
  const address = sorted(url.slice(base.length) || '/')
  const all = [...shared, ...own]
  const shown = all.findIndex((view) => sorted(view.address) === address)
  const isOwn = shown >= shared.length
  const keep = (event: Event) => {
    event.preventDefault()
    const text = name.trim()
    if (text !== '') ownViews.keep({ name: text, address })
    setName('')
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
        <form class="naming" onSubmit={keep}>
          <label>
            <span>{messages.viewName}</span>
            <input
              type="text"
              value={name}
              maxLength={100}
              // biome-ignore lint/a11y/noAutofocus: whoever asked for it types next
              autoFocus
              onInput={({ currentTarget }) => setName(currentTarget.value)}
              onKeyDown={({ key }) => key === 'Escape' && setIsNaming(false)}
            />
          </label>
          <button type="submit" class="button">
            {messages.save}
          </button>
        </form>
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
