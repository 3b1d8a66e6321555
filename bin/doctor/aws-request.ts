import { awsSigner } from '../../lambda/providers/sign-for-aws.ts';
import { dynamoClient } from '../../lambda/store/dynamo.ts';

export interface AwsRequest {
  service: string;
  method?: 'GET' | 'POST';
  path?: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: string;
  /** Another region than that of the credentials. */
  region?: string | undefined;
}

/** What is not here by then is not here. */
const TIMEOUT_MS = 10_000;

/** A refusal by AWS, by the code of its answer alone. */
class AwsRefusal extends Error {
  override name = 'AwsRefusal';
}

/** Sends one signed request to AWS, or to AWS_ENDPOINT_URL; the text of the answer. Throws for every status but 200. */
export async function askAws(request: AwsRequest): Promise<string> {
  const { service, method = 'POST', path = '/', query = {}, headers = {}, body = '' } = request;
  const { config } = dynamoClient();
  const region = request.region ?? (await config.region());
  const base = process.env.AWS_ENDPOINT_URL ?? `https://${service}.${region}.amazonaws.com`;
  const { protocol, hostname, host, port } = new URL(base);
  const signed = await awsSigner(config, service, region).sign({
    method,
    protocol,
    hostname,
    ...(port === '' ? {} : { port: Number(port) }),
    path,
    query,
    headers: { ...headers, host },
    body,
  });
  const search = new URLSearchParams(query).toString();
  const response = await fetch(`${base.replace(/\/$/, '')}${path}${search ? `?${search}` : ''}`, {
    method,
    headers: signed.headers,
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(method === 'POST' ? { body } : {}),
  });
  const text = await response.text();
  if (response.ok) return text;
  const [, code] = text.match(/<Code>(\w+)<\/Code>|"__type"\s*:\s*"(?:[\w.]+#)?(\w+)"/)?.filter(Boolean) ?? [];
  throw new AwsRefusal(`${service} answers ${response.status}${code ? ` ${code}` : ''}`);
}

/** A call of a service that takes forms and answers in XML. */
export function askByForm(service: string, action: string, version: string, fields: Record<string, string> = {}) {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const body = new URLSearchParams({ Action: action, Version: version, ...fields }).toString();
  return askAws({ service, headers, body });
}

/** The texts of all elements of a name. */
export function textsIn(xml: string, element: string): string[] {
  return [...xml.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, 'g'))].map(([, text = '']) => text);
}
