import { describe, expect, test } from 'bun:test';
import { routerOf } from './route.ts';

const find = routerOf([
  { method: 'GET', path: '/things' },
  { method: 'GET', path: '/things/:id' },
  { method: 'POST', path: '/things/:id/do' },
  { method: 'ANY', path: '/things/:id/proxy/:port/*' },
]);
const found = (method: string, path: string) => {
  const match = find(method, path);
  return match === undefined ? 'none' : `${match.route.path} ${JSON.stringify(match.params)}`;
};

describe('a router', () => {
  test('finds by method and number of parts', () => {
    expect(found('GET', '/things')).toBe('/things {}');
    expect(found('GET', '/things/a')).toBe('/things/:id {"id":"a"}');
    expect(found('POST', '/things/a/do')).toBe('/things/:id/do {"id":"a"}');
    expect(found('DELETE', '/things/a')).toBe('none');
    expect(found('GET', '/things/a/do')).toBe('none');
    expect(found('GET', '/')).toBe('none');
  });

  test('answers HEAD where it answers GET', () => {
    expect(found('HEAD', '/things/a')).toBe('/things/:id {"id":"a"}');
  });

  test('takes the rest of a path, none included, for every method', () => {
    expect(found('PUT', '/things/a/proxy/80')).toBe('/things/:id/proxy/:port/* {"id":"a","port":"80"}');
    expect(found('GET', '/things/a/proxy/80/')).toBe('/things/:id/proxy/:port/* {"id":"a","port":"80"}');
    expect(found('GET', '/things/a/proxy/80/x/y')).toBe('/things/:id/proxy/:port/* {"id":"a","port":"80"}');
  });

  test('decodes parts, and finds nothing for an empty or broken one', () => {
    expect(found('GET', '/things/a%2Fb')).toBe('/things/:id {"id":"a/b"}');
    expect(found('GET', '/things/')).toBe('none');
    expect(found('GET', '/things/%E0%A4%A')).toBe('none');
  });
});
