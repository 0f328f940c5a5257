// A program that uses a generated client: the types in api.ts are made from the OpenAPI document of the stack.
import createClient from 'openapi-fetch';
import type { components, paths } from './api.js';

export async function enqueueAndRead(baseUrl: string, token: string): Promise<components['schemas']['Task']> {
  const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });
  const added = await client.POST('/api/v1/tasks', { body: { TaskHandlerClass: 'Echo', Title: 'By a client', Priority: 3 } });
  if (added.error || Array.isArray(added.data)) throw new Error(JSON.stringify(added));
  const shown = await client.GET('/api/v1/tasks/{Id}', { params: { path: { Id: added.data.Id } } });
  if (shown.error) throw new Error(shown.error.detail);
  return shown.data.Task;
}

export async function listFailed(baseUrl: string, token: string): Promise<number> {
  const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });
  const list = await client.GET('/api/v1/tasks', { params: { query: { State: 'failed', limit: 10 } } });
  if (list.error) throw new Error(list.error.detail);
  return list.data.Tasks.length;
}

// Returns the title of the problem when the body is wrong.
export async function refusedTitle(baseUrl: string, token: string): Promise<string> {
  const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });
  const refused = await client.POST('/api/v1/tasks', { body: { TaskHandlerClass: '' } });
  return refused.error?.title ?? 'not refused';
}
