import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { genAiAttributes } from './core/gen-ai.ts';
import type { ProviderCall } from './provider-call.ts';

/** What the daemon wants before each document (X-Ray developer guide, "Sending trace data to X-Ray"). */
const HEADER = '{"format":"json","version":1}\n';

/** The trace an invocation is part of, and the segment that Lambda made for it. */
interface Trace {
  root: string;
  parent: string;
}

/**
 * A span for each call to a provider: a subsegment, sent to the X-Ray daemon that Lambda has beside a function with active
 * tracing. It costs a datagram, and nothing where there is no daemon or the trace is not sampled. Nobody hears of a failure.
 */
export function providerSpans(environment: NodeJS.ProcessEnv): (call: ProviderCall) => void {
  let socket: Socket | undefined;
  return (call) => {
    const daemon = daemonIn(environment.AWS_XRAY_DAEMON_ADDRESS);
    const trace = sampledTrace(environment._X_AMZN_TRACE_ID);
    if (!daemon || !trace) return;
    socket ??= openSocket();
    socket.send(HEADER + JSON.stringify(subsegment(trace, call)), daemon.port, daemon.host, () => {});
  };
}

function openSocket(): Socket {
  const socket = createSocket('udp4');
  socket.on('error', () => {});
  // It keeps no process alive.
  socket.unref();
  return socket;
}

/** `host:port`, or `tcp:host:port udp:host:port`. */
function daemonIn(address = ''): { host: string; port: number } | undefined {
  const [, host, port] = /(?:^|udp:)([\w.-]+):(\d{1,5})$/.exec(address.trim()) ?? [];
  return host === undefined ? undefined : { host, port: Number(port) };
}

/** The trace in a tracing header, `Root=…;Parent=…;Sampled=1`; undefined for one that is not sampled. */
function sampledTrace(header = ''): Trace | undefined {
  const fields = new Map(header.split(';').map((field) => field.split('=', 2) as [string, string | undefined]));
  const [root, parent] = [fields.get('Root'), fields.get('Parent')];
  return root && parent && fields.get('Sampled') === '1' ? { root, parent } : undefined;
}

/**
 * The document (X-Ray developer guide, "Segment documents"). The provider is its name, so that each has its place on the map.
 * Annotations can be searched; their keys may have no dots.
 */
function subsegment({ root, parent }: Trace, call: ProviderCall): object {
  const { provider, model, upstreamModel, requestId, startedAtMs, endedAtMs, isStream, errorCode } = call;
  const { usage, finishReason, timeToFirstTokenMs } = call;
  const names = { provider, requestModel: upstreamModel, responseModel: model };
  const attributes = genAiAttributes({ ...names, isStream, usage, finishReason, timeToFirstTokenMs, errorCode });
  const searchable = Object.entries(attributes).filter(([, value]) => typeof value !== 'object');
  return {
    type: 'subsegment',
    name: provider,
    namespace: 'remote',
    id: randomBytes(8).toString('hex'),
    trace_id: root,
    parent_id: parent,
    start_time: startedAtMs / 1_000,
    end_time: endedAtMs / 1_000,
    ...blame(errorCode),
    annotations: {
      ...Object.fromEntries(searchable.map(([name, value]) => [name.replaceAll('.', '_'), value])),
      request_id: requestId,
    },
    metadata: { gen_ai: attributes },
  };
}

/** X-Ray's three marks: the caller's fault, too many, and the provider's. */
function blame(errorCode: string | undefined): object {
  if (errorCode === undefined) return {};
  if (errorCode === 'rate_limit_exceeded') return { error: true, throttle: true };
  return errorCode === 'provider_rejected' || errorCode === 'client_closed' ? { error: true } : { fault: true };
}
