import { PostgreSQL, sql } from '@codemirror/lang-sql'
import { syntaxHighlighting } from '@codemirror/language'
import { Compartment, EditorState, type Extension, Prec } from '@codemirror/state'
import { EditorView, keymap } from '@codemirror/view'
import { classHighlighter } from '@lezer/highlight'
import { basicSetup } from 'codemirror'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'

export interface EditorProps {
  label: string
  /** What is put in it; what is typed then is its own until something else is opened. */
  opened: { text: string }
  /** A model can be read here, not changed. */
  isReadOnly: boolean
  /** Tables and their columns, for completion. */
  tables: Readonly<Record<string, readonly string[]>>
  /** The character where PostgreSQL stumbled, from 1. */
  position: number | undefined
  onChange: (value: string) => void
  onRun: (value: string) => void
}

/** SQL with colours; Ctrl-Enter runs it. Escape, then Tab, leaves it by keyboard. */
export function Editor({ label, opened, isReadOnly, tables, position, onChange, onRun }: EditorProps) {
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(undefined)
  const handlers = useRef({ onChange, onRun })
  handlers.current = { onChange, onRun }
  const access = useRef(new Compartment())
  const dialect = useRef(new Compartment())

  useEffect(() => {
    if (place.current === null) return
    const run = {
      key: 'Mod-Enter',
      run: ({ state }: EditorView) => {
        handlers.current.onRun(state.doc.toString())
        return true
      },
    }
    const editor = new EditorView({
      parent: place.current,
      doc: opened.text,
      extensions: [
        Prec.highest(keymap.of([run])),
        basicSetup,
        syntaxHighlighting(classHighlighter),
        look,
        EditorView.lineWrapping,
        // One that cannot be edited has to be reached all the same, to scroll in it.
        EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
        dialect.current.of(postgres(tables)),
        access.current.of(readable(isReadOnly)),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) handlers.current.onChange(update.state.doc.toString())
        }),
      ],
    })
    view.current = editor
    return () => editor.destroy()
  }, [])

  // With what stands around it: a statement is never seen beneath another one's title.
  useLayoutEffect(() => {
    const editor = view.current
    if (editor === undefined || editor.state.doc.toString() === opened.text) return
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: opened.text } })
  }, [opened])
  useEffect(() => view.current?.dispatch({ effects: dialect.current.reconfigure(postgres(tables)) }), [tables])
  useEffect(() => view.current?.dispatch({ effects: access.current.reconfigure(readable(isReadOnly)) }), [isReadOnly])
  useEffect(() => {
    const editor = view.current
    if (editor === undefined || position === undefined) return
    const at = Math.min(Math.max(position - 1, 0), editor.state.doc.length)
    editor.dispatch({ selection: { anchor: at }, scrollIntoView: true })
    editor.focus()
  }, [position])

  return <div class="editor" ref={place} />
}

/** The colours of the page in the place of CodeMirror's own. */
const look = EditorView.theme({
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-gutters': { border: '0', background: 'none', color: 'var(--ink-faint)' },
  '.cm-activeLine, .cm-activeLineGutter': { background: 'light-dark(rgb(0 0 0 / 0.03), rgb(255 255 255 / 0.04))' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    background: 'light-dark(#f3dfae, #4a3d1d)',
  },
  '.cm-tooltip': { border: '1px solid var(--line-strong)', background: 'var(--raised)', color: 'var(--ink)' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { background: 'var(--gold-wash)', color: 'var(--ink)' },
  '.cm-panels': { background: 'var(--sunken)', color: 'var(--ink)' },
})

function postgres(tables: EditorProps['tables']): Extension {
  return sql({ dialect: PostgreSQL, schema: tables })
}

function readable(isReadOnly: boolean): Extension {
  return [EditorState.readOnly.of(isReadOnly), EditorView.editable.of(!isReadOnly)]
}
