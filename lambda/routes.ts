/** The functions behind the API, one an endpoint. A streaming one sends its answer while it is being made. */
export const FUNCTIONS = {
  chat: { streams: true },
  models: { streams: false },
  health: { streams: false },
} as const;

export type FunctionName = keyof typeof FUNCTIONS;

/** The public API as data. `lib/` makes API Gateway and the functions from it, `local/` its router. */
export const ROUTES: readonly { method: 'GET' | 'POST' | 'DELETE'; path: string; function: FunctionName }[] = [
  { method: 'POST', path: '/v1/chat/completions', function: 'chat' },
  { method: 'GET', path: '/v1/models', function: 'models' },
  { method: 'POST', path: '/v2/chat', function: 'chat' },
  { method: 'GET', path: '/v2/health', function: 'health' },
];
