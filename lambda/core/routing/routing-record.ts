import { given } from '../given.ts';
import type { RoutingRecord } from '../usage-event.ts';
import {
  type Asked,
  type Availability,
  type Choice,
  type ChoiceRequest,
  chooseModel,
  type Parts,
  reasonAgainst,
} from './choose-model.ts';
import type { TaskReading } from './read-task.ts';

/**
 * A choice as the usage event keeps it: with all that the same choice by another policy would go by, and no word of the
 * prompt.
 */
export function routingRecord(
  policy: string,
  asked: Asked & { reading: TaskReading },
  { taken, because, movedBecause }: Choice,
  { best, leftOut }: { best: string | undefined; leftOut: readonly string[] },
): RoutingRecord {
  const { taskClass, confidence, complexity, topic, demand } = asked.reading;
  const { inputs, tools, jsonSchema, inputTokens } = asked.needs;
  return {
    policy,
    taskClass,
    confidence: Math.round(confidence * 1_000) / 1_000,
    complexity,
    model: taken.modelId,
    because,
    demand,
    needs: {
      inputTokens,
      ...(inputs.size > 0 ? { inputs: [...inputs] } : {}),
      ...(tools ? { tools } : {}),
      ...(jsonSchema ? { jsonSchema } : {}),
    },
    ...given({
      topic,
      movedBecause,
      maxCostPer1MTokens: asked.maxCostPer1MTokens,
      maxOutputTokens: asked.maxOutputTokens,
      best: best === taken.modelId ? undefined : best,
      leftOut: leftOut.length > 0 ? leftOut : undefined,
    }),
  };
}

/** The model of those that fit that is expected to be the best, whatever it costs; undefined when none is rated. */
export function bestFor(
  asked: Omit<ChoiceRequest, 'policy'>,
  parts: Parts,
  availability: Availability,
): string | undefined {
  const free = {
    ...asked,
    topic: undefined,
    previousModel: undefined,
    policy: { tolerance: 0, prefer: 'quality' as const },
  };
  const choice = chooseModel(free, parts, availability);
  return Array.isArray(choice) ? undefined : choice.taken.modelId;
}

/**
 * The rated models that could not be taken now, for a reason that neither request nor configuration tells; and for those
 * without a key their providers, as `openai/`.
 */
export function leftOutNow(asked: Asked, parts: Parts, availability: Availability): string[] {
  const names = Object.keys(parts.qualities).flatMap((modelId) => {
    const reason = reasonAgainst(modelId, asked, parts, availability);
    if (reason === 'no_key') return [`${parts.models[modelId]?.provider}/`];
    return reason === 'not_allowed' || reason === 'circuit_open' || reason === 'budget' ? [modelId] : [];
  });
  return [...new Set(names)];
}
