import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { CallContext } from '../call.ts';
import type { Configuration } from '../core/configuration.ts';
import { GatewayError } from '../core/errors.ts';
import { parseJsonBody } from '../core/json-body.ts';
import { optionsFromHeaders } from '../core/request-options.ts';
import { bodyText, type HttpResponse, lowerCaseHeaders } from '../http.ts';
import type { ChatWire } from '../wires/chat-wire.ts';
import { headgateChat } from '../wires/headgate-chat.ts';
import { openAiChat } from '../wires/openai-chat.ts';

/** The format each chat route speaks, by path. */
const WIRES: Readonly<Record<string, ChatWire>> = {
  '/v1/chat/completions': openAiChat,
  '/v2/chat': headgateChat,
};

/** Body and headers to `context.call.chat`, or a 400 that says what to change. */
export function parseChat({
  configuration,
}: {
  configuration: Configuration;
}): MiddlewareObj<APIGatewayProxyEvent, HttpResponse, Error, CallContext> {
  return {
    before({ event, context }) {
      const wire = WIRES[event.resource];
      if (!wire) throw new GatewayError('not_found', 'There is no chat at this path.');
      const text = bodyText(event, configuration.sizeLimits.requestBytes);
      const options = optionsFromHeaders(lowerCaseHeaders(event));
      context.call.chat = { wire, request: wire.parse(parseJsonBody(text), options) };
    },
  };
}
