import type { Step } from '../core/chain.ts';
import type { Failure } from '../core/next-step.ts';
import type { Circuits, ModelStatistics, Observer } from '../ports.ts';

interface CountPorts {
  circuits: Circuits;
  modelStatistics: ModelStatistics;
  observer: Observer;
}

/** Counts a good answer for the model's circuit and statistics. A store that fails withholds no answer. */
export async function countAnswer(ports: CountPorts, step: Step, isProbe: boolean, latencyMs: number): Promise<void> {
  const { circuits, modelStatistics, observer } = ports;
  try {
    const [{ isClosed }] = await Promise.all([
      circuits.succeeded(step.modelId, isProbe),
      modelStatistics.answered(step.modelId, latencyMs),
    ]);
    if (isClosed) observer.circuitChanged(step.modelId, 'closed');
  } catch (cause) {
    observer.storeFailed(cause);
  }
}

/**
 * Counts a failed call, unless it says nothing about the model: a caller who hung up or had no time, a limit of ours. A refusal of the
 * request shows that the model answers. Answers whether the retry budget has room for another try.
 */
export async function countFailure(
  ports: CountPorts,
  step: Step,
  { failureClass, code }: Failure,
  { isProbe, isCalled, isBlamed = true }: { isProbe: boolean; isCalled: boolean; isBlamed?: boolean },
): Promise<boolean> {
  const { circuits, modelStatistics, observer } = ports;
  const { modelId, model } = step;
  try {
    const isAlive = isCalled && (failureClass === 'model' || failureClass === 'caller');
    const isFailing = isCalled && isBlamed && (failureClass === 'transient' || failureClass === 'key');
    if (isCalled && failureClass === 'key') observer.providerKeyRefused(model.provider);
    if (isFailing) {
      const [{ mayRetry, isOpened }] = await Promise.all([
        circuits.failed(modelId, code, isProbe),
        modelStatistics.failed(modelId),
      ]);
      if (isOpened) observer.circuitChanged(modelId, 'open');
      return mayRetry;
    }
    if (isAlive && isProbe) {
      const { isClosed } = await circuits.succeeded(modelId, true);
      if (isClosed) observer.circuitChanged(modelId, 'closed');
    } else if (isProbe) await circuits.endProbe(modelId);
    return true;
  } catch (cause) {
    // Without the store, the plan's own bounds hold.
    observer.storeFailed(cause);
    return true;
  }
}
