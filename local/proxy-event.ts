import type { IncomingMessage } from 'node:http';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { PlatformContext } from '../lambda/call.ts';

/** A request once its route is known and its body is here. */
interface RoutedRequest {
  resource: string;
  path: string;
  pathParameters: Record<string, string> | null;
  query: URLSearchParams;
  body: Buffer;
}

/** What API Gateway's proxy integration would make of this request. A body that is no UTF-8 comes as base64, as there. */
export function proxyEvent(request: IncomingMessage, routed: RoutedRequest): APIGatewayProxyEvent {
  const { resource, path, pathParameters, query, body } = routed;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  const text = body.toString('utf8');
  const isText = Buffer.byteLength(text) === body.length && !text.includes('\u{FFFD}');
  return {
    httpMethod: request.method ?? 'GET',
    resource,
    path,
    headers,
    multiValueHeaders: {},
    queryStringParameters: Object.fromEntries(query),
    multiValueQueryStringParameters: Object.fromEntries([...query.keys()].map((name) => [name, query.getAll(name)])),
    pathParameters,
    stageVariables: null,
    body: isText ? text : body.toString('base64'),
    isBase64Encoded: !isText,
    requestContext: {
      httpMethod: request.method,
      resourcePath: resource,
      path,
      stage: 'local',
      protocol: 'HTTP/1.1',
      identity: { sourceIp: request.socket.remoteAddress ?? '127.0.0.1' },
    } as APIGatewayProxyEvent['requestContext'],
  };
}

/** A Lambda invocation's context, with the signal that only a server can give: the caller has hung up. */
export function invocationContext(functionName: string, timeoutMs: number, callerSignal: AbortSignal): PlatformContext {
  const endsAtMs = Date.now() + timeoutMs;
  return {
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `local:${functionName}`,
    memoryLimitInMB: '256',
    awsRequestId: '',
    logGroupName: '',
    logStreamName: '',
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => endsAtMs - Date.now(),
    done() {},
    fail() {},
    succeed() {},
    callerSignal,
  };
}
