import { errorsFile } from './generated.ts';
import { writeGenerated } from './write-generated.ts';

writeGenerated([errorsFile()]);
