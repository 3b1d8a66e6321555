import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

interface LockedPackage {
  version: string;
  license?: string;
  dev?: boolean;
  hasInstallScript?: boolean;
  integrity?: string;
  inBundle?: boolean;
}

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
const locked = Object.entries(lock.packages as Record<string, LockedPackage>).filter(([path]) => path !== '');
const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

/** Every one is code that a cold start loads, an operator trusts and somebody keeps up to date. */
const MOST_RUNTIME_DEPENDENCIES = 12;

/** Licences that ask for no more than to be named. */
const LICENCES = new Set(['MIT', 'MIT-0', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', '0BSD']);

/** An SPDX expression of licences that are all or alternatively ours to take. */
function isFree(expression: string): boolean {
  const alternatives = expression.replace(/^\(|\)$/g, '').split(' OR ');
  return alternatives.some((licence) => licence.split(' AND ').every((one) => LICENCES.has(one)));
}

describe('the packages', () => {
  it(`that run are at most ${MOST_RUNTIME_DEPENDENCIES}, with what they need besides`, () => {
    expect(Object.keys(manifest.dependencies).length).toBeLessThanOrEqual(MOST_RUNTIME_DEPENDENCIES);
  });

  it('that run are under licences that ask for no more than to be named', () => {
    const others = locked
      .filter(([, { dev }]) => !dev)
      .filter(([, { license }]) => license === undefined || !isFree(license))
      .map(([path, { license }]) => `${nameOf(path)}: ${license}`);
    expect(others).toEqual([]);
    expect(['GPL-3.0', 'MIT AND GPL-3.0', '(AGPL-3.0 OR SSPL-1.0)', 'UNLICENSED'].some(isFree)).toBe(false);
  });

  it('run a script when they are installed only where allowScripts decides on it', () => {
    const scripted = locked.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => nameOf(path));
    expect([...new Set(scripted)].sort()).toEqual(Object.keys(manifest.allowScripts).sort());
  });

  it('are each locked to one content', () => {
    // What comes inside another package has that one's.
    const loose = locked.filter(([, { integrity, inBundle }]) => !inBundle && !integrity?.startsWith('sha512-'));
    expect(loose.map(([path]) => path)).toEqual([]);
  });

  it('are listed by npm run sbom, from the lock file alone', async () => {
    const [command, ...parameters] = String(manifest.scripts.sbom).split(' ');
    const { stdout } = await promisify(execFile)(command ?? '', parameters, { cwd: ROOT, maxBuffer: 10_000_000 });
    const { bomFormat, components } = JSON.parse(stdout) as {
      bomFormat: string;
      components: { name: string; version: string; group?: string }[];
    };
    expect(bomFormat).toBe('CycloneDX');
    const listed = components.map(({ group, name, version }) => `${group ? `${group}/` : ''}${name}@${version}`);
    const all = locked.map(([path, { version }]) => `${nameOf(path)}@${version}`);
    expect(all.filter((one) => !listed.includes(one))).toEqual([]);
  });
});
