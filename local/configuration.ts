import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { configuration } from '../config/index.ts';
import { type Configuration, mergeConfiguration, overridesIn, problemsIn } from '../lambda/core/configuration.ts';

/** Our configuration with the operator's own module, if any, laid over it. Throws with every problem there is. */
export async function loadConfiguration(modulePath: string | undefined): Promise<Configuration> {
  const exported = modulePath ? await load(modulePath) : {};
  const merged = mergeConfiguration(configuration, overridesIn(exported, configuration));
  refuseProblems(merged);
  return merged;
}

/** Throws with every reason why this configuration cannot run. */
export function refuseProblems(configuration: Configuration): void {
  const problems = problemsIn(configuration);
  if (problems.length > 0) throw new Error(`The configuration cannot run:\n- ${problems.join('\n- ')}`);
}

async function load(modulePath: string): Promise<Record<string, unknown>> {
  try {
    return await import(pathToFileURL(resolve(modulePath)).href);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`HEADGATE_CONFIG=${modulePath} cannot be loaded: ${why}`, { cause });
  }
}
