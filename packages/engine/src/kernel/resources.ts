/* The engine's things with a lifetime: each opened when first used, all closed with the engine. */
import type { Host, Resource } from './service.ts';

export interface Resources {
  use<T>(resource: Resource<T>): T;
  /** Closes what is open, last opened first; what is used afterwards is opened anew. */
  close(): Promise<void>;
}

export function createResources(host: Host): Resources {
  const open = new Map<Resource<unknown>, unknown>();
  return {
    use<T>(resource: Resource<T>): T {
      if (!open.has(resource as Resource<unknown>)) open.set(resource as Resource<unknown>, resource.open(host));
      return open.get(resource as Resource<unknown>) as T;
    },
    async close() {
      const closing = [...open].reverse();
      open.clear();
      for (const [resource, thing] of closing) await resource.close(thing);
    },
  };
}
