import type { ChatRequest } from './chat-request.ts';
import { isJsonObject, type JsonObject } from './json-body.ts';

/**
 * True when an answer depends on more than what is in the request: a picture or file behind an address, a search of the
 * provider's, a tool that the provider runs. The same request may have another answer a minute later.
 */
export function looksOutside({ body }: ChatRequest): boolean {
  if (body.web_search_options !== undefined && body.web_search_options !== null) return true;
  if (Array.isArray(body.tools) && body.tools.some((tool) => isJsonObject(tool) && tool.type !== 'function'))
    return true;
  return body.messages.some(({ content }) => Array.isArray(content) && content.some(isBehindAddress));
}

/** Parts name what they hold as `{image_url: {url}}` or `{image_url: '…'}`; a `data:` address holds it itself. */
function isBehindAddress(part: unknown): boolean {
  if (!isJsonObject(part)) return false;
  return Object.entries(part).some(([name, value]) => name.endsWith('_url') && !isData(value)) || hasFileId(part);
}

function isData(value: unknown): boolean {
  const url = isJsonObject(value) ? value.url : value;
  return typeof url === 'string' && url.slice(0, 5).toLowerCase() === 'data:';
}

function hasFileId({ file, file_id: id }: JsonObject): boolean {
  return typeof id === 'string' || (isJsonObject(file) && typeof file.file_id === 'string');
}
