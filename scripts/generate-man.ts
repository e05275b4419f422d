import { manFile } from './generated.ts';
import { writeGenerated } from './write-generated.ts';

writeGenerated([await manFile()]);
