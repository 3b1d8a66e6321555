import { isJsonObject, type JsonObject } from '../../core/json-body.ts';
import type { Abilities } from './abilities.ts';
import { withCacheControl } from './content.ts';
import type { Turn } from './conversation.ts';
import { cannot } from './lacking.ts';
import { strictSchema } from './strict-schema.ts';

export interface ToolUse {
  tools: JsonObject[] | undefined;
  choice: JsonObject | undefined;
  /** The model may not answer without calling one. */
  isForced: boolean;
}

/**
 * The caller's tools and choice among them, in Anthropic's words (Anthropic API reference, Messages). Throws a failure of
 * class `model` for tools that are no functions.
 */
export function toolUseOf(body: JsonObject, abilities: Abilities): ToolUse {
  const all = Array.isArray(body.tools) ? body.tools.map((tool) => definition(tool, abilities)) : [];
  const allowed = allowedTools(body.tool_choice);
  const tools = allowed ? all.filter(({ name }) => allowed.names.includes(name)) : all;
  if (tools.length === 0) return { tools: undefined, choice: undefined, isForced: false };
  const choice = choiceOf(allowed ? allowed.mode : body.tool_choice);
  const isForced = choice?.type === 'any' || choice?.type === 'tool';
  const isSingle = body.parallel_tool_calls === false && choice?.type !== 'none';
  return {
    tools,
    choice: isSingle ? { type: 'auto', ...choice, disable_parallel_tool_use: true } : choice,
    isForced,
  };
}

/** A conversation that called tools needs their definitions also when none may be called any more. */
export function toolsOfThePast(turns: readonly Turn[]): Pick<ToolUse, 'tools' | 'choice'> {
  const names = turns.flatMap(({ content }) =>
    content.flatMap(({ type, name }) => (type === 'tool_use' && typeof name === 'string' ? [name] : [])),
  );
  if (names.length === 0) return { tools: undefined, choice: undefined };
  const tools = [...new Set(names)].map((name) => ({ name, input_schema: { type: 'object' } }));
  return { tools, choice: { type: 'none' } };
}

function definition(tool: unknown, { takesSchemas }: Abilities): JsonObject {
  if (!isJsonObject(tool) || !isJsonObject(tool.function) || typeof tool.function.name !== 'string') {
    throw cannot('tools', 'This model takes tools of the type "function" only, each with a name.');
  }
  const { name, description, parameters, strict, cache_control: innerCacheControl } = tool.function;
  const schema = { type: 'object', ...(isJsonObject(parameters) ? parameters : {}) };
  const isStrict = strict === true && takesSchemas;
  return withCacheControl(
    {
      name,
      ...(typeof description === 'string' && description !== '' ? { description } : {}),
      input_schema: isStrict ? strictSchema(schema) : schema,
      ...(isStrict ? { strict: true } : {}),
    },
    tool.cache_control ?? innerCacheControl,
  );
}

/** OpenAI's `allowed_tools`: a choice among some of the tools. */
function allowedTools(choice: unknown): { names: unknown[]; mode: unknown } | undefined {
  if (!isJsonObject(choice) || choice.type !== 'allowed_tools' || !isJsonObject(choice.allowed_tools)) return undefined;
  const { mode, tools } = choice.allowed_tools;
  const named = Array.isArray(tools) ? tools.filter(isJsonObject) : [];
  return { mode, names: named.map((tool) => (isJsonObject(tool.function) ? tool.function.name : tool.name)) };
}

function choiceOf(choice: unknown): JsonObject | undefined {
  if (choice === 'auto' || choice === 'none') return { type: choice };
  if (choice === 'required') return { type: 'any' };
  if (isJsonObject(choice) && isJsonObject(choice.function)) return { type: 'tool', name: choice.function.name };
  return undefined;
}
