import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import express, { type Request, type Response } from 'express';
import { z } from 'zod';
import { portOf } from '../port-of.ts';
import { serveQuestions } from '../serve.ts';

// The least that an inbox can do: Express, SHA-256, one RSA verification, JSON.parse. Nothing is stored,
// nobody is looked up, no limit is kept.

const readAll = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const isSigned = (request: Request, body: Buffer, key: KeyObject): boolean => {
  const digest = `SHA-256=${createHash('sha256').update(body).digest('base64')}`;
  if (request.headers['digest'] !== digest) return false;
  const header = String(request.headers['signature'] ?? '');
  const fields = new Map([...header.matchAll(/(\w+)="([^"]*)"/gu)].map(([, name, value]) => [name, value]));
  const lines = (fields.get('headers') ?? '')
    .split(' ')
    .map((name) =>
      name === '(request-target)' ? `${name}: post ${request.url}` : `${name}: ${request.headers[name]}`,
    );
  const signature = Buffer.from(fields.get('signature') ?? '', 'base64');
  return verify('sha256', Buffer.from(lines.join('\n')), key, signature);
};

const receive = async (key: KeyObject, request: Request, response: Response): Promise<void> => {
  const body = await readAll(request);
  const isGood = isSigned(request, body, key) && typeof JSON.parse(body.toString()) === 'object';
  response.status(isGood ? 202 : 401).end();
};

const start = async (input: unknown): Promise<number> => {
  const { publicPem } = z.object({ publicPem: z.string() }).parse(input);
  const key = createPublicKey(publicPem);
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.post('/u/:id/inbox', (request, response) => receive(key, request, response));
  return await portOf(createServer(app));
};

serveQuestions(process, { start });
