/* A function that is called now and then: each call finds it cold. */
export default async function cold(engine) {
  return engine.createFunction('hello', new URL('hello/', import.meta.url), { MemorySize: 2048 });
}
