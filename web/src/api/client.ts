import type { ErrorBody } from './types';

/** What went wrong, in words a person can act on; `code` is the server's, or `offline` when it did not answer. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly textZh: string,
    readonly textEn: string,
    readonly field: { field?: string; value?: string; expected?: string } = {},
  ) {
    super(textEn || code);
  }
}

export type Query = Record<string, string | number | boolean | null | undefined>;

/** `base` + the query's set fields, in a stable order; empty text counts as unset. */
export function urlWith(base: string, query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text ? `${base}?${text}` : base;
}

let whenLoggedOut: () => void = () => undefined;
export function onLoggedOut(handler: () => void): void {
  whenLoggedOut = handler;
}

async function errorOf(response: Response): Promise<ApiError> {
  let body: ErrorBody | null = null;
  try {
    body = (await response.json()) as ErrorBody;
  } catch {
    body = null;
  }
  const error = body?.error;
  return new ApiError(
    response.status,
    error?.code ?? `http_${response.status}`,
    error?.text_zh ?? `服务器回答 ${response.status}`,
    error?.text_en ?? `The server answered ${response.status}`,
    error?.fields ?? {},
  );
}

async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (method !== 'GET') headers['X-Tianqu'] = '1';
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      headers,
      credentials: 'same-origin',
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: signal ?? null,
    });
  } catch (failure) {
    if (failure instanceof DOMException && failure.name === 'AbortError') throw failure;
    throw new ApiError(0, 'offline', '连不上服务器', 'The server cannot be reached');
  }
  if (!response.ok) {
    const error = await errorOf(response);
    if (error.status === 401 && path !== '/login') whenLoggedOut();
    throw error;
  }
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

export const api = {
  get: <T>(path: string, query?: Query, signal?: AbortSignal) => call<T>('GET', urlWith(path, query), undefined, signal),
  post: <T>(path: string, body: unknown = {}) => call<T>('POST', path, body),
  put: <T>(path: string, body: unknown = {}) => call<T>('PUT', path, body),
  remove: <T>(path: string, body?: unknown) => call<T>('DELETE', path, body),
};

/** A path segment from an id that came from outside. */
export const segment = (id: string | number): string => encodeURIComponent(String(id));
