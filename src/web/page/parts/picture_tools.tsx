import { Copy, Download } from 'lucide'
import { useState } from 'preact/hooks'
import { download, textFile } from '../charts/export.ts'
import type { Drawing } from '../charts/plot.tsx'
import { useFormat } from '../format.ts'
import { useMessages } from '../language.ts'
import { useStatus } from '../status.ts'
import { Icon } from './icon.tsx'
import { useShownPage } from './shown_page.ts'

/** A chart as a picture that says what it shows: a drawing, pixels, or into the clipboard. */
export function PictureTools({
  title,
  name,
  unit,
  range,
  draw,
}: {
  title: string
  name: string
  /** What is measured, and in what. */
  unit: string
  /** Which time and part of the shop, where it is not what the page shows. */
  range?: string | undefined
  draw: (width: number) => Drawing
}) {
  const messages = useMessages()
  const format = useFormat()
  const { status } = useStatus()
  const page = useShownPage()
  const [outcome, setOutcome] = useState<'copied' | 'notCopied'>()
  const gold = page?.gold ?? status?.gold
  const caption = {
    title,
    range: range ?? page?.range ?? '',
    unit,
    source: messages.source(gold == null ? '' : format.time(gold.started)),
  }
  const picture = async () => {
    const { pictureOf, pixelsOf } = await import('../charts/picture.ts')
    const svg = pictureOf(draw, caption)
    return { svg, pixels: () => pixelsOf(svg) }
  }
  const saveSvg = async () => download(`${name}.svg`, textFile((await picture()).svg, 'image/svg+xml'))
  const savePng = async () => download(`${name}.png`, await (await picture()).pixels())
  const copy = async () => {
    try {
      // A browser lets it in for as long as the click is fresh: it waits for the picture itself.
      const pixels = picture().then((made) => made.pixels())
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': pixels })])
      setOutcome('copied')
    } catch {
      setOutcome('notCopied')
    }
  }
  return (
    <>
      <button type="button" class="tool" onClick={saveSvg} aria-label={messages.downloadSvg(title)}>
        <Icon of={Download} />
        <span>SVG</span>
      </button>
      <button type="button" class="tool" onClick={savePng} aria-label={messages.downloadPng(title)}>
        <Icon of={Download} />
        <span>PNG</span>
      </button>
      <button type="button" class="tool" onClick={copy} aria-label={messages.copyPicture(title)}>
        <Icon of={Copy} />
        <span>{outcome === undefined ? messages.copy : messages[outcome]}</span>
      </button>
      <span class="unseen" role="status">
        {outcome && messages[outcome]}
      </span>
    </>
  )
}
