import type { APIGatewayProxyEvent } from 'aws-lambda';
import { keptUser } from './core/end-user.ts';
import { invalidRequest } from './core/errors.ts';

type QueryEvent = Pick<APIGatewayProxyEvent, 'queryStringParameters' | 'multiValueQueryStringParameters'>;

/**
 * The fields of a query, an end user as it is kept. Throws a 400 for a field that is given twice: of two end users to erase, one would
 * be passed over.
 */
export function queryOf({ queryStringParameters, multiValueQueryStringParameters }: QueryEvent) {
  for (const [name, values] of Object.entries(multiValueQueryStringParameters ?? {})) {
    if (values && values.length > 1) throw invalidRequest(name, `"${name}" is given more than once.`);
  }
  const query = queryStringParameters ?? {};
  return query.user === undefined ? query : { ...query, user: keptUser(query.user) };
}
