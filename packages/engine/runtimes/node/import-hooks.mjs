/* What modules.cjs does for `import`, for Node.js 18 and 20, which run such hooks in a thread of their own. */
const BARE = /^(@[^/:]+\/)?[^./:@][^:]*$/;

let neighbours = [];

export function initialize(given) {
  neighbours = given;
}

export async function resolve(specifier, context, next) {
  try {
    return await next(specifier, context);
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || !BARE.test(specifier)) throw error;
    for (const parentURL of neighbours) {
      try {
        return await next(specifier, { ...context, parentURL });
      } catch {
        // The next one may have it.
      }
    }
    throw error;
  }
}
