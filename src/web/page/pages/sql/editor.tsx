import { autocompletion } from '@codemirror/autocomplete'
import { syntaxHighlighting } from '@codemirror/language'
import { Compartment, EditorState, type Extension, Prec } from '@codemirror/state'
import { EditorView, keymap } from '@codemirror/view'
import { classHighlighter } from '@lezer/highlight'
import { basicSetup } from 'codemirror'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { Table } from '../../../api.ts'
import { useWords } from '../../language.ts'
import { en, fr } from '../sql_words.ts'
import { postgres } from './completion.ts'

/** What others do with what stands in the editor. */
export interface EditorHandle {
  /** Puts a name where the cursor is, apart from the words beside it. */
  insert: (name: string) => void
  focus: () => void
}

export interface EditorProps {
  /** What is put in it; what is typed then is its own until something else is opened. */
  opened: { text: string }
  /** A model can be read here, not changed. */
  isReadOnly: boolean
  /** What completes a statement. */
  tables: readonly Table[]
  /** The statement that was asked last. */
  asked: string | undefined
  /** The character of it where PostgreSQL stumbled, from 1. */
  position: number | undefined
  handle: { current: EditorHandle | undefined }
  onChange: (value: string) => void
  onRun: () => void
}

/**
 * SQL with colours and completion; Ctrl-Enter runs it. What is typed is never replaced: a completion is taken by who
 * goes to it with the arrows, or clicks it. Tab leaves the editor.
 */
export function Editor({ opened, isReadOnly, tables, asked, position, handle, onChange, onRun }: EditorProps) {
  const words = useWords({ en, fr })
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(undefined)
  const handlers = useRef({ onChange, onRun })
  handlers.current = { onChange, onRun }
  const access = useRef(new Compartment())
  const dialect = useRef(new Compartment())
  const texts = useRef(new Compartment())

  useEffect(() => {
    if (place.current === null) return
    const run = {
      key: 'Mod-Enter',
      run: () => {
        handlers.current.onRun()
        return true
      },
    }
    const editor = new EditorView({
      parent: place.current,
      doc: opened.text,
      extensions: [
        Prec.highest(keymap.of([run])),
        basicSetup,
        autocompletion({ selectOnOpen: false, icons: false, maxRenderedOptions: 10 }),
        syntaxHighlighting(classHighlighter),
        look,
        EditorView.lineWrapping,
        texts.current.of(wordsOf(words)),
        dialect.current.of(postgres(tables)),
        access.current.of(readable(isReadOnly)),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) handlers.current.onChange(update.state.doc.toString())
        }),
      ],
    })
    view.current = editor
    handle.current = { insert: (name) => insert(editor, name), focus: () => editor.focus() }
    return () => {
      handle.current = undefined
      editor.destroy()
    }
  }, [])

  // With what stands around it: a statement is never seen beneath another one's title.
  useLayoutEffect(() => {
    const editor = view.current
    if (editor === undefined || editor.state.doc.toString() === opened.text) return
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: opened.text } })
  }, [opened])
  useEffect(() => view.current?.dispatch({ effects: dialect.current.reconfigure(postgres(tables)) }), [tables])
  useEffect(() => view.current?.dispatch({ effects: texts.current.reconfigure(wordsOf(words)) }), [words])
  useEffect(() => view.current?.dispatch({ effects: access.current.reconfigure(readable(isReadOnly)) }), [isReadOnly])
  useEffect(() => {
    const editor = view.current
    // Who has written on meanwhile goes on where they are.
    if (editor === undefined || position === undefined || editor.state.doc.toString() !== asked) return
    const at = Math.min(Math.max(position - 1, 0), editor.state.doc.length)
    editor.dispatch({ selection: { anchor: at }, scrollIntoView: true })
    editor.focus()
  }, [position])

  return <div class="editor" ref={place} />
}

function insert(editor: EditorView, name: string): void {
  const { state } = editor
  if (state.readOnly) return
  const { from, to } = state.selection.main
  const [before, after] = [state.sliceDoc(Math.max(0, from - 1), from), state.sliceDoc(to, to + 1)]
  const text = [/[\p{L}\d_"),]/u.test(before) ? ' ' : '', name, /[\p{L}\d_"]/u.test(after) ? ' ' : ''].join('')
  editor.dispatch({
    changes: { from, to, insert: text },
    selection: { anchor: from + text.length },
    scrollIntoView: true,
    userEvent: 'input.insert',
  })
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
  // It does not scroll: the arrows lead to what it has no room for.
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    maxWidth: 'min(700px, 92vw)',
    maxHeight: 'none',
    fontFamily: 'var(--mono)',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { background: 'var(--gold-wash)', color: 'var(--ink)' },
  '.cm-completionDetail': { color: 'var(--ink-soft)', fontStyle: 'normal' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '650' },
  '.cm-tooltip.cm-completionInfo': { padding: '8px 10px', maxWidth: 'min(360px, 80vw)', fontFamily: 'var(--font)' },
  '.cm-panels': { background: 'var(--sunken)', color: 'var(--ink)' },
})

function readable(isReadOnly: boolean): Extension {
  return [EditorState.readOnly.of(isReadOnly), EditorView.editable.of(!isReadOnly)]
}

function wordsOf({ statement, phrases }: typeof en): Extension {
  return [
    // One that cannot be edited has to be reached all the same, to scroll in it.
    EditorView.contentAttributes.of({ 'aria-label': statement, tabindex: '0' }),
    EditorState.phrases.of(phrases),
  ]
}
