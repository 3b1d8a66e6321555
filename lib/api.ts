import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  EndpointType,
  type IRestApi,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  ResponseTransferMode,
  ResponseType,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Deployment } from '../config/deployment.ts';
import { deployedRoutes, FUNCTIONS, type FunctionName } from '../lambda/routes.ts';
import { addCustomDomain } from './custom-domain.ts';
import { Firewall } from './firewall.ts';
import { enforceTls } from './tls.ts';

export interface ApiProps {
  /** The functions there are; a route without one is left out. */
  functions: Readonly<Partial<Record<FunctionName, IFunction>>>;
  deployment: Pick<Deployment, 'bufferedAnswers' | 'throttle' | 'minimumTls' | 'customDomain' | 'firewall'>;
  logRetention: RetentionDays;
}

/** API Gateway lets a STREAM integration run for 15 minutes, any other for 29 seconds (quotas page). */
const STREAM_TIMEOUT = Duration.minutes(15);
const BUFFERED_TIMEOUT = Duration.seconds(29);

/**
 * The REST API of `routes.ts`, and the base URL its callers use: regional, since an edge-optimised one drops a stream that is
 * silent for 30 s.
 */
export function restApi(scope: Construct, props: ApiProps): { api: RestApi; url: string } {
  const { bufferedAnswers, throttle, minimumTls, customDomain, firewall } = props.deployment;
  const accessLogs = new LogGroup(scope, 'AccessLogs', {
    retention: props.logRetention,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const api = new RestApi(scope, 'Api', {
    // Its metrics go by this name.
    restApiName: Stack.of(scope).stackName,
    description: 'Headgate, an AI gateway',
    endpointConfiguration: { types: [EndpointType.REGIONAL] },
    ...(customDomain?.isOnlyAddress ? { disableExecuteApiEndpoint: true } : {}),
    cloudWatchRole: true,
    // The role is a setting of the whole account and region: other APIs log with it after this stack is gone.
    cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
    deployOptions: {
      stageName: 'live',
      tracingEnabled: true,
      metricsEnabled: true,
      loggingLevel: MethodLoggingLevel.ERROR,
      // Prompts and answers stay out of the logs.
      dataTraceEnabled: false,
      throttlingRateLimit: throttle.requestsPerSecond,
      throttlingBurstLimit: throttle.burst,
      accessLogDestination: new LogGroupLogDestination(accessLogs),
      accessLogFormat: AccessLogFormat.jsonWithStandardFields({
        caller: false,
        user: false,
        ip: true,
        httpMethod: true,
        protocol: true,
        requestTime: true,
        resourcePath: true,
        responseLength: true,
        status: true,
      }),
    },
  });
  for (const route of deployedRoutes({ hasBilling: props.functions.billing !== undefined })) {
    const handler = props.functions[route.function];
    if (!handler) throw new Error(`There is no function for ${route.method} ${route.path}.`);
    const streams = FUNCTIONS[route.function].streams && !bufferedAnswers;
    const integration = new LambdaIntegration(handler, {
      timeout: streams ? STREAM_TIMEOUT : BUFFERED_TIMEOUT,
      responseTransferMode: streams ? ResponseTransferMode.STREAM : ResponseTransferMode.BUFFERED,
    });
    api.root.resourceForPath(route.path).addMethod(route.method, integration);
  }
  enforceTls(api, minimumTls);
  answerErrorsLikeOpenAi(api, firewall ? [...OWN_ANSWERS, FILTERED] : OWN_ANSWERS);
  if (firewall) new Firewall(scope, 'Firewall', api, firewall);
  return { api, url: customDomain ? addCustomDomain(scope, api, customDomain, minimumTls) : api.url };
}

type OwnAnswer = readonly [ResponseType, string, string, string];

/** What API Gateway answers by itself, in the shape that callers' clients read: type, status, code, message. */
const OWN_ANSWERS: readonly OwnAnswer[] = [
  [
    ResponseType.MISSING_AUTHENTICATION_TOKEN,
    '404',
    'not_found',
    'There is nothing at this path, or not for this method.',
  ],
  [ResponseType.RESOURCE_NOT_FOUND, '404', 'not_found', 'There is nothing at this path.'],
  [ResponseType.REQUEST_TOO_LARGE, '413', 'request_too_large', 'The body is too large. Shorten it.'],
  [ResponseType.THROTTLED, '429', 'rate_limit_exceeded', 'The gateway as a whole is at its limit. Wait a second.'],
  [ResponseType.QUOTA_EXCEEDED, '429', 'rate_limit_exceeded', 'The gateway as a whole is at its limit. Wait.'],
  [ResponseType.INTEGRATION_TIMEOUT, '504', 'deadline_exceeded', 'The gateway did not answer in time. Try again.'],
  [ResponseType.INTEGRATION_FAILURE, '502', 'internal_error', 'The gateway failed. Try again.'],
  [ResponseType.DEFAULT_4XX, '400', 'invalid_request', 'The request could not be read.'],
  [ResponseType.DEFAULT_5XX, '500', 'internal_error', 'The gateway failed. Try again.'],
];

/** For what the firewall refuses by AWS's own rules. */
const FILTERED: OwnAnswer = [
  ResponseType.WAF_FILTERED,
  '403',
  'invalid_request',
  'The firewall refused the request. Ask the operator.',
];

function answerErrorsLikeOpenAi(api: RestApi & IRestApi, answers: readonly OwnAnswer[]): void {
  for (const [type, statusCode, code, message] of answers) {
    const errorType =
      Number(statusCode) >= 500
        ? 'api_error'
        : code === 'rate_limit_exceeded'
          ? 'rate_limit_error'
          : 'invalid_request_error';
    api.addGatewayResponse(type.responseType, {
      type,
      statusCode,
      responseHeaders: {
        'x-headgate-request-id': 'context.requestId',
        ...(code === 'rate_limit_exceeded' ? { 'retry-after': "'1'" } : {}),
      },
      templates: {
        'application/json': JSON.stringify({ error: { message, type: errorType, code, param: null } }),
      },
    });
  }
}
