import type { OptionDescriptor } from '../../options/descriptor.ts';
import type { Route } from './routes.ts';

/** The OpenAPI 3.1 description of some routes, made of the descriptors that check their parameters. */
export function openApi(
  routes: readonly Route[],
  {
    title,
    version,
    secured,
  }: { readonly title: string; readonly version: string; readonly secured: boolean },
): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    paths[route.path] = {};
    for (const method of route.methods)
      paths[route.path][method.toLowerCase()] = method === 'GET' ? getOperation(route) : postOperation(route);
  }
  return {
    openapi: '3.1.0',
    info: { title, version },
    paths,
    components: {
      schemas: { Problem: PROBLEM },
      ...(secured && { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } }),
    },
    ...(secured && { security: [{ bearer: [] }] }),
  };
}

/** RFC 9457. */
const PROBLEM = {
  type: 'object',
  required: ['type', 'title', 'status'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', description: 'kind of an error of the library, ERR_LLMINIT_…' },
    parameter: { type: 'string', description: 'the parameter at fault' },
  },
};

function getOperation(route: Route): object {
  const parameters = Object.entries(route.parameters).map(([name, descriptor]) => ({
    name,
    in: 'query',
    required: descriptor.required ?? false,
    description: descriptor.about,
    schema: schemaOf(descriptor),
  }));
  return { operationId: route.operation, summary: route.summary, parameters, responses: responsesOf(route) };
}

function postOperation(route: Route): object {
  const entries = Object.entries(route.parameters);
  const schema = {
    type: 'object',
    properties: Object.fromEntries(
      entries.map(([name, descriptor]) => [name, { ...schemaOf(descriptor), description: descriptor.about }]),
    ),
    required: entries.filter(([, { required }]) => required).map(([name]) => name),
    additionalProperties: false,
  };
  const operationId = route.methods.length > 1 ? `${route.operation}Post` : route.operation;
  const requestBody = { required: true, content: { 'application/json': { schema } } };
  return { operationId, summary: route.summary, requestBody, responses: responsesOf(route) };
}

function schemaOf({ schema, default: byDefault, range }: OptionDescriptor): object {
  return { ...(schema ?? { description: range }), ...(byDefault !== undefined && { default: byDefault }) };
}

function responsesOf({ answer }: Route): object {
  const problem = {
    description: 'a problem',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
  return {
    200: { description: 'the answer', content: { 'application/json': { schema: answer } } },
    '4XX': problem,
    '5XX': problem,
  };
}
