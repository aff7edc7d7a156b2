import { OptionError } from '../../errors.ts';
import { argument, checkArgument, FUNCTION, having, TEXT } from '../../options/arguments.ts';
import { resolveOptions } from '../../options/resolve.ts';
import type { Recommender } from '../recommender.ts';
import { authorize, corsHeaders } from './access.ts';
import { json, problemOf } from './answers.ts';
import { hash, matches, startOfIds } from './etag.ts';
import { HANDLER_OPTIONS, type HandlerOptions } from './handlerOptions.ts';
import { type HttpAnswer, HttpProblem, type HttpRequest, readJson } from './message.ts';
import { HttpMetrics } from './metrics.ts';
import { openApi } from './openapi.ts';
import { fromQuery, splitUrl } from './query.ts';
import { ROUTES, type Route } from './routes.ts';

const MAX_BODY_BYTES = 64 * 1024;
const BODY_TIMEOUT_MS = 10_000;
/** Between the opening of a new model and the closing of the old one. */
const CLOSE_AFTER_MS = 1000;

const RECOMMENDER = having<Recommender>('a recommender', { recommend: FUNCTION, popularItems: FUNCTION });
const SOURCE = argument<Recommender | (() => unknown)>(
  'a recommender, or a function that opens one',
  (value) => FUNCTION.is(value) || RECOMMENDER.is(value),
  'Pass what Recommender.open gives, or () => Recommender.open(bytes)',
);
const REQUEST = having<Request>('a Request', { method: TEXT, url: TEXT, headers: having('headers', {}) });
const ASKED = having<HttpRequest>('{ method, url, header, body }', {
  ...{ method: TEXT, url: TEXT, header: FUNCTION },
});

/** What answers requests behind `createHandler`: the routes, the model under them, and what is counted. */
export class Service {
  readonly metrics = new HttpMetrics();
  readonly #open: () => Recommender | Promise<Recommender>;
  readonly #options: HandlerOptions;
  readonly #base: string;
  readonly #routes: ReadonlyMap<string, Route>;
  /** Drawn by the first answer: Workers give no random numbers while they start. */
  #startOfIds: string | null;
  #recommender: Promise<Recommender> | null = null;
  #answers = 0;
  /** Counts what has changed answers, for ETags. */
  #changes = 0;

  constructor(
    source: Recommender | (() => Recommender | Promise<Recommender>),
    options: HandlerOptions,
    startOfIds: string | null = null,
  ) {
    this.#startOfIds = startOfIds;
    resolveOptions(HANDLER_OPTIONS, options, 'createHandler');
    checkArgument(SOURCE, source, 'source', 'createHandler');
    this.#open = typeof source === 'function' ? source : () => source;
    this.#options = options;
    this.#base = (options.basePath ?? '').replace(/\/$/, '');
    if (this.#base !== '' && !this.#base.startsWith('/')) {
      const problem = `expected basePath to begin with /, received ${this.#base}`;
      throw new OptionError('createHandler', problem, 'Pass e.g. /api', 'basePath');
    }
    this.#routes = new Map(ROUTES.map((route) => [route.path, route]));
  }

  async fetch(request: Request): Promise<Response> {
    checkArgument(REQUEST, request, 'request', 'handler');
    const { status, headers, body } = await this.answer({
      method: request.method,
      url: request.url,
      header: (name) => request.headers.get(name),
      body: request.body,
    });
    return new Response(body, { status, headers });
  }

  async reload(): Promise<void> {
    const before = this.#recommender;
    const opened = await this.#open();
    this.#recommender = Promise.resolve(opened);
    this.#changes++;
    // Requests that have begun with the old one end with it.
    before?.then(
      (old) => old !== opened && setTimeout(() => old.close(), CLOSE_AFTER_MS),
      () => {},
    );
    this.metrics.count('llminit_reloads_total', 'Models opened after the first.');
  }

  async answer(request: HttpRequest): Promise<HttpAnswer> {
    checkArgument(ASKED, request, 'request', 'handler.answer');
    const began = performance.now();
    const { path, query } = splitUrl(request.url);
    const own = path.startsWith(`${this.#base}/`) ? path.slice(this.#base.length) : null;
    const answer = await this.#answered(request, own, query);
    const known = own !== null && (this.#routes.has(own) || FIXED.includes(own));
    this.metrics.answered(known ? own : 'other', answer.status, (performance.now() - began) / 1000);
    const headers = { ...answer.headers, ...corsHeaders(request, this.#options.cors) };
    return request.method === 'HEAD' ? { ...answer, headers, body: null } : { ...answer, headers };
  }

  async #answered(request: HttpRequest, path: string | null, query: string): Promise<HttpAnswer> {
    try {
      if (path === null) throw new HttpProblem(404, 'Not found', 'there is nothing at this path');
      if (request.method === 'OPTIONS') return { status: 204, headers: {}, body: null };
      if (path === '/health') return await this.#health();
      authorize(request, this.#options.token);
      if (path === '/metrics') {
        const headers = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' };
        return { status: 200, headers, body: this.metrics.text() };
      }
      if (path === '/openapi.json') return json(200, this.#document());
      const route = this.#routes.get(path);
      if (!route) throw new HttpProblem(404, 'Not found', 'there is nothing at this path');
      return await this.#routed(route, request, query);
    } catch (error) {
      return problemOf(error, this.#options.onError ?? console.error);
    }
  }

  async #routed(route: Route, request: HttpRequest, query: string): Promise<HttpAnswer> {
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    if (!route.methods.includes(method as 'GET' | 'POST')) {
      const allow = [...route.methods, 'OPTIONS'].join(', ');
      throw new HttpProblem(405, 'Method not allowed', `expected ${allow}, received ${request.method}`, {
        allow,
      });
    }
    const {
      maxBodyBytes = MAX_BODY_BYTES,
      bodyTimeoutMs = BODY_TIMEOUT_MS,
      journal = null,
      rerank = null,
      token,
    } = this.#options;
    const given =
      method === 'GET'
        ? fromQuery(route.parameters, query)
        : await readJson(request, { maxBytes: maxBodyBytes, timeoutMs: bodyTimeoutMs });
    const recommender = await this.#opened();
    const model = recommender.digest;
    const state = `${model}-${this.#changes}`;
    const etag =
      method === 'GET' && !isReranked(given) ? `"${state}-${hash(`${route.path}?${query}`)}"` : null;
    if (etag !== null && matches(request.header('if-none-match'), etag))
      return { status: 304, headers: { etag }, body: null };
    const parameters = resolveOptions(route.parameters, given, route.operation);
    const result = await route.handle(parameters, {
      ...{ recommender, journal, rerank, mayChange: token !== undefined },
    });
    this.#startOfIds ??= startOfIds();
    if (route.changes) this.#changes++;
    const recommendationId = `${this.#startOfIds}-${(this.#answers++).toString(36)}`;
    const cached: Record<string, string> = etag === null ? {} : { etag, 'cache-control': 'no-cache' };
    return json(200, 'items' in result ? { recommendationId, model, ...result } : result, cached);
  }

  /** One opening for all requests that wait for it. */
  async #opened(): Promise<Recommender> {
    this.#recommender ??= Promise.resolve(this.#open());
    const opening = this.#recommender;
    try {
      return await opening;
    } catch (error) {
      if (this.#recommender === opening) this.#recommender = null;
      this.#options.onError?.(error);
      throw new HttpProblem(503, 'Service unavailable', 'the model could not be opened', {
        'retry-after': '5',
      });
    }
  }

  async #health(): Promise<HttpAnswer> {
    const recommender = await this.#opened();
    const { digest, numUsers, numItems } = recommender;
    return json(200, { status: 'ok', model: digest, users: numUsers, items: numItems });
  }

  #document(): object {
    const routes = ROUTES.filter((route) => !route.changes || this.#options.journal);
    const based = routes.map((route) => ({ ...route, path: `${this.#base}${route.path}` }));
    return openApi(based, { title: 'llminit', version: '1', secured: this.#options.token !== undefined });
  }
}

/** What a chat model could not answer now it may answer the next time. */
function isReranked(given: unknown): boolean {
  return (given as { rerank?: unknown } | null)?.rerank === true;
}

const FIXED: readonly string[] = ['/health', '/metrics', '/openapi.json'];
