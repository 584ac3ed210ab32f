import { beforeEach, expect, test, vi } from 'vitest';
import { call } from '../../api/call';
import { Problem } from '../../api/problem';
import type { Draft, NewPlace } from './draft';
import { save, type Saving } from './saving';

vi.mock('../../api/call', () => ({ call: vi.fn() }));
const server = vi.mocked(call as (operation: string, request: unknown) => Promise<unknown>);

const hall: NewPlace = { name: 'hall', title: 'The hall', kind: 'room', within: 'ground', key: 'k1' };
const corners = [0, 1, 2].map((x) => ({ x, y: x }));
const draft: Draft = {
  title: null,
  place: 'ground',
  placements: [],
  zones: [{ place: 'hall', corners }],
  newPlaces: [hall],
};
const begun = (): Saving => ({ name: 'ground', version: 3, draft, made: new Set() });
const asked = () => server.mock.calls.map(([operation]) => operation);

beforeEach(() => server.mockReset().mockResolvedValue({ version: 4 }));

test('a new place is made before the plan that has its outline is saved', async () => {
  expect(await save(begun())).toBe(4);
  expect(asked()).toEqual(['POST /api/v1/zones', 'PUT /api/v1/plans/{name}']);
  const { key, ...body } = hall;
  expect(server.mock.calls[0]?.[1]).toEqual({ body, key });
});

test('a place that is refused is told by its name, and the plan stays as it was', async () => {
  server.mockRejectedValueOnce(new Problem(422, 'There is no place ground.'));
  await expect(save(begun())).rejects.toMatchObject({ status: 422, message: expect.stringContaining('The hall') });
  expect(asked()).toEqual(['POST /api/v1/zones']);
});

test('another try does not make the places again that were made', async () => {
  const saving = begun();
  server.mockResolvedValueOnce({ version: 9 }).mockRejectedValueOnce(new Problem(412, 'Another version.'));
  await expect(save(saving)).rejects.toMatchObject({ status: 412 });
  expect([...saving.made]).toEqual([hall]);
  await save({ ...saving, version: 5 });
  expect(asked()).toEqual(['POST /api/v1/zones', 'PUT /api/v1/plans/{name}', 'PUT /api/v1/plans/{name}']);
});
