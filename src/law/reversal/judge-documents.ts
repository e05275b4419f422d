import { renderPath, type Path } from '../../form/problem.ts';
import { isDocumentRefusal, parseDocumentReversal } from '../json/reversal.ts';
import { finding, type ReversalFinding } from './finding.ts';
import { positionOf, type Reversal } from './reversal.ts';
import type { DocumentEntries } from './schema.ts';

/** Reads every entry for a document by itself, its expressions included, and then those of a document together. */
export function judgeDocuments(reversal: Reversal): ReversalFinding[] {
  return Object.entries(reversal.documents).flatMap(([document, entries]) => {
    const single = Object.entries(entries).flatMap(([path, entry]) =>
      refusal(reversal, ['json', document, path], { [path]: entry }),
    );
    return single.length > 0 ? single : refusal(reversal, ['json', document], entries);
  });
}

function refusal(reversal: Reversal, path: Path, entries: DocumentEntries): ReversalFinding[] {
  try {
    parseDocumentReversal(entries, { reversalFile: reversal.file, document: String(path[1]) });
    return [];
  } catch (error) {
    if (!isDocumentRefusal(error)) throw error;
    const { message, hint } = error;
    const problem = { ...positionOf(reversal, path), path: renderPath(path), message, hint };
    return [finding('document', problem)];
  }
}
