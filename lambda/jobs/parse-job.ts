import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { CallContext } from '../call.ts';
import type { Configuration } from '../core/configuration.ts';
import { partJob } from '../core/job-request.ts';
import { parseJsonBody } from '../core/json-body.ts';
import { optionsFromHeaders } from '../core/request-options.ts';
import { bodyText, type HttpResponse, lowerCaseHeaders } from '../http.ts';
import { headgateChat } from '../wires/headgate-chat.ts';

/** Body and headers to `context.call.chat` and `context.call.job`, or a 400 that says what to change. */
export function parseJob({
  configuration,
}: {
  configuration: Configuration;
}): MiddlewareObj<APIGatewayProxyEvent, HttpResponse, Error, CallContext> {
  return {
    before({ event, context: { call } }) {
      const body = parseJsonBody(bodyText(event, configuration.sizeLimits.requestBytes));
      const { job, chat } = partJob(body, call.caller?.terms.webhookHosts ?? []);
      call.job = job;
      call.chat = {
        wire: headgateChat,
        request: headgateChat.parse(chat, optionsFromHeaders(lowerCaseHeaders(event))),
      };
    },
  };
}
