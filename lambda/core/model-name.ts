import type { Model } from './configuration.ts';

/** The id behind a name: an id itself, or a provider's own name for exactly one of our models; undefined for any other. */
export function modelNamed(name: string, models: Readonly<Record<string, Model>>): string | undefined {
  if (Object.hasOwn(models, name)) return name;
  const namesakes = Object.keys(models).filter((id) => models[id]?.upstreamName === name);
  return namesakes.length === 1 ? namesakes[0] : undefined;
}
