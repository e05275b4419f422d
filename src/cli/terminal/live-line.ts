/** Where the line is drawn. */
export interface Screen {
  write(text: string): unknown;
  readonly columns?: number | undefined;
}

/** One line at the end of the screen that is drawn over and over. */
export interface LiveLine {
  show(text: string): void;
  /** Takes it away, so that something else can be written in its place. */
  clear(): void;
}

const eraseLine = '\r\u001b[K';
const usualColumns = 80;

export function openLiveLine(screen: Screen): LiveLine {
  let isShown = false;
  return {
    show: (text) => {
      // The last column stays free: a terminal wraps when it is written to.
      const room = Math.max(1, (screen.columns || usualColumns) - 1);
      screen.write(`${eraseLine}${Array.from(text).slice(0, room).join('')}`);
      isShown = true;
    },
    clear: () => {
      if (isShown) screen.write(eraseLine);
      isShown = false;
    },
  };
}

const barCells = 20;

/** `███████░░░░░░░░░░░░░` */
export function bar(share: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * barCells);
  return '█'.repeat(filled) + '░'.repeat(barCells - filled);
}
