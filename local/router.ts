import { GatewayError } from '../lambda/core/errors.ts';
import { ROUTES, type Route } from '../lambda/routes.ts';

export interface Match {
  route: Route;
  pathParameters: Record<string, string> | null;
}

const patterns = ROUTES.map((route) => ({
  route,
  names: [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string),
  pattern: new RegExp(`^${route.path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '([^/]+)')}$`),
}));

/** The route of a request, as API Gateway would find it. Throws a 404 or 405 when there is none. */
export function findRoute(method: string, path: string): Match {
  const atPath = patterns.filter(({ pattern }) => pattern.test(path));
  const found = atPath.find(({ route }) => route.method === method);
  if (found) {
    const values = path.match(found.pattern)?.slice(1) ?? [];
    const parameters = found.names.map((name, index) => [name, decoded(values[index] ?? '')]);
    return { route: found.route, pathParameters: parameters.length > 0 ? Object.fromEntries(parameters) : null };
  }
  if (atPath.length === 0) {
    throw new GatewayError('not_found', 'There is nothing at this path. docs/api.md lists the routes.');
  }
  const methods = atPath.map(({ route }) => route.method).join(' or ');
  throw new GatewayError('method_not_allowed', `This path takes only ${methods} requests.`);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new GatewayError('not_found', 'The path has an escape that means nothing.');
  }
}
