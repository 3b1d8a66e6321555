import type { Step } from '../core/chain.ts';
import { type ChatRequest, choicesOf, mayBeEmpty, outputLimitOf } from '../core/chat-request.ts';
import { type CompletionFacts, judgeCompletion } from '../core/completion.ts';
import type { Configuration, Provider } from '../core/configuration.ts';
import { GatewayError } from '../core/errors.ts';
import { estimateInputTokens, estimateOutputTokens } from '../core/estimate-tokens.ts';
import { isDeeperThan, isJsonObject, type JsonObject } from '../core/json-body.ts';
import {
  connectionFailure,
  failureFromAnswer,
  invalidAnswer,
  oversizedAnswer,
  ProviderFailure,
} from '../core/provider-failure.ts';
import { HOPS_HEADER } from '../core/request-options.ts';
import { newStreamProgress, type StreamProgress } from '../core/stream-progress.ts';
import { believed, estimatedUsage, readOpenAiUsage, servedAt, serviceTierIn, type TokenUsage } from '../core/usage.ts';
import type { Clock, ProviderKeys, Upstream, UpstreamResponse } from '../ports.ts';
import { authorize, type SignForAws } from '../providers/authorize.ts';
import type { ProviderWire, StreamChunk } from '../providers/provider-wire.ts';
import { readBody } from '../providers/read-body.ts';
import { readStream } from '../providers/read-stream.ts';
import { retryAfterSeconds } from '../providers/retry-after.ts';
import { type SilenceTimer, silenceTimer } from '../providers/silence-timer.ts';
import { wireOf } from '../providers/wires.ts';

/** A whole answer, checked: it may be shown to the caller as it is. */
export interface CompleteAnswer {
  kind: 'complete';
  body: JsonObject;
  /** The provider's own JSON. */
  text: string;
  facts: CompletionFacts;
  usage: TokenUsage;
}

/** An answer that has begun. `batches` gives out the chunks from the first on, and throws a failure if the rest is bad. */
export interface StreamedAnswer {
  kind: 'stream';
  batches: AsyncGenerator<StreamChunk[]>;
  progress: StreamProgress;
}

export type Answer = CompleteAnswer | StreamedAnswer;

export interface AttemptPorts {
  upstream: Upstream;
  providerKeys: ProviderKeys;
  signForAws: SignForAws;
  clock: Clock;
  configuration: Configuration;
}

/** What an error's explanation may take: beyond that its status alone is the verdict. */
const REFUSAL_BODY_MS = 2_000;
const REFUSAL_BODY_BYTES = 65_536;

/** Nesting an answer may have; deeper JSON could not even be written again. */
const MAXIMUM_ANSWER_DEPTH = 100;

/**
 * Asks one provider once, for at most `limitMs` up to the end of a whole answer or the first content of a stream. Comes
 * back when the answer is whole or, for a stream, when it has begun; throws a {@link ProviderFailure} for everything else,
 * so that nothing bad is ever taken for an answer. `onSend` is told when the request goes out.
 */
export async function attempt(
  ports: AttemptPorts,
  request: ChatRequest,
  step: Step,
  limitMs: number,
  requestSignal: AbortSignal,
  onSend: () => void,
): Promise<Answer> {
  const provider = ports.configuration.providers[step.model.provider] as Provider;
  const key = await ports.providerKeys.find(step.model.provider);
  const wire = await wireOf(provider);
  const timer = silenceTimer(requestSignal);
  try {
    const { path, headers, body } = wire.request(request, step, provider);
    const call = {
      url: provider.baseUrl + path,
      headers: { ...commonHeaders(request), ...headers },
      body: JSON.stringify(body),
    };
    const { firstContentMs } = ports.configuration.deadlines;
    timer.wait(request.stream ? Math.min(limitMs, firstContentMs) : limitMs);
    const send = async (withKey: string | undefined) => {
      const headers = await authorize(call, provider, withKey, ports.signForAws).catch((cause) => {
        throw new ProviderFailure('key', unsigned(step.model.provider), { cause, isCalled: false });
      });
      timer.signal.throwIfAborted();
      onSend();
      return ports.upstream.post({ ...call, headers, signal: timer.signal });
    };
    let response = await send(key);
    const newKey = response.status === UNAUTHORIZED ? await keyInPlaceOf(ports, step, key) : undefined;
    if (newKey !== undefined) {
      response.body.destroy();
      response = await send(newKey);
    }
    if (response.status !== 200) throw await refusal(response, wire, ports, newKey ?? key, timer);
    checkEncoding(response, request.stream);
    const asked = body.service_tier;
    if (request.stream) return await begin(response, wire, request, ports.configuration, timer, asked);
    const answer = await complete(response, wire, request, ports.configuration, asked);
    timer.stop();
    return answer;
  } catch (thrown) {
    timer.stop();
    throw asFailure(thrown, timer.signal);
  }
}

const UNAUTHORIZED = 401;

/** A key that was replaced a moment ago is used at once. A secret that cannot be read leaves the provider's verdict as it is. */
async function keyInPlaceOf(
  { providerKeys }: AttemptPorts,
  { model }: Step,
  key: string | undefined,
): Promise<string | undefined> {
  return key === undefined ? undefined : providerKeys.inPlaceOf?.(model.provider, key).catch(() => undefined);
}

function unsigned(providerId: string): GatewayError {
  const message = `The gateway has no key and no AWS credentials for the provider "${providerId}". The operator must set one.`;
  return new GatewayError('provider_key_refused', message);
}

function commonHeaders({ stream, options }: ChatRequest): Record<string, string> {
  return {
    'content-type': 'application/json',
    accept: stream ? 'text/event-stream' : 'application/json',
    'user-agent': 'headgate',
    [HOPS_HEADER]: String(options.hops ?? 1),
  };
}

async function refusal(
  response: UpstreamResponse,
  wire: ProviderWire,
  ports: AttemptPorts,
  key: string | undefined,
  timer: SilenceTimer,
): Promise<ProviderFailure> {
  timer.arrived();
  timer.wait(REFUSAL_BODY_MS);
  const text = await readBody(response.body, REFUSAL_BODY_BYTES).catch(() => '');
  let body: unknown;
  try {
    body = wire.refusal(JSON.parse(text));
  } catch {
    body = undefined;
  }
  return failureFromAnswer({
    status: response.status,
    body,
    retryAfterSeconds: retryAfterSeconds(response.headers, ports.clock()),
    secrets: key === undefined ? [] : [key],
  });
}

function checkEncoding({ headers, body }: UpstreamResponse, stream: boolean): void {
  const type = String(headers['content-type'] ?? '').toLowerCase();
  const encoding = String(headers['content-encoding'] ?? 'identity').toLowerCase();
  const isExpected = stream ? type.startsWith('text/event-stream') : /^application\/([\w.+-]+\+)?json/.test(type);
  if (isExpected && encoding === 'identity') return;
  body.destroy();
  throw invalidAnswer(isExpected ? 'it is compressed' : `it is no ${stream ? 'event stream' : 'JSON'}`);
}

async function complete(
  response: UpstreamResponse,
  wire: ProviderWire,
  request: ChatRequest,
  configuration: Configuration,
  askedTier: unknown,
): Promise<CompleteAnswer> {
  const received = await readBody(response.body, configuration.sizeLimits.answerBytes);
  let parsed: unknown;
  try {
    parsed = JSON.parse(received);
  } catch (cause) {
    throw invalidAnswer('it is not valid JSON', cause);
  }
  if (isDeeperThan(parsed, MAXIMUM_ANSWER_DEPTH)) throw invalidAnswer('it is nested too deep');
  const { body, text } = wire.completion(parsed, received);
  const facts = judgeCompletion(body, mayBeEmpty(request));
  if ('flaw' in facts || !isJsonObject(body))
    throw invalidAnswer('flaw' in facts ? facts.flaw : 'it is no JSON object');
  const estimate = estimatedUsage(
    estimateInputTokens(request.body),
    estimateOutputTokens(facts.outputCharacters, 0, outputLimitOf(request)),
  );
  // A provider that does not say how it served the request did as it was asked.
  const tier = serviceTierIn({ service_tier: body.service_tier ?? askedTier });
  const usage = servedAt(believed(readOpenAiUsage(body.usage), estimate), tier);
  return { kind: 'complete', body, text, facts, usage };
}

/** Streams begin with a handful of chunks that say nothing yet. */
const MOST_CHUNKS_WITHOUT_CONTENT = 1_000;

async function begin(
  response: UpstreamResponse,
  wire: ProviderWire,
  request: ChatRequest,
  configuration: Configuration,
  timer: SilenceTimer,
  askedTier: unknown,
): Promise<StreamedAnswer> {
  const { deadlines, sizeLimits } = configuration;
  const progress = newStreamProgress(choicesOf(request), mayBeEmpty(request), askedTier);
  const waiting = {
    wait: () => timer.wait(progress.hasBegun ? deadlines.betweenChunksMs : deadlines.firstContentMs),
    arrived: () => {
      if (progress.hasBegun) timer.arrived();
    },
  };
  const stream = readStream(response.body, wire.streamReader(), progress, sizeLimits, waiting);
  const held: StreamChunk[] = [];
  while (!progress.hasBegun) {
    const { value, done } = await stream.next();
    if (done) throw invalidAnswer('it is empty');
    held.push(...value);
    if (held.length <= MOST_CHUNKS_WITHOUT_CONTENT) continue;
    // Closes the connection.
    await stream.return(undefined);
    throw oversizedAnswer('what comes before its first word');
  }
  return { kind: 'stream', progress, batches: continued(held, stream, timer) };
}

async function* continued(
  held: StreamChunk[],
  rest: AsyncGenerator<StreamChunk[]>,
  timer: SilenceTimer,
): AsyncGenerator<StreamChunk[]> {
  try {
    yield held;
    yield* rest;
  } catch (thrown) {
    throw asFailure(thrown, timer.signal);
  } finally {
    timer.stop();
    await rest.return(undefined);
  }
}

/**
 * What was thrown, as the failure it means: the reason of the abort, which Node may report as a clean end; our own verdict;
 * or a broken connection, which it reports as an error with a code. Anything else is a mistake of ours and stays what it is.
 */
function asFailure(thrown: unknown, signal: AbortSignal): unknown {
  if (signal.aborted && signal.reason instanceof ProviderFailure) return signal.reason;
  if (thrown instanceof ProviderFailure) return thrown;
  return thrown instanceof Error && 'code' in thrown ? connectionFailure(thrown) : thrown;
}
