import process from 'node:process';

// The first release makes its database when it is installed: schema.sql.
process.exitCode = 0;
