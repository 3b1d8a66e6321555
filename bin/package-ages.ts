import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * `npm run ages`: fails when a package that is deployed, and that package.json names, was published less than seven days ago:
 * most of what is smuggled into packages is found by then. The lock file has no dates, so npm asks its registry; where that does
 * not answer, the package is "not checked".
 */
const YOUNGEST_DAYS = 7;
const DAY_MS = 86_400_000;

/** A registry that takes longer is not waited for. */
const LOOK_UP_MS = 20_000;

const ROOT = join(import.meta.dirname, '..');
const read = (file: string) => JSON.parse(readFileSync(join(ROOT, file), 'utf8'));

/** Days since this version was published; undefined when nobody can tell. */
async function ageInDays(name: string, version: string): Promise<number | undefined> {
  try {
    const parameters = ['view', name, 'time', '--json'];
    const { stdout } = await promisify(execFile)('npm', parameters, { timeout: LOOK_UP_MS, maxBuffer: 50_000_000 });
    const publishedAtMs = Date.parse(JSON.parse(stdout)[version]);
    return Number.isNaN(publishedAtMs) ? undefined : (Date.now() - publishedAtMs) / DAY_MS;
  } catch {
    return undefined;
  }
}

const { packages } = read('package-lock.json') as { packages: Record<string, { version: string }> };
let young = 0;
let unknown = 0;
for (const name of Object.keys(read('package.json').dependencies)) {
  const version = packages[`node_modules/${name}`]?.version ?? '';
  const days = await ageInDays(name, version);
  if (days === undefined) unknown += 1;
  else if (days < YOUNGEST_DAYS) young += 1;
  const age = days === undefined ? 'not checked' : `${Math.floor(days)} days old`;
  console.log(`${name}@${version}: ${age}${days !== undefined && days < YOUNGEST_DAYS ? ', too young' : ''}`);
}
if (unknown > 0) console.log(`not checked: the age of ${unknown} packages, of which the registry says nothing`);
process.exitCode = young > 0 ? 1 : 0;
