import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { estimatedUsage } from '../lambda/core/usage.ts';
import type { ProviderCall } from '../lambda/provider-call.ts';
import { providerSpans } from '../lambda/provider-spans.ts';

const TRACE = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a87bd80c:0';
const call: ProviderCall = {
  requestId: 'request-1',
  provider: 'mistral',
  model: 'mistral/mistral-small',
  upstreamModel: 'mistral-small-latest',
  isStream: true,
  startedAtMs: 1_795_571_205_037,
  endedAtMs: 1_795_571_206_500,
  timeToFirstTokenMs: 250,
  usage: estimatedUsage(8, 14),
  finishReason: 'stop',
};

let daemon: Socket;
let AWS_XRAY_DAEMON_ADDRESS: string;
const received: string[] = [];
beforeAll(async () => {
  daemon = createSocket('udp4', (message) => void received.push(message.toString('utf8')));
  daemon.bind(0, '127.0.0.1');
  await once(daemon, 'listening');
  AWS_XRAY_DAEMON_ADDRESS = `127.0.0.1:${daemon.address().port}`;
});
afterAll(() => void daemon.close());

/** What the daemon gets of these calls, told with these variables; a last one shows that no more is to come. */
async function sent(environment: NodeJS.ProcessEnv, ...calls: ProviderCall[]): Promise<Record<string, unknown>[]> {
  received.length = 0;
  const tell = providerSpans(environment);
  for (const one of calls) tell(one);
  const last = providerSpans({ AWS_XRAY_DAEMON_ADDRESS, _X_AMZN_TRACE_ID: TRACE });
  last({ ...call, requestId: 'last' });
  while (!received.at(-1)?.includes('"last"')) await once(daemon, 'message');
  return received.slice(0, -1).map((text) => {
    const [header, document = ''] = text.split('\n');
    expect(JSON.parse(header ?? '')).toEqual({ format: 'json', version: 1 });
    return JSON.parse(document);
  });
}

describe('the span of a call', () => {
  it('is a subsegment of the invocation, with the names of the GenAI conventions', async () => {
    const [span] = await sent({ AWS_XRAY_DAEMON_ADDRESS, _X_AMZN_TRACE_ID: TRACE }, call);
    expect(span).toMatchObject({
      type: 'subsegment',
      namespace: 'remote',
      name: 'mistral',
      id: expect.stringMatching(/^[0-9a-f]{16}$/),
      trace_id: '1-5759e988-bd862e3fe1be46a994272793',
      parent_id: '53995c3f42cd8ad8',
      start_time: 1_795_571_205.037,
      end_time: 1_795_571_206.5,
      annotations: {
        gen_ai_request_model: 'mistral-small-latest',
        gen_ai_usage_output_tokens: 14,
        request_id: 'request-1',
      },
    });
    expect(span?.metadata).toEqual({
      gen_ai: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'mistral_ai',
        'gen_ai.request.model': 'mistral-small-latest',
        'gen_ai.request.stream': true,
        'gen_ai.response.model': 'mistral/mistral-small',
        'gen_ai.response.finish_reasons': ['stop'],
        'gen_ai.response.time_to_first_chunk': 0.25,
        'gen_ai.usage.input_tokens': 8,
        'gen_ai.usage.output_tokens': 14,
        'gen_ai.usage.cache_read.input_tokens': 0,
        'gen_ai.usage.reasoning.output_tokens': 0,
      },
    });
    for (const key of Object.keys(span?.annotations as object)) expect(key).toMatch(/^\w+$/);
    expect(span).not.toHaveProperty('fault');
  });

  it('says whose fault a failure was', async () => {
    const environment = {
      AWS_XRAY_DAEMON_ADDRESS: `tcp:127.0.0.1:1 udp:${AWS_XRAY_DAEMON_ADDRESS}`,
      _X_AMZN_TRACE_ID: TRACE,
    };
    const codes = ['provider_failed', 'rate_limit_exceeded', 'provider_rejected'];
    const spans = await sent(environment, ...codes.map((errorCode) => ({ ...call, errorCode })));
    expect(spans.map(({ fault, error, throttle }) => ({ fault, error, throttle }))).toEqual([
      { fault: true },
      { error: true, throttle: true },
      { error: true },
    ]);
    expect(spans.map(({ annotations }) => (annotations as { error_type: string }).error_type)).toEqual(codes);
  });

  it.each<[string, NodeJS.ProcessEnv]>([
    ['without a daemon', { _X_AMZN_TRACE_ID: TRACE }],
    ['without a trace', {}],
    ['of a trace that is not sampled', { _X_AMZN_TRACE_ID: TRACE.replace('Sampled=1', 'Sampled=0') }],
    ['with a header that is none', { _X_AMZN_TRACE_ID: 'Root;=;Sampled=1' }],
  ])('is not sent %s', async (name, environment) => {
    const daemonAddress = name === 'without a daemon' ? {} : { AWS_XRAY_DAEMON_ADDRESS };
    expect(await sent({ ...daemonAddress, ...environment }, call)).toEqual([]);
  });

  it('disturbs nobody when nobody listens', async () => {
    const tell = providerSpans({ AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:1', _X_AMZN_TRACE_ID: TRACE });
    for (let times = 0; times < 3; times++) tell(call);
    tell({ ...call, model: 'x'.repeat(100_000) });
    await new Promise((resolve) => setTimeout(resolve, 50));
  });
});
