import type { Provider } from '../core/configuration.ts';

/** A request whose headers lack only what proves who sends it. */
export interface UnauthorizedRequest {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** Signs a request with the process's own AWS credentials for a service of AWS; answers with all headers to send. */
export type SignForAws = (request: UnauthorizedRequest, service: string) => Promise<Record<string, string>>;

/** The headers to send: with the key where the provider wants it, or signed for AWS where there is no key. */
export async function authorize(
  request: UnauthorizedRequest,
  provider: Provider,
  key: string | undefined,
  signForAws: SignForAws,
): Promise<Record<string, string>> {
  if (key !== undefined) {
    const { keyHeader } = provider;
    return {
      ...request.headers,
      ...(keyHeader === undefined ? { authorization: `Bearer ${key}` } : { [keyHeader]: key }),
    };
  }
  return provider.awsService === undefined ? { ...request.headers } : signForAws(request, provider.awsService);
}
