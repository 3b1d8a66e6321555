import type { JsonObject } from '../json-body.ts';
import { type PromptModel, type PromptReading, readPrompt } from './prompt-model.ts';
import { type Complexity, complexityOf } from './quality.ts';
import { taskOf } from './task.ts';
import { topicOf } from './topic.ts';
import type { TopicWords } from './topic-words.ts';

/** Everything that routing reads off a conversation. */
export interface TaskReading extends PromptReading {
  complexity: Complexity;
  /** The name of a configured topic. */
  topic?: string;
}

/** Reads what a conversation asks for now. Nothing is called, nothing is kept. */
export function readTask(
  model: PromptModel,
  messages: readonly JsonObject[],
  topics: Readonly<Record<string, TopicWords>>,
): TaskReading {
  const task = taskOf(messages);
  const reading = readPrompt(model, task);
  const topic = topicOf(task, reading, topics, model);
  return {
    ...reading,
    complexity: complexityOf(reading.taskClass, reading.weakFailure),
    ...(topic === undefined ? {} : { topic }),
  };
}
