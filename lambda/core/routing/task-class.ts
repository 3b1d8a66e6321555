/** The classes of tasks, in the order in which the first that fits is taken. */
export const TASK_CLASSES = [
  'coding',
  'math',
  'translation',
  'summarization',
  'extraction',
  'reasoning',
  'writing',
  'qa',
  'chat',
] as const;

export type TaskClass = (typeof TASK_CLASSES)[number];
