import { createHash } from 'node:crypto';
import { pipeline, type Readable, Transform } from 'node:stream';
import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { Call, CallContext } from '../call.ts';
import { GatewayError, invalidRequest } from '../core/errors.ts';
import { type HttpResponse, lowerCaseHeaders } from '../http.ts';
import type { Idempotency, KeptResponse } from '../kept-answers.ts';
import type { Observer } from '../ports.ts';

interface Replayer {
  idempotency: Idempotency;
  observer: Observer;
}

/** As in Stripe's API: a key of up to 255 characters. */
const KEY = /^[\x21-\x7e]{1,255}$/;

/** Longer than any request lives, so that only a process that died loses its key. */
const LEASE_MS = 16 * 60_000;

/** A longer stream is sent, and not kept. */
const MAXIMUM_KEPT_BYTES = 8_388_608;

/**
 * A request with an `Idempotency-Key` that came before gets the same answer again, and costs nothing; with another body it
 * is a 409. Only answers are kept: what was refused or failed may be tried again with its key. `keptStatus` is the status of
 * an answer. Runs before the limits, so that an answer given again is not counted; a conflict is.
 */
export function idempotent(
  replayer: Replayer,
  keptStatus: number,
): MiddlewareObj<APIGatewayProxyEvent, HttpResponse, Error, CallContext> {
  return {
    async before({ event, context: { call } }) {
      const key = lowerCaseHeaders(event)['idempotency-key'];
      if (key === undefined || !call.caller) return;
      if (!KEY.test(key)) {
        call.refusal = invalidRequest('Idempotency-Key', 'Idempotency-Key must have 1 to 255 ASCII characters.');
        return undefined;
      }
      const { account } = call.caller;
      const keyHash = sha256(key);
      const bodyHash = sha256(`${call.route}\n${event.isBase64Encoded}\n${event.body ?? ''}`);
      const claim = await replayer.idempotency.claim(account, keyHash, bodyHash, LEASE_MS).catch((cause) => {
        throw unavailable(cause);
      });
      if (claim.state === 'done') {
        call.isReplay = true;
        return { ...claim.response, headers: { ...claim.response.headers, 'x-headgate-idempotent-replay': 'true' } };
      }
      if (claim.state !== 'claimed') {
        // Thrown once the request has counted for the limits a minute.
        call.refusal = conflict(claim.state);
        return undefined;
      }
      call.idempotency = { keyHash, owner: claim.owner, isKept: false };
      return undefined;
    },

    async after(request) {
      const { response, context } = request;
      const { call } = context;
      if (!call.idempotency || response?.statusCode !== keptStatus) return;
      const { statusCode, headers, body } = response;
      const keep = (text: string) => keepResponse(replayer, call, { statusCode, headers, body: text });
      if (typeof body === 'string') await keep(body);
      else request.response = { statusCode, headers, body: keptStream(body, call, keep) };
    },
  };
}

/** Keeps an answer before its last byte is sent, so that whoever repeats the request finds it. */
async function keepResponse({ idempotency, observer }: Replayer, call: Call, response: KeptResponse): Promise<void> {
  const { caller, idempotency: held, chat, startedAtMs } = call;
  if (!held || !caller) return;
  const whose = { user: chat?.request.options.user, startedAtMs };
  await idempotency.keep(caller.account, held.keyHash, held.owner, response, whose).then(
    () => {
      held.isKept = true;
    },
    (cause) => observer.storeFailed(cause),
  );
}

/** The end of a request with a key: one that came to nothing may be tried again. Never throws. */
export async function giveBackKey({ idempotency, observer }: Replayer, call: Call): Promise<void> {
  if (!call.idempotency || call.idempotency.isKept || !call.caller) return;
  const { keyHash, owner } = call.idempotency;
  await idempotency.giveBack(call.caller.account, keyHash, owner).catch((cause) => observer.storeFailed(cause));
}

/** The same stream, kept if it ends as an answer does and is not too long. */
function keptStream(body: Readable, call: Call, keep: (text: string) => Promise<void>): Readable {
  const pieces: Buffer[] = [];
  let bytes = 0;
  const output = new Transform({
    transform(piece: Buffer, _encoding, done) {
      bytes += piece.length;
      if (bytes <= MAXIMUM_KEPT_BYTES) pieces.push(piece);
      done(null, piece);
    },
    flush(done) {
      const isKept = call.outcome === 'answered' && bytes <= MAXIMUM_KEPT_BYTES;
      const kept = isKept ? keep(Buffer.concat(pieces).toString('utf8')) : Promise.resolve();
      kept.then(() => done());
    },
  });
  pipeline(body, output, () => {});
  return output;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function conflict(state: 'under way' | 'other body'): GatewayError {
  if (state === 'other body') {
    const message = 'This Idempotency-Key was used with another body. Take a new key for a new request.';
    return new GatewayError('conflict', message, { param: 'Idempotency-Key' });
  }
  const message = 'A request with this Idempotency-Key is under way. Wait for its answer, then ask again.';
  return new GatewayError('conflict', message, { param: 'Idempotency-Key', retryAfterSeconds: 1 });
}

/** Fails closed: a request that must not be made twice is not made when nobody knows whether it was. */
function unavailable(cause: unknown): GatewayError {
  const message = 'The Idempotency-Key could not be checked, because the store does not answer. Try again.';
  return new GatewayError('store_unavailable', message, { cause, retryAfterSeconds: 1 });
}
