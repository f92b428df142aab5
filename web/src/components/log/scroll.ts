export const lineHeight = 20

// Firefox shows nothing below about 17.9 million pixels.
export const maxHeight = 10_000_000

/**
 * The place in a list that may be higher than a browser lets an element be. Small movements scroll by pixels; jumps, as with the bar, count
 * as a share of the whole. After a movement the bar is set to where it belongs.
 */
export class ScrollPlace {
  /** Pixels from the top of the whole list. */
  top = 0
  lines = 0
  viewport = 0
  private bar = 0

  get height(): number {
    return this.lines * lineHeight
  }

  get spacer(): number {
    return Math.min(this.height, maxHeight)
  }

  get maxTop(): number {
    return Math.max(0, this.height - this.viewport)
  }

  private get maxBar(): number {
    return Math.max(0, this.spacer - this.viewport)
  }

  get isAtEnd(): boolean {
    return this.top >= this.maxTop - lineHeight / 2
  }

  get firstLine(): number {
    return Math.floor(this.top / lineHeight) + 1
  }

  get lastLine(): number {
    return Math.min(this.lines, Math.ceil((this.top + this.viewport) / lineHeight))
  }

  /** The bar was moved to this place. */
  scrolled(bar: number): void {
    const distance = bar - this.bar
    this.bar = bar
    if (this.height <= maxHeight) {
      this.top = bar
    } else if (Math.abs(distance) <= this.viewport * 2) {
      this.top = this.clamp(this.top + distance)
    } else {
      this.top = this.maxBar === 0 ? 0 : this.clamp((bar / this.maxBar) * this.maxTop)
    }
  }

  /** Moves to a place and returns where the bar belongs then. */
  moveTo(top: number): number {
    this.top = this.clamp(top)
    return this.align()
  }

  toLine(number: number): number {
    return this.moveTo((number - 1) * lineHeight - Math.max(0, this.viewport / 3))
  }

  toEnd(): number {
    return this.moveTo(this.maxTop)
  }

  /** Where the bar belongs for the present place. */
  align(): number {
    this.bar = this.height <= maxHeight || this.maxTop === 0 ? this.top : Math.round((this.top / this.maxTop) * this.maxBar)
    return this.bar
  }

  private clamp(top: number): number {
    return Math.min(Math.max(0, top), this.maxTop)
  }
}
