import { mergeTriple, undecided, type DecisionAt, type Merged } from './merge.ts';
import { parseJson } from './read.ts';
import { textLike } from './write.ts';

/** The JSON texts of one cell in the three states. */
export interface CellTexts {
  readonly before: string;
  readonly after: string;
  readonly now: string;
}

export interface MergedCell extends Omit<Merged, 'value'> {
  /** `before`'s exact text where nothing was carried. */
  readonly text: string;
}

/**
 * The path merge for a cell that holds JSON in all three states; `place` names the cell in errors.
 * Throws BackstepError `document/*` where one of the texts is no JSON.
 */
export function mergeCell(
  { before, after, now }: CellTexts,
  place: string,
  decisionAt: DecisionAt = undecided,
): MergedCell {
  const old = parseJson(before, `${place} (before)`);
  const { value, ...found } = mergeTriple(
    {
      before: old.root,
      after: parseJson(after, `${place} (after)`).root,
      now: parseJson(now, `${place} (now)`).root,
    },
    decisionAt,
  );
  // A cell is deleted with its row, never by a merge of its paths: all three states hold a value.
  const merged = value ?? old.root;
  return { ...found, text: textLike({ ...old, text: before }, merged) };
}
