import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync, type Metafile } from 'esbuild';

/**
 * Ways to find AWS credentials that the SDK loads only when there are none in the environment. A function always has them
 * there; left out, they save a fifth of each bundle.
 */
const NEVER_LOADED = [
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-login',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@aws-sdk/nested-clients',
  '@smithy/credential-provider-imds',
];

/** Some packages inside the AWS SDK are CommonJS and call require for Node's own modules. */
const BANNER = "import { createRequire } from 'node:module';const require=createRequire(import.meta.url);";

/**
 * Bundles a handler with all it needs into a folder, as `index.mjs`; what it imports dynamically is in files beside it, which a
 * cold start does not load. `packages` are not bundled but copied. Answers with esbuild's account of the files. Throws what esbuild finds wrong.
 */
export function bundleHandler(
  entry: string,
  folder: string,
  operatorModule?: string,
  packages: readonly string[] = [],
): Metafile {
  const { metafile } = buildSync({
    entryPoints: { index: entry },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // Prefer a package's ES modules, which can be shaken.
    mainFields: ['module', 'main'],
    external: [...NEVER_LOADED, ...packages],
    banner: { js: BANNER },
    ...(operatorModule ? { alias: { '#operator-configuration': operatorModule } } : {}),
    metafile: true,
    logLevel: 'error',
  });
  for (const name of packages) copyPackage(name, join(folder, 'node_modules'));
  return metafile;
}

const NODE_MODULES = join(import.meta.dirname, '../node_modules');

/** Puts a package, and what it depends on, beside the bundle as it is: it reads files of its own when it runs. */
function copyPackage(name: string, to: string): void {
  const source = join(NODE_MODULES, name);
  cpSync(source, join(to, name), { recursive: true });
  const { dependencies = {} } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as PackageFile;
  for (const dependency of Object.keys(dependencies)) {
    if (!existsSync(join(to, dependency))) copyPackage(dependency, to);
  }
}

interface PackageFile {
  dependencies?: Record<string, string>;
}
