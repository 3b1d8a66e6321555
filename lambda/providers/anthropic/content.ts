import { isJsonObject, type JsonObject } from '../../core/json-body.ts';
import { cannot } from './lacking.ts';

/**
 * A message's content as Anthropic's blocks, in order (Anthropic API reference, Messages). Blank texts are left out, for
 * the API refuses them. Throws a failure of class `model` for parts it has no block for; `field` names the content.
 */
export function blocksOf(content: unknown, field: string): JsonObject[] {
  if (typeof content === 'string') return textBlocks(content, undefined);
  return Array.isArray(content) ? content.filter(isJsonObject).flatMap((part) => blocksOfPart(part, field)) : [];
}

function blocksOfPart(part: JsonObject, field: string): JsonObject[] {
  switch (part.type) {
    case 'text':
      return textBlocks(part.text, part.cache_control);
    case 'refusal':
      return textBlocks(part.refusal, part.cache_control);
    case 'image_url':
      return [withCacheControl(imageBlock(part.image_url, field), part.cache_control)];
    case 'file':
      return [withCacheControl(fileBlock(part.file, field), part.cache_control)];
    default:
      throw cannot(field, `"${field}" has a part that this model cannot take. Send text, images or PDF files.`);
  }
}

function textBlocks(text: unknown, cacheControl: unknown): JsonObject[] {
  if (typeof text !== 'string' || text.trim() === '') return [];
  return [withCacheControl({ type: 'text', text }, cacheControl)];
}

/** The block with the caller's `cache_control`, if there is one. */
export function withCacheControl(block: JsonObject, cacheControl: unknown): JsonObject {
  return isJsonObject(cacheControl) ? { ...block, cache_control: cacheControl } : block;
}

function imageBlock(image: unknown, field: string): JsonObject {
  const url = isJsonObject(image) ? image.url : image;
  const data = dataUrl(url);
  if (data?.mediaType.startsWith('image/')) return { type: 'image', source: base64Source(data) };
  if (typeof url === 'string' && /^https:\/\//i.test(url)) return { type: 'image', source: { type: 'url', url } };
  throw cannot(field, `"${field}" has an image that this model cannot take. Send an https or a base64 data URL.`);
}

/** PDF files become documents, plain text documents too, images what they are. */
function fileBlock(file: unknown, field: string): JsonObject {
  const { filename, file_data: fileData } = isJsonObject(file) ? file : {};
  const data = dataUrl(fileData);
  const title = typeof filename === 'string' && filename !== '' ? { title: filename } : {};
  if (data?.mediaType === 'application/pdf') return { type: 'document', source: base64Source(data), ...title };
  if (data?.mediaType === 'text/plain') {
    const text = Buffer.from(data.base64, 'base64').toString('utf8');
    return { type: 'document', source: { type: 'text', media_type: 'text/plain', data: text }, ...title };
  }
  if (data?.mediaType.startsWith('image/')) return { type: 'image', source: base64Source(data) };
  throw cannot(field, `"${field}" has a file that this model cannot take. Send "file_data" with a PDF as a data URL.`);
}

interface DataUrl {
  mediaType: string;
  base64: string;
}

/** The parts of a base64 data URL (RFC 2397), or undefined for anything else. */
function dataUrl(url: unknown): DataUrl | undefined {
  if (typeof url !== 'string') return undefined;
  // Looks at the start only: what follows may be megabytes.
  const header = url.slice(0, 200).match(/^data:([a-z]+\/[\w.+-]+)(?:;[\w=."-]+)*;base64,/i);
  if (!header?.[1]) return undefined;
  const mediaType = header[1].toLowerCase();
  return {
    mediaType: mediaType === 'image/jpg' ? 'image/jpeg' : mediaType,
    base64: url.slice(header[0].length),
  };
}

function base64Source({ mediaType, base64 }: DataUrl): JsonObject {
  return { type: 'base64', media_type: mediaType, data: base64 };
}
