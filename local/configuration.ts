import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { configuration } from '../config/index.ts';
import { type Configuration, mergeConfiguration, overridesIn, problemsIn } from '../lambda/core/configuration.ts';

/** Our configuration with the operator's own module, if any, laid over it. Throws with every problem there is. */
export async function loadConfiguration(modulePath: string | undefined): Promise<Configuration> {
  const exported = modulePath ? await import(pathToFileURL(resolve(modulePath)).href) : {};
  const merged = mergeConfiguration(configuration, overridesIn(exported, configuration));
  const problems = problemsIn(merged);
  if (problems.length > 0) throw new Error(`The configuration cannot run:\n- ${problems.join('\n- ')}`);
  return merged;
}
