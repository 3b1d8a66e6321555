import { httpUpstream } from '../providers/http-upstream.ts';
import { readBody } from '../providers/read-body.ts';
import type { AwsIdentity } from '../providers/sign-for-aws.ts';
import { signForAws } from '../providers/sign-for-aws.ts';
import type { HookEvent, ReleaseCheckPorts } from './handler.ts';

/** A cold start, with the encoder's weights, and an answer. */
const INVOCATION_MS = 30_000;

const MAXIMUM_BYTES = 1_000_000;

/** Lambda and CodeDeploy over HTTP, signed with the function's own role: two calls are not worth two SDK clients. */
export function awsReleasePorts(
  identity: AwsIdentity,
  region: string,
  endpoint: string | undefined,
): Pick<ReleaseCheckPorts, 'invoke' | 'tell'> {
  const upstream = httpUpstream();
  const sign = signForAws(identity);

  async function post(service: 'lambda' | 'codedeploy', path: string, more: Record<string, string>, body: string) {
    const url = `${endpoint ?? `https://${service}.${region}.amazonaws.com`}${path}`;
    const headers = await sign({ url, headers: more, body }, service);
    const response = await upstream.post({ url, headers, body, signal: AbortSignal.timeout(INVOCATION_MS) });
    const text = await readBody(response.body, MAXIMUM_BYTES);
    if (response.status !== 200) throw new Error(`${service} answered ${response.status}`);
    return { headers: response.headers, text };
  }

  return {
    async invoke(arn, event) {
      const path = `/2015-03-31/functions/${encodeURIComponent(arn)}/invocations`;
      const { headers, text } = await post('lambda', path, {}, JSON.stringify(event));
      // The text of the error stays in the log of the function that threw it.
      const error = headers['x-amz-function-error'];
      if (error !== undefined) throw new Error(`the function ended with an error (${String(error)})`);
      return text;
    },

    async tell({ DeploymentId, LifecycleEventHookExecutionId }: HookEvent, status) {
      const headers = {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus',
      };
      const body = {
        deploymentId: DeploymentId,
        lifecycleEventHookExecutionId: LifecycleEventHookExecutionId,
        status,
      };
      await post('codedeploy', '/', headers, JSON.stringify(body));
    },
  };
}
