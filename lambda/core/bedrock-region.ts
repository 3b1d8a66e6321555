import type { Configuration, Provider } from './configuration.ts';

/** A region in a host of Bedrock's runtime. */
const HOST = /^(https:\/\/bedrock-runtime\.)[a-z0-9-]+(\.)/;

/** The configuration with Bedrock's models called in another AWS region, such as `eu-central-1`; as it is without one. */
export function inBedrockRegion(configuration: Configuration, region: string | undefined): Configuration {
  if (region === undefined) return configuration;
  const moved = Object.entries(configuration.providers).map(([id, provider]): [string, Provider] => {
    if (provider.awsService !== 'bedrock' || !HOST.test(provider.baseUrl)) return [id, provider];
    const baseUrl = provider.baseUrl.replace(HOST, `$1${region}$2`);
    // Requests that insist on a region name its first part: eu, us.
    return [id, { ...provider, baseUrl, region: region.split('-')[0] as string }];
  });
  return { ...configuration, providers: Object.fromEntries(moved) };
}
