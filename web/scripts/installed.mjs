// Ends well if node_modules holds what package-lock.json names, as npm itself keeps account of it.
import { existsSync, readFileSync } from 'node:fs';

const read = (name) => JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')).packages;

function isInstalled() {
  const wanted = read('package-lock.json');
  if (!existsSync(new URL('../node_modules/.package-lock.json', import.meta.url))) return false;
  const there = read('node_modules/.package-lock.json');
  // Some are for other machines.
  return Object.entries(wanted).every(
    ([path, { integrity, optional }]) =>
      path === '' || (path in there ? there[path].integrity === integrity : optional === true),
  );
}

process.exit(isInstalled() ? 0 : 1);
