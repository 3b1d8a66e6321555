/** The functions behind the API, one an endpoint. A streaming one sends its answer while it is being made. */
export const FUNCTIONS = {
  chat: { streams: true },
  jobs: { streams: false },
  usage: { streams: false },
  export: { streams: true },
  cache: { streams: false },
  models: { streams: false },
  routeSuggest: { streams: false },
  feedback: { streams: false },
  health: { streams: false },
  admin: { streams: false },
  billing: { streams: false },
} as const;

export type FunctionName = keyof typeof FUNCTIONS;

export interface Route {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** API Gateway's notation: a part in braces stands for any one part. */
  path: string;
  function: FunctionName;
}

/** The public API as data. `lib/` makes API Gateway and the functions from it, `local/` its router. */
export const ROUTES: readonly Route[] = [
  { method: 'POST', path: '/v1/chat/completions', function: 'chat' },
  { method: 'GET', path: '/v1/models', function: 'models' },
  { method: 'POST', path: '/v2/chat', function: 'chat' },
  { method: 'POST', path: '/v2/route-suggest', function: 'routeSuggest' },
  { method: 'POST', path: '/v2/feedback', function: 'feedback' },
  { method: 'POST', path: '/v2/jobs', function: 'jobs' },
  { method: 'GET', path: '/v2/jobs/{id}', function: 'jobs' },
  { method: 'GET', path: '/v2/cache', function: 'cache' },
  { method: 'DELETE', path: '/v2/cache', function: 'cache' },
  { method: 'GET', path: '/v2/usage', function: 'usage' },
  { method: 'DELETE', path: '/v2/usage', function: 'usage' },
  { method: 'GET', path: '/v2/usage/erasures/{id}', function: 'usage' },
  { method: 'GET', path: '/v2/usage/export', function: 'export' },
  { method: 'GET', path: '/v2/usage/requests', function: 'usage' },
  { method: 'GET', path: '/v2/usage/requests/{id}', function: 'usage' },
  { method: 'GET', path: '/v2/health', function: 'health' },
  { method: 'POST', path: '/v2/admin/accounts', function: 'admin' },
  { method: 'GET', path: '/v2/admin/accounts', function: 'admin' },
  { method: 'GET', path: '/v2/admin/accounts/{id}', function: 'admin' },
  { method: 'PATCH', path: '/v2/admin/accounts/{id}', function: 'admin' },
  { method: 'POST', path: '/v2/admin/accounts/{id}/unlock', function: 'admin' },
  { method: 'POST', path: '/v2/admin/accounts/{id}/webhook-secret', function: 'admin' },
  { method: 'GET', path: '/v2/admin/accounts/{id}/audit', function: 'admin' },
  { method: 'POST', path: '/v2/admin/keys', function: 'admin' },
  { method: 'GET', path: '/v2/admin/keys', function: 'admin' },
  { method: 'PATCH', path: '/v2/admin/keys/{id}', function: 'admin' },
  { method: 'DELETE', path: '/v2/admin/keys/{id}', function: 'admin' },
  { method: 'POST', path: '/v2/admin/keys/{id}/rotate', function: 'admin' },
  { method: 'GET', path: '/v2/admin/routing/quality', function: 'admin' },
  { method: 'PATCH', path: '/v2/admin/routing/quality', function: 'admin' },
  { method: 'DELETE', path: '/v2/admin/routing/quality', function: 'admin' },
  // By the function that may read the ledger: the one of the other admin routes may not.
  { method: 'GET', path: '/v2/admin/routing/report', function: 'usage' },
  { method: 'POST', path: '/v2/billing/stripe', function: 'billing' },
];

/** The routes of a deployment: what is not configured has none. */
export function deployedRoutes(options: { hasBilling: boolean }): readonly Route[] {
  return ROUTES.filter((route) => route.function !== 'billing' || options.hasBilling);
}
