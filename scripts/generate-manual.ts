import { manualFile } from './generated.ts';
import { faultsOf } from './manual/faults.ts';
import { readManual } from './manual/answers.ts';
import { writeGenerated } from './write-generated.ts';

const faults = await faultsOf(readManual());
if (faults.length === 0) writeGenerated([manualFile()]);
else {
  for (const fault of faults) console.error(fault);
  process.exitCode = 7;
}
