// What the build leaves in its folder: nothing of the build before, and beside each text its shorter forms, which the server
// sends as they are.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

const TEXT = /\.(css|html|js|json|svg|txt|webmanifest)$/;
/** By this file git keeps the folder. */
const KEPT = '.keep';

export function dist(): Plugin {
  let folder = '';
  return {
    name: 'dist',
    apply: 'build',
    configResolved: ({ root, build }) => {
      folder = resolve(root, build.outDir);
    },
    // Before anything is written, and not before everything is made: a build that fails leaves the last one as it was.
    renderStart: { order: 'pre', handler: () => empty(folder) },
    writeBundle: { order: 'post', handler: () => shorten(folder) },
  };
}

function empty(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) if (name !== KEPT) rmSync(join(folder, name), { recursive: true });
}

function shorten(folder: string): void {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => TEXT.test(name));
  for (const path of names.map((name) => join(folder, name))) {
    const plain = readFileSync(path);
    const params = { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length };
    keep(`${path}.gz`, gzipSync(plain, { level: 9 }), plain);
    keep(`${path}.br`, brotliCompressSync(plain, { params }), plain);
  }
}

/** Some texts are so short that another form is longer. */
function keep(path: string, form: Buffer, plain: Buffer): void {
  if (form.length < plain.length) writeFileSync(path, form);
}
