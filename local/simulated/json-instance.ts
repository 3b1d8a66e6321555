import { isJsonObject, type JsonObject } from '../../lambda/core/json-body.ts';

/** A schema may refer to itself; a value of it ends here. */
const MAXIMUM_DEPTH = 12;

/** A small value that fits a JSON schema, as a model under "structured outputs" or "tools" would write one. */
export function instanceOf(schema: unknown, root: unknown = schema, depth = 0): unknown {
  if (!isJsonObject(schema) || depth > MAXIMUM_DEPTH) return null;
  if (typeof schema.$ref === 'string') return instanceOf(definitionAt(schema.$ref, root), root, depth + 1);
  if ('const' in schema) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  const [choice] = [schema.anyOf, schema.oneOf, schema.allOf].find(Array.isArray) ?? [];
  if (choice !== undefined) return instanceOf(choice, root, depth + 1);
  return instanceOfType(Array.isArray(schema.type) ? schema.type[0] : schema.type, schema, root, depth);
}

function instanceOfType(type: unknown, schema: JsonObject, root: unknown, depth: number): unknown {
  switch (type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(propertiesOf(schema)).map(([name, part]) => [name, instanceOf(part, root, depth + 1)]),
      );
    case 'array':
      return [instanceOf(schema.items, root, depth + 1)];
    case 'integer':
    case 'number':
      return typeof schema.minimum === 'number' ? schema.minimum : 1;
    case 'boolean':
      return true;
    case 'string':
      return 'simulated';
    default:
      return Object.keys(propertiesOf(schema)).length > 0 ? instanceOfType('object', schema, root, depth) : null;
  }
}

function propertiesOf(schema: JsonObject): JsonObject {
  return isJsonObject(schema.properties) ? schema.properties : {};
}

/** Follows a local reference such as `#/$defs/step`. */
function definitionAt(reference: string, root: unknown): unknown {
  let place: unknown = root;
  for (const name of reference.replace(/^#\/?/, '').split('/').filter(Boolean)) {
    place = isJsonObject(place) ? place[name] : undefined;
  }
  return place;
}
