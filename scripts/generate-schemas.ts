import { schemaFiles } from './generated.ts';
import { writeGenerated } from './write-generated.ts';

writeGenerated(schemaFiles());
