import type { Call } from '../call.ts';
import type { Plan, Step } from '../core/chain.ts';
import type { ChatRequest } from '../core/chat-request.ts';
import { circuitState, isProbeDue } from '../core/circuit.ts';
import { wantsKey } from '../core/configuration.ts';
import { GatewayError, invalidRequest } from '../core/errors.ts';
import { type Failure, failureOf, nextStep, type Verdict } from '../core/next-step.ts';
import { tierFactor } from '../core/price.ts';
import { isGivenUp, OVERDUE, ProviderFailure, SILENT } from '../core/provider-failure.ts';
import { callLimitMs } from '../core/retry.ts';
import { mayUse } from '../core/terms.ts';
import { serviceTierIn } from '../core/usage.ts';
import type { AttemptRecord } from '../core/usage-event.ts';
import { chargeFallback, type Limiter } from '../middleware/rate-limit.ts';
import type { Circuits, ModelStatistics, Observer } from '../ports.ts';
import { type AdmitPorts, admitStep, releaseStep } from './admit-step.ts';
import { type Answer, type AttemptPorts, attempt } from './attempt.ts';
import { countAnswer, countFailure } from './count-call.ts';
import { attemptHeld } from './held-stream.ts';
import { type ProbeSignal, probeSignal } from './probe-signal.ts';
import { tellAnswer, tellCall } from './tell-call.ts';

/** Everything one call of a plan needs from outside. */
export interface VisitPorts extends AttemptPorts, AdmitPorts, Limiter {
  configuration: AttemptPorts['configuration'];
  budgets: AdmitPorts['budgets'];
  circuits: Circuits;
  modelStatistics: ModelStatistics;
  observer: Observer;
}

/** A plan while it is run. */
export interface PlanRun {
  call: Call;
  /** As the caller made it; each call's admission may bound it further. */
  request: ChatRequest;
  plan: Plan;
  deadlineAtMs: number;
  signal: AbortSignal;
}

/** What came of a step: an answer that is good or has begun well, or what follows its failure. */
export type StepOutcome =
  | { verdict: 'answered'; answer: Answer; step: Step; request: ChatRequest; isCounted: boolean }
  | (Verdict & { thrown: unknown; failure: Failure });

/**
 * Makes one call of a plan: looks at the model's circuit, charges and admits the call, makes it, counts what came of it,
 * and decides what follows. Throws only mistakes of our own. Nothing of a failed call has been shown to the caller, and
 * nothing stays reserved for it when another follows.
 */
export async function visitStep(ports: VisitPorts, run: PlanRun, index: number): Promise<StepOutcome> {
  const { call, request, plan, deadlineAtMs, signal } = run;
  const step = plan.steps[index] as Step;
  const startedAtMs = ports.clock();
  const entry = { model: step.modelId, startedAtMs };
  const hasFallback = plan.steps.some(({ modelId }, place) => place > index && modelId !== step.modelId);
  const limitMs = callLimitMs(step.timeoutMs, deadlineAtMs - startedAtMs, hasFallback);
  let isProbe = false;
  let isCalled = false;
  let probe: ProbeSignal | undefined;
  try {
    requireAccess(call, step);
    requireTierPrice(ports, request, step);
    isProbe = await enterCircuit(ports, step, Math.min(limitMs, deadlineAtMs - startedAtMs));
    await requireKey(ports, step, plan);
    if (step.modelId !== call.chargedModel) await chargeFallback(ports, call, step);
    call.chargedModel = step.modelId;
    const admitted = await admitStep(ports, call, request, step);
    if (isProbe) probe = probeSignal(signal, Math.min(limitMs, LEAST_PROBE_MS));
    const ask = request.stream && request.options.isHeld ? attemptHeld : attempt;
    const answer = await ask(ports, admitted, step, limitMs, probe?.signal ?? signal, () => {
      isCalled = true;
      call.step = step;
      call.attempts += 1;
    });
    probe?.follow();
    // A stream that has begun shows that the model answers again; whether it is a success is known at its end.
    const isCounted = answer.kind === 'complete' || isProbe;
    tellAnswer(ports, call, step, startedAtMs, answer);
    if (isCounted) await countAnswer(ports, step, isProbe, ports.clock() - startedAtMs);
    note(call, { ...entry, latencyMs: ports.clock() - startedAtMs });
    return { verdict: 'answered', answer, step, request: admitted, isCounted };
  } catch (thrown) {
    probe?.follow();
    const failure = failureOf(thrown);
    if (!failure) throw thrown;
    call.isGivenUp = isCalled && thrown instanceof ProviderFailure && isGivenUp(thrown);
    const latencyMs = ports.clock() - startedAtMs;
    if (isCalled) tellCall(ports, call, step, { isStream: request.stream, startedAtMs }, { errorCode: failure.code });
    note(call, { ...entry, latencyMs, error: failure.code });
    const isBlamed = isToBlame(thrown, limitMs, step, ports);
    const mayRetry = await countFailure(ports, step, failure, { isProbe, isCalled, isBlamed });
    const situation = { nowMs: ports.clock(), deadlineMs: deadlineAtMs, mayRetry };
    const verdict = nextStep(plan.steps, index, failure, situation);
    if (verdict.verdict === 'retry') await releaseStep(ports, call);
    call.lastThrown = worthTelling(call.lastThrown, thrown);
    return { ...verdict, thrown: call.lastThrown, failure };
  }
}

/**
 * What to tell the caller when a plan comes to nothing: the last that was said, unless it is only about a fallback. What
 * cost no call never stands for what a call said, and what a fallback cannot do never for a provider that may recover.
 */
function worthTelling(before: unknown, now: unknown): unknown {
  if (before === undefined || !(now instanceof ProviderFailure)) return now;
  if (!now.isCalled) return before;
  const mayRecover = before instanceof ProviderFailure && before.failureClass === 'transient' && before.isCalled;
  const isAboutFallback = now.failureClass !== 'transient' && now.failureClass !== 'stopped';
  return mayRecover && isAboutFallback ? before : now;
}

/**
 * False for a provider that was given less time than it may take, because the caller had no more, and for one that was
 * answering when its time was up: neither shows that the model is down.
 */
function isToBlame(thrown: unknown, limitMs: number, step: Step, { configuration }: VisitPorts): boolean {
  if (!(thrown instanceof ProviderFailure)) return true;
  if (thrown.reason === OVERDUE) return false;
  return thrown.reason !== SILENT || limitMs >= Math.min(step.timeoutMs, configuration.deadlines.firstContentMs);
}

/** A job that runs for a day keeps its latest steps. */
const MAXIMUM_NOTED = 50;

function note(call: Call, record: AttemptRecord): void {
  call.attemptLog = [...(call.attemptLog ?? []), record].slice(-MAXIMUM_NOTED);
}

/** The plan holds only models that the caller may use; a job's key may have lost one since. */
function requireAccess({ caller }: Call, { modelId }: Step): void {
  if (caller && mayUse(caller.terms, modelId)) return;
  throw notCalled(new GatewayError('model_not_allowed', 'This key may not use the model.'));
}

/** A service tier that passes through to the provider must have a price: what it costs could not be counted. */
function requireTierPrice({ configuration }: VisitPorts, { body }: ChatRequest, { modelId, model }: Step): void {
  const tier = serviceTierIn(body);
  if (configuration.providers[model.provider]?.wire !== 'openai' || tierFactor(tier, model.price) !== undefined) return;
  const priced = Object.keys(model.price.serviceTiers ?? {});
  const message =
    `The gateway has no price for the service tier "${tier}" of ${modelId}. Leave service_tier out` +
    `${priced.length > 0 ? `, or use ${priced.join(' or ')}` : ''}, or ask the operator to set the tier's price.`;
  throw notCalled(invalidRequest('service_tier', message));
}

/** A probe that may take less than this would only keep others from making a better one. */
const LEAST_PROBE_MS = 10_000;

/** Lets a call to a model through: always while its circuit is closed, as a probe when one is due. Throws otherwise. */
async function enterCircuit(
  { circuits, clock }: VisitPorts,
  { modelId, timeoutMs }: Step,
  limitMs: number,
): Promise<boolean> {
  const circuit = (await circuits.look()).get(modelId);
  if (circuits.isSpendingStopped()) throw stopped();
  if (!circuit || circuitState(circuit, clock()) === 'closed') return false;
  const isPatient = limitMs >= Math.min(LEAST_PROBE_MS, timeoutMs);
  // Without the store nobody knows; the call itself finds out.
  if (isPatient && isProbeDue(circuit, clock()) && (await circuits.takeProbe(modelId).catch(() => true))) return true;
  const message = 'The model does not answer at present. Try again, or name fallbacks.';
  throw notCalled(new GatewayError('provider_overloaded', message, { retryAfterSeconds: 5 }));
}

function stopped(): GatewayError {
  const message = 'The operator has stopped all spending. Kept answers are still given; ask when it goes on.';
  return new GatewayError('budget_exhausted', message, { retryAfterSeconds: 60 });
}

/**
 * A fallback whose provider has no key costs nobody a reservation. Chains name more providers than most operators have keys
 * for, so the operator is told only of a model that was asked for.
 */
async function requireKey(ports: VisitPorts, { modelId, model }: Step, plan: Plan): Promise<void> {
  const { providerKeys, configuration, observer } = ports;
  const provider = configuration.providers[model.provider];
  if (!provider || !wantsKey(provider)) return;
  if ((await providerKeys.find(model.provider)) !== undefined) return;
  if (modelId === plan.asked) observer.providerKeyRefused(model.provider);
  const message = `The gateway has no key for the provider "${model.provider}". The operator must set one.`;
  throw new ProviderFailure('key', new GatewayError('provider_key_refused', message), { isCalled: false });
}

function notCalled(error: GatewayError): ProviderFailure {
  return new ProviderFailure('model', error, { isCalled: false });
}
