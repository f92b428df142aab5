import { computed, ref, watch, type Ref } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { copyText } from '@/core/clipboard'
import { useNotices } from '@/core/notices'
import { hashOf, quote, rangeOf, type LineRange } from './lines'
import { text } from './text'

const maxCopied = 10_000

export interface SelectionOptions {
  jobId: string
  /** Whether the address of the page names the lines. */
  isInAddress: boolean
  lastNumber: Ref<number>
  textsOf: (range: LineRange) => Promise<string[]>
  goTo: (number: number) => void
}

/** The lines that a person has chosen by their numbers. */
export function useLineSelection(options: SelectionOptions) {
  const route = useRoute()
  const router = useRouter()
  const chosen = ref<LineRange | null>(options.isInAddress ? rangeOf(route.hash) : null)

  function href(range: LineRange): string {
    return router.resolve({ name: 'job', params: { jobId: options.jobId }, hash: hashOf(range) }).href
  }

  function choose(range: LineRange | null): void {
    chosen.value = range
    if (options.isInAddress) {
      void router.replace({ query: route.query, hash: range ? hashOf(range) : '' })
    }
  }

  function onNumber(event: MouseEvent, number: number): void {
    if (!event.ctrlKey && !event.metaKey) {
      event.preventDefault()
      const from = event.shiftKey && chosen.value ? chosen.value.first : number
      choose({ first: Math.min(from, number), last: Math.max(from, number) })
    }
  }

  async function copyChosen(isQuote: boolean): Promise<void> {
    const range = chosen.value!
    if (Math.min(range.last, options.lastNumber.value) - range.first >= maxCopied) {
      useNotices().show(text.tooMany, { isError: true })
      return
    }

    const texts = await options.textsOf(range)
    if (await copyText(isQuote ? quote(texts, location.origin + href(range)) : texts.join('\n'))) {
      useNotices().show(text.copied)
    }
  }

  watch(
    () => route.hash,
    hash => {
      const range = rangeOf(hash)
      if (options.isInAddress && range && hash !== (chosen.value && hashOf(chosen.value))) {
        chosen.value = range
        options.goTo(range.first)
      }
    },
  )
  return { chosen: computed(() => chosen.value), choose, href, onNumber, copyChosen }
}

function lineOf(node: Node | null): HTMLElement | null {
  return (node instanceof Element ? node : node?.parentElement)?.closest<HTMLElement>('[data-line]') ?? null
}

/** Copies selected text by the numbers of its lines, without the numbers and whatever else stands between them. False if it is within one line. */
export function copySelection(event: ClipboardEvent, textsOf: (first: number, last: number) => string[]): boolean {
  const range = document.getSelection()!.getRangeAt(0)
  const [from, to] = [lineOf(range.startContainer), lineOf(range.endContainer)]
  if (!from || !to || from === to) {
    return false
  }

  const texts = textsOf(Number(from.dataset.line), Number(to.dataset.line))
  const [head, end] = [range.cloneRange(), range.cloneRange()]
  head.setEndAfter(from.lastChild!)
  end.setStart(to.querySelector('.code')!, 0)
  texts[0] = head.toString()
  texts[texts.length - 1] = end.toString()
  event.preventDefault()
  event.clipboardData?.setData('text/plain', texts.join('\n'))
  return true
}
