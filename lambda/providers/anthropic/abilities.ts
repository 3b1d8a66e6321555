/** What a generation of Claude takes in a request, where generations differ. */
export interface Abilities {
  /** How a request asks for thinking: not at all, with a number of tokens, or with an effort. */
  thinking: 'none' | 'budget' | 'adaptive';
  /** Thinks without being asked to. */
  thinksUnasked: boolean;
  /** Knows the effort `xhigh`. */
  takesHighestEffort: boolean;
  /** Takes temperature, top_p and top_k. */
  takesSampling: boolean;
  /** Takes JSON schemas for its answer and strict ones for tools. */
  takesSchemas: boolean;
}

/** A name without a number, such as a preview's, is taken for the newest generation: only old ones are exceptions. */
const NEWEST = Number.POSITIVE_INFINITY;

/**
 * The abilities of the model with this name, on any cloud. Sources: Anthropic's migration guides and its pages "Adaptive
 * thinking" and "Structured outputs".
 */
export function abilitiesOf(upstreamName: string): Abilities {
  const generation = generationOf(upstreamName);
  return {
    thinking: generation >= 406 ? 'adaptive' : generation >= 307 ? 'budget' : 'none',
    thinksUnasked: generation >= 500,
    takesHighestEffort: generation >= 407,
    takesSampling: generation <= 406,
    takesSchemas: generation >= 405,
  };
}

/** 405 for Claude 4.5, wherever its name says so: `claude-sonnet-4-5-20250929`, `claude-3-7-sonnet`, `anthropic.claude-…`. */
function generationOf(upstreamName: string): number {
  const match = upstreamName.match(/claude-(?:[a-z]+-)?(\d{1,2})(?!\d)(?:[-.](\d{1,2})(?!\d))?/);
  return match ? Number(match[1]) * 100 + Number(match[2] ?? 0) : NEWEST;
}
