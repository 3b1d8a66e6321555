import { createServer, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { listen, stop } from '../../local/listen.ts';

/** A request to AWS, and by its service and operation what it asks for. */
export interface AwsRequest {
  service: string;
  operation: string;
  path: string;
  method: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface AwsAnswer {
  status?: number;
  body: string;
  type?: string;
}

export interface FakeAws {
  /** What commands need in their environment to talk to it. */
  environment: Record<string, string>;
  requests: AwsRequest[];
  close(): Promise<void>;
}

/** A server in the place of AWS, for commands that are told of it by AWS_ENDPOINT_URL. `answer` says what it knows. */
export async function startFakeAws(answer: (request: AwsRequest) => AwsAnswer | undefined): Promise<FakeAws> {
  const requests: AwsRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const { headers, url = '/', method = 'GET' } = incoming;
    const body = await text(incoming);
    const target = String(headers['x-amz-target'] ?? '').split('.')[1];
    const operation = target ?? new URLSearchParams(body).get('Action') ?? '';
    const [, service = ''] = String(headers.authorization).match(/\/([a-z0-9-]+)\/aws4_request/) ?? [];
    const request = { service, operation, path: url, method, headers, body };
    requests.push(request);
    const { status = 200, body: answered, type = 'application/json' } = answer(request) ?? notKnown();
    response.writeHead(status, { 'content-type': type }).end(answered);
  });
  const url = await listen(server, 0);
  const environment = {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'an-aws-secret-access-key',
    AWS_MAX_ATTEMPTS: '1',
  };
  return { environment, requests, close: () => stop(server) };
}

function notKnown(): AwsAnswer {
  return { status: 400, body: '{"__type":"UnknownOperationException","message":"not known here"}' };
}

/** CloudFormation's answer about a stack with these outputs. */
export function describedStack(outputs: Readonly<Record<string, string>>): AwsAnswer {
  const members = Object.entries(outputs).map(
    ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  const stack = `<member><StackName>Headgate</StackName><StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2026-11-25T00:00:00Z</CreationTime><Outputs>${members.join('')}</Outputs></member>`;
  const result = `<DescribeStacksResult><Stacks>${stack}</Stacks></DescribeStacksResult>`;
  const namespace = 'http://cloudformation.amazonaws.com/doc/2010-05-15/';
  return { body: `<DescribeStacksResponse xmlns="${namespace}">${result}</DescribeStacksResponse>`, type: 'text/xml' };
}
