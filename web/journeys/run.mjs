// Runs one of the programs here, which are TypeScript: `node journeys/run.mjs measure`.
import { runnerImport } from 'vite';

await runnerImport(new URL(`${process.argv[2]}.ts`, import.meta.url).pathname, { configFile: false });
