import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { configuration } from '../config/index.ts';
import {
  type Configuration,
  type ConfigurationOverrides,
  mergeConfiguration,
  problemsIn,
} from '../lambda/core/configuration.ts';

/** Our configuration with the operator's own module laid over it. Throws with every problem there is. */
export async function loadConfiguration(modulePath: string | undefined): Promise<Configuration> {
  const merged = modulePath ? mergeConfiguration(configuration, await overridesIn(modulePath)) : configuration;
  const problems = problemsIn(merged);
  if (problems.length > 0) throw new Error(`The configuration cannot run:\n- ${problems.join('\n- ')}`);
  return merged;
}

/** A module exports its overrides as `configuration`, or part by part: `export const models = {…}`. */
async function overridesIn(modulePath: string): Promise<ConfigurationOverrides> {
  const exported = (await import(pathToFileURL(resolve(modulePath)).href)) as Record<string, unknown>;
  const overrides = exported.configuration ?? exported.default ?? { ...exported };
  if (typeof overrides !== 'object' || overrides === null) throw new Error(`${modulePath} exports no configuration.`);
  const unknown = Object.keys(overrides).filter((part) => !Object.hasOwn(configuration, part));
  if (unknown.length > 0) {
    const known = Object.keys(configuration).join(', ');
    throw new Error(
      `${modulePath} exports ${unknown.join(', ')}, which is no part of a configuration. Those are ${known}.`,
    );
  }
  return overrides;
}
